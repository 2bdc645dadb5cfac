import { decimal, ZERO } from '@switchyard/money';
import { readAnswer, type AccountCalls } from '../ccxt/account-calls.js';
import { couldNotAsk, unknown } from '../ccxt/classification.js';
import { fields, id, judged, list, Nonsense, same, text, timeMs, type Fields } from '../ccxt/fields.js';
import { foundWith, lookIn, notFoundUnlessTraded, underOurId } from '../ccxt/lookup.js';
import type { OrderMarket } from '../ccxt/market-data.js';
import type { VenueAccount } from '../ccxt/open-venue.js';
import { sameAsAsked } from '../ccxt/order-fit.js';
import type { VenueClock } from '../ccxt/venue-clock.js';
import { amendOrder, cancelled, placeOrder, type Placed } from '../ccxt/writes.js';
import type { Balance, FeeRates, InstrumentKey } from '../instruments.js';
import { refused } from '../order-checks.js';
import type { Fill, NewOrder, OrderChange, OrderRef, VenueOrder } from '../orders.js';
import type { AmendOutcome, Answer, CancelOutcome, LookupOutcome, PlaceOutcome } from '../outcomes.js';
import type { PlaceLimits, TradeCursor, TradePage, VenueClient } from '../port.js';
import { okxCapabilities as capabilities } from './capabilities.js';
import { clientOrderIdOf, rowOf, toBalance, toFeeRates, toOrder } from './map.js';
import { readBack } from './pages.js';
import { amendParams, placeParams, refParams } from './request.js';
import { fillsOfOrder, fillsUnderOurId, tradesSince } from './trades.js';

const ENDPOINTS = {
  place: 'privatePostTradeOrder',
  cancel: 'privatePostTradeCancelOrder',
  amend: 'privatePostTradeAmendOrder',
  order: 'privateGetTradeOrder',
  open: 'privateGetTradeOrdersPending',
  past: 'privateGetTradeOrdersHistory',
  fills: 'privateGetTradeFills',
  fillsHistory: 'privateGetTradeFillsHistory',
  balance: 'privateGetAccountBalance',
  fees: 'privateGetAccountTradeFee',
} as const;

/** One account at OKX. */
export class OkxClient implements VenueClient {
  readonly venue = capabilities.venue;
  readonly #market: OrderMarket;
  readonly #clock: VenueClock;
  readonly #calls: AccountCalls<keyof typeof ENDPOINTS>;

  constructor(account: VenueAccount) {
    this.#market = account.market;
    this.#clock = account.clock;
    this.#calls = account.calls(ENDPOINTS);
  }

  /** OKX's own expiry of a request is a header: a moment of its clock. The answer holds ids and nothing of the order. */
  place(order: NewOrder, limits: PlaceLimits): Promise<PlaceOutcome> {
    return placeOrder({ market: this.#market, capabilities }, order, limits, {
      send: (windowMs) => this.#calls.call('place', () => placeParams(order, this.#expiry(windowMs)), limits),
      read: (value): Placed => {
        const raw = rowOf(value);
        same('clOrdId', text(raw, 'clOrdId'), order.clientOrderId);
        return { venueOrderId: id(raw, 'ordId'), order: null, fills: [] };
      },
    });
  }

  /** OKX takes an amend and carries it out later: its answer holds no state. It cannot make an order post-only that is not. */
  amend(order: OrderRef, change: OrderChange, limits: PlaceLimits): Promise<AmendOutcome> {
    if (change.postOnly) return Promise.resolve(refused('UNSUPPORTED_OPTION', { postOnly: 'true' }));
    return amendOrder({ market: this.#market, capabilities }, order, change, limits, {
      send: (windowMs) => this.#calls.call('amend', () => amendParams(order, change, this.#expiry(windowMs)), limits),
      read: (value) => ({ venueOrderId: answersFor(order, value), order: null }),
    });
  }

  #expiry(windowMs: number): number {
    return this.#clock.nowMs() + windowMs;
  }

  /** OKX takes a cancel and carries it out later: its answer holds no state. */
  async cancel(order: OrderRef, limits: PlaceLimits): Promise<CancelOutcome> {
    return cancelled(await this.#calls.call('cancel', refParams(order), limits), (value) => {
      answersFor(order, value);
      return null;
    });
  }

  /**
   * `GET trade/order` knows open and past orders by either id (a cancelled one that never traded, for two hours). Only its "does not
   * exist" is checked against the lists, for a "no" may end an order's life: open orders, those of the last seven days, and trades, which
   * name our id.
   */
  async lookup(ref: OrderRef): Promise<LookupOutcome> {
    const answer = await this.#calls.call('order', refParams(ref));
    if (answer.kind !== 'notFound') {
      const order = readAnswer(answer, (value) => {
        const found = toOrder(rowOf(value), ref);
        sameAsAsked(found, ref);
        return found;
      });
      return order.kind === 'answered' ? this.#withFills(order.value) : order;
    }
    const { venueOrderId } = ref;
    return lookIn([
      () => this.#lookupInList('open', ref),
      () => this.#lookupInList('past', ref),
      async () => notFoundUnlessTraded(await fillsUnderOurId(this.#calls, ref, this.#backTo(ref))),
      ...(venueOrderId === null
        ? []
        : [async () => notFoundUnlessTraded(await fillsOfOrder(this.#calls, { ...ref, venueOrderId }, null))]),
    ]);
  }

  async #lookupInList(name: 'open' | 'past', ref: OrderRef): Promise<LookupOutcome> {
    const params = { instType: 'SPOT', instId: ref.venueSymbol };
    const backTo = name === 'open' ? Number.NEGATIVE_INFINITY : this.#backTo(ref);
    const found = await readBack(
      { calls: this.#calls, name, params, cursor: 'ordId' },
      // Strangers' orders are not read: one that this port has no words for must not hide ours.
      (row) => ({
        at: timeMs(row, 'cTime'),
        ours: clientOrderIdOf(row) === ref.clientOrderId ? toOrder(row, ref) : null,
      }),
      (rows) => rows.some(({ at }) => at < backTo),
    );
    if (found.kind === 'couldNotAsk') return found;
    const order = judged(() =>
      underOurId(
        found.value.flatMap(({ ours }) => ours ?? []),
        ref,
      ),
    );
    if (order instanceof Nonsense) return couldNotAsk(unknown('nonsense', found.evidence(), order.message));
    return order === undefined ? { kind: 'notFound' } : this.#withFills(order);
  }

  /** Before this moment of OKX's clock the order was not there, with a minute for what the clocks are off. */
  #backTo({ sentAfterMs = Number.NEGATIVE_INFINITY }: OrderRef): number {
    return sentAfterMs + this.#clock.nowMs() - Date.now() - 60_000;
  }

  async #withFills(order: VenueOrder): Promise<LookupOutcome> {
    const filled = decimal(order.filledQuantity);
    if (filled.eq(ZERO)) return { kind: 'found', order, fills: [], fillsComplete: true };
    return foundWith(order, await fillsOfOrder(this.#calls, order, filled));
  }

  async openOrders(of?: InstrumentKey): Promise<Answer<readonly VenueOrder[]>> {
    const params = { instType: 'SPOT', ...(of === undefined ? {} : { instId: of.venueSymbol }) };
    const list = { calls: this.#calls, name: 'open', params, cursor: 'ordId' } as const;
    const open = await readBack(list, (row) => toOrder(row, of ?? this.#keyOf(row)));
    return open.kind === 'couldNotAsk' ? open : { kind: 'answered', value: open.value.toReversed() };
  }

  #keyOf(row: Fields): InstrumentKey {
    const venueSymbol = text(row, 'instId');
    return { venueSymbol, pair: this.#market.pairOf(venueSymbol) };
  }

  async orderFills(order: InstrumentKey & { readonly venueOrderId: string }): Promise<Answer<readonly Fill[]>> {
    const answer = await fillsOfOrder(this.#calls, order, null);
    return answer.kind === 'couldNotAsk' ? answer : { kind: 'answered', value: answer.value };
  }

  tradesSince(of: InstrumentKey, from: TradeCursor): Promise<Answer<TradePage>> {
    return tradesSince(this.#calls, of, from, this.#clock.nowMs());
  }

  balances(): Promise<Answer<readonly Balance[]>> {
    return this.#calls.ask('balance', {}, (value) =>
      list(fields(rowOf(value), 'account')['details'], 'details')
        .map(toBalance)
        .filter(({ total }) => !decimal(total).eq(ZERO)),
    );
  }

  fees(of: InstrumentKey): Promise<Answer<FeeRates>> {
    return this.#calls.ask('fees', { instType: 'SPOT', instId: of.venueSymbol }, (value) =>
      toFeeRates(rowOf(value), of),
    );
  }
}

/** An acknowledgement must be about the order that was asked about. */
const answersFor = (order: OrderRef, value: unknown): string => {
  const raw = rowOf(value);
  const ordId = id(raw, 'ordId');
  if (order.venueOrderId === null) same('clOrdId', text(raw, 'clOrdId'), order.clientOrderId);
  else same('ordId', ordId, order.venueOrderId);
  return ordId;
};
