import {
  standingOf,
  wasSent,
  type Answer,
  type CallName,
  type CancelOutcome,
  type LookupOutcome,
  type PlaceOutcome,
  type Usage,
} from '@switchyard/exchanges';
import { isInfrastructureError } from '@switchyard/persistence';
import type { Round } from '../loop.js';
import type { Clock } from '../ports/clock.js';
import type { VenueHealth } from '../venue/health.js';
import { admitted, classOf, heldBack, type Weather } from './admission.js';
import type { CallClass } from './bucket.js';
import type { Budget, BudgetedCall, Taken } from './budget.js';
import { accountScope, addressScope, costsOf, countedScope, type VenueLimits } from './limits.js';
import type { Candidate, GateDecision, OrderGate } from './order-gate.js';
import type { SharedCircuit } from './shared-circuit.js';

/** What is about to be asked of the venue. */
export interface GuardedCall {
  readonly class: CallClass;
  readonly name: CallName;
  readonly accountId: string | undefined;
}

/** Why a call is not made, and for how long where that is known. */
export interface Held {
  readonly because: 'circuit' | 'closed' | 'budget' | 'store';
  readonly message: string;
  readonly forMs: number | null;
}

type Outcome = PlaceOutcome | CancelOutcome | LookupOutcome | Answer<unknown>;

export interface GuardParts {
  readonly clock: Clock;
  readonly limits: VenueLimits;
  /** The address that calls leave from, by any name that replicas at the same address share. */
  readonly egress: string;
  readonly budget: Budget;
  readonly circuit: SharedCircuit;
  readonly health: VenueHealth;
  /** The cheapest question there is: of no account, and no order. */
  readonly probe: () => Promise<Answer<unknown>>;
  /** Tells all replicas that the venue told somebody to stay away. */
  readonly onClosed: (scope: string, forMs: number) => void;
  readonly onHeld: (because: Held['because'] | 'slow') => void;
  /** The venue's standing may have changed. */
  readonly onNews: () => void;
}

/**
 * The one way by which this executor's calls reach the venue.
 *
 *  1. While the circuit is open, only cancels leave. One replica then asks one question; its answer closes the circuit.
 *  2. No call leaves without tokens of every budget that counts it. Budgets and circuit are the same for all replicas.
 *  3. Nobody calls while the venue told the address to stay away, and nobody places orders for an account of which it said so.
 *  4. Every call that ends is seen: what it says of the venue, how long it took, what the venue says it has counted.
 *  5. Where the replicas' common knowledge can't be read, nothing is called.
 */
export class VenueGuard implements OrderGate {
  readonly #parts: GuardParts;

  constructor(parts: GuardParts) {
    this.#parts = parts;
  }

  get healthy(): boolean {
    const { circuit, health, budget, egress } = this.#parts;
    const isShut = budget.closedForMs([addressScope(egress)]) > SHORT_MS;
    return circuit.state === 'closed' && health.healthy && health.slow === undefined && !isShut;
  }

  /** Whether anything but a cancel may be asked of the venue now. */
  get mayAsk(): boolean {
    return this.#held([addressScope(this.#parts.egress)], false) === undefined;
  }

  /** Looks at what the other replicas know. */
  look(): Promise<void> {
    return this.#parts.budget.look([addressScope(this.#parts.egress)]);
  }

  async decide(candidates: readonly Candidate[], nowMs: number): Promise<readonly GateDecision[]> {
    const { budget, circuit } = this.#parts;
    if (candidates.length === 0) return [];
    if (circuit.ageMs > FRESH_MS) await this.look();
    const first = candidates.map((candidate) => heldBack(candidate, this.#weather()));
    const taken = await Promise.all(
      candidates.map(async (candidate, index): Promise<Taken> => {
        // The questions of a request draw their own.
        if (first[index] !== undefined || candidate.kind === 'request') return { granted: true };
        const { accountId } = candidate;
        return budget.take(this.#budgeted({ class: classOf(candidate), name: 'place', accountId }), 0);
      }),
    );
    return candidates.map((candidate, index) => {
      // The draw has looked at the circuit again.
      const decision =
        first[index] ??
        heldBack(candidate, this.#weather()) ??
        admitted(candidate, taken[index] ?? { granted: true }, nowMs);
      if (decision.kind !== 'send') this.#parts.onHeld(this.#reasonOf(taken[index]));
      return decision;
    });
  }

  /** Why no order of this account may leave right now; `undefined` where it may. Costs nothing: asked again right before the write. */
  heldNow(accountId: string): Held | undefined {
    return this.#held([addressScope(this.#parts.egress), accountScope(accountId)], false);
  }

  /** Makes a call as soon as there are tokens for it, or says why not. */
  async call<T extends Outcome, H>(what: GuardedCall, run: () => Promise<T>, held: (why: Held) => H): Promise<T | H> {
    const isCancel = what.class === 'cancel';
    const scopes = [addressScope(this.#parts.egress)];
    const before = this.#held(scopes, isCancel);
    const why = before ?? (await this.#withoutTokens(what)) ?? this.#held(scopes, isCancel);
    if (why === undefined) return this.watched(run);
    this.#parts.onHeld(why.because);
    return held(why);
  }

  /** Makes a call whose tokens were drawn before, and learns from it. */
  async watched<T extends Outcome>(run: () => Promise<T>): Promise<T> {
    const { clock, health, circuit, onNews } = this.#parts;
    const wasHealthy = this.healthy;
    const started = clock.monotonic();
    const outcome = await run();
    const standing = standingOf(outcome);
    const ended = clock.monotonic();
    health.saw({ standing, sent: wasSent(outcome), tookMs: ended - started, atMs: ended });
    circuit.saw(standing);
    if (wasHealthy !== this.healthy) onNews();
    return outcome;
  }

  /** What an answer said of the venue's limits. */
  used(accountId: string | undefined, { limits: counts, shut }: Usage): void {
    const { budget, limits, egress, onClosed } = this.#parts;
    for (const count of counts) {
      const counted = countedScope(limits, egress, count, accountId);
      if (counted) budget.said(counted.scope, counted.limit - count.used, count.windowMs, count.endsInMs);
    }
    if (shut === null || (shut.whom === 'account' && accountId === undefined)) return;
    const scope = shut.whom === 'address' ? addressScope(egress) : accountScope(accountId ?? '');
    budget.close(scope, shut.forMs);
    onClosed(scope, shut.forMs);
  }

  /** Asks the venue whether it works again: once for all replicas while the circuit is open, now and then while it is slow or silent. */
  async round(): Promise<Round> {
    const { circuit, health, budget, egress, probe } = this.#parts;
    const shutForMs = budget.closedForMs([addressScope(egress)]);
    if (circuit.state !== 'closed') {
      await this.look();
      if (shutForMs > 0) return { found: 1, nextInMs: shutForMs };
      const standing = await circuit.probe(async () => standingOf(await this.watched(probe)));
      // Closed by it: no time is left, and the next round sees what is to be done then.
      return { found: standing === undefined ? 0 : 1, nextInMs: circuit.forMs };
    }
    if (health.slow === undefined && health.healthy) return { found: 0 };
    await this.call({ class: 'poll', name: 'serverTime', accountId: undefined }, probe, () => undefined);
    return { found: 1, nextInMs: Math.max(shutForMs, PROBE_EVERY_MS) };
  }

  stop(): void {
    this.#parts.budget.stop();
  }

  #weather(): Weather {
    const { circuit, health } = this.#parts;
    return {
      circuit: circuit.state,
      circuitForMs: circuit.forMs,
      ...(health.slow === undefined ? {} : { slow: health.slow }),
    };
  }

  #held(closedBy: readonly string[], isCancel: boolean): Held | undefined {
    const { circuit, budget } = this.#parts;
    if (circuit.state !== 'closed' && !isCancel) {
      // Nobody waits here for the probe: how long it takes is not known.
      return { because: 'circuit', message: 'The venue’s circuit is open: its last calls failed.', forMs: null };
    }
    const forMs = budget.closedForMs(closedBy);
    return forMs > 0
      ? { because: 'closed', message: 'The venue told us to wait, and the wait is not over.', forMs }
      : undefined;
  }

  async #withoutTokens(what: GuardedCall): Promise<Held | undefined> {
    try {
      const taken = await this.#parts.budget.take(this.#budgeted(what), patienceOf(what));
      if (taken.granted) return undefined;
      return { because: taken.because, message: 'The budget of calls to this venue is used up.', forMs: taken.waitMs };
    } catch (error) {
      if (!isInfrastructureError(error)) throw error;
      return { because: 'store', message: 'What is left of the budget could not be read.', forMs: null };
    }
  }

  #budgeted({ class: of, name, accountId }: GuardedCall): BudgetedCall {
    const { limits, egress } = this.#parts;
    const closedBy = [
      addressScope(egress),
      ...(name === 'place' && accountId !== undefined ? [accountScope(accountId)] : []),
    ];
    return { class: of, costs: costsOf(limits, egress, name, accountId), closedBy };
  }

  #reasonOf(taken: Taken | undefined): Held['because'] | 'slow' {
    if (this.#parts.circuit.state !== 'closed') return 'circuit';
    return taken?.granted === false ? taken.because : 'slow';
  }
}

/** What the replicas know is looked at again before orders are sent, once it is older than this. */
const FRESH_MS = 250;
/** A venue that is away for no longer than this is not called unhealthy. */
const SHORT_MS = 1_000;
const PROBE_EVERY_MS = 500;

/** How long a call waits for its tokens. A poll of one order makes place for the next; an account's balances have nobody behind them. */
const patienceOf = ({ class: of, name }: GuardedCall): number =>
  of === 'poll' && name !== 'lookup' && name !== 'serverTime' ? 5_000 : 1_000;
