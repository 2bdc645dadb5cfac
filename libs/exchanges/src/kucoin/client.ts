import { decimal, ZERO } from '@switchyard/money';
import { readAnswer, type AccountCalls, type Evident, type Params } from '../ccxt/account-calls.js';
import { couldNotAsk, unknown, type Classified } from '../ccxt/classification.js';
import { fields, id, judged, list, Nonsense, same, text, type Fields } from '../ccxt/fields.js';
import { foundWith, lookIn, notFoundUnlessTraded, underOurId } from '../ccxt/lookup.js';
import type { OrderMarket } from '../ccxt/market-data.js';
import type { VenueAccount } from '../ccxt/open-venue.js';
import { sameAsAsked } from '../ccxt/order-fit.js';
import type { VenueClock } from '../ccxt/venue-clock.js';
import { cancelled, placeOrder, type Placed } from '../ccxt/writes.js';
import type { Balance, FeeRates, InstrumentKey } from '../instruments.js';
import { refused } from '../order-checks.js';
import type { Fill, NewOrder, OrderRef, VenueOrder } from '../orders.js';
import type { Answer, CancelOutcome, LookupOutcome, PlaceOutcome } from '../outcomes.js';
import type { PlaceLimits, TradeCursor, TradePage, VenueClient } from '../port.js';
import { kucoinCapabilities as capabilities } from './capabilities.js';
import { clientOrderIdOf, dataOf, rowsOf, toBalance, toFeeRates, toOrder, tradingAccounts } from './map.js';
import { readBack } from './pages.js';
import { pathOf, placeParams } from './request.js';
import { fillsOfOrder, tradesSince } from './trades.js';

const ENDPOINTS = {
  place: 'privatePostHfOrders',
  cancelVenueId: 'privateDeleteHfOrdersOrderId',
  cancelOurId: 'privateDeleteHfOrdersClientOrderClientOid',
  venueId: 'privateGetHfOrdersOrderId',
  ourId: 'privateGetHfOrdersClientOrderClientOid',
  active: 'privateGetHfOrdersActive',
  activeSymbols: 'privateGetHfOrdersActiveSymbols',
  done: 'privateGetHfOrdersDone',
  fills: 'privateGetHfFills',
  accounts: 'privateGetAccounts',
  fees: 'privateGetTradeFees',
} as const;

/** How far our reading of KuCoin's clock may be off. */
const CLOCK_ERROR_MS = 60_000;

/** One account at KuCoin. */
export class KucoinClient implements VenueClient {
  readonly venue = capabilities.venue;
  readonly #market: OrderMarket;
  readonly #clock: VenueClock;
  readonly #calls: AccountCalls<keyof typeof ENDPOINTS>;

  constructor(account: VenueAccount) {
    this.#market = account.market;
    this.#clock = account.clock;
    this.#calls = account.calls(ENDPOINTS);
  }

  /** KuCoin answers before it matches: with the order's ids, and nothing of what becomes of it. */
  place(order: NewOrder, limits: PlaceLimits): Promise<PlaceOutcome> {
    return placeOrder({ market: this.#market, capabilities }, order, limits, {
      send: (windowMs) => this.#calls.call('place', placeParams(order, windowMs), limits),
      read: (value): Placed => {
        const raw = dataOf(value);
        same('clientOid', text(raw, 'clientOid'), order.clientOrderId);
        return { venueOrderId: id(raw, 'orderId'), order: null, fills: [] };
      },
    });
  }

  /** "This endpoint only sends cancellation requests": its yes names the order, and says no more. */
  async cancel(order: OrderRef, limits: PlaceLimits): Promise<CancelOutcome> {
    const path = pathOf(order);
    if (path === undefined) return refused('MALFORMED_ORDER', { field: 'id' });
    const isOurs = path.by === 'ourId';
    return cancelled(await this.#calls.call(isOurs ? 'cancelOurId' : 'cancelVenueId', path.params, limits), (value) => {
      const raw = dataOf(value);
      if (isOurs) same('clientOid', text(raw, 'clientOid'), order.clientOrderId);
      else same('orderId', id(raw, 'orderId'), order.venueOrderId ?? '');
      return null;
    });
  }

  /**
   * KuCoin knows orders by either id: open ones, and those that ended within three days. Only its "does not exist" is checked against the
   * lists, for a "no" may end an order's life: open orders, past ones, and trades where its own id is known, for they carry no other.
   */
  async lookup(ref: OrderRef): Promise<LookupOutcome> {
    const path = pathOf(ref);
    if (path === undefined) return couldNotAsk(refused('MALFORMED_ORDER', { field: 'id' }));
    const answer = await this.#calls.call(path.by, path.params);
    if (!saysNone(answer)) {
      const order = readAnswer(answer, (value) => {
        const found = toOrder(dataOf(value), ref);
        sameAsAsked(found, ref);
        return found;
      });
      return order.kind === 'answered' ? this.#withFills(order.value) : order;
    }
    const { venueOrderId } = ref;
    return lookIn([
      async () => this.#ours(ref, await this.#active(ref)),
      async () => this.#ours(ref, await this.#done(ref)),
      ...(venueOrderId === null
        ? []
        : [async () => notFoundUnlessTraded(await fillsOfOrder(this.#calls, { ...ref, venueOrderId }))]),
    ]);
  }

  /** The order among the rows of a list. Strangers' orders are not read: one that this port has no words for must not hide ours. */
  async #ours(ref: OrderRef, rows: Evident<readonly Fields[]>): Promise<LookupOutcome> {
    if (rows.kind === 'couldNotAsk') return rows;
    const order = judged(() => {
      const ours = rows.value.filter((row) => clientOrderIdOf(row) === ref.clientOrderId);
      return underOurId(
        ours.map((row) => toOrder(row, ref)),
        ref,
      );
    });
    if (order instanceof Nonsense) return couldNotAsk(unknown('nonsense', rows.evidence(), order.message));
    return order === undefined ? { kind: 'notFound' } : this.#withFills(order);
  }

  /** All of a symbol's open orders, in one answer: an account has 200 of them at the most. */
  #active({ venueSymbol: symbol }: InstrumentKey): Promise<Evident<readonly Fields[]>> {
    return this.#calls.askEvident('active', { symbol }, rowsOf);
  }

  /** Orders that ended, back to when the order was certainly not there; told by when they changed last, the latest first. */
  #done({ venueSymbol: symbol, sentAfterMs }: OrderRef): Promise<Evident<readonly Fields[]>> {
    const now = this.#clock.nowMs();
    const since = sentAfterMs === undefined ? undefined : sentAfterMs + now - Date.now() - CLOCK_ERROR_MS;
    const range: Params = since === undefined ? {} : { startAt: Math.floor(since), endAt: now + CLOCK_ERROR_MS };
    return readBack({ calls: this.#calls, name: 'done', params: { symbol, ...range } }, (row) => row);
  }

  async #withFills(order: VenueOrder): Promise<LookupOutcome> {
    if (decimal(order.filledQuantity).eq(ZERO)) return { kind: 'found', order, fills: [], fillsComplete: true };
    return foundWith(order, await fillsOfOrder(this.#calls, order));
  }

  /** KuCoin lists open orders by symbol, and names the symbols that have some. */
  async openOrders(of?: InstrumentKey): Promise<Answer<readonly VenueOrder[]>> {
    const symbols = of === undefined ? await this.#openSymbols() : ({ kind: 'answered', value: [of] } as const);
    if (symbols.kind === 'couldNotAsk') return symbols;
    const open: VenueOrder[] = [];
    for (const key of symbols.value) {
      const orders = await this.#calls.ask('active', { symbol: key.venueSymbol }, (value) =>
        rowsOf(value).map((row) => toOrder(row, key)),
      );
      if (orders.kind === 'couldNotAsk') return orders;
      open.push(...orders.value);
    }
    return { kind: 'answered', value: open.sort((a, b) => a.placedAtMs - b.placedAtMs) };
  }

  #openSymbols(): Promise<Answer<readonly InstrumentKey[]>> {
    return this.#calls.ask('activeSymbols', {}, (value) => {
      const { symbols } = dataOf(value);
      return list(symbols, 'symbols').map((entry) => {
        const venueSymbol = text(fields({ entry }, 'symbol'), 'entry');
        return { venueSymbol, pair: this.#market.pairOf(venueSymbol) };
      });
    });
  }

  async orderFills(order: InstrumentKey & { readonly venueOrderId: string }): Promise<Answer<readonly Fill[]>> {
    const answer = await fillsOfOrder(this.#calls, order);
    return answer.kind === 'couldNotAsk' ? answer : { kind: 'answered', value: answer.value };
  }

  tradesSince(of: InstrumentKey, from: TradeCursor): Promise<Answer<TradePage>> {
    return tradesSince(this.#calls, of, from, this.#clock.nowMs());
  }

  balances(): Promise<Answer<readonly Balance[]>> {
    return this.#calls.ask('accounts', {}, (value) =>
      tradingAccounts(rowsOf(value))
        .map(toBalance)
        .filter(({ total }) => !decimal(total).eq(ZERO)),
    );
  }

  fees(of: InstrumentKey): Promise<Answer<FeeRates>> {
    return this.#calls.ask('fees', { symbols: of.venueSymbol }, (value) => toFeeRates(rowsOf(value), of));
  }
}

/** "No such order", in words or by an answer without one; either way the lists are asked next. */
const saysNone = (answer: Classified): boolean => {
  if (answer.kind === 'notFound') return true;
  return answer.kind === 'good' && fields(answer.value, 'answer')['data'] === null;
};
