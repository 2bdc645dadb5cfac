import { deriveId, type LogEvent } from '@switchyard/log';
import type { Fill, NewOrder } from '@switchyard/exchanges';
import type {
  OrderApproved,
  OrderCancelRequested,
  OrderCompleted,
  OrderFailed,
  OrderFilled,
  OrderRouted,
  ReconciliationDrift,
  SignalRejected,
  SignalValidated,
} from '@switchyard/contracts';
import { decimal, plain, ZERO, type Decimal } from '@switchyard/money';
import type { Emitted, StageWatcher } from '../log/sim-stage.js';
import type { VenueRow, VenueWatcher } from '../venue/sim-venue.js';
import { tradedOf } from '../venue/sim-venue.js';
import { QUIET_TYPES, type JudgedOrder, type JudgedParent, type SignalEnd, type Violation } from './judged.js';

/**
 * Looks at everything that is stored and at everything that the venue does, in the step in which it happens, and knows nothing of how the
 * services work: only what was promised. What it says is said of facts, never of code.
 */
export class Judge implements StageWatcher, VenueWatcher {
  readonly violations: Violation[] = [];
  readonly accepted = new Set<string>();
  readonly ends = new Map<string, SignalEnd>();
  readonly orders = new Map<string, JudgedOrder>();
  readonly #byClientId = new Map<string, JudgedOrder>();
  readonly #parents = new Map<string, JudgedParent>();
  readonly #decided = new Set<string>();
  readonly #risked = new Set<string>();
  readonly #seen = new Map<string, number>();
  /** Parents that routing knows to be wanted gone. */
  readonly #unwanted = new Set<string>();
  readonly #lastOfLane = new Map<string, number>();
  readonly rowOf = new Map<string, VenueRow>();
  /** Events of signals, orders and positions so far. */
  told = 0;
  lastTold = '';

  constructor(private readonly note: (what: string) => void) {}

  violated(guarantee: Violation['guarantee'], what: string): void {
    this.violations.push({ guarantee, what });
    this.note(`VIOLATION of ${guarantee}: ${what}`);
  }

  /** The door said so. */
  signalAccepted(userId: string, signalId: string): void {
    this.accepted.add(`${userId}|${signalId}`);
  }

  get unfinished(): readonly string[] {
    return [...this.accepted].filter((signal) => !this.ends.has(signal));
  }

  handled(group: string, events: readonly LogEvent[]): void {
    for (const { topic, partition, source, sequence, payload } of events) {
      if (topic === 'OrderCancelRequested' && group === 'routing') this.#cancelAsked(payload as OrderCancelRequested);
      if (source === undefined || topic === 'TradingSignalGenerated') continue;
      const key = `${group} ${topic}/${partition} ${source}`;
      const last = this.#seen.get(key) ?? 0;
      this.#seen.set(key, Math.max(last, sequence));
      if (sequence <= last)
        this.violated('G2', `${group} handled number ${sequence} of ${source} on ${topic} again, after ${last}`);
      else if (sequence > last + 1 && topic !== 'AccountPolicyChanged')
        this.violated('G1', `${group} passed over numbers ${last + 1} to ${sequence - 1} of ${source} on ${topic}`);
    }
  }

  staleStored(group: string, partitions: readonly number[]): void {
    this.violated('G6', `a former owner of partitions ${partitions.join(', ')} of ${group} stored something`);
  }

  emitted(_: string, { topic, payload }: Emitted): void {
    const [type = ''] = topic.split('.');
    if (!QUIET_TYPES.has(type)) {
      this.told += 1;
      this.lastTold = type;
    }
    switch (type) {
      case 'SignalValidated':
        this.#decide(payload as SignalValidated);
        break;
      case 'SignalRejected':
        this.#reject(payload as SignalRejected);
        break;
      case 'OrderApproved':
        this.#approve(payload as OrderApproved);
        break;
      case 'OrderRouted':
        this.#route(payload as OrderRouted);
        break;
      case 'OrderFilled':
        this.#fill(payload as OrderFilled);
        break;
      case 'OrderPlaced':
      case 'OrderCancelled':
      case 'OrderExpired':
        this.#version(payload as OrderFailed, type !== 'OrderPlaced');
        break;
      case 'OrderFailed':
        if ((payload as OrderFailed).stage === 'execution') this.#fail(payload as OrderFailed);
        break;
      case 'OrderCompleted':
        this.#complete(payload as OrderCompleted);
        break;
      case 'ReconciliationDrift':
        this.note(`drift: ${JSON.stringify((payload as ReconciliationDrift).facts)}`);
        break;
      default:
    }
  }

  taken(row: VenueRow): void {
    const { clientOrderId, pair } = row.order;
    const order = this.#byClientId.get(clientOrderId);
    if (order === undefined) {
      this.violated('G2', `the venue has an order ${clientOrderId} that nobody routed`);
      return;
    }
    if (this.rowOf.has(order.orderId))
      this.violated('G2', `the order ${order.orderId} is at the venue a second time, under ${clientOrderId}`);
    this.rowOf.set(order.orderId, row);
    if (order.ended)
      this.violated(
        'G5',
        `the order ${order.orderId} was said to have ended, what it held was let go, and then the venue took it`,
      );
    if (this.#parents.get(order.parentOrderId)?.completed === true)
      this.violated('G5', `the venue took ${order.orderId} after its parent was completed`);
    // What closes a position may overtake what opens one, and a stop-loss everything.
    const lane = `${order.accountId} ${pair} ${order.signalType}`;
    const before = this.#lastOfLane.get(lane) ?? -1;
    if (order.place < before)
      this.violated(
        'G3',
        `the venue took ${order.orderId} after an order of its account and pair that was routed later`,
      );
    this.#lastOfLane.set(lane, Math.max(before, order.place));
  }

  traded({ order: { clientOrderId } }: VenueRow, { quantity }: Fill): void {
    const order = this.#byClientId.get(clientOrderId);
    const parent = order && this.#parents.get(order.parentOrderId);
    if (parent === undefined) return;
    parent.filled = parent.filled.plus(decimal(quantity));
    if (parent.filled.gt(parent.quantity))
      this.violated(
        'G2',
        `${plain(parent.filled)} of ${parent.parentOrderId} was traded, ${plain(parent.quantity)} was approved`,
      );
  }

  refusedFunds(accountKey: string, { clientOrderId }: NewOrder, why: string): void {
    this.violated('G5', `${clientOrderId} of ${accountKey} was approved without cover: it ${why}`);
  }

  #cancelAsked({ orderId, parentOrderId }: OrderCancelRequested): void {
    if (orderId === parentOrderId) this.#unwanted.add(parentOrderId);
  }

  #decide({ userId, signalId }: SignalValidated): void {
    const signal = `${userId}|${signalId}`;
    if (this.#decided.has(signal)) this.violated('G2', `the signal ${signal} was validated a second time`);
    this.#decided.add(signal);
  }

  #reject({ userId, signalId, stage, code }: SignalRejected): void {
    if (code === 'SIGNAL_ID_REUSED') return;
    const signal = `${userId}|${signalId}`;
    const decided = stage === 'validation' ? this.#decided : this.#risked;
    if (decided.has(signal)) this.violated('G2', `the signal ${signal} was decided a second time at ${stage}: ${code}`);
    decided.add(signal);
    this.#end(signal, 'refused');
  }

  #approve({ userId, signalId, parentOrderId, quantity }: OrderApproved): void {
    const signal = `${userId}|${signalId}`;
    if (this.#risked.has(signal))
      this.violated('G2', `the signal ${signal} was decided a second time at risk: approved`);
    this.#risked.add(signal);
    this.#parents.set(parentOrderId, {
      parentOrderId,
      signal,
      quantity: decimal(quantity),
      filled: ZERO,
      completed: false,
    });
  }

  #route({ orderId, parentOrderId, accountId, pair, signalType }: OrderRouted): void {
    if (this.orders.has(orderId)) this.violated('G2', `the order ${orderId} was routed a second time`);
    if (this.#unwanted.has(parentOrderId))
      this.violated('G2', `the order ${orderId} was routed after somebody wanted its parent gone`);
    if (!this.#parents.has(parentOrderId)) this.violated('G2', `the order ${orderId} was routed without an approval`);
    const place = this.orders.size;
    const order: JudgedOrder = {
      orderId,
      parentOrderId,
      accountId,
      pair,
      signalType,
      place,
      version: 0,
      ended: false,
      booked: ZERO,
      trades: new Set(),
    };
    this.orders.set(orderId, order);
    this.#byClientId.set(deriveId('client-order', orderId), order);
  }

  #version(event: { readonly orderId: string; readonly orderVersion: number }, ends: boolean): JudgedOrder | undefined {
    const order = this.orders.get(event.orderId);
    if (order === undefined) {
      this.violated('G2', `an event of the order ${event.orderId}, which nobody routed`);
      return undefined;
    }
    if (event.orderVersion !== order.version + 1)
      this.violated('G3', `version ${event.orderVersion} of the order ${order.orderId} follows ${order.version}`);
    order.version = event.orderVersion;
    const row = this.rowOf.get(order.orderId);
    if (ends && row !== undefined && row.end === undefined)
      this.violated('G5', `the order ${order.orderId} was said to have ended, and is live at the venue`);
    if (ends) order.ended = true;
    return order;
  }

  #fail(failure: OrderFailed): void {
    this.#version(failure, true);
    if (this.rowOf.has(failure.orderId))
      this.violated(
        'G5',
        `the order ${failure.orderId} was said to have failed (${failure.code}), and the venue has it`,
      );
  }

  #fill(fill: OrderFilled): void {
    const order = this.#version(fill, false);
    if (order === undefined) return;
    const { orderId, tradeId, quantity } = fill;
    if (order.trades.has(tradeId)) this.violated('G2', `the trade ${tradeId} of ${orderId} was told a second time`);
    order.trades.add(tradeId);
    order.booked = order.booked.plus(decimal(quantity));
    const row = this.rowOf.get(orderId);
    const trade = row?.trades.find(({ fill: known }) => known.tradeId === tradeId);
    if (trade?.fill.quantity !== quantity)
      this.violated('G8', `the venue knows no trade ${tradeId} of ${quantity} of the order ${orderId}`);
    if (fill.orderStatus === 'filled') order.ended = true;
  }

  #complete({ parentOrderId, filledQuantity }: OrderCompleted): void {
    const parent = this.#parents.get(parentOrderId);
    if (parent === undefined) {
      this.violated('G2', `${parentOrderId} was completed without an approval`);
      return;
    }
    if (parent.completed) this.violated('G2', `${parentOrderId} was completed a second time`);
    parent.completed = true;
    for (const order of this.orders.values()) {
      if (order.parentOrderId !== parentOrderId) continue;
      const row = this.rowOf.get(order.orderId);
      if (row !== undefined && row.end === undefined)
        this.violated('G5', `${parentOrderId} was completed while ${order.orderId} is live at the venue`);
    }
    if (decimal(filledQuantity).gt(parent.filled))
      this.violated(
        'G8',
        `${parentOrderId} is said to have ${filledQuantity} filled; the venue traded ${plain(parent.filled)}`,
      );
    this.#end(parent.signal, 'completed');
  }

  #end(signal: string, end: SignalEnd): void {
    this.ends.set(signal, end);
  }

  /** Every signal and every order is at its end, and every trade in our books. */
  get isQuiet(): boolean {
    if (this.ends.size < this.accepted.size && this.unfinished.length > 0) return false;
    for (const order of this.orders.values()) if (!order.ended || !this.#tradedOf(order).eq(order.booked)) return false;
    return true;
  }

  #tradedOf({ orderId }: JudgedOrder): Decimal {
    const row = this.rowOf.get(orderId);
    return row === undefined ? ZERO : tradedOf(row);
  }

  /** Everything is quiet: our books against the venue's ledger, order by order. */
  compareBooks(): void {
    for (const signal of this.unfinished) this.violated('G1', `the signal ${signal} was accepted and came to no end`);
    for (const order of this.orders.values()) {
      const traded = this.#tradedOf(order);
      if (!traded.eq(order.booked))
        this.violated(
          'G8',
          `the venue traded ${plain(traded)} of ${order.orderId}, our books say ${plain(order.booked)}`,
        );
      if (!order.ended) this.violated('G1', `the order ${order.orderId} came to no end`);
    }
  }
}
