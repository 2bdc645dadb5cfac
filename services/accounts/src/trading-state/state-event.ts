import type { TradingStateChanged } from '@switchyard/contracts';
import { deriveId, type OutgoingEvent } from '@switchyard/log';
import type { StoredState } from './stored-state.js';

export const STATE_TOPIC = 'TradingStateChanged';

/** A version as it is told; `repeatedAt`: when it is told again, else when it was made. */
export const toldState = (state: StoredState, repeatedAt: Date = state.changedAt): TradingStateChanged => ({
  scope: state.scope,
  state: state.state,
  version: state.version,
  reason: state.reason,
  cancelOpen: state.cancelOpen,
  changedBy: state.changedBy,
  role: state.role,
  changedAt: state.changedAt.toISOString(),
  repeatedAt: repeatedAt.toISOString(),
});

/** The event of one version: the same version is the same event. */
export const stateEvent = (state: StoredState): OutgoingEvent => ({
  topic: STATE_TOPIC,
  type: STATE_TOPIC,
  key: state.scope,
  payload: toldState(state),
  cause: { id: deriveId('trading-state', state.scope, String(state.version)) },
});
