import { decimal, type Decimal } from '@switchyard/money';
import { Account } from './account.js';
import type { OrderAccepted, OrderAmended, OrderClosed, OrderFilled, VenueEvent } from './event.js';
import type { Instrument } from './instrument.js';
import { levelsOf, type Market } from './market.js';
import { PublicMatches } from './public-matches.js';
import { isOpen, type Fill, type Order, type OrderStatus, type RefusedOrder } from './order.js';

/**
 * Everything the venue remembers: a fold of its events, nothing else. The same events give the same state, whether they happen or are
 * read back.
 *
 * 1. An asset's free and locked amounts are never negative, and locked equals what the account's open orders hold.
 * 2. An order's executed quantity is the sum of its fills and at most its quantity.
 * 3. Order and trade ids rise and are never given twice.
 */
type Writable<T> = { -readonly [K in keyof T]: T[K] };

type OrderRow = Omit<Writable<Order>, 'fills'> & { readonly fills: Fill[] };

export type LedgerEntry = Order | RefusedOrder;

/** Orders that are over, wherever they are kept. */
export interface Past {
  order(orderId: number): Order | undefined;
  ordersByClientId(accountKey: string, clientOrderId: string): readonly Order[];
}

const ZERO = decimal('0');

export class VenueState {
  readonly #accounts = new Map<string, Account>();
  readonly #orders = new Map<number, OrderRow>();
  readonly #byAccount = new Map<string, OrderRow[]>();
  readonly #byClientId = new Map<string, OrderRow[]>();
  readonly #resting = new Map<string, Map<number, OrderRow>>();
  readonly #openCount = new Map<string, number>();
  readonly #toldLate = new Set<OrderRow>();
  /** What everybody is told of its customers' trades. */
  readonly matches = new PublicMatches();
  ledger: LedgerEntry[] = [];
  /** Orders that closed and refusals that came since the last snapshot: what it adds to the archive. */
  readonly lately: LedgerEntry[] = [];
  /** When a pair last saw an order or a fill, in ms of the venue's clock. */
  readonly lastEventAt = new Map<string, number>();
  /** Where to look for orders that are over and no longer in memory. */
  past: Past | undefined;
  nextReceipt = 1;
  nextOrderId = 1;
  nextTradeId = 1;
  skewMs = 0;

  constructor(
    readonly instruments: ReadonlyMap<string, Instrument>,
    readonly market: Market,
  ) {}

  get accounts(): ReadonlyMap<string, Account> {
    return this.#accounts;
  }

  account(accountKey: string): Account | undefined {
    return this.#accounts.get(accountKey);
  }

  order(orderId: number): Order | undefined {
    return this.#orders.get(orderId) ?? this.past?.order(orderId);
  }

  /** All orders of an account that the venue took and has in memory, oldest first: every open one, and of the closed the latest. */
  ordersOf(accountKey: string): readonly Order[] {
    return this.#byAccount.get(accountKey) ?? [];
  }

  /** Orders of an account under one client order id, oldest first: venues ask uniqueness among open orders only. */
  ordersByClientId(accountKey: string, clientOrderId: string): readonly Order[] {
    const recent = this.#byClientId.get(`${accountKey} ${clientOrderId}`) ?? [];
    return recent.length > 0 ? recent : (this.past?.ordersByClientId(accountKey, clientOrderId) ?? []);
  }

  /** Whether an open order of the account has this client id. */
  hasOpen(accountKey: string, clientOrderId: string): boolean {
    return this.#byClientId.get(`${accountKey} ${clientOrderId}`)?.some(isOpen) ?? false;
  }

  /** Open orders of a pair, oldest first. */
  resting(symbol: string): readonly Order[] {
    return [...(this.#resting.get(symbol)?.values() ?? [])];
  }

  /** Orders whose fills the venue does not tell of yet (`late_fill`), however they stand. */
  get toldLate(): ReadonlySet<Order> {
    return this.#toldLate;
  }

  restingCount(symbol: string): number {
    return this.#resting.get(symbol)?.size ?? 0;
  }

  /** Forgets who is told late once everybody is told. */
  forgetToldLate(now: number): void {
    for (const order of this.#toldLate) if ((order.fillsShownFrom ?? 0) <= now) this.#toldLate.delete(order);
  }

  openCount(accountKey: string, symbol: string): number {
    return this.#openCount.get(`${accountKey} ${symbol}`) ?? 0;
  }

  apply(event: VenueEvent): void {
    switch (event.type) {
      case 'account_opened': {
        const account = new Account(event.accountKey, event.secret, event.passphrase, event.at);
        for (const [asset, amount] of Object.entries(event.balances)) account.move(asset, decimal(amount));
        this.#accounts.set(event.accountKey, account);
        return;
      }
      case 'order_accepted':
        this.accept(event);
        return;
      case 'order_refused': {
        const refused = { ...event.order, receipt: this.nextReceipt++ };
        this.ledger.push(refused);
        this.lately.push(refused);
        return;
      }
      case 'order_filled':
        this.fill(event);
        return;
      case 'order_amended':
        this.amend(event);
        return;
      case 'order_closed':
        this.close(event);
        return;
      case 'book_set':
        this.market.setByHand(event.symbol, { bids: levelsOf(event.bids), asks: levelsOf(event.asks) });
        return;
      case 'book_cleared':
        this.market.clearByHand(event.symbol);
        return;
      case 'clock_skewed':
        this.skewMs = event.skewMs;
        return;
    }
  }

  /** Puts an order back as a snapshot or the archive has it; balances are restored apart. */
  restore(order: Order): Order {
    const row = { ...order, fills: [...order.fills] };
    this.index(row);
    return row;
  }

  restoreRefused(refused: RefusedOrder): RefusedOrder {
    this.ledger.push(refused);
    return refused;
  }

  /** Lets go of what is over and archived. */
  forget(entries: ReadonlySet<LedgerEntry>): void {
    this.ledger = this.ledger.filter((entry) => !entries.has(entry));
    const accounts = new Set<string>();
    for (const entry of entries) {
      if ('refusedWith' in entry) continue;
      accounts.add(entry.accountKey);
      this.#orders.delete(entry.orderId);
      const key = `${entry.accountKey} ${entry.clientOrderId}`;
      const left = this.#byClientId.get(key)?.filter((order) => !entries.has(order)) ?? [];
      if (left.length === 0) this.#byClientId.delete(key);
      else this.#byClientId.set(key, left);
    }
    for (const accountKey of accounts) {
      const left = this.#byAccount.get(accountKey)?.filter((order) => !entries.has(order)) ?? [];
      this.#byAccount.set(accountKey, left);
    }
  }

  /** Puts an account back with free and locked amounts as they stood. */
  restoreAccount(account: Account): void {
    this.#accounts.set(account.accountKey, account);
  }

  private accept({ orderId, order, at, lockedAsset, locked }: OrderAccepted): void {
    this.nextOrderId = orderId + 1;
    this.lastEventAt.set(order.symbol, at);
    this.owner(order.accountKey).move(lockedAsset, decimal(locked).neg(), decimal(locked));
    this.index({
      ...order,
      receipt: this.nextReceipt++,
      orderId,
      status: 'open',
      executed: ZERO,
      quoteExecuted: ZERO,
      lockedAsset,
      locked: decimal(locked),
      fills: [],
      receivedAt: at,
      updatedAt: at,
    });
  }

  private fill({ orderId, fill, generation, taken }: OrderFilled): void {
    const order = this.row(orderId);
    const { base, quote } = this.instrument(order.symbol);
    const account = this.owner(order.accountKey);
    const quantity = decimal(fill.quantity);
    const price = decimal(fill.price);
    const cost = price.times(quantity);
    const fee = decimal(fill.fee);
    const [paid, received] = order.side === 'buy' ? [cost, quantity] : [quantity, cost];
    const feeIsPaid = fill.feeCurrency === order.lockedAsset;
    // A limit buy holds back its limit price, and the dearest fee where it pays that too; what remains of both is free again at once.
    const most = order.side === 'buy' ? decimal(order.limitPrice ?? fill.price).times(quantity) : quantity;
    const released = most.plus(most.times(decimal(order.feeHeld ?? '0')));
    this.release(order, released, released.minus(paid).minus(feeIsPaid ? fee : ZERO));
    account.move(order.side === 'buy' ? base : quote, received.minus(feeIsPaid ? ZERO : fee));

    order.executed = order.executed.plus(quantity);
    order.quoteExecuted = order.quoteExecuted.plus(cost);
    if (order.executed.gt(decimal(order.quantity))) throw new Error(`Order ${orderId} is filled beyond its quantity.`);
    order.fills.push(fill);
    order.updatedAt = fill.at;
    this.lastEventAt.set(order.symbol, fill.at);
    this.nextTradeId = Math.max(this.nextTradeId, fill.tradeId + 1);
    this.market.take(order.symbol, generation, order.side, levelsOf(taken));
    const sellerTook = (fill.liquidity === 'taker') === (order.side === 'sell');
    this.matches.add(order.symbol, { price, quantity, at: fill.at - this.skewMs, sellerTook });
    this.moveTo(order, order.executed.eq(decimal(order.quantity)) ? 'filled' : 'partially_filled');
  }

  private amend({ orderId, quantity, limitPrice, locked, at }: OrderAmended): void {
    const order = this.row(orderId);
    const more = decimal(locked).minus(order.locked);
    this.owner(order.accountKey).move(order.lockedAsset, more.neg(), more);
    order.locked = decimal(locked);
    order.quantity = quantity;
    order.limitPrice = limitPrice;
    order.updatedAt = at;
    this.lastEventAt.set(order.symbol, at);
  }

  private close({ orderId, status, at }: OrderClosed): void {
    const order = this.row(orderId);
    order.updatedAt = at;
    this.moveTo(order, status);
  }

  private moveTo(order: OrderRow, status: OrderStatus): void {
    order.status = status;
    if (isOpen(order)) return;
    this.release(order, order.locked, order.locked);
    this.#resting.get(order.symbol)?.delete(order.orderId);
    this.count(order, -1);
    this.lately.push(order);
  }

  /** Takes `amount` out of what the order holds back, and gives `toFree` of it back. */
  private release(order: OrderRow, amount: Decimal, toFree: Decimal): void {
    order.locked = order.locked.minus(amount);
    this.owner(order.accountKey).move(order.lockedAsset, toFree, amount.neg());
  }

  private index(order: OrderRow): void {
    this.#orders.set(order.orderId, order);
    append(this.#byAccount, order.accountKey, order);
    append(this.#byClientId, `${order.accountKey} ${order.clientOrderId}`, order);
    this.ledger.push(order);
    if (order.fillsShownFrom !== undefined) this.#toldLate.add(order);
    if (!isOpen(order)) return;
    let resting = this.#resting.get(order.symbol);
    if (resting === undefined) this.#resting.set(order.symbol, (resting = new Map<number, OrderRow>()));
    resting.set(order.orderId, order);
    this.count(order, 1);
  }

  private count(order: OrderRow, by: 1 | -1): void {
    const key = `${order.accountKey} ${order.symbol}`;
    this.#openCount.set(key, (this.#openCount.get(key) ?? 0) + by);
  }

  private row(orderId: number): OrderRow {
    const order = this.#orders.get(orderId);
    if (order === undefined) throw new Error(`The journal speaks of order ${orderId}, which was never accepted.`);
    return order;
  }

  private owner(accountKey: string): Account {
    const account = this.#accounts.get(accountKey);
    if (account === undefined) throw new Error(`The journal speaks of account ${accountKey}, which was never opened.`);
    return account;
  }

  private instrument(symbol: string): Instrument {
    const instrument = this.instruments.get(symbol);
    if (instrument === undefined) throw new Error(`The journal speaks of ${symbol}, which this venue does not list.`);
    return instrument;
  }
}

const append = <T>(lists: Map<string, T[]>, key: string, item: T): void => {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
};
