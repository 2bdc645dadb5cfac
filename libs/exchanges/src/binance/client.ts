import { decimal, ZERO } from '@switchyard/money';
import { ask } from '../ccxt/call.js';
import { blotter, type Blot } from '../ccxt/blot.js';
import { classify, couldNotAsk, notSent, unknown, type Classified } from '../ccxt/classification.js';
import { endpoint, type CcxtExchange, type Endpoint } from '../ccxt/exchange.js';
import { amount, fields, judged, list, Nonsense, text } from '../ccxt/fields.js';
import { fillsOf } from '../ccxt/fills.js';
import type { SendLimits } from '../ccxt/transport.js';
import type { Balance, FeeRates, InstrumentKey } from '../instruments.js';
import { checkOrder } from '../order-checks.js';
import type { Fill, NewOrder, OrderRef, VenueOrder } from '../orders.js';
import type { Answer, CancelOutcome, CouldNotAsk, Evidence, LookupOutcome, PlaceOutcome } from '../outcomes.js';
import type { Credentials, PlaceLimits, TradeCursor, TradePage, VenueClient } from '../port.js';
import { binanceCapabilities } from './capabilities.js';
import { binanceErrors } from './errors.js';
import { sameAsAsked, sameAsPlaced, toBalance, toOrder, toPlacedFills, toTrade } from './map.js';
import type { BinanceMarketData } from './market-data.js';
import { placeParams, refParams } from './request.js';

type EndpointName = 'place' | 'cancel' | 'order' | 'open' | 'all' | 'trades' | 'account' | 'fees';

type OrderKey = InstrumentKey & { readonly venueOrderId: string };

/** Most rows that Binance gives at once of trades and of past orders. */
const PAGE = 1_000;

/** One account at Binance. Its ccxt instance, and with it the key, is out of reach of inspection. */
export class BinanceClient implements VenueClient {
  readonly venue = 'binance';
  readonly #market: BinanceMarketData;
  readonly #blot: Blot;
  readonly #endpoints: Readonly<Record<EndpointName, Endpoint>>;

  constructor(exchange: CcxtExchange, market: BinanceMarketData, credentials: Credentials) {
    this.#market = market;
    this.#blot = blotter(credentials);
    this.#endpoints = {
      place: endpoint(exchange, 'privatePostOrder'),
      cancel: endpoint(exchange, 'privateDeleteOrder'),
      order: endpoint(exchange, 'privateGetOrder'),
      open: endpoint(exchange, 'privateGetOpenOrders'),
      all: endpoint(exchange, 'privateGetAllOrders'),
      trades: endpoint(exchange, 'privateGetMyTrades'),
      account: endpoint(exchange, 'privateGetAccount'),
      fees: endpoint(exchange, 'privateGetAccountCommission'),
    };
  }

  async place(order: NewOrder, limits: PlaceLimits): Promise<PlaceOutcome> {
    const market = await this.#market.ready();
    if (market.kind === 'couldNotAsk') return notSent('notReady', market.retryAfterMs);
    const refusal = checkOrder(order, market.of(order.venueSymbol), binanceCapabilities);
    if (refusal !== null) return refusal;
    const answer = await this.#call('place', placeParams(order, windowOf(limits)), limits);
    if (answer.kind === 'notFound') return unknown('unlisted', null);
    if (answer.kind !== 'good') return answer;
    const accepted = judged(() => {
      const placed = toOrder(answer.value, order);
      sameAsPlaced(placed, order);
      const { fills, sum } = fillsOf(placed, toPlacedFills(answer.value, placed));
      if (!sum.eq(decimal(placed.filledQuantity))) throw new Nonsense('the fills are not what is filled');
      return { kind: 'accepted', venueOrderId: placed.venueOrderId, order: placed, fills } as const;
    });
    return accepted instanceof Nonsense ? unknown('nonsense', answer.evidence(), accepted.message) : accepted;
  }

  async cancel(order: OrderRef, limits: PlaceLimits): Promise<CancelOutcome> {
    const answer = await this.#call('cancel', { ...refParams(order), recvWindow: windowOf(limits) }, limits);
    if (answer.kind === 'notFound') return { kind: 'notOpen' };
    if (answer.kind !== 'good') return answer;
    const cancelled = judged(() => {
      const last = toOrder(answer.value, order);
      sameAsAsked(last, order);
      return { kind: 'cancelled', order: last } as const;
    });
    return cancelled instanceof Nonsense ? unknown('nonsense', answer.evidence(), cancelled.message) : cancelled;
  }

  /**
   * `GET order` knows open and past orders by either id. Only its "does not exist" is checked against the lists of open and of past
   * orders, for a "no" may end an order's life. Trades are asked by the venue's id: at Binance they carry no other.
   */
  async lookup(ref: OrderRef): Promise<LookupOutcome> {
    const answer = await this.#call('order', refParams(ref));
    if (answer.kind === 'notFound') return this.#lookupInLists(ref);
    const order = this.#mapped(answer, (value) => {
      const found = toOrder(value, ref);
      sameAsAsked(found, ref);
      return found;
    });
    return order.kind === 'answered' ? this.#withFills(order.value) : order;
  }

  async #lookupInLists(ref: OrderRef): Promise<LookupOutcome> {
    for (const where of ['open', 'all'] as const) {
      const answer = await this.#call(where, { symbol: ref.venueSymbol, ...(where === 'all' ? { limit: PAGE } : {}) });
      const orders = this.#mapped(answer, (value) => list(value, 'orders').map((entry) => toOrder(entry, ref)));
      if (orders.kind === 'couldNotAsk') return orders;
      const found = orders.value.find(({ clientOrderId }) => clientOrderId === ref.clientOrderId);
      if (found !== undefined) return this.#withFills(found);
    }
    return ref.venueOrderId === null ? { kind: 'notFound' } : this.#lookupInTrades(ref, ref.venueOrderId);
  }

  /** An order that no list holds any more may still have traded: then it is not "not found". */
  async #lookupInTrades(ref: OrderRef, venueOrderId: string): Promise<LookupOutcome> {
    const trades = await this.#fillsOfOrder({ ...ref, venueOrderId });
    if (trades.kind === 'couldNotAsk') return trades;
    return trades.value.length === 0
      ? { kind: 'notFound' }
      : couldNotAsk(unknown('nonsense', trades.evidence(), 'trades of an order that the venue does not list'));
  }

  async #withFills(order: VenueOrder): Promise<LookupOutcome> {
    if (decimal(order.filledQuantity).eq(ZERO)) return { kind: 'found', order, fills: [], fillsComplete: true };
    const answer = await this.#fillsOfOrder(order);
    if (answer.kind === 'couldNotAsk') return answer;
    const checked = judged(() => fillsOf(order, answer.value));
    if (checked instanceof Nonsense) return couldNotAsk(unknown('nonsense', answer.evidence(), checked.message));
    return {
      kind: 'found',
      order,
      fills: checked.fills,
      fillsComplete: checked.sum.gte(decimal(order.filledQuantity)),
    };
  }

  async openOrders(of?: InstrumentKey): Promise<Answer<readonly VenueOrder[]>> {
    const answer = await this.#call('open', of === undefined ? {} : { symbol: of.venueSymbol });
    return this.#mapped(answer, (value) =>
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

  /** With the answer as evidence, for what the fills contradict is found out by comparing them with the order. */
  async #fillsOfOrder(
    order: OrderKey,
  ): Promise<
    { readonly kind: 'answered'; readonly value: readonly Fill[]; readonly evidence: () => Evidence } | CouldNotAsk
  > {
    const { venueSymbol, venueOrderId } = order;
    const answer = await this.#call('trades', { symbol: venueSymbol, orderId: venueOrderId, limit: PAGE });
    const fills = this.#mapped(answer, (value) => {
      const trades = list(value, 'trades').map((entry) => toTrade(entry, order));
      if (trades.some((trade) => trade.venueOrderId !== venueOrderId)) throw new Nonsense('a trade of another order');
      return trades;
    });
    return fills.kind === 'answered' && answer.kind === 'good'
      ? { ...fills, evidence: answer.evidence }
      : (fills as CouldNotAsk);
  }

  async tradesSince(of: InstrumentKey, from: TradeCursor): Promise<Answer<TradePage>> {
    const start = 'sinceMs' in from ? { startTime: from.sinceMs } : { fromId: nextId(from.afterTradeId) };
    const answer = await this.#call('trades', { symbol: of.venueSymbol, ...start, limit: PAGE });
    return this.#mapped(answer, (value) => {
      const fills = list(value, 'trades').map((entry) => toTrade(entry, of));
      const last = fills.at(-1);
      const next = last === undefined || fills.length < PAGE ? null : { afterTradeId: last.tradeId };
      return { fills, next };
    });
  }

  async balances(): Promise<Answer<readonly Balance[]>> {
    const answer = await this.#call('account', { omitZeroBalances: 'true' });
    return this.#mapped(answer, (value) =>
      list(fields(value, 'account')['balances'], 'balances')
        .map(toBalance)
        .filter(({ total }) => !decimal(total).eq(ZERO)),
    );
  }

  /** The pair's own rates, with the discount for fees paid in BNB left out: whether there is BNB to pay with is not known here. */
  async fees(of: InstrumentKey): Promise<Answer<FeeRates>> {
    const answer = await this.#call('fees', { symbol: of.venueSymbol });
    return this.#mapped(answer, (value) => {
      const rates = fields(fields(value, 'commission')['standardCommission'], 'standardCommission');
      return { maker: amount(rates, 'maker'), taker: amount(rates, 'taker'), scope: 'pair' as const };
    });
  }

  async #call(name: EndpointName, params: Readonly<Record<string, unknown>>, limits?: SendLimits): Promise<Classified> {
    const run = this.#endpoints[name];
    return classify(await ask(() => run(params), limits), binanceErrors, this.#blot);
  }

  #mapped<T>(
    answer: Classified,
    map: (value: unknown) => T,
  ): { readonly kind: 'answered'; readonly value: T } | CouldNotAsk {
    if (answer.kind !== 'good') return couldNotAsk(answer);
    const value = judged(() => map(answer.value));
    return value instanceof Nonsense
      ? couldNotAsk(unknown('nonsense', answer.evidence(), value.message))
      : { kind: 'answered', value };
  }
}

const windowOf = ({ recvWindowMs }: PlaceLimits): number =>
  Math.min(Math.max(1, Math.floor(recvWindowMs)), binanceCapabilities.maxRecvWindowMs ?? recvWindowMs);

/** Trade ids are integers that grow; `fromId` includes its trade. */
const nextId = (tradeId: string): string => (BigInt(tradeId) + 1n).toString();
