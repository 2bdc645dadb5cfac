import type { Standing } from '@switchyard/exchanges';
import type { OutgoingEvent } from '@switchyard/log';
import type { Clock } from '../ports/clock.js';
import {
  CLOSED,
  counted,
  mayProbe,
  NO_CALLS,
  probed,
  probing,
  tallied,
  type Circuit,
  type CircuitRules,
  type Tally,
} from './circuit.js';
import type { GuardStore, GuardView, Versioned } from '../ports/guard-store.js';

export interface SharedCircuitParts {
  readonly store: GuardStore;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly rules: CircuitRules;
  /** Names this replica's probes. */
  readonly prober: string;
  /** Told in the transaction of the change. */
  readonly eventsOf: (change: CircuitChange) => readonly OutgoingEvent[];
  /** This replica has changed the circuit. */
  readonly onChanged: (change: CircuitChange) => void;
  /** The circuit is another than this replica last saw, whoever changed it. */
  readonly onSeen: () => void;
  readonly onError: (error: unknown) => void;
}

export interface CircuitChange {
  readonly from: Circuit['state'];
  readonly to: Circuit['state'];
  /** Of the change: no two have the same. */
  readonly version: number;
}

/** This replica's part in the circuit that all replicas share: it tells what its calls say, and knows what is so as of its last look. */
export class SharedCircuit {
  readonly #parts: SharedCircuitParts;
  #seen: Versioned<Circuit> = { version: 0, value: CLOSED };
  #storeMs = 0;
  #seenAt = Number.NEGATIVE_INFINITY;
  #tally: Tally = NO_CALLS;
  #telling: Promise<void> | undefined;

  constructor(parts: SharedCircuitParts) {
    this.#parts = parts;
  }

  get state(): Circuit['state'] {
    return this.#seen.value.state;
  }

  /** Until it may be probed, or the probe's lease is over, milliseconds; 0 while it is closed. */
  get forMs(): number {
    const { value } = this.#seen;
    return value.state === 'closed' ? 0 : Math.max(0, value.untilMs - this.#nowMs());
  }

  /** Since the last look, milliseconds. */
  get ageMs(): number {
    return this.#parts.clock.monotonic() - this.#seenAt;
  }

  /** A call has ended. Failures are told to all at once; an answer only where it changes the count. */
  saw(standing: Standing): void {
    this.#tally = tallied(this.#tally, standing);
    const { value } = this.#seen;
    const isNews = standing === 'failed' || (standing === 'answered' && value.state === 'closed' && value.failures > 0);
    if (isNews) this.#tell();
  }

  /** What the replicas know now. */
  noticed({ circuit, nowMs }: GuardView): void {
    const before = this.#seen;
    this.#seen = circuit;
    this.#storeMs = nowMs;
    this.#seenAt = this.#parts.clock.monotonic();
    if (before.value.state !== circuit.value.state) this.#parts.onSeen();
    if (circuit.value.state !== 'closed' || this.#tally.before > 0 || this.#tally.since > 0) return;
    // An answer of ours that others' failures have not heard of ends their count; one that ends nothing need not be told.
    if (this.#tally.answered && circuit.value.failures > 0) this.#tell();
    else this.#tally = NO_CALLS;
  }

  /**
   * Asks, if the circuit waits for a probe and nobody else makes it.
   * @returns what the probe said; undefined where this replica did not ask.
   */
  async probe(ask: () => Promise<Standing>): Promise<Standing | undefined> {
    const { prober, rules } = this.#parts;
    const isMine = await this.#change((circuit, nowMs) =>
      mayProbe(circuit, nowMs) ? probing(prober, nowMs, rules) : circuit,
    );
    if (!isMine) return undefined;
    // A probe that throws is a bug, and no answer: the circuit must not wait for its lease.
    const standing = await ask().catch((error: unknown) => {
      this.#parts.onError(error);
      return 'failed' as const;
    });
    await this.#change((circuit, nowMs) => probed(circuit, prober, standing, nowMs, rules));
    return standing;
  }

  /** What is being told has been told. */
  async told(): Promise<void> {
    await this.#telling;
  }

  #tell(): void {
    this.#telling ??= this.#tellAll()
      .catch(this.#parts.onError)
      .finally(() => (this.#telling = undefined));
  }

  async #tellAll(): Promise<void> {
    while (this.#tally !== NO_CALLS) {
      const tally = this.#tally;
      this.#tally = NO_CALLS;
      await this.#change((circuit, nowMs) => counted(circuit, tally, nowMs, this.#parts.rules));
    }
  }

  /** Compare and set. @returns whether this replica has changed it. */
  async #change(decide: (circuit: Circuit, nowMs: number) => Circuit): Promise<boolean> {
    const { store, eventsOf, onChanged } = this.#parts;
    for (;;) {
      const view = await store.read([]);
      const { version, value } = view.circuit;
      const next = decide(value, view.nowMs);
      if (isSame(value, next)) {
        this.noticed(view);
        return false;
      }
      const change: CircuitChange = { from: value.state, to: next.state, version: version + 1 };
      const hasTurned = change.from !== change.to;
      if (!(await store.writeCircuit(version, next, hasTurned ? eventsOf(change) : []))) continue;
      if (hasTurned) onChanged(change);
      this.noticed({ ...view, circuit: { version: version + 1, value: next } });
      return true;
    }
  }

  #nowMs(): number {
    return this.#storeMs + this.ageMs;
  }
}

const isSame = (a: Circuit, b: Circuit): boolean =>
  a === b || (a.state === 'closed' && b.state === 'closed' && a.failures === b.failures);
