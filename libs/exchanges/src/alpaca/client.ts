import { decimal, ZERO, type DecimalString } from '@switchyard/money';
import { readAnswer, type AccountCalls, type Evident } from '../ccxt/account-calls.js';
import { couldNotAsk, type Classified } from '../ccxt/classification.js';
import { fields, judged, list, Nonsense, text } from '../ccxt/fields.js';
import { foundWith, lookIn, notFoundUnlessTraded, underOurId } from '../ccxt/lookup.js';
import type { OrderMarket } from '../ccxt/market-data.js';
import type { VenueAccount } from '../ccxt/open-venue.js';
import { sameAsAsked, sameAsPlaced } from '../ccxt/order-fit.js';
import { cancelled, placeOrder } from '../ccxt/writes.js';
import type { Balance, FeeRates, InstrumentKey } from '../instruments.js';
import { refused } from '../order-checks.js';
import type { Fill, NewOrder, OrderRef, VenueOrder } from '../orders.js';
import type { Answer, CancelOutcome, LookupOutcome, PlaceOutcome } from '../outcomes.js';
import type { PlaceLimits, TradeCursor, TradePage, VenueClient } from '../port.js';
import { alpacaCapabilities as capabilities } from './capabilities.js';
import { ratesOfTier } from './fees.js';
import { isOfOurKind, isPending, toCash, toFill, toHolding, toOrder } from './map.js';
import { checkPurchase, isOrderId, placeParams } from './request.js';

const ENDPOINTS = {
  place: 'traderPrivatePostV2Orders',
  cancel: 'traderPrivateDeleteV2OrdersOrderId',
  order: 'traderPrivateGetV2OrdersOrderId',
  ours: 'traderPrivateGetV2OrdersByClientOrderId',
  orders: 'traderPrivateGetV2Orders',
  activities: 'traderPrivateGetV2AccountActivitiesActivityType',
  account: 'traderPrivateGetV2Account',
  positions: 'traderPrivateGetV2Positions',
} as const;

type OrderKey = InstrumentKey & { readonly venueOrderId: string };

/** Most rows that Alpaca gives at once. */
const ORDERS = 500;
const FILLS = 100;
/** So many pages of an order's fills are read at once; an order of more is told as incomplete. */
const MOST_PAGES = 50;
/** An account's tier is told anew once a day. */
const RATES_MAX_AGE_MS = 3_600_000;

/** One account at Alpaca. */
export class AlpacaClient implements VenueClient {
  readonly venue = capabilities.venue;
  readonly #market: OrderMarket;
  readonly #calls: AccountCalls<keyof typeof ENDPOINTS>;
  #rates: { readonly value: FeeRates; readonly askedAt: number } | undefined;

  constructor(account: VenueAccount) {
    this.#market = account.market;
    this.#calls = account.calls(ENDPOINTS);
  }

  /** Alpaca answers before it matches: what became of a pending order is left to a lookup. */
  place(order: NewOrder, limits: PlaceLimits): Promise<PlaceOutcome> {
    return placeOrder({ market: this.#market, capabilities }, order, limits, {
      send: async () => checkPurchase(order) ?? this.#calls.call('place', placeParams(order), limits),
      read: (value) => {
        const placed = toOrder(value, order, this.#market);
        sameAsPlaced(placed, order);
        return { venueOrderId: placed.venueOrderId, order: isPending(value) ? null : placed, fills: [] };
      },
    });
  }

  /** Alpaca cancels by its own id only: an order that is known by ours is looked up first. Its yes has no content. */
  async cancel(order: OrderRef, limits: PlaceLimits): Promise<CancelOutcome> {
    const known = order.venueOrderId ?? (await this.#idOf(order));
    if (typeof known !== 'string') return known;
    if (!isOrderId(known)) return refused('MALFORMED_ORDER', { field: 'venueOrderId' });
    return cancelled(await this.#calls.call('cancel', { order_id: known }, limits), (value) => {
      if (value === null) return null;
      const last = toOrder(value, order, this.#market);
      sameAsAsked(last, { ...order, venueOrderId: known });
      return last;
    });
  }

  async #idOf(order: OrderRef): Promise<string | CancelOutcome> {
    const answer = await this.#ours(order);
    if (answer.kind !== 'good') return cancelled(answer, () => null);
    const found = judged(() => this.#asked(answer.value, order));
    return found instanceof Nonsense ? cancelled(answer, () => raise(found)) : found.venueOrderId;
  }

  /**
   * Alpaca knows open and past orders by either id. Only its "not found" is checked against its lists of open and of past orders, for a
   * "no" may end an order's life, and against the fills where its own id is known: they carry no other.
   */
  async lookup(ref: OrderRef): Promise<LookupOutcome> {
    const { venueOrderId } = ref;
    if (venueOrderId !== null && !isOrderId(venueOrderId))
      return couldNotAsk(refused('MALFORMED_ORDER', { field: 'venueOrderId' }));
    const answer = await (venueOrderId === null
      ? this.#ours(ref)
      : this.#calls.call('order', { order_id: venueOrderId }));
    if (answer.kind !== 'notFound') {
      const order = readAnswer(answer, (value) => this.#asked(value, ref));
      return order.kind === 'answered' ? this.#withFills(order.value) : order;
    }
    return lookIn([
      () => this.#lookupInList('open', ref),
      () => this.#lookupInList('closed', ref),
      ...(venueOrderId === null ? [] : [() => this.#lookupInFills({ ...ref, venueOrderId })]),
    ]);
  }

  #ours({ clientOrderId }: OrderRef): Promise<Classified> {
    return this.#calls.call('ours', { client_order_id: clientOrderId });
  }

  #asked(value: unknown, ref: OrderRef): VenueOrder {
    const order = toOrder(value, ref, this.#market);
    sameAsAsked(order, ref);
    return order;
  }

  async #lookupInList(status: 'open' | 'closed', ref: OrderRef): Promise<LookupOutcome> {
    const params = { status, asset_class: 'crypto', symbols: ref.venueSymbol, limit: ORDERS, direction: 'desc' };
    const found = await this.#calls.ask('orders', params, (value) =>
      underOurId(
        list(value, 'orders')
          .filter((row) => fields(row, 'order')['client_order_id'] === ref.clientOrderId)
          .map((row) => toOrder(row, ref, this.#market)),
        ref,
      ),
    );
    if (found.kind === 'couldNotAsk') return found;
    return found.value === undefined ? { kind: 'notFound' } : this.#withFills(found.value);
  }

  /** The account's latest fills: an order that is in no list, and yet has traded, is not "not found". */
  async #lookupInFills(ref: OrderKey): Promise<LookupOutcome> {
    const rates = await this.#ratesNow();
    if (rates.kind === 'couldNotAsk') return rates;
    return notFoundUnlessTraded(
      await this.#calls.askEvident('activities', { ...FILL, direction: 'desc', page_size: FILLS }, (value) =>
        this.#fillsIn(value, ref, rates.value.taker),
      ),
    );
  }

  async #withFills(order: VenueOrder): Promise<LookupOutcome> {
    if (decimal(order.filledQuantity).eq(ZERO)) return { kind: 'found', order, fills: [], fillsComplete: true };
    return foundWith(order, await this.#fillsOf(order));
  }

  async openOrders(of?: InstrumentKey): Promise<Answer<readonly VenueOrder[]>> {
    const all: VenueOrder[] = [];
    const symbols = of === undefined ? {} : { symbols: of.venueSymbol };
    let before: { readonly before_order_id?: string } = {};
    for (;;) {
      const params = { status: 'open', asset_class: 'crypto', ...symbols, ...before, limit: ORDERS, direction: 'desc' };
      const page = await this.#calls.ask('orders', params, (value) => {
        const rows = list(value, 'orders');
        const orders = rows.filter(isOfOurKind).map((row) => {
          const venueSymbol = this.#market.symbolOf(text(fields(row, 'order'), 'symbol'));
          return toOrder(row, of ?? { venueSymbol, pair: venueSymbol.replace('/', '-') }, this.#market);
        });
        const last = rows.length < ORDERS ? undefined : text(fields(rows.at(-1), 'order'), 'id');
        if (last !== undefined && last === before.before_order_id) throw new Nonsense('a page leads to itself');
        return { orders, last };
      });
      if (page.kind === 'couldNotAsk') return page;
      all.push(...page.value.orders);
      if (page.value.last === undefined) return { kind: 'answered', value: all };
      before = { before_order_id: page.value.last };
    }
  }

  async orderFills(key: OrderKey): Promise<Answer<readonly Fill[]>> {
    if (!isOrderId(key.venueOrderId)) return couldNotAsk(refused('MALFORMED_ORDER', { field: 'venueOrderId' }));
    // Fills are found by time: the order tells from when on, and how much there is to find.
    const order = await this.#calls.ask('order', { order_id: key.venueOrderId }, (value) => {
      const told = toOrder(value, key, this.#market);
      if (told.venueOrderId !== key.venueOrderId) throw new Nonsense('another order was told');
      return told;
    });
    if (order.kind === 'couldNotAsk') return order;
    const fills = await this.#fillsOf(order.value);
    return fills.kind === 'answered' ? { kind: 'answered', value: fills.value } : fills;
  }

  /** From the order's first moment on, until as much is found as was filled: fills can be asked for by time alone, of all pairs at once. */
  async #fillsOf(order: VenueOrder): Promise<Evident<readonly Fill[]>> {
    const rates = await this.#ratesNow();
    if (rates.kind === 'couldNotAsk') return rates;
    const { taker } = rates.value;
    const wanted = decimal(order.filledQuantity);
    const fills: Fill[] = [];
    let sum = ZERO;
    let after: { readonly page_token?: string } = {};
    for (let pages = 1; ; pages += 1) {
      const since = new Date(order.placedAtMs - 1_000).toISOString();
      const page = await this.#calls.askEvident(
        'activities',
        { ...FILL, after: since, ...after, direction: 'asc', page_size: FILLS },
        (value) => ({ fills: this.#fillsIn(value, order, taker), last: lastOfFullPage(value) }),
      );
      if (page.kind === 'couldNotAsk') return page;
      const { last } = page.value;
      for (const fill of page.value.fills) {
        if (!fills.some(({ tradeId }) => tradeId === fill.tradeId)) sum = sum.plus(decimal(fill.quantity));
        fills.push(fill);
      }
      if (sum.gte(wanted) || last === undefined || pages === MOST_PAGES)
        return { kind: 'answered', value: fills, evidence: page.evidence };
      after = { page_token: last };
    }
  }

  #fillsIn(value: unknown, { venueOrderId, ...of }: OrderKey, taker: DecimalString): readonly Fill[] {
    return list(value, 'fills')
      .filter((row) => fields(row, 'fill')['order_id'] === venueOrderId)
      .map((row) => toFill(row, of, this.#market, taker));
  }

  async tradesSince(of: InstrumentKey, from: TradeCursor): Promise<Answer<TradePage>> {
    const rates = await this.#ratesNow();
    if (rates.kind === 'couldNotAsk') return rates;
    const { taker } = rates.value;
    const start =
      'sinceMs' in from ? { after: new Date(from.sinceMs).toISOString() } : { page_token: from.afterTradeId };
    return this.#calls.ask('activities', { ...FILL, ...start, direction: 'asc', page_size: FILLS }, (value) => {
      const last = lastOfFullPage(value);
      return {
        fills: list(value, 'fills')
          .filter((row) => this.#market.symbolOf(text(fields(row, 'fill'), 'symbol')) === of.venueSymbol)
          .map((row) => toFill(row, of, this.#market, taker)),
        next: last === undefined ? null : { afterTradeId: last },
      };
    });
  }

  /** Money is told with the account, crypto with the positions. */
  async balances(): Promise<Answer<readonly Balance[]>> {
    const holdings = await this.#calls.ask('positions', {}, (value) => list(value, 'positions').map(toHolding));
    if (holdings.kind === 'couldNotAsk') return holdings;
    const cash = await this.#calls.ask('account', {}, toCash);
    if (cash.kind === 'couldNotAsk') return cash;
    return { kind: 'answered', value: [cash.value, ...holdings.value].filter((held) => held !== null) };
  }

  async fees(): Promise<Answer<FeeRates>> {
    const rates = await this.#calls.ask('account', {}, (value) =>
      ratesOfTier(text(fields(value, 'account'), 'crypto_tier')),
    );
    if (rates.kind === 'answered') this.#rates = { value: rates.value, askedAt: performance.now() };
    return rates;
  }

  /** The account's rates as told within the last hour. */
  async #ratesNow(): Promise<Answer<FeeRates>> {
    const known = this.#rates;
    if (known !== undefined && performance.now() - known.askedAt < RATES_MAX_AGE_MS)
      return { kind: 'answered', value: known.value };
    return this.fees();
  }
}

const FILL = { activity_type: 'FILL' } as const;

const lastOfFullPage = (value: unknown): string | undefined => {
  const rows = list(value, 'fills');
  return rows.length < FILLS ? undefined : text(fields(rows.at(-1), 'fill'), 'id');
};

const raise = (nonsense: Nonsense): never => {
  throw nonsense;
};
