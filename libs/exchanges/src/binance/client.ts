import { decimal, ZERO } from '@switchyard/money';
import { readAnswer, type AccountCalls, type Evident } from '../ccxt/account-calls.js';
import { amount, fields, list, Nonsense, text } from '../ccxt/fields.js';
import { foundWith, lookIn, notFoundUnlessTraded, underOurId } from '../ccxt/lookup.js';
import type { OrderMarket } from '../ccxt/market-data.js';
import type { VenueAccount } from '../ccxt/open-venue.js';
import { sameAsAsked } from '../ccxt/order-fit.js';
import { cancelled, placedWithFills, placeOrder, windowOf } from '../ccxt/writes.js';
import type { Balance, FeeRates, InstrumentKey } from '../instruments.js';
import type { Fill, NewOrder, OrderRef, VenueOrder } from '../orders.js';
import type { Answer, CancelOutcome, LookupOutcome, PlaceOutcome } from '../outcomes.js';
import type { PlaceLimits, TradeCursor, TradePage, VenueClient } from '../port.js';
import { binanceCapabilities as capabilities } from './capabilities.js';
import { toBalance, toOrder, toPlacedFills, toTrade } from './map.js';
import { placeParams, refParams } from './request.js';

const ENDPOINTS = {
  place: 'privatePostOrder',
  cancel: 'privateDeleteOrder',
  order: 'privateGetOrder',
  open: 'privateGetOpenOrders',
  all: 'privateGetAllOrders',
  trades: 'privateGetMyTrades',
  account: 'privateGetAccount',
  fees: 'privateGetAccountCommission',
} as const;

type OrderKey = InstrumentKey & { readonly venueOrderId: string };

/** Most rows that Binance gives at once of trades and of past orders. */
const PAGE = 1_000;

/** One account at Binance. */
export class BinanceClient implements VenueClient {
  readonly venue = capabilities.venue;
  readonly #market: OrderMarket;
  readonly #calls: AccountCalls<keyof typeof ENDPOINTS>;

  constructor(account: VenueAccount) {
    this.#market = account.market;
    this.#calls = account.calls(ENDPOINTS);
  }

  place(order: NewOrder, limits: PlaceLimits): Promise<PlaceOutcome> {
    return placeOrder({ market: this.#market, capabilities }, order, limits, {
      send: (windowMs) => this.#calls.call('place', placeParams(order, windowMs), limits),
      read: (value) => {
        const placed = toOrder(value, order);
        return placedWithFills(placed, order, toPlacedFills(value, placed));
      },
    });
  }

  async cancel(order: OrderRef, limits: PlaceLimits): Promise<CancelOutcome> {
    const params = { ...refParams(order), recvWindow: windowOf(limits, capabilities) };
    return cancelled(await this.#calls.call('cancel', params, limits), (value) => {
      const last = toOrder(value, order);
      sameAsAsked(last, order);
      return last;
    });
  }

  /**
   * `GET order` knows open and past orders by either id. Only its "does not exist" is checked against the lists of open and of past
   * orders, for a "no" may end an order's life. Trades are asked by the venue's id: at Binance they carry no other.
   */
  async lookup(ref: OrderRef): Promise<LookupOutcome> {
    const answer = await this.#calls.call('order', refParams(ref));
    if (answer.kind !== 'notFound') {
      const order = readAnswer(answer, (value) => {
        const found = toOrder(value, ref);
        sameAsAsked(found, ref);
        return found;
      });
      return order.kind === 'answered' ? this.#withFills(order.value) : order;
    }
    const { venueOrderId } = ref;
    return lookIn([
      () => this.#lookupInList('open', ref),
      () => this.#lookupInList('all', ref),
      ...(venueOrderId === null
        ? []
        : [async () => notFoundUnlessTraded(await this.#fillsOfOrder({ ...ref, venueOrderId }))]),
    ]);
  }

  async #lookupInList(where: 'open' | 'all', ref: OrderRef): Promise<LookupOutcome> {
    const params = { symbol: ref.venueSymbol, ...(where === 'all' ? { limit: PAGE } : {}) };
    const found = await this.#calls.ask(where, params, (value) =>
      underOurId(
        list(value, 'orders').map((entry) => toOrder(entry, ref)),
        ref,
      ),
    );
    if (found.kind === 'couldNotAsk') return found;
    return found.value === undefined ? { kind: 'notFound' } : this.#withFills(found.value);
  }

  async #withFills(order: VenueOrder): Promise<LookupOutcome> {
    if (decimal(order.filledQuantity).eq(ZERO)) return { kind: 'found', order, fills: [], fillsComplete: true };
    return foundWith(order, await this.#fillsOfOrder(order));
  }

  openOrders(of?: InstrumentKey): Promise<Answer<readonly VenueOrder[]>> {
    return this.#calls.ask('open', of === undefined ? {} : { symbol: of.venueSymbol }, (value) =>
      list(value, 'orders').map((entry) => {
        const venueSymbol = text(fields(entry, 'order'), 'symbol');
        return toOrder(entry, of ?? { venueSymbol, pair: this.#market.pairOf(venueSymbol) });
      }),
    );
  }

  async orderFills(order: OrderKey): Promise<Answer<readonly Fill[]>> {
    const answer = await this.#fillsOfOrder(order);
    return answer.kind === 'answered' ? { kind: 'answered', value: answer.value } : answer;
  }

  #fillsOfOrder(order: OrderKey): Promise<Evident<readonly Fill[]>> {
    const { venueSymbol, venueOrderId } = order;
    return this.#calls.askEvident('trades', { symbol: venueSymbol, orderId: venueOrderId, limit: PAGE }, (value) => {
      const trades = list(value, 'trades').map((entry) => toTrade(entry, order));
      if (trades.some((trade) => trade.venueOrderId !== venueOrderId)) throw new Nonsense('a trade of another order');
      return trades;
    });
  }

  tradesSince(of: InstrumentKey, from: TradeCursor): Promise<Answer<TradePage>> {
    const start = 'sinceMs' in from ? { startTime: from.sinceMs } : { fromId: nextId(from.afterTradeId) };
    return this.#calls.ask('trades', { symbol: of.venueSymbol, ...start, limit: PAGE }, (value) => {
      const fills = list(value, 'trades').map((entry) => toTrade(entry, of));
      const last = fills.at(-1);
      const next = last === undefined || fills.length < PAGE ? null : { afterTradeId: last.tradeId };
      return { fills, next };
    });
  }

  balances(): Promise<Answer<readonly Balance[]>> {
    return this.#calls.ask('account', { omitZeroBalances: 'true' }, (value) =>
      list(fields(value, 'account')['balances'], 'balances')
        .map(toBalance)
        .filter(({ total }) => !decimal(total).eq(ZERO)),
    );
  }

  /** The pair's own rates, with the discount for fees paid in BNB left out: whether there is BNB to pay with is not known here. */
  fees(of: InstrumentKey): Promise<Answer<FeeRates>> {
    return this.#calls.ask('fees', { symbol: of.venueSymbol }, (value) => {
      const rates = fields(fields(value, 'commission')['standardCommission'], 'standardCommission');
      return { maker: amount(rates, 'maker'), taker: amount(rates, 'taker'), scope: 'pair' as const };
    });
  }
}

/** Trade ids are integers that grow; `fromId` includes its trade. */
const nextId = (tradeId: string): string => (BigInt(tradeId) + 1n).toString();
