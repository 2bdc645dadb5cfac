import { decimal } from '@switchyard/money';
import { admit, readmit } from './admission.js';
import type { Book, Level } from './book.js';
import { chargeFor } from './charge.js';
import type { OrderAccepted, VenueEvent } from './event.js';
import type { Instrument } from './instrument.js';
import { inLedger, ledgerRow, type LedgerQuery, type LedgerRow, type VenueIds } from './ledger.js';
import { savedLevels, type Market } from './market.js';
import { asToldAt, isOpen, type Fill, type Order, type OrderRequest } from './order.js';
import type { TakePlan } from './matching.js';
import { tickAt } from './reference-path.js';
import { refusal, type Refusal } from './refusal.js';
import { RestingOrders } from './resting-orders.js';
import type { Fees, VenueRules } from './rules.js';
import { isRefused, loadOrder, type SavedEntry } from './saved-order.js';
import type { Store } from './store.js';
import { tradesOf, type TapeRange, type TapeTrade } from './tape.js';
import type { LedgerEntry, VenueState } from './venue-state.js';

/**
 * The venue itself, whatever dialect it speaks: takes orders, matches them against its books, moves the money.
 *
 * 1. Every change is an event, journalled before it is applied; whoever replies waits for `durable()` first.
 * 2. A taker fills at prices its book had, at most what they showed; what it took is gone until the next tick.
 * 3. A resting order fills at its own limit price (see resting-orders.ts).
 * 4. Orders of customers meet the recorded market, never each other: one customer's order is no part of another's book.
 */
export interface ExchangeOptions {
  readonly state: VenueState;
  readonly store: Store;
  readonly market: Market;
  readonly rules: VenueRules;
  readonly ids: VenueIds;
  /** Real time in ms; the venue's own clock is this plus its skew. */
  readonly now: () => number;
}

export interface PlaceOptions {
  /** The dialect's code and sentence for a refusal, for the ledger. */
  readonly describe: (refusal: Refusal) => string;
  /** Hides its fills from the dialect's replies for so long, in ms (fault `late_fill`). */
  readonly hideFillsMs?: number | undefined;
}

export class Exchange {
  readonly #resting: RestingOrders;
  readonly #forgotten = new Set<string>();

  constructor(private readonly options: ExchangeOptions) {
    this.#resting = new RestingOrders(this);
  }

  get state(): VenueState {
    return this.options.state;
  }

  get rules(): VenueRules {
    return this.options.rules;
  }

  get fees(): Fees {
    return this.rules.fees;
  }

  get market(): Market {
    return this.options.market;
  }

  /** What keeps it from remembering, if anything does: nothing is accepted any more. */
  get failure(): Error | undefined {
    return this.options.store.failure;
  }

  /** The venue's clock, in ms. */
  now(): number {
    return this.options.now() + this.state.skewMs;
  }

  /** The replayed market's time, in ms: real time, so that a skewed clock moves no price. */
  marketTime(): number {
    return this.options.now();
  }

  /** The tick of the replayed market. */
  tick(): number {
    return tickAt(this.marketTime());
  }

  instrument(symbol: string): Instrument | undefined {
    return this.state.instruments.get(symbol);
  }

  book(instrument: Instrument): Book {
    this.settle(instrument);
    return this.market.book(instrument, this.tick());
  }

  /**
   * Rises with every tick and every event, for venues that number their books: no two states of a book share one. Ask before the book
   * itself: a book may be newer than the number it is told with, never older.
   */
  bookVersion(instrument: Instrument): number {
    this.settle(instrument);
    return this.tick() * 1_000 + this.state.nextOrderId + this.state.nextTradeId + this.market.setsAndClears;
  }

  /** The latest trades of anybody, oldest first. Trades of resting orders that are due have happened. */
  trades(
    instrument: Instrument,
    range: Omit<TapeRange, 'untilMs'> & { readonly untilMs?: number | undefined },
  ): readonly TapeTrade[] {
    this.settle(instrument);
    const now = this.marketTime();
    const untilMs = Math.min(now, range.untilMs ?? now);
    return tradesOf(this.market, this.state.matches, instrument, { ...range, untilMs });
  }

  /** Resolves when everything that happened so far survives a crash. */
  durable(): Promise<void> {
    return this.options.store.durable();
  }

  place(request: OrderRequest, { describe, hideFillsMs }: PlaceOptions): Order | Refusal {
    const instrument = this.instrument(request.symbol);
    const admitted =
      instrument === undefined ? refusal('UNKNOWN_SYMBOL') : admit(request, instrument, this.book(instrument), this);
    if (instrument === undefined || 'refused' in admitted) {
      const no = 'refused' in admitted ? admitted : refusal('UNKNOWN_SYMBOL');
      this.recordRefusal(request, describe(no));
      return no;
    }

    const { plan, lockedAsset, locked, feeHeld, lapses = false } = admitted;
    const at = this.now();
    const { nextOrderId: orderId } = this.state;
    const quantity = request.quantity ?? plan.quantity.toFixed();
    const order: OrderAccepted['order'] = {
      ...request,
      quantity,
      ...(feeHeld.eq('0') ? {} : { feeHeld: feeHeld.toFixed() }),
      ...(hideFillsMs === undefined ? {} : { fillsShownFrom: at + hideFillsMs }),
    };
    const events: VenueEvent[] = [
      { type: 'order_accepted', at, orderId, order, lockedAsset, locked: locked.toFixed() },
      ...this.takes(orderId, request, instrument, plan, at),
    ];
    const rests =
      !lapses && request.type === 'limit' && (request.timeInForce === 'gtc' || request.timeInForce === 'gtd');
    // A quantity of zero is a quote-sized order that met an empty book.
    if (!rests && (plan.takes.length === 0 || plan.quantity.lt(decimal(quantity)))) {
      events.push({ type: 'order_closed', at, orderId, status: 'expired' });
    }
    this.commit(events);
    return this.known(orderId);
  }

  /** What this order would be told now; nothing happens. */
  rehearse(request: OrderRequest): Refusal | undefined {
    const instrument = this.instrument(request.symbol);
    if (instrument === undefined) return refusal('UNKNOWN_SYMBOL');
    const admitted = admit(request, instrument, this.book(instrument), this);
    return 'refused' in admitted ? admitted : undefined;
  }

  /** Records an order that the dialect itself refused: outside its time window, or by a fault. */
  recordRefusal(request: OrderRequest, refusedWith: string): void {
    this.commit([{ type: 'order_refused', order: { ...request, receivedAt: this.now(), refusedWith } }]);
  }

  /** Takes an open order back. `undefined` where it is over already, whatever is told of it (`late_fill`). */
  cancel({ orderId }: Pick<Order, 'orderId'>): Order | undefined {
    const order = this.settled(orderId);
    if (order === undefined || !isOpen(order)) return undefined;
    this.commit([{ type: 'order_closed', at: this.now(), orderId: order.orderId, status: 'cancelled' }]);
    return this.known(order.orderId);
  }

  /**
   * Gives an open order another quantity or limit in place: what its new limit reaches fills at once, unless it is to be post-only. A
   * quantity that is filled already ends it. `undefined` where it is over.
   */
  amend(
    { orderId }: Pick<Order, 'orderId'>,
    change: { readonly quantity?: string; readonly limitPrice?: string; readonly postOnly?: boolean },
  ): Order | Refusal | undefined {
    const order = this.settled(orderId);
    const instrument = order && this.instrument(order.symbol);
    if (order === undefined || instrument === undefined || !isOpen(order)) return undefined;
    const { quantity = order.quantity, limitPrice = order.limitPrice, postOnly = false } = change;
    if (limitPrice === undefined) return undefined;
    if (decimal(quantity).lte(order.executed)) return this.cancel(order);
    const request = { ...order, quantity, limitPrice, postOnly };
    const admitted = readmit(order, request, instrument, this.book(instrument), this);
    if ('refused' in admitted) return admitted;
    const at = this.now();
    this.commit([
      { type: 'order_amended', at, orderId, quantity, limitPrice, locked: admitted.locked.toFixed() },
      ...this.takes(orderId, order, instrument, admitted.plan, at),
    ]);
    return this.known(orderId);
  }

  /** An account's open orders as the venue tells of them, oldest first. */
  openOrders(accountKey: string): readonly Order[] {
    const now = this.now();
    this.settleAll();
    this.state.forgetToldLate(now);
    const resting = [...this.state.instruments.keys()].flatMap((symbol) => this.state.resting(symbol));
    return [...new Set([...resting, ...this.state.toldLate])]
      .filter((order) => order.accountKey === accountKey && isOpen(asToldAt(order, now)))
      .sort((a, b) => a.orderId - b.orderId);
  }

  /** From now on nobody is told of this customer's orders under this id; trades and the ledger know them still. Until a restart. */
  forget(accountKey: string, clientOrderId: string): void {
    this.#forgotten.add(`${accountKey} ${clientOrderId}`);
  }

  isForgotten({ accountKey, clientOrderId }: Order): boolean {
    return this.#forgotten.size > 0 && this.#forgotten.has(`${accountKey} ${clientOrderId}`);
  }

  /** Every order the venue had received when this was called, those on disk first; read a block at a time. */
  ledger(query: LedgerQuery): Generator<LedgerRow> {
    this.settleAll();
    // Both at one instant: a compaction meanwhile moves rows from the second to the first, and none may be told twice or not at all.
    const { store, ids } = this.options;
    return ledgerRows(store.forgotten(), this.state.ledger, query, ids);
  }

  /** How many orders the venue ever received. */
  get received(): number {
    return this.options.store.forgottenCount + this.state.ledger.length;
  }

  /** Freezes a pair at a book, or (without one) lets it run again; resting orders meet it at once. */
  setBook(instrument: Instrument, book: Book | undefined): void {
    this.settle(instrument);
    const { symbol } = instrument;
    if (book !== undefined) {
      this.commit([{ type: 'book_set', symbol, bids: savedLevels(book.bids), asks: savedLevels(book.asks) }]);
    } else if (this.market.frozen(symbol)) {
      this.commit([{ type: 'book_cleared', symbol }]);
    }
    this.#resting.meet(instrument, this.tick(), this.now());
  }

  /** Lets resting orders meet every tick that has passed since they last met one. */
  settle(instrument: Instrument): void {
    this.#resting.settle(instrument);
  }

  settleAll(): void {
    for (const instrument of this.state.instruments.values()) this.settle(instrument);
  }

  commit(events: readonly VenueEvent[]): void {
    this.options.store.commit(events);
    this.#resting.wakeAtNextTick();
  }

  /** The fills of an order that takes from the book as it stands. */
  private takes(
    orderId: number,
    request: OrderRequest,
    instrument: Instrument,
    { takes }: TakePlan,
    at: number,
  ): readonly VenueEvent[] {
    const generation = this.market.generation(instrument.symbol, this.tick());
    return takes.map((take, index) => {
      const fill = this.fillOf(request, instrument, { take, liquidity: 'taker', at, index });
      return { type: 'order_filled', orderId, fill, generation, taken: savedLevels([take]) };
    });
  }

  /** A fill that is about to be committed: the `index`th of its record, priced and charged. */
  fillOf(request: OrderRequest, instrument: Instrument, { take, liquidity, at, index = 0 }: FillFacts): Fill {
    return {
      tradeId: this.state.nextTradeId + index,
      price: take.price.toFixed(),
      quantity: take.quantity.toFixed(),
      ...chargeFor(request, instrument, take, liquidity, this.rules),
      liquidity,
      at,
    };
  }

  async close(): Promise<void> {
    this.#resting.stop();
    await this.options.store.close();
  }

  /** An order after its pair has met every tick so far. */
  private settled(orderId: number): Order | undefined {
    const instrument = this.instrument(this.state.order(orderId)?.symbol ?? '');
    if (instrument !== undefined) this.settle(instrument);
    return this.state.order(orderId);
  }

  private known(orderId: number): Order {
    const order = this.state.order(orderId);
    if (order === undefined) throw new Error(`Order ${orderId} was accepted and cannot be found.`);
    return order;
  }
}

interface FillFacts {
  readonly take: Level;
  readonly liquidity: Fill['liquidity'];
  readonly at: number;
  readonly index?: number;
}

function* ledgerRows(
  onDisk: Iterable<SavedEntry>,
  inMemory: readonly LedgerEntry[],
  query: LedgerQuery,
  ids: VenueIds,
): Generator<LedgerRow> {
  const wanted = inLedger(query);
  for (const saved of onDisk) {
    const entry = isRefused(saved) ? saved : loadOrder(saved);
    if (wanted(entry)) yield ledgerRow(entry, ids);
  }
  for (const entry of inMemory) if (wanted(entry)) yield ledgerRow(entry, ids);
}
