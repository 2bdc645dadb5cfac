import type { Clock } from '../ports/clock.js';
import { allot, type Allotment, type ScopedBucket, type Want } from './allot.js';
import { Blocks, withReturned } from './blocks.js';
import { corrected, fullBucket, refilled, type BucketRules } from './bucket.js';
import type { GuardStore, GuardView } from '../ports/guard-store.js';

export interface BudgetParts {
  readonly store: GuardStore;
  readonly clock: Pick<Clock, 'monotonic' | 'after'>;
  /** Told of all that each look at the store shows. */
  readonly onView: (view: GuardView) => void;
}

/** A call that wants to go out, and the scopes that may have been told to stay away. */
export interface BudgetedCall extends Want {
  readonly closedBy: readonly string[];
}

/** `waitMs`: how long until it may. `closed`: because the venue said so. */
export type Taken =
  | { readonly granted: true }
  | { readonly granted: false; readonly waitMs: number; readonly because: 'budget' | 'closed' };

interface Waiting {
  readonly call: BudgetedCall;
  readonly until: number;
  readonly resolve: (taken: Taken) => void;
  readonly reject: (error: unknown) => void;
  waitMs: number;
}

interface Said {
  readonly left: number;
  readonly endsAt: number;
  readonly windowMs: number;
}

/** Draws for polls alone are so far apart. */
const POLLS_APART_MS = 20;
/** Those that wait are looked at again between so often and so often. */
const LOOK_MS = { least: 20, most: 250 };
/** Others draw at the same moment: read and decided again, so often. */
const TRIES = 20;
/** From so many scopes on, what is over is looked for and forgotten. */
const MANY = 1_000;

/**
 * This replica's hand in the shared buckets. Calls that come while a draw is under way are drawn for together, and where they follow closely
 * on each other a draw takes a block: statements come by tens a second, however many calls there are. Within a class, who came first is
 * served first.
 */
export class Budget {
  readonly #parts: BudgetParts;
  readonly #blocks = new Blocks();
  readonly #said = new Map<string, Said>();
  readonly #closed = new Map<string, number>();
  #waiting: Waiting[] = [];
  #drawing = false;
  #drewAt = Number.NEGATIVE_INFINITY;
  #callOff: (() => void) | undefined;
  #stopped = false;

  constructor(parts: BudgetParts) {
    this.#parts = parts;
  }

  /** Tokens for a call, waited for at most so long. Rejects where the store can't be reached: nothing may be called then. */
  take(call: BudgetedCall, patienceMs: number): Promise<Taken> {
    const now = this.#parts.clock.monotonic();
    const closedForMs = this.closedForMs(call.closedBy);
    if (closedForMs > 0) return Promise.resolve({ granted: false, waitMs: closedForMs, because: 'closed' });
    const isFirst = !this.#waiting.some((other) => other.call.class === call.class);
    if (isFirst && this.#blocks.use(call, now)) return Promise.resolve({ granted: true });
    return new Promise((resolve, reject) => {
      this.#waiting.push({ call, until: now + patienceMs, resolve, reject, waitMs: 0 });
      this.#armNext();
    });
  }

  /** How long the longest of these closures still lasts, milliseconds; 0 where none does. */
  closedForMs(scopes: readonly string[]): number {
    const now = this.#parts.clock.monotonic();
    return scopes.reduce((longest, scope) => Math.max(longest, (this.#closed.get(scope) ?? 0) - now), 0);
  }

  /** The venue told this scope to stay away. A shorter wait never cuts a longer one. */
  close(scope: string, forMs: number): void {
    const now = this.#parts.clock.monotonic();
    if (now + forMs <= (this.#closed.get(scope) ?? 0)) return;
    this.#closed.set(scope, now + forMs);
    if (this.#closed.size > MANY)
      for (const [other, until] of this.#closed) if (until <= now) this.#closed.delete(other);
  }

  /** What the venue's own count leaves; it counts, here and for the others, from the next draw from the scope. */
  said(scope: string, left: number, windowMs: number, endsInMs: number): void {
    const now = this.#parts.clock.monotonic();
    this.#said.set(scope, { left, windowMs, endsAt: now + endsInMs });
    if (this.#said.size > MANY)
      for (const [other, { endsAt }] of this.#said) if (endsAt <= now) this.#said.delete(other);
  }

  /** Looks at what the replicas know, though nothing is wanted. */
  async look(scopes: readonly string[]): Promise<void> {
    this.#notice(await this.#parts.store.read(scopes));
  }

  /** Whoever waits is told no. */
  stop(): void {
    this.#stopped = true;
    this.#callOff?.();
    for (const { resolve, waitMs } of this.#waiting.splice(0)) resolve({ granted: false, waitMs, because: 'budget' });
  }

  /** Has the next draw begin when the first of those who wait may go: at once for who just came, polls a little later. */
  #armNext(): void {
    if (this.#drawing || this.#waiting.length === 0) return;
    const now = this.#parts.clock.monotonic();
    const inMs = this.#waiting.map(({ call, waitMs, until }) => {
      if (waitMs > 0) return Math.max(1, Math.min(Math.max(waitMs, LOOK_MS.least), LOOK_MS.most, until - now));
      return call.class === 'poll' ? this.#drewAt + POLLS_APART_MS - now : 0;
    });
    this.#callOff?.();
    const next = Math.min(...inMs);
    if (next > 0) this.#callOff = this.#parts.clock.after(next, () => void this.#draw());
    else {
      // What else is wanted in this step of the event loop is drawn for together.
      this.#drawing = true;
      queueMicrotask(() => void this.#draw());
    }
  }

  async #draw(): Promise<void> {
    this.#drawing = true;
    const batch = this.#waiting;
    this.#waiting = [];
    try {
      this.#settle(batch, await this.#drawFor(batch.map(({ call }) => call)));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
    this.#drewAt = this.#parts.clock.monotonic();
    this.#drawing = false;
    this.#armNext();
  }

  #settle(batch: readonly Waiting[], allotments: readonly Allotment[]): void {
    const now = this.#parts.clock.monotonic();
    const stay: Waiting[] = [];
    batch.forEach((waiting, index) => {
      const allotment = allotments[index];
      const closedForMs = this.closedForMs(waiting.call.closedBy);
      if (closedForMs > 0) waiting.resolve({ granted: false, waitMs: closedForMs, because: 'closed' });
      else if (allotment?.granted === true) waiting.resolve({ granted: true });
      else {
        waiting.waitMs = allotment?.waitMs ?? LOOK_MS.most;
        if (now < waiting.until && !this.#stopped) stay.push(waiting);
        else waiting.resolve({ granted: false, waitMs: waiting.waitMs, because: 'budget' });
      }
    });
    this.#waiting = [...stay, ...this.#waiting];
  }

  async #drawFor(calls: readonly BudgetedCall[]): Promise<readonly Allotment[]> {
    const { store, clock } = this.#parts;
    const rules = new Map(calls.flatMap(({ costs }) => costs.map((cost) => [cost.scope, cost.rules] as const)));
    const asked = [...new Set([...rules.keys(), ...calls.flatMap(({ closedBy }) => closedBy)])];
    let back = this.#blocks.takeBack(new Set(rules.keys()), clock.monotonic());
    for (let attempt = 1; attempt <= TRIES; attempt += 1) {
      const view = await store.read(asked);
      this.#notice(view);
      // What is closed draws nothing.
      const wants = calls.map((call) => (this.closedForMs(call.closedBy) > 0 ? { ...call, costs: [] } : call));
      const now = clock.monotonic();
      const before = this.#bucketsOf(view, rules);
      const returned = new Map([...before].map(([scope, known]) => [scope, withReturned(known, back, scope)]));
      const { scopes, allotments } = allot(returned, wants);
      const { scopes: after, blocks } = this.#blocks.plan(scopes, wants, allotments, now);
      const writes = view.scopes.flatMap(({ scope, version }) => {
        const known = after.get(scope);
        return known === undefined ? [] : [{ scope, version, bucket: known.bucket }];
      });
      const written = await store.writeBuckets(writes);
      if (written === writes.length) {
        this.#blocks.drew(wants, blocks, now);
        return allotments;
      }
      if (written > 0) back = [];
    }
    // Everybody draws at this moment: whoever waits tries again, whoever doesn't is told to.
    return calls.map(() => ({ granted: false, waitMs: LOOK_MS.least }));
  }

  /** As they are now, under what the venue says. */
  #bucketsOf({ nowMs, scopes }: GuardView, rules: ReadonlyMap<string, BucketRules>): ReadonlyMap<string, ScopedBucket> {
    const now = this.#parts.clock.monotonic();
    return new Map(
      scopes.flatMap(({ scope, bucket: stored }) => {
        const limits = rules.get(scope);
        if (limits === undefined) return [];
        const said = this.#said.get(scope);
        const bucket = stored === undefined ? fullBucket(limits, nowMs) : refilled(stored, limits, nowMs);
        const isCurrent = said !== undefined && said.endsAt > now;
        const left = isCurrent
          ? corrected(bucket, { left: said.left, untilMs: nowMs + said.endsAt - now }, said.windowMs)
          : bucket;
        return [[scope, { rules: limits, bucket: left }] as const];
      }),
    );
  }

  #notice(view: GuardView): void {
    for (const { scope, closedUntilMs } of view.scopes)
      if (closedUntilMs > view.nowMs) this.close(scope, closedUntilMs - view.nowMs);
    this.#parts.onView(view);
  }
}
