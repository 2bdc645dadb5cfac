import { decimal, ZERO } from '@switchyard/money';
import type { AccountCalls, Evident, Params } from '../ccxt/account-calls.js';
import { amount, fields, list, Nonsense, same, signed, text } from '../ccxt/fields.js';
import { foundWith, lookIn, notFoundUnlessTraded, underOurId } from '../ccxt/lookup.js';
import type { OrderMarket } from '../ccxt/market-data.js';
import type { VenueAccount } from '../ccxt/open-venue.js';
import { sameAsAsked } from '../ccxt/order-fit.js';
import type { VenueClock } from '../ccxt/venue-clock.js';
import { amendOrder, cancelled, placeOrder, windowOf } from '../ccxt/writes.js';
import type { Balance, FeeRates, InstrumentKey } from '../instruments.js';
import { refused } from '../order-checks.js';
import type { Fill, NewOrder, OrderChange, OrderRef, VenueOrder } from '../orders.js';
import type { AmendOutcome, Answer, CancelOutcome, LookupOutcome, PlaceOutcome } from '../outcomes.js';
import type { PlaceLimits, TradeCursor, TradePage, VenueClient } from '../port.js';
import { bybitCapabilities as capabilities } from './capabilities.js';
import { acknowledgedId, toBalance, toOrder } from './map.js';
import { amendParams, cancelParams, idParams, placeParams, SPOT } from './request.js';
import { plain, readPages, rowsOf, toPage, whole, type Page } from './result.js';
import { asTraded, KEPT_MS, TradeHistory, WEEK_MS } from './trade-history.js';

const ENDPOINTS = {
  place: 'privatePostV5OrderCreate',
  cancel: 'privatePostV5OrderCancel',
  amend: 'privatePostV5OrderAmend',
  orders: 'privateGetV5OrderRealtime',
  past: 'privateGetV5OrderHistory',
  trades: 'privateGetV5ExecutionList',
  wallet: 'privateGetV5AccountWalletBalance',
  fees: 'privateGetV5AccountFeeRate',
} as const;

type OrderKey = InstrumentKey & { readonly venueOrderId: string };

/** Most open orders on one page; an account has at most 500. */
const PAGE_ORDERS = 50;
const MOST_ORDER_PAGES = 20;
/** 5,000 fills of one order. */
const MOST_FILL_PAGES = 50;
/** How far our clock may be from Bybit's. */
const CLOCK_ERROR_MS = 60_000;

/** One account at Bybit. */
export class BybitClient implements VenueClient {
  readonly venue = capabilities.venue;
  readonly #market: OrderMarket;
  readonly #calls: AccountCalls<keyof typeof ENDPOINTS>;
  readonly #clock: VenueClock;
  readonly #trades: TradeHistory;

  constructor(account: VenueAccount) {
    this.#market = account.market;
    this.#calls = account.calls(ENDPOINTS);
    this.#clock = account.clock;
    this.#trades = new TradeHistory(this.#calls, account.clock);
  }

  place(order: NewOrder, limits: PlaceLimits): Promise<PlaceOutcome> {
    return placeOrder({ market: this.#market, capabilities }, order, limits, {
      send: (windowMs) => this.#calls.call('place', placeParams(order, windowMs), limits),
      read: (value) => ({ venueOrderId: acknowledgedId(value, order), order: null, fills: [] }),
    });
  }

  async cancel(order: OrderRef, limits: PlaceLimits): Promise<CancelOutcome> {
    const params = cancelParams(order, windowOf(limits, capabilities));
    return cancelled(await this.#calls.call('cancel', params, limits), (value) => {
      acknowledgedId(value, order);
      return null;
    });
  }

  /** Bybit keeps an order post-only that was placed so, and makes none so: what another may not do, it is not asked for. */
  async amend(order: OrderRef, change: OrderChange, limits: PlaceLimits): Promise<AmendOutcome> {
    if (change.postOnly) return refused('UNSUPPORTED_OPTION', { postOnly: 'true' });
    return amendOrder({ market: this.#market, capabilities }, order, change, limits, {
      send: (windowMs) => this.#calls.call('amend', amendParams(order, change, windowMs), limits),
      read: (value) => ({ venueOrderId: acknowledgedId(value, order), order: null }),
    });
  }

  /**
   * `order/realtime` knows by either id the open orders and the latest 500 others, but forgets those when Bybit is restarted; past orders
   * follow in `order/history`, and what traded in `execution/list`. None of them refuses an id that it does not know: the list is empty.
   */
  lookup(ref: OrderRef): Promise<LookupOutcome> {
    return lookIn([
      () => this.#lookupIn('orders', ref),
      ...this.#pastOf(ref).map((range) => () => this.#lookupIn('past', ref, range)),
      async () => notFoundUnlessTraded(await this.#executions(ref, idParams(ref), (fills) => fills.length > 0)),
    ]);
  }

  /** The ranges to search past orders in. Bybit takes a week at a time, the last one where no time is named. */
  #pastOf({ sentAfterMs }: OrderRef): readonly Params[] {
    const now = this.#clock.nowMs();
    const since = Math.max((sentAfterMs ?? now) - CLOCK_ERROR_MS, now - KEPT_MS);
    const weeks = Math.ceil((now - since) / WEEK_MS);
    return weeks <= 1 ? [{}] : Array.from({ length: weeks }, (_, week) => ({ startTime: since + week * WEEK_MS }));
  }

  async #lookupIn(where: 'orders' | 'past', ref: OrderRef, range: Params = {}): Promise<LookupOutcome> {
    const found = await this.#calls.ask(where, { ...SPOT, ...idParams(ref), ...range }, (value) => {
      const orders = rowsOf(value, (entry) => toOrder(entry, ref));
      // Asked for by an id, Bybit gives that order or none: another one here means that it took the question for another.
      for (const order of orders) sameAsAsked(order, ref);
      return underOurId(orders, ref);
    });
    if (found.kind === 'couldNotAsk') return found;
    return found.value === undefined ? { kind: 'notFound' } : this.#withFills(found.value);
  }

  async #withFills(order: VenueOrder): Promise<LookupOutcome> {
    const filled = decimal(order.filledQuantity);
    if (filled.eq(ZERO)) return { kind: 'found', order, fills: [], fillsComplete: true };
    // Bybit names a next page after the last one, too: what adds up needs no look at it.
    const addsUp = (fills: readonly Fill[]): boolean =>
      [...new Map(fills.map(({ tradeId, quantity }) => [tradeId, quantity])).values()]
        .reduce((sum, quantity) => sum.plus(decimal(quantity)), ZERO)
        .gte(filled);
    return foundWith(order, await this.#executions(order, { orderId: order.venueOrderId }, addsUp));
  }

  async openOrders(of?: InstrumentKey): Promise<Answer<readonly VenueOrder[]>> {
    const asked: Params = { ...SPOT, orderFilter: 'Order', limit: PAGE_ORDERS, ...(of && { symbol: of.venueSymbol }) };
    const toRow = (entry: unknown): VenueOrder => {
      const venueSymbol = text(fields(entry, 'order'), 'symbol');
      return toOrder(entry, of ?? { venueSymbol, pair: this.#market.pairOf(venueSymbol) });
    };
    const ask = (page: Params): Promise<Evident<Page<VenueOrder>>> =>
      this.#calls.askEvident('orders', { ...asked, ...page }, (value) => toPage(value, toRow));
    return plain(whole(await readPages(ask, { atMost: MOST_ORDER_PAGES })));
  }

  async orderFills(order: OrderKey): Promise<Answer<readonly Fill[]>> {
    return plain(await this.#executions(order, { orderId: order.venueOrderId }));
  }

  async #executions(
    of: InstrumentKey,
    named: Params,
    until?: (fills: readonly Fill[]) => boolean,
  ): Promise<Evident<readonly Fill[]>> {
    const read = whole(await this.#trades.read(of, named, { atMost: MOST_FILL_PAGES, ...(until && { until }) }));
    return read.kind === 'answered' ? { ...read, value: [...read.value].sort(asTraded) } : read;
  }

  tradesSince(of: InstrumentKey, from: TradeCursor): Promise<Answer<TradePage>> {
    return this.#trades.since(of, from);
  }

  balances(): Promise<Answer<readonly Balance[]>> {
    return this.#calls.ask('wallet', { accountType: 'UNIFIED' }, (value) => {
      const [account] = rowsOf(value, (entry) => fields(entry, 'account'));
      if (account === undefined) throw new Nonsense('the account is missing');
      return list(account['coin'], 'coin')
        .map(toBalance)
        .filter(({ total }) => !decimal(total).eq(ZERO));
    });
  }

  fees(of: InstrumentKey): Promise<Answer<FeeRates>> {
    return this.#calls.ask('fees', { ...SPOT, symbol: of.venueSymbol }, (value) => {
      const [rates] = rowsOf(value, (entry) => fields(entry, 'rates'));
      if (rates === undefined) throw new Nonsense('the rates are missing');
      same('symbol', text(rates, 'symbol'), of.venueSymbol);
      return { maker: signed(rates, 'makerFeeRate'), taker: amount(rates, 'takerFeeRate'), scope: 'pair' as const };
    });
  }
}
