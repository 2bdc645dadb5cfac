import { decimal, floorTo, type Decimal } from '@switchyard/money';
import { oppositeOf, type Book, type Level } from './book.js';
import type { OrderAccepted, OrderFilled, VenueEvent } from './event.js';
import type { Instrument } from './instrument.js';
import type { Market, SavedLevel } from './market.js';
import { crosses, planTakes, type TakePlan } from './matching.js';
import { inLedger, ledgerRow, type LedgerQuery, type LedgerRow } from './ledger.js';
import { checkRules } from './order-rules.js';
import { asToldAt, isOpen, type Fill, type Order, type OrderRequest } from './order.js';
import { TICK_MS, tickAt } from './reference-path.js';
import { refusal, type Refusal } from './refusal.js';
import { isRefused, loadOrder } from './saved-order.js';
import type { Store } from './store.js';
import type { VenueState } from './venue-state.js';

/**
 * The venue itself, whatever dialect it speaks: takes orders, matches them against its books, moves the money.
 *
 * 1. Every change is an event, journalled before it is applied; whoever replies waits for `durable()` first.
 * 2. A taker fills at prices its book had, at most what they showed; what it took is gone until the next tick.
 * 3. A resting order fills at its own limit price, once the best opposite price is at or through it, at most by what stands there; the
 *    market gives it nothing better (conservative). Better limits go first, then older orders.
 * 4. Orders of customers meet the recorded market, never each other: one customer's order is no part of another's book.
 */
export interface ExchangeOptions {
  readonly state: VenueState;
  readonly store: Store;
  readonly market: Market;
  readonly fees: Fees;
  /** Real time in ms; the venue's own clock is this plus its skew. */
  readonly now: () => number;
}

/** As fractions: 0.001 is 0.1 %. */
export interface Fees {
  readonly maker: Decimal;
  readonly taker: Decimal;
}

export interface PlaceOptions {
  /** The dialect's code and sentence for a refusal, for the ledger. */
  readonly describe: (refusal: Refusal) => string;
  /** Hides its fills from the dialect's replies for so long, in ms (fault `late_fill`). */
  readonly hideFillsMs?: number | undefined;
}

const ZERO = decimal('0');
/** Fees are cut to this grid, as venues book eight places. */
const FEE_GRID = decimal('0.00000001');
const MAX_OPEN_ORDERS = 200;
/** After a longer stop the resting orders meet only so much of the missed market. */
const MAX_MISSED_TICKS = (2 * 24 * 60 * 60_000) / TICK_MS;

const saved = (levels: readonly Level[]): readonly SavedLevel[] =>
  levels.map(({ price, quantity }) => [price.toFixed(), quantity.toFixed()]);

export class Exchange {
  readonly #settledThrough = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(private readonly options: ExchangeOptions) {
    // Whatever happened to a pair happened after its resting orders had met that tick; the ticks since are met now.
    for (const [symbol, at] of this.state.lastEventAt) this.#settledThrough.set(symbol, tickAt(at - this.state.skewMs));
    this.wakeAtNextTick();
  }

  get state(): VenueState {
    return this.options.state;
  }

  get fees(): Fees {
    return this.options.fees;
  }

  /** What keeps it from remembering, if anything does: nothing is accepted any more. */
  get failure(): Error | undefined {
    return this.options.store.failure;
  }

  get market(): Market {
    return this.options.market;
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

  /** Rises with every tick and every event, for venues that number their books. */
  bookVersion(instrument: Instrument): number {
    this.settle(instrument);
    return this.tick() * 1_000 + this.state.nextOrderId + this.state.nextTradeId;
  }

  instrument(symbol: string): Instrument | undefined {
    return this.state.instruments.get(symbol);
  }

  book(instrument: Instrument): Book {
    this.settle(instrument);
    return this.market.book(instrument, this.tick());
  }

  /** Resolves when everything that happened so far survives a crash. */
  durable(): Promise<void> {
    return this.options.store.durable();
  }

  place(request: OrderRequest, { describe, hideFillsMs }: PlaceOptions): Order | Refusal {
    const instrument = this.instrument(request.symbol);
    if (instrument === undefined) return this.refuse(request, refusal('UNKNOWN_SYMBOL'), describe);
    const book = this.book(instrument);
    const plan = this.plan(request, instrument, book);
    const no = this.check(request, instrument, book, plan);
    if (no !== undefined) return this.refuse(request, no, describe);

    const at = this.now();
    const { nextOrderId: orderId } = this.state;
    const { lockedAsset, locked } = this.hold(request, instrument, plan);
    const quantity = request.quantity ?? plan.quantity.toFixed();
    const order: OrderAccepted['order'] = {
      ...request,
      quantity,
      ...(hideFillsMs === undefined ? {} : { fillsShownFrom: at + hideFillsMs }),
    };
    const events: VenueEvent[] = [
      { type: 'order_accepted', at, orderId, order, lockedAsset, locked: locked.toFixed() },
      ...this.takerFills(orderId, request, instrument, plan, at),
    ];
    const rests = request.type === 'limit' && request.timeInForce === 'gtc';
    // A quantity of zero is a quote-sized order that met an empty book.
    if (!rests && (plan.quantity.lt(decimal(quantity)) || plan.quantity.eq(ZERO))) {
      events.push({ type: 'order_closed', at, orderId, status: 'expired' });
    }
    this.commit(events);
    return this.known(orderId);
  }

  /** Records an order that the dialect itself refused: outside its time window, or by a fault. */
  recordRefusal(request: OrderRequest, refusedWith: string): void {
    this.commit([{ type: 'order_refused', order: { ...request, receivedAt: this.now(), refusedWith } }]);
  }

  /** Takes an open order back. `undefined` where it is over already. */
  cancel(order: Order): Order | undefined {
    const instrument = this.instrument(order.symbol);
    if (instrument !== undefined) this.settle(instrument);
    if (!isOpen(order)) return undefined;
    this.commit([{ type: 'order_closed', at: this.now(), orderId: order.orderId, status: 'cancelled' }]);
    return this.known(order.orderId);
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

  /** Every order the venue ever received, those on disk first; a page at a time, as the archive is read. */
  *ledger(query: LedgerQuery): Generator<LedgerRow> {
    this.settleAll();
    const wanted = inLedger(query);
    for (const saved of this.options.store.forgotten()) {
      const entry = isRefused(saved) ? saved : loadOrder(saved);
      if (wanted(entry)) yield ledgerRow(entry);
    }
    for (const entry of this.state.ledger) if (wanted(entry)) yield ledgerRow(entry);
  }

  /** How many orders the venue ever received. */
  get received(): number {
    return this.options.store.forgottenCount + this.state.ledger.length;
  }

  /** What this order would be told now; nothing happens. */
  rehearse(request: OrderRequest): Refusal | undefined {
    const instrument = this.instrument(request.symbol);
    if (instrument === undefined) return refusal('UNKNOWN_SYMBOL');
    const book = this.book(instrument);
    return this.check(request, instrument, book, this.plan(request, instrument, book));
  }

  commit(events: readonly VenueEvent[]): void {
    this.options.store.commit(events);
    this.wakeAtNextTick();
  }

  /** Freezes a pair at a book, or (without one) lets it run again; resting orders meet it at once. */
  setBook(instrument: Instrument, book: Book | undefined): void {
    this.settle(instrument);
    const { symbol } = instrument;
    if (book !== undefined) {
      this.commit([{ type: 'book_set', symbol, bids: saved(book.bids), asks: saved(book.asks) }]);
    } else if (this.market.frozen(symbol)) {
      this.commit([{ type: 'book_cleared', symbol }]);
    }
    this.matchResting(instrument, this.tick(), this.now());
  }

  /** Lets resting orders meet every tick that has passed since they last met one. */
  settle(instrument: Instrument): void {
    const { symbol } = instrument;
    const current = this.tick();
    const through = this.#settledThrough.get(symbol) ?? current - 1;
    this.#settledThrough.set(symbol, current);
    if (through >= current || this.state.restingCount(symbol) === 0) return;
    if (this.market.frozen(symbol)) {
      this.matchResting(instrument, current, this.now());
      return;
    }
    for (let tick = Math.max(through + 1, current - MAX_MISSED_TICKS); tick <= current; tick++) {
      const at = tick === current ? this.now() : tick * TICK_MS + this.state.skewMs;
      this.matchResting(instrument, tick, at);
    }
  }

  settleAll(): void {
    for (const instrument of this.state.instruments.values()) this.settle(instrument);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.options.store.close();
  }

  private matchResting(instrument: Instrument, tick: number, at: number): void {
    const { symbol } = instrument;
    const resting = this.state.resting(symbol);
    if (resting.length === 0) return;
    const touch = this.market.book(instrument, tick);
    const reached = resting
      .filter(({ side, limitPrice = '0' }) => {
        const best = oppositeOf(touch, side)[0];
        return best !== undefined && crosses(side, decimal(limitPrice), best.price);
      })
      .sort((a, b) => priority(a, b) || a.orderId - b.orderId);
    for (const order of reached) {
      const limit = decimal(order.limitPrice ?? '0');
      const quantity = decimal(order.quantity).minus(order.executed);
      const levels = oppositeOf(this.market.book(instrument, tick), order.side);
      const plan = planTakes(levels, { side: order.side, limit, quantity, lot: instrument.lot });
      if (plan.quantity.eq(ZERO)) continue;
      this.commit([
        {
          type: 'order_filled',
          orderId: order.orderId,
          fill: this.fillOf(order, instrument, { price: limit, quantity: plan.quantity }, 'maker', at, 0),
          generation: this.market.generation(symbol, tick),
          taken: saved(plan.takes),
        },
      ]);
    }
  }

  private plan(request: OrderRequest, instrument: Instrument, book: Book): TakePlan {
    const none: TakePlan = { takes: [], quantity: ZERO, cost: ZERO };
    if (request.postOnly) return none;
    const plan = planTakes(oppositeOf(book, request.side), {
      side: request.side,
      lot: instrument.lot,
      ...(request.quantity === undefined ? {} : { quantity: decimal(request.quantity) }),
      ...(request.quoteQuantity === undefined ? {} : { quoteBudget: decimal(request.quoteQuantity) }),
      ...(request.limitPrice === undefined ? {} : { limit: decimal(request.limitPrice) }),
    });
    const whole = request.quantity !== undefined && plan.quantity.eq(decimal(request.quantity));
    return request.timeInForce === 'fok' && !whole ? none : plan;
  }

  private check(request: OrderRequest, instrument: Instrument, book: Book, plan: TakePlan): Refusal | undefined {
    const { accountKey, clientOrderId, side, symbol } = request;
    const bid = book.bids[0]?.price;
    const ask = book.asks[0]?.price;
    const middle = bid !== undefined && ask !== undefined ? bid.plus(ask).div('2') : (bid ?? ask);
    const broken = checkRules(request, instrument, middle);
    if (broken !== undefined) return broken;
    if (this.state.hasOpen(accountKey, clientOrderId)) {
      return refusal('DUPLICATE_CLIENT_ORDER_ID', { clientOrderId });
    }
    if (this.state.openCount(accountKey, symbol) >= MAX_OPEN_ORDERS) return refusal('TOO_MANY_OPEN_ORDERS');
    const best = oppositeOf(book, side)[0];
    if (request.postOnly && best !== undefined && crosses(side, decimal(request.limitPrice ?? '0'), best.price)) {
      return refusal('WOULD_TAKE', { best: best.price.toFixed() });
    }
    const { lockedAsset, locked } = this.hold(request, instrument, plan);
    const free = this.state.account(accountKey)?.balance(lockedAsset).free ?? ZERO;
    if (free.lt(locked)) {
      return refusal('INSUFFICIENT_BALANCE', { asset: lockedAsset, free: free.toFixed(), needed: locked.toFixed() });
    }
    return undefined;
  }

  /** What the order holds back: a limit order its whole size at its limit, a market order what it takes. */
  private hold(request: OrderRequest, { base, quote }: Instrument, plan: TakePlan) {
    const limit = request.limitPrice === undefined ? undefined : decimal(request.limitPrice);
    const quantity = request.quantity === undefined ? plan.quantity : decimal(request.quantity);
    if (request.side === 'sell') return { lockedAsset: base, locked: limit === undefined ? plan.quantity : quantity };
    return { lockedAsset: quote, locked: limit === undefined ? plan.cost : limit.times(quantity) };
  }

  private takerFills(
    orderId: number,
    request: OrderRequest,
    instrument: Instrument,
    plan: TakePlan,
    at: number,
  ): readonly OrderFilled[] {
    const generation = this.market.generation(instrument.symbol, this.tick());
    return plan.takes.map((take, i) => ({
      type: 'order_filled',
      orderId,
      fill: this.fillOf(request, instrument, take, 'taker', at, i),
      generation,
      taken: saved([take]),
    }));
  }

  private fillOf(
    { side }: OrderRequest,
    { base, quote }: Instrument,
    { price, quantity }: Level,
    liquidity: Fill['liquidity'],
    at: number,
    index: number,
  ): Fill {
    const received = side === 'buy' ? quantity : price.times(quantity);
    return {
      tradeId: this.state.nextTradeId + index,
      price: price.toFixed(),
      quantity: quantity.toFixed(),
      fee: floorTo(received.times(this.fees[liquidity]), FEE_GRID).toFixed(),
      feeCurrency: side === 'buy' ? base : quote,
      liquidity,
      at,
    };
  }

  private refuse(request: OrderRequest, no: Refusal, describe: (refusal: Refusal) => string): Refusal {
    this.recordRefusal(request, describe(no));
    return no;
  }

  private known(orderId: number): Order {
    const order = this.state.order(orderId);
    if (order === undefined) throw new Error(`Order ${orderId} was accepted and cannot be found.`);
    return order;
  }

  /** One timer, and only while some order rests: nothing ticks in an idle venue. */
  private wakeAtNextTick(): void {
    if (this.#timer !== undefined || this.#closed) return;
    if (![...this.state.instruments.keys()].some((symbol) => this.state.restingCount(symbol) > 0)) return;
    const wait = TICK_MS - (this.options.now() % TICK_MS) + 1;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.settleAll();
      this.wakeAtNextTick();
    }, wait);
    this.#timer.unref();
  }
}

/** Better limits first. */
const priority = (a: Order, b: Order): number => {
  if (a.side !== b.side) return a.side === 'buy' ? -1 : 1;
  const [left, right] = [decimal(a.limitPrice ?? '0'), decimal(b.limitPrice ?? '0')];
  return a.side === 'buy' ? right.cmp(left) : left.cmp(right);
};
