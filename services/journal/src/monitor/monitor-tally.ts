import type { OrderApproved, OrderCompleted, OrderFilled, SignalRejected } from '@switchyard/contracts';
import type { LogEvent } from '@switchyard/log';

/** What one process counted in one stretch of time. */
export interface TallySlot {
  /** Its beginning, milliseconds since 1970. */
  readonly at: number;
  signals: number;
  refused: number;
  readonly refusals: Map<string, number>;
  placed: number;
  placedMs: number;
  fills: number;
  notional: number;
  shortfall: number;
}

/** What is known of a signal that was not all counted yet. */
interface Watched {
  arrivedAt?: number;
  placedAt?: number;
  /** Its exit waited for its entry, as it should: that is no latency. */
  held: boolean;
  measured: boolean;
  reference?: number;
  pending: OrderFilled[];
}

export const SLOT_MS = 10_000;
/** Signals remembered at once; beyond it the oldest are forgotten, and not measured. */
const MOST_SIGNALS = 50_000;
/** Fills that wait for the approval of their order, which may come later on its own topic. */
const MOST_PENDING = 100;

/**
 * Counts what the live monitor judges, from the events that the journal has recorded: by the events' own times, so that a journal that is
 * behind counts for the time it reads of. What came before this process started is not measured. A user's events all come to one process.
 */
export class MonitorTally {
  private readonly slots = new Map<number, TallySlot>();
  private readonly changed = new Set<number>();
  private readonly watched = new Map<string, Watched>();

  constructor(
    private readonly windowS: number,
    private readonly now: () => number = Date.now,
  ) {}

  saw(event: LogEvent): void {
    const { type, key, correlationId } = event;
    if (correlationId === undefined) return;
    const signal = `${key}|${correlationId}`;
    const at = Date.parse(event.time);
    switch (type) {
      case 'TradingSignalGenerated':
        // A stranger writes whatever he likes where the time belongs: of his, the time counts from the moment that validation was through.
        if (event.source !== undefined) this.arrived(signal, at);
        return;
      case 'SignalValidated':
        this.arrived(signal, at);
        return;
      case 'SignalHeld':
        this.of(signal).held = true;
        return;
      case 'SignalRejected':
        this.refused(at, (event.payload as SignalRejected).code, 1);
        this.watched.delete(signal);
        return;
      case 'OrderApproved':
        this.approved(signal, at, event.payload as OrderApproved);
        return;
      case 'OrderPlaced':
        this.placed(signal, at);
        return;
      case 'OrderFilled':
        this.filled(signal, event.payload as OrderFilled);
        return;
      case 'OrderCompleted': {
        const { status } = event.payload as OrderCompleted;
        if (status === 'failed' || status === 'rejected') this.refused(at, `ORDER_${status.toUpperCase()}`, 0);
        return;
      }
      default:
    }
  }

  /** The slots that were counted in since the last call, whole. They are told again after `again`. */
  take(): readonly TallySlot[] {
    const oldest = this.now() - this.windowS * 1_000 - SLOT_MS;
    for (const at of this.slots.keys()) if (at < oldest) this.slots.delete(at);
    const taken = [...this.changed].flatMap((at) => this.slots.get(at) ?? []);
    this.changed.clear();
    return taken;
  }

  again(slots: readonly TallySlot[]): void {
    for (const { at } of slots) this.changed.add(at);
  }

  private arrived(signal: string, at: number): void {
    const watched = this.of(signal);
    if (Number.isFinite(at)) watched.arrivedAt = Math.min(watched.arrivedAt ?? at, at);
    this.measure(watched);
  }

  private approved(signal: string, at: number, { referencePrice }: OrderApproved): void {
    const slot = this.slotAt(at);
    if (slot !== undefined) slot.signals += 1;
    const watched = this.of(signal);
    if (referencePrice === undefined) return;
    watched.reference = Number(referencePrice);
    for (const fill of watched.pending) this.cost(watched.reference, fill);
    watched.pending = [];
  }

  private refused(at: number, code: string, decided: 0 | 1): void {
    const slot = this.slotAt(at);
    if (slot === undefined) return;
    slot.signals += decided;
    slot.refused += 1;
    slot.refusals.set(code, (slot.refusals.get(code) ?? 0) + 1);
  }

  private placed(signal: string, at: number): void {
    const watched = this.of(signal);
    watched.placedAt ??= at;
    this.measure(watched);
  }

  /** The first order of a signal alone: later ones have their times by a plan. */
  private measure(watched: Watched): void {
    const { arrivedAt, placedAt, held, measured } = watched;
    if (arrivedAt === undefined || placedAt === undefined || held || measured) return;
    watched.measured = true;
    const slot = this.slotAt(placedAt);
    if (slot === undefined) return;
    slot.placed += 1;
    slot.placedMs += Math.max(0, placedAt - arrivedAt);
  }

  private filled(signal: string, fill: OrderFilled): void {
    const watched = this.of(signal);
    if (watched.reference !== undefined) this.cost(watched.reference, fill);
    else if (watched.pending.length < MOST_PENDING) watched.pending.push(fill);
  }

  /** A figure of how well was traded, not money: a number does. */
  private cost(reference: number, { side, price, quantity, filledAt }: OrderFilled): void {
    const slot = this.slotAt(Date.parse(filledAt));
    if (slot === undefined || !(reference > 0)) return;
    const worse = side === 'buy' ? Number(price) - reference : reference - Number(price);
    slot.fills += 1;
    slot.notional += Number(quantity) * reference;
    slot.shortfall += Number(quantity) * worse;
  }

  private of(signal: string): Watched {
    let watched = this.watched.get(signal);
    if (watched === undefined) {
      watched = { held: false, measured: false, pending: [] };
      this.watched.set(signal, watched);
      const [oldest] = this.watched.keys();
      if (this.watched.size > MOST_SIGNALS && oldest !== undefined) this.watched.delete(oldest);
    }
    return watched;
  }

  /** Undefined where the time is none, or outside of the window. */
  private slotAt(time: number): TallySlot | undefined {
    const now = this.now();
    if (!(time > now - this.windowS * 1_000 && time < now + SLOT_MS)) return undefined;
    const at = Math.floor(time / SLOT_MS) * SLOT_MS;
    let slot = this.slots.get(at);
    if (slot === undefined) {
      const counts = { signals: 0, refused: 0, placed: 0, placedMs: 0, fills: 0, notional: 0, shortfall: 0 };
      slot = { at, ...counts, refusals: new Map<string, number>() };
      this.slots.set(at, slot);
    }
    this.changed.add(at);
    return slot;
  }
}
