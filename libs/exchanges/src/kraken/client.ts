import { decimal, ZERO } from '@switchyard/money';
import { amount, count, fields, Nonsense, text } from '../ccxt/fields.js';
import { foundWith, lookIn, notFoundUnlessTraded } from '../ccxt/lookup.js';
import type { OrderMarket } from '../ccxt/market-data.js';
import type { VenueAccount } from '../ccxt/open-venue.js';
import { sameAsAsked } from '../ccxt/order-fit.js';
import type { VenueClock } from '../ccxt/venue-clock.js';
import { amendOrder, cancelled, placeOrder } from '../ccxt/writes.js';
import type { Balance, FeeRates, InstrumentKey } from '../instruments.js';
import type { Fill, NewOrder, OrderChange, OrderRef, VenueOrder } from '../orders.js';
import type { AmendOutcome, Answer, CancelOutcome, LookupOutcome, PlaceOutcome } from '../outcomes.js';
import type { PlaceLimits, TradeCursor, TradePage, VenueClient } from '../port.js';
import { CALLS, type KrakenCalls } from './calls.js';
import { krakenCapabilities as capabilities } from './capabilities.js';
import { toBalances, toOrder, toPlaced, type KrakenOrder } from './map.js';
import { amendParams, deadline, placeParams, refParams } from './request.js';
import { resultOf } from './result.js';
import { fillsOf, latestFillsOf, tradesSince } from './trades.js';

type OrderKey = InstrumentKey & { readonly venueOrderId: string };

/** One account at Kraken: its calls go one at a time, each with a higher nonce than the last. */
export class KrakenClient implements VenueClient {
  readonly venue = capabilities.venue;
  readonly #market: OrderMarket;
  readonly #clock: VenueClock;
  readonly #calls: KrakenCalls;

  constructor(account: VenueAccount) {
    this.#market = account.market;
    this.#clock = account.clock;
    this.#calls = account.calls(CALLS);
  }

  /** The deadline is set when it is the order's turn, right before it is signed. */
  place(order: NewOrder, limits: PlaceLimits): Promise<PlaceOutcome> {
    return placeOrder({ market: this.#market, capabilities }, order, limits, {
      send: (windowMs) =>
        this.#calls.call('place', () => placeParams(order, deadline(this.#clock.nowMs(), windowMs)), limits),
      read: (value) => toPlaced(value, order, this.#market),
    });
  }

  amend(order: OrderRef, change: OrderChange, limits: PlaceLimits): Promise<AmendOutcome> {
    return amendOrder({ market: this.#market, capabilities }, order, change, limits, {
      send: (windowMs) =>
        this.#calls.call('amend', () => amendParams(order, change, deadline(this.#clock.nowMs(), windowMs)), limits),
      read: (value) => {
        text(resultOf(value), 'amend_id');
        return { venueOrderId: order.venueOrderId, order: null };
      },
    });
  }

  /** Kraken's cancels know no deadline; one that comes late cancels what is there, which is what it was sent for. */
  async cancel(order: OrderRef, limits: PlaceLimits): Promise<CancelOutcome> {
    return cancelled(await this.#calls.call('cancel', refParams(order), limits), (value) => {
      const cancels = count(resultOf(value), 'count');
      if (cancels > 1) throw new Nonsense('more than one order was cancelled');
      return cancels === 0 ? 'notOpen' : null;
    });
  }

  /**
   * By Kraken's id where it is known; else, or where Kraken says that there is none, by ours among open orders and then among closed ones:
   * in this order, for an order may close between the two questions. ccxt's own lookup sends our id as another kind of id.
   */
  async lookup(ref: OrderRef): Promise<LookupOutcome> {
    const ready = await this.#market.ready();
    if (ready.kind === 'couldNotAsk') return ready;
    const { venueOrderId } = ref;
    return lookIn([
      ...(venueOrderId === null ? [] : [() => this.#byVenueId({ ...ref, venueOrderId })]),
      () => this.#amongOpen(ref),
      () => this.#amongClosed(ref),
      ...(venueOrderId === null
        ? []
        : [async () => notFoundUnlessTraded(await latestFillsOf(this.#calls, this.#market, ref, venueOrderId))]),
    ]);
  }

  async #byVenueId(ref: OrderRef & OrderKey): Promise<LookupOutcome> {
    const found = await this.#order(ref);
    if (found.kind !== 'answered') return found;
    const { value } = found;
    return this.#withFills(value);
  }

  /** What is not there, Kraken refuses to tell of, or leaves out of its answer. */
  async #order(
    of: OrderKey & { readonly clientOrderId?: string },
  ): Promise<Answer<KrakenOrder> | { readonly kind: 'notFound' }> {
    const params = { txid: of.venueOrderId, trades: 'true', consolidate_taker: 'false' };
    const answer = await this.#calls.call('order', params);
    if (answer.kind === 'notFound') return answer;
    const order = this.#calls.read(answer, (value) => {
      const result = resultOf(value);
      if (!Object.hasOwn(result, of.venueOrderId)) return undefined;
      const found = toOrder(of.venueOrderId, result[of.venueOrderId], of, this.#market);
      if (of.clientOrderId !== undefined) sameAsAsked(found.order, { ...of, clientOrderId: of.clientOrderId });
      return found;
    });
    if (order.kind === 'couldNotAsk') return order;
    return order.value === undefined ? { kind: 'notFound' } : { kind: 'answered', value: order.value };
  }

  /** The list of open orders may tell several trades of one taking as one: an order that has traded is asked for by its id. */
  async #amongOpen(ref: OrderRef): Promise<LookupOutcome> {
    const found = await this.#calls.ask('open', { cl_ord_id: ref.clientOrderId }, (value) =>
      this.#ours(resultOf(value)['open'], ref),
    );
    if (found.kind === 'couldNotAsk') return found;
    if (found.value === undefined) return { kind: 'notFound' };
    const { venueOrderId, filledQuantity } = found.value.order;
    return decimal(filledQuantity).eq(ZERO) ? this.#withFills(found.value) : this.#byVenueId({ ...ref, venueOrderId });
  }

  async #amongClosed(ref: OrderRef): Promise<LookupOutcome> {
    const params = {
      cl_ord_id: ref.clientOrderId,
      trades: 'true',
      consolidate_taker: 'false',
      without_count: 'true',
    };
    const found = await this.#calls.ask('closed', params, (value) => this.#ours(resultOf(value)['closed'], ref));
    if (found.kind === 'couldNotAsk') return found;
    return found.value === undefined ? { kind: 'notFound' } : this.#withFills(found.value);
  }

  /** The one order of a list that carries our id; two are nonsense. */
  #ours(orders: unknown, ref: OrderRef): KrakenOrder | undefined {
    const [ours, ...others] = Object.entries(fields(orders, 'orders')).filter(
      ([, order]) => fields(order, 'order')['cl_ord_id'] === ref.clientOrderId,
    );
    if (others.length > 0) throw new Nonsense('two orders carry one client order id');
    if (ours === undefined) return undefined;
    const found = toOrder(...ours, ref, this.#market);
    sameAsAsked(found.order, ref);
    return found;
  }

  async #withFills(found: KrakenOrder): Promise<LookupOutcome> {
    return foundWith(found.order, await fillsOf(this.#calls, this.#market, found));
  }

  async openOrders(of?: InstrumentKey): Promise<Answer<readonly VenueOrder[]>> {
    const ready = await this.#market.ready();
    if (ready.kind === 'couldNotAsk') return ready;
    return this.#calls.ask('open', {}, (value) =>
      Object.entries(fields(resultOf(value)['open'], 'open')).flatMap(([id, order]) => {
        const pair = text(fields(fields(order, 'order')['descr'], 'descr'), 'pair');
        const venueSymbol = this.#market.symbolOf(pair);
        if (of !== undefined && venueSymbol !== of.venueSymbol) return [];
        const key = of ?? { venueSymbol, pair: this.#market.pairOf(venueSymbol) };
        return [toOrder(id, order, key, this.#market).order];
      }),
    );
  }

  async orderFills(order: OrderKey): Promise<Answer<readonly Fill[]>> {
    const ready = await this.#market.ready();
    if (ready.kind === 'couldNotAsk') return ready;
    const found = await this.#order(order);
    const fills =
      found.kind === 'notFound'
        ? await latestFillsOf(this.#calls, this.#market, order, order.venueOrderId)
        : found.kind === 'couldNotAsk'
          ? found
          : await fillsOf(this.#calls, this.#market, found.value);
    return fills.kind === 'answered' ? { kind: 'answered', value: fills.value } : fills;
  }

  async tradesSince(of: InstrumentKey, from: TradeCursor): Promise<Answer<TradePage>> {
    const ready = await this.#market.ready();
    return ready.kind === 'couldNotAsk' ? ready : tradesSince(this.#calls, this.#market, of, from);
  }

  balances(): Promise<Answer<readonly Balance[]>> {
    return this.#calls.ask('balances', {}, toBalances);
  }

  /** The account's tier at this pair. Kraken tells percent; a pair without a maker's rate has one rate for both. */
  fees(of: InstrumentKey): Promise<Answer<FeeRates>> {
    return this.#calls.ask('fees', { pair: of.venueSymbol }, (value) => {
      const result = resultOf(value);
      const rate = (side: 'fees' | 'fees_maker'): string | undefined => {
        const told = (result[side] ?? {}) as Readonly<Record<string, unknown>>;
        return told[of.venueSymbol] === undefined ? undefined : amount(fields(told[of.venueSymbol], side), 'fee');
      };
      const taker = rate('fees');
      if (taker === undefined) throw new Nonsense('the pair has no fee');
      const fraction = (percent: string): string => decimal(percent).times('0.01').toFixed();
      return { maker: fraction(rate('fees_maker') ?? taker), taker: fraction(taker), scope: 'pair' as const };
    });
  }
}
