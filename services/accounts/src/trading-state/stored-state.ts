import type { TradingStateApplied } from '@switchyard/contracts';
import type { TradingState } from '@switchyard/model';

/** The state of a scope as it is stored. A scope that was never changed is `active`, version 0. */
export interface StoredState {
  readonly scope: string;
  readonly state: TradingState;
  readonly version: number;
  readonly reason: string;
  readonly cancelOpen: boolean;
  readonly changedBy: string;
  readonly role: string;
  readonly changedAt: Date;
  /** The least strict state that an operator leaves to the user whose scope it is. */
  readonly held: TradingState;
  readonly heldReason: string | undefined;
}

/** The newest word of a venue's executor on a scope. */
export type StoredReport = Omit<TradingStateApplied, 'scope'>;

export const NEVER_CHANGED: Omit<StoredState, 'scope'> = {
  ...{ state: 'active', version: 0, reason: 'never changed', cancelOpen: false, changedBy: 'nobody', role: 'system' },
  ...{ changedAt: new Date(0), held: 'active', heldReason: undefined },
};
