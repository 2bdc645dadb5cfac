import { Problem } from '@switchyard/http';
import type { EventLog } from '@switchyard/log';
import { GLOBAL_SCOPE } from '@switchyard/model';
import type { Logger } from '@switchyard/observability';
import type { Database, Tx } from '@switchyard/persistence';
import { noSuchUser } from '../policy/user-changes.js';
import { findState, listStates, lockState, reportsOn, storeState } from '../store/trading-states.js';
import { findUser } from '../store/users.js';
import { decideChange, type StateAuthor, type WishedState } from './decide-change.js';
import { stateEvent } from './state-event.js';
import type { StoredState } from './stored-state.js';
import { verificationOf, type Verification } from './verification.js';

export interface TradingStatesOptions {
  readonly db: Database;
  readonly log: Pick<EventLog<Tx>, 'append'>;
  readonly logger: Logger;
  /** Of this deployment: whose executors have to keep a state. */
  readonly venues: readonly string[];
  /** How long an answer waits for the executors. */
  readonly acknowledgeTimeoutMs: number;
  /** There is a version to tell. */
  readonly onChange?: () => void;
}

export type KnownState = StoredState & Verification;

/**
 * What may be traded in every scope.
 *
 * 1. Changes of a scope happen one after the other, under the lock of its row. The row, its raised version and `TradingStateChanged` are one
 *    commit: a version never goes back, whoever dies, however many replicas there are.
 * 2. An answer says what the executors verified, and who of them has not said anything. It waits for them a while, never without end.
 */
export class TradingStates {
  readonly #options: TradingStatesOptions;

  constructor(options: TradingStatesOptions) {
    this.#options = options;
  }

  /** Throws `Problem`: NOT_FOUND for a user or venue that is none here, STATE_HELD where an operator's word stands against it. */
  async change(scope: string, wish: WishedState, by: StateAuthor): Promise<KnownState> {
    const { db, log, logger, onChange } = this.#options;
    await this.#assertExists(scope);
    const changed = await db.transaction(async (tx) => {
      const before = await lockState(tx, scope);
      const decision = decideChange(before, wish, by, await this.#isVerified(tx, before));
      switch (decision.kind) {
        case 'same':
          return { state: before, isNew: false };
        case 'held':
          throw new Problem('STATE_HELD', 'An operator has set this, and only an operator lifts it.', {
            facts: { scope, state: decision.state, reason: decision.reason },
          });
        case 'changed': {
          const state = await storeState(tx, decision.next);
          await log.append(tx, [stateEvent(state)]);
          return { state, isNew: true };
        }
      }
    });
    const { state, isNew } = changed;
    if (isNew) {
      const { version, reason, cancelOpen, changedBy, role } = state;
      logger.warn({ scope, state: state.state, version, reason, cancelOpen, changedBy, role }, 'trading state changed');
      onChange?.();
    }
    return this.#whenVerified(state);
  }

  /** As it is now. Throws `Problem` NOT_FOUND for a user or venue that is none here. */
  async find(scope: string): Promise<KnownState> {
    await this.#assertExists(scope);
    return this.#known(await findState(this.#options.db, scope));
  }

  /** Those in force first; of one scope alone where one is named. */
  async list(scope: string | undefined, after: readonly [number, string], limit: number) {
    const { db, venues } = this.#options;
    const states = await listStates(db, scope, after, limit);
    const reports = await reportsOn(
      db,
      states.map((state) => state.scope),
    );
    return states.map((state): KnownState => ({
      ...state,
      ...verificationOf(state, reports.get(state.scope) ?? [], venues),
    }));
  }

  /** The global state is there from the first start on: executors expect to hear of it once they have heard of it. */
  async ensureGlobal(): Promise<void> {
    const { db, log } = this.#options;
    await db.transaction(async (tx) => {
      const before = await lockState(tx, GLOBAL_SCOPE);
      if (before.version > 0) return;
      const reason = 'the deployment began';
      const state = await storeState(tx, { ...before, version: 1, reason, changedBy: 'system', role: 'system' });
      await log.append(tx, [stateEvent(state)]);
    });
  }

  async #assertExists(scope: string): Promise<void> {
    const { db, venues } = this.#options;
    const [kind, name = ''] = scope.split(/:(.*)/s);
    if (kind === 'venue' && !venues.includes(name))
      throw new Problem('NOT_FOUND', 'This deployment does not trade at such a venue.', { facts: { scope, venues } });
    if (kind === 'user' && (await findUser(db, name)) === undefined) throw noSuchUser(name);
  }

  async #isVerified(tx: Tx, state: StoredState): Promise<boolean> {
    const reports = await reportsOn(tx, [state.scope]);
    return verificationOf(state, reports.get(state.scope) ?? [], this.#options.venues).verified;
  }

  async #known(state: StoredState): Promise<KnownState> {
    const reports = await reportsOn(this.#options.db, [state.scope]);
    return { ...state, ...verificationOf(state, reports.get(state.scope) ?? [], this.#options.venues) };
  }

  /** Reports come in at any replica: each looks into the table. */
  async #whenVerified(state: StoredState): Promise<KnownState> {
    const until = performance.now() + this.#options.acknowledgeTimeoutMs;
    for (let waitMs = 5; ; waitMs = Math.min(waitMs * 2, 100)) {
      const known = await this.#known(state);
      if (known.verified || performance.now() >= until) return known;
      await new Promise((resolve) => setTimeout(resolve, Math.max(1, Math.min(waitMs, until - performance.now()))));
    }
  }
}
