import type { TradingStateApplied, TradingStateChanged } from '@switchyard/contracts';
import { deriveId, type OutgoingEvent } from '@switchyard/log';
import type { Logger } from '@switchyard/observability';
import type { Round } from '../loop.js';
import { pause, type Clock } from '../ports/clock.js';
import type { CancelRequest } from '../ports/cancel-records.js';
import type { ExecutionStore } from '../ports/execution-store.js';
import type { LeftInScope, StateToTell } from '../ports/trading-states.js';
import type { VenueAccess } from '../ports/venue-access.js';
import type { StateWatch } from './state-watch.js';

export interface StateKeeperParts {
  readonly store: Pick<ExecutionStore, 'knownStates' | 'claimsUnderWay' | 'transaction'>;
  readonly venue: string;
  readonly access: Pick<VenueAccess, 'clock' | 'capabilities'>;
  readonly clock: Clock;
  readonly watch: Pick<StateWatch, 'know' | 'isUnheard'>;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
}

/**
 * Says of every state that this executor keeps it, and what is left of what it forbids, until nothing is.
 *
 * 1. First it outlasts the claims that were under way when the state was stored. From then on every claim has read the state, and whatever
 *    an earlier one let out is seen: a word that nothing is unresolved is the last word. No claim ever waits for this.
 * 2. It remembers nothing: a state to tell is a row, held while it is looked at. Any replica goes on where another died.
 * 3. It speaks when what is left has changed, and at most so often.
 */
export class StateKeeper {
  readonly #parts: StateKeeperParts;
  #patience = FIRST_LOOKS;

  constructor(parts: StateKeeperParts) {
    this.#parts = parts;
  }

  /** One look at every state of which something is left to be said. */
  async round(): Promise<Round> {
    const { store, watch } = this.#parts;
    const known = await store.knownStates(AT_A_TIME);
    watch.know(known);
    // Asked now and then, so that the turn is noticed when nothing is to be sent, too.
    watch.isUnheard();
    if (known.toTell.length === 0) {
      this.#patience = FIRST_LOOKS;
      return { found: 0 };
    }
    const isOutlasted = known.toTell.every(({ isKept }) => isKept) || (await this.#outlastClaims());
    let left = 0;
    for (const state of known.toTell) if ((!state.isKept && !isOutlasted) || !(await this.#tell(state))) left += 1;
    if (left === 0) return { found: known.toTell.length, nextInMs: 0 };
    this.#patience = Math.max(0, this.#patience - 1);
    return { found: known.toTell.length, nextInMs: this.#patience > 0 ? SOON_MS : LATER_MS };
  }

  /** Something new is to be told: it is looked at often again. */
  hurry(): void {
    this.#patience = FIRST_LOOKS;
  }

  /** Waits until every claim that is under way now is over; false where one takes too long: a worker that hangs, or a slow database. */
  async #outlastClaims(): Promise<boolean> {
    const { store, clock } = this.#parts;
    const before = await store.claimsUnderWay();
    const deadline = clock.monotonic() + OUTLAST_MS;
    for (let waitMs = 2; before.size > 0; waitMs = Math.min(waitMs * 2, 50)) {
      await pause(clock, waitMs);
      const now = await store.claimsUnderWay();
      if (![...before].some((claim) => now.has(claim))) break;
      if (clock.monotonic() > deadline) return false;
    }
    return true;
  }

  /** @returns whether all is said */
  #tell({ scope, version, state, cancelOpen }: StateToTell): Promise<boolean> {
    const { store, venue, clock, logger } = this.#parts;
    return store.transaction(async (unit) => {
      const held = await unit.holdState(scope, version);
      // A later version, or another replica: whoever it is sees to it.
      if (held === undefined) return true;
      const left = state === 'active' ? NOTHING : await unit.lookIntoScope(this.#look({ scope, version, cancelOpen }));
      const isTold = left.unresolved === 0 && left.open === 0 && !left.isMarking;
      const said = JSON.stringify({ ...left, isMarking: undefined });
      // What is open is not known before all of it is marked.
      const isNews = said !== held.said && !(left.isMarking && left.open === 0);
      const report = held.report + (isNews ? 1 : 0);
      if (isNews) {
        const at = new Date(clock.now()).toISOString();
        void unit.append([appliedEvent({ scope, version, venue, report, appliedAt: at, ...wordOf(left) })]);
        const { unresolved, open, cancelled } = left;
        if (report === 1 || isTold)
          unit.afterCommit(() => {
            // Accounts has told of the change; here only what is not done yet is news.
            const level = isTold ? 'info' : 'warn';
            logger[level]({ scope, state, version, unresolved, open, cancelled }, 'trading state kept');
          });
      }
      await unit.saveReport(scope, { report, said: isNews ? said : (held.said ?? ''), isTold });
      return isTold;
    });
  }

  #look({ scope, version, cancelOpen }: Pick<StateToTell, 'scope' | 'version' | 'cancelOpen'>) {
    const { access, clock } = this.#parts;
    const { requestId: cancelRequestId, reason: cancelReason } = cancelOf({ scope, version });
    const { offsetMs, errorMs } = access.clock();
    const enforcesExpiry = access.capabilities?.enforcesExpiry === true;
    const expiredBeforeMs = enforcesExpiry ? clock.now() + offsetMs - errorMs : undefined;
    return { scope, version, cancelOpen, cancelRequestId, cancelReason, expiredBeforeMs };
  }
}

/** What is to be cancelled because of a state: the same version is the same request. */
export const cancelOf = ({ scope, version }: Pick<TradingStateChanged, 'scope' | 'version'>): CancelRequest => ({
  requestId: `trading-state/${scope}/${version}`,
  target: { kind: 'scope', scope },
  reason: `Trading was stopped for ${scope}, and what was open cancelled (version ${version}).`,
});

const NOTHING: LeftInScope = { unresolved: 0, open: 0, cancelled: 0, isMarking: false, orders: [] };

const wordOf = ({ unresolved, open, cancelled, orders }: LeftInScope) => ({ unresolved, open, cancelled, orders });

const appliedEvent = (payload: TradingStateApplied): OutgoingEvent => ({
  topic: 'TradingStateApplied',
  type: 'TradingStateApplied',
  key: payload.scope,
  payload,
  cause: {
    id: deriveId(
      'trading-state-applied',
      payload.venue,
      payload.scope,
      String(payload.version),
      String(payload.report),
    ),
  },
});

/** States that one round looks at; those that were looked at longest ago come first. */
const AT_A_TIME = 50;
/** Most that one round waits for claims that were under way. */
const OUTLAST_MS = 1_000;
/** What is left is looked at again after this: so many times soon, then later. */
const FIRST_LOOKS = 20;
const SOON_MS = 50;
const LATER_MS = 500;
