import type { Balance, Fill, NewOrder, OrderState, VenueOrder } from '@switchyard/exchanges';
import { decimal, floorTo, plain, ZERO, type Decimal } from '@switchyard/money';
import { EPOCH_MS } from '../kernel/globals.js';
import type { Random } from '../kernel/random.js';
import type { World } from '../kernel/world.js';

/** A trade, and from when on the venue tells of it. */
interface Trade {
  readonly fill: Fill;
  readonly shownFrom: number;
}

/** An order that the venue took. */
export interface VenueRow {
  readonly venueOrderId: string;
  readonly accountKey: string;
  readonly order: NewOrder;
  readonly takenAt: number;
  /** Its order store has replicas: some know of it only from here on. */
  readonly knownFrom: number;
  readonly trades: Trade[];
  end: 'filled' | 'cancelled' | 'expired' | undefined;
  endedAt: number;
}

export type Taken =
  | { readonly kind: 'taken'; readonly row: VenueRow }
  | { readonly kind: 'no'; readonly why: 'CLOCK_SKEW' | 'DUPLICATE' | 'INSUFFICIENT_FUNDS' };

export interface VenueWatcher {
  taken(row: VenueRow): void;
  traded(row: VenueRow, fill: Fill): void;
  refusedFunds(accountKey: string, order: NewOrder, why: string): void;
}

/** How this venue behaves while faults are on. */
export interface VenueHabits {
  /** Part of market orders that fill in two trades, the second some time later. */
  readonly partial: number;
  /** Part of trades that are told late. */
  readonly lateFills: number;
  /** Part of orders that some replicas of its order store learn of late. */
  readonly lags: number;
  /** Part of resting orders that trade, or end, in any second. */
  readonly restingTrades: number;
  readonly restingEnds: number;
}

export interface Market {
  readonly pair: string;
  readonly venueSymbol: string;
  readonly base: string;
  readonly quote: string;
  readonly lot: string;
  price: Decimal;
}

const FEE = decimal('0.001');
const ONE = decimal('1');
const MINUS = decimal('-1');
/** No order store lags longer: what the three questions of the quiet period are counted on to outlast. */
const REPLICA_LAG_MS = 800;
const LATE_FILL_MS = 6_000;

/**
 * The exchange: what it took is the truth that everything else is compared with. It refuses what arrives after its window, asks uniqueness of
 * client order ids among open orders only (so an order that filled and is sent again fills again), and tells of trades when it likes.
 */
export class SimVenue {
  readonly rows: VenueRow[] = [];
  readonly #balances = new Map<string, Map<string, Decimal>>();
  readonly #byClientId = new Map<string, VenueRow[]>();
  #trades = 0;
  /** When the run settles, everything is told and everything that rests comes to an end. */
  settling = false;

  constructor(
    private readonly world: World,
    private readonly random: Random,
    readonly markets: ReadonlyMap<string, Market>,
    private readonly habits: VenueHabits,
    /** The venue's clock less ours. */
    readonly skewMs: number,
    private readonly watcher: VenueWatcher,
  ) {}

  now(): number {
    return EPOCH_MS + this.world.now + this.skewMs;
  }

  open(accountKey: string, balances: Readonly<Record<string, string>>): void {
    this.#balances.set(
      accountKey,
      new Map(Object.entries(balances).map(([asset, amount]) => [asset, decimal(amount)])),
    );
  }

  total(accountKey: string, asset: string): Decimal {
    return this.#balances.get(accountKey)?.get(asset) ?? ZERO;
  }

  /** An order's request arrives. `expiresAt`: on the venue's clock. */
  receive(accountKey: string, order: NewOrder, expiresAt: number): Taken {
    const { world } = this;
    if (this.now() > expiresAt) {
      world.note('venue', `refuses ${order.clientOrderId}: too late`);
      return { kind: 'no', why: 'CLOCK_SKEW' };
    }
    if (this.rowsOf(accountKey, order.clientOrderId).some(({ end }) => end === undefined))
      return { kind: 'no', why: 'DUPLICATE' };
    const lacking = this.#lacking(accountKey, order);
    if (lacking !== undefined) {
      this.watcher.refusedFunds(accountKey, order, lacking);
      return { kind: 'no', why: 'INSUFFICIENT_FUNDS' };
    }
    const row: VenueRow = {
      venueOrderId: `v${this.rows.length + 1}`,
      accountKey,
      order,
      takenAt: world.now,
      knownFrom: world.now + (this.random.chance(this.habits.lags) ? this.#lagMs() : 0),
      trades: [],
      end: undefined,
      endedAt: 0,
    };
    this.rows.push(row);
    const key = `${accountKey} ${order.clientOrderId}`;
    this.#byClientId.set(key, [...(this.#byClientId.get(key) ?? []), row]);
    world.note('venue', `takes ${order.side} ${order.quantity} ${order.pair} ${order.clientOrderId} of ${accountKey}`);
    this.watcher.taken(row);
    this.#begin(row);
    return { kind: 'taken', row };
  }

  /**
   * Takes what is open of an order out of the book. Its front says so before the book does: some of what it calls cancelled was traded at
   * that moment, in part or whole.
   */
  cancel(accountKey: string, clientOrderId: string): 'cancelled' | 'notOpen' {
    const row = this.rowsOf(accountKey, clientOrderId).find(({ end }) => end === undefined);
    if (row === undefined) return 'notOpen';
    if (this.random.chance(0.2))
      this.#trade(row, this.random.chance(0.5) ? leftOf(row) : this.#partOf(leftOf(row), row));
    if (row.end === undefined) this.#end(row, 'cancelled');
    return 'cancelled';
  }

  rowsOf(accountKey: string, clientOrderId: string): readonly VenueRow[] {
    return this.#byClientId.get(`${accountKey} ${clientOrderId}`) ?? [];
  }

  rowsOfAccount(accountKey: string): readonly VenueRow[] {
    return this.rows.filter((row) => row.accountKey === accountKey);
  }

  /** A second passes for orders that rest. */
  tick(): void {
    for (const row of this.rows) {
      if (row.end !== undefined || row.order.orderType === 'market') continue;
      if (this.settling || this.random.chance(this.habits.restingEnds)) this.#end(row, 'cancelled');
      else if (this.random.chance(this.habits.restingTrades)) this.#trade(row, this.#partOf(leftOf(row), row));
    }
  }

  /** As the venue tells of it now. */
  report(row: VenueRow): VenueOrder {
    const { order, venueOrderId } = row;
    const filled = sum(this.fills(row));
    const hides = row.trades.some(({ shownFrom }) => shownFrom > this.world.now);
    return {
      pair: order.pair,
      venueSymbol: order.venueSymbol,
      venueOrderId,
      clientOrderId: order.clientOrderId,
      side: order.side,
      orderType: order.orderType,
      quantity: order.quantity,
      limitPrice: order.limitPrice,
      stopPrice: order.stopPrice,
      state: stateOf(row, filled, hides),
      filledQuantity: plain(filled),
      filledQuote: null,
      placedAtMs: Math.floor(EPOCH_MS + row.takenAt + this.skewMs),
      updatedAtMs: Math.floor(this.now()),
    };
  }

  /** The trades that it tells of now. */
  fills(row: VenueRow): readonly Fill[] {
    return row.trades.filter(({ shownFrom }) => shownFrom <= this.world.now).map(({ fill }) => fill);
  }

  balances(accountKey: string): readonly Balance[] {
    const all = [...(this.#balances.get(accountKey) ?? [])].filter(([, total]) => total.gt(ZERO));
    return all.map(([asset, total]) => {
      const locked = this.#locked(accountKey, asset);
      return { asset, free: plain(total.minus(locked)), locked: plain(locked), total: plain(total) };
    });
  }

  #begin(row: VenueRow): void {
    const { order } = row;
    if (order.orderType !== 'market' && !this.#crosses(order)) {
      if (order.timeInForce === 'ioc' || order.timeInForce === 'fok') this.#end(row, 'expired');
      return;
    }
    const isPartial = this.random.chance(this.habits.partial);
    this.#trade(row, isPartial ? this.#partOf(leftOf(row), row) : leftOf(row));
    if (row.end !== undefined || order.orderType !== 'market') return;
    const mayEnd = this.random.chance(0.2);
    this.world.scheduler.inWorld(this.random.between(1, 3_000), () => {
      if (row.end !== undefined) return;
      if (mayEnd) this.#end(row, 'expired');
      else this.#trade(row, leftOf(row));
    });
  }

  #trade(row: VenueRow, quantity: Decimal): void {
    const market = this.#market(row.order);
    if (quantity.lte(ZERO)) return;
    this.#trades += 1;
    const { side, pair, venueSymbol } = row.order;
    const { price } = market;
    const received = side === 'buy' ? quantity : quantity.times(price);
    const feeCurrency = side === 'buy' ? market.base : market.quote;
    const fee = received.times(FEE);
    const fill: Fill = {
      pair,
      venueSymbol,
      tradeId: String(this.#trades),
      venueOrderId: row.venueOrderId,
      side,
      quantity: plain(quantity),
      price: plain(price),
      fee: { amount: plain(fee), currency: feeCurrency },
      liquidity: 'taker',
      filledAtMs: Math.floor(this.now()),
    };
    const late = !this.settling && this.random.chance(this.habits.lateFills);
    row.trades.push({ fill, shownFrom: this.world.now + (late ? this.random.between(0, LATE_FILL_MS) : 0) });
    this.#move(row.accountKey, market.base, side === 'buy' ? quantity : quantity.times(MINUS));
    this.#move(row.accountKey, market.quote, quantity.times(price).times(side === 'buy' ? MINUS : ONE));
    this.#move(row.accountKey, feeCurrency, fee.times(MINUS));
    this.world.note('venue', `trades ${fill.quantity} of ${row.order.clientOrderId}`);
    this.watcher.traded(row, fill);
    if (leftOf(row).lte(ZERO)) this.#end(row, 'filled');
  }

  #end(row: VenueRow, end: NonNullable<VenueRow['end']>): void {
    row.end = end;
    row.endedAt = this.world.now;
    this.world.note('venue', `${row.order.clientOrderId} is ${end}`);
  }

  #partOf(left: Decimal, row: VenueRow): Decimal {
    const part = floorTo(
      left.times(decimal(this.random.between(0.2, 0.9).toFixed(2))),
      decimal(this.#market(row.order).lot),
    );
    return part.gt(ZERO) ? part : left;
  }

  /** What the account lacks for the order, in words. */
  #lacking(accountKey: string, order: NewOrder): string | undefined {
    const { base, quote, price } = this.#market(order);
    const quantity = decimal(order.quantity);
    const asset = order.side === 'sell' ? base : quote;
    const needed =
      order.side === 'sell' ? quantity : quantity.times(order.limitPrice === null ? price : decimal(order.limitPrice));
    const free = this.total(accountKey, asset).minus(this.#locked(accountKey, asset));
    return free.gte(needed) ? undefined : `needs ${plain(needed)} ${asset}, free are ${plain(free)}`;
  }

  #locked(accountKey: string, asset: string): Decimal {
    let locked = ZERO;
    for (const row of this.rows) {
      if (row.accountKey !== accountKey || row.end !== undefined) continue;
      const { base, quote, price } = this.#market(row.order);
      const left = leftOf(row);
      const { side, limitPrice } = row.order;
      if (asset === (side === 'sell' ? base : quote))
        locked = locked.plus(side === 'sell' ? left : left.times(limitPrice === null ? price : decimal(limitPrice)));
    }
    return locked;
  }

  #crosses({ side, limitPrice, pair }: NewOrder): boolean {
    const { price } = this.#market({ pair });
    const limit = decimal(limitPrice ?? '0');
    return side === 'buy' ? limit.gte(price) : limit.lte(price);
  }

  #market({ pair }: { readonly pair: string }): Market {
    const market = this.markets.get(pair);
    if (market === undefined) throw new Error(`the venue does not list ${pair}`);
    return market;
  }

  /** Any lag that is promised for, and often nearly the longest. */
  #lagMs(): number {
    return this.random.between(this.random.chance(0.5) ? 0.8 * REPLICA_LAG_MS : 0, REPLICA_LAG_MS);
  }

  #move(accountKey: string, asset: string, amount: Decimal): void {
    const balances = this.#balances.get(accountKey) ?? new Map<string, Decimal>();
    this.#balances.set(accountKey, balances.set(asset, (balances.get(asset) ?? ZERO).plus(amount)));
  }
}

const sum = (fills: readonly Fill[]): Decimal => fills.reduce((all, { quantity }) => all.plus(decimal(quantity)), ZERO);

/** What was traded of it, told or not. */
export const tradedOf = (row: VenueRow): Decimal => sum(row.trades.map(({ fill }) => fill));

const leftOf = (row: VenueRow): Decimal => decimal(row.order.quantity).minus(tradedOf(row));

const stateOf = ({ end }: VenueRow, filled: Decimal, hides: boolean): OrderState => {
  const sofar = filled.gt(ZERO) ? 'partially_filled' : 'placed';
  if (end === undefined || hides) return sofar;
  return end;
};
