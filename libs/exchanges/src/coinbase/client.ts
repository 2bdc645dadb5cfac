import { decimal, ZERO } from '@switchyard/money';
import { readAnswer, type AccountCalls, type Evident, type Params } from '../ccxt/account-calls.js';
import { couldNotAsk, unknown, type Classified, type Good } from '../ccxt/classification.js';
import { amount, fields, judged, list, Nonsense, same, text } from '../ccxt/fields.js';
import { foundWith, lookIn, notFoundUnlessTraded, underOurId } from '../ccxt/lookup.js';
import type { OrderMarket } from '../ccxt/market-data.js';
import type { VenueAccount } from '../ccxt/open-venue.js';
import { sameAsAsked } from '../ccxt/order-fit.js';
import { amendOrder, cancelled, placeOrder, windowOf } from '../ccxt/writes.js';
import type { Balance, FeeRates, InstrumentKey } from '../instruments.js';
import { refused } from '../order-checks.js';
import type { Fill, NewOrder, OrderChange, OrderRef, VenueOrder } from '../orders.js';
import type { AmendOutcome, Answer, CancelOutcome, LookupOutcome, PlaceOutcome } from '../outcomes.js';
import type { PlaceLimits, TradeCursor, TradePage, VenueClient } from '../port.js';
import { coinbaseCapabilities as capabilities } from './capabilities.js';
import { lateIfVoid } from './late-token.js';
import { clientOrderIdOf, isPostOnly, toBalance, toFill, toOrder, toPlacedId } from './map.js';
import { readPages, type Listed } from './pages.js';
import { placeParams } from './request.js';
import { voidAfter } from './token.js';

const ENDPOINTS = {
  place: 'v3PrivatePostBrokerageOrders',
  edit: 'v3PrivatePostBrokerageOrdersEdit',
  cancel: 'v3PrivatePostBrokerageOrdersBatchCancel',
  order: 'v3PrivateGetBrokerageOrdersHistoricalOrderId',
  orders: 'v3PrivateGetBrokerageOrdersHistoricalBatch',
  fills: 'v3PrivateGetBrokerageOrdersHistoricalFills',
  accounts: 'v3PrivateGetBrokerageAccounts',
  fees: 'v3PrivateGetBrokerageTransactionSummary',
} as const;

type OrderKey = InstrumentKey & { readonly venueOrderId: string };

interface Standing {
  readonly kind: 'standing';
  readonly order: VenueOrder;
  readonly postOnly: boolean;
}

/** Open orders can't be asked for together with others, and `OPEN` leaves out those on their way to or from it. */
const OPEN: Params = { order_status: ['OPEN'] };
const MOVING: Params = { order_status: ['PENDING', 'QUEUED', 'EDIT_QUEUED', 'CANCEL_QUEUED'] };

/** Orders are listed from so long before the moment that they can't have been sent before: clocks differ. */
const EARLIER_MS = 10 * 60_000;

/** One account at Coinbase. Nothing there is found or cancelled by our id: lists are read and compared, of all products. */
export class CoinbaseClient implements VenueClient {
  readonly venue = capabilities.venue;
  readonly #market: OrderMarket;
  readonly #calls: AccountCalls<keyof typeof ENDPOINTS>;

  constructor(account: VenueAccount) {
    this.#market = account.market;
    this.#calls = account.calls(ENDPOINTS);
  }

  place(order: NewOrder, limits: PlaceLimits): Promise<PlaceOutcome> {
    return placeOrder({ market: this.#market, capabilities }, order, limits, {
      send: async (windowMs) => {
        const started = performance.now();
        const answer = await voidAfter(windowMs, () => this.#calls.call('place', placeParams(order), limits));
        return lateIfVoid(answer, performance.now() - started, windowMs);
      },
      read: (value) => ({ venueOrderId: toPlacedId(value, order), order: null, fills: [] }),
    });
  }

  /** An edit names both price and size, so the order is looked up first; it stays post-only if it was, and cannot become so. */
  amend(ref: OrderRef, change: OrderChange, limits: PlaceLimits): Promise<AmendOutcome> {
    return amendOrder({ market: this.#market, capabilities }, ref, change, limits, {
      send: async (windowMs) => {
        const standing = await this.#standing(ref);
        if (standing.kind !== 'standing') return standing;
        const { order, postOnly } = standing;
        if (change.postOnly && !postOnly) return refused('UNSUPPORTED_OPTION', { postOnly: 'true' });
        const price = change.limitPrice ?? order.limitPrice ?? '';
        const size = change.quantity ?? order.quantity;
        const params = { order_id: order.venueOrderId, price, size };
        return voidAfter(windowMs, () => this.#calls.call('edit', params, limits));
      },
      read: (value) => {
        if (fields(value, 'answer')['success'] !== true) throw new Nonsense('success is not true');
        return { venueOrderId: ref.venueOrderId, order: null };
      },
    });
  }

  /** By the venue's id, which is looked up among the open orders where it is not known: then nothing is written unless it is found. */
  async cancel(ref: OrderRef, limits: PlaceLimits): Promise<CancelOutcome> {
    let { venueOrderId } = ref;
    if (venueOrderId === null) {
      const standing = await this.#standing(ref);
      if (standing.kind === 'notFound') return { kind: 'notOpen' };
      if (standing.kind !== 'standing') return standing;
      ({ venueOrderId } = standing.order);
    }
    const params = { order_ids: [venueOrderId] };
    const answer = await voidAfter(windowOf(limits, capabilities), () => this.#calls.call('cancel', params, limits));
    return cancelled(answer, (value) => {
      const [only] = list(fields(value, 'answer')['results'], 'results');
      const result = fields(only, 'result');
      same('order_id', text(result, 'order_id'), venueOrderId);
      if (result['success'] !== true) throw new Nonsense('success is not true');
      return null;
    });
  }

  /** The order among those that are not over. */
  async #standing(ref: OrderRef): Promise<Standing | Exclude<Classified, Good>> {
    const open = await this.#notOver((row) =>
      isOurs(row, ref) ? { order: toOrder(row, ref), postOnly: isPostOnly(row) } : null,
    );
    if (open.kind === 'notFound') return unknown('unlisted', null);
    if (open.kind !== 'listed') return open;
    const order = judged(() => {
      const found = underOurId(
        open.rows.map((row) => row.order),
        ref,
      );
      if (found !== undefined) sameAsAsked(found, ref);
      return found;
    });
    if (order instanceof Nonsense) return unknown('nonsense', open.evidence(), order.message);
    const row = open.rows.find((each) => each.order === order);
    return row === undefined ? { kind: 'notFound' } : { kind: 'standing', ...row };
  }

  /** An order that its id does not lead to is searched for by ours, and by its trades where the venue's id is known: fills carry no other. */
  async lookup(ref: OrderRef): Promise<LookupOutcome> {
    const { venueOrderId } = ref;
    if (venueOrderId !== null) {
      const answer = await this.#calls.call('order', { order_id: venueOrderId });
      if (answer.kind !== 'notFound') {
        const order = readAnswer(answer, (value) => {
          const found = toOrder(fields(value, 'answer')['order'], ref);
          sameAsAsked(found, ref);
          return found;
        });
        return order.kind === 'answered' ? this.#withFills(order.value) : order;
      }
    }
    const since = ref.sentAfterMs === undefined ? {} : { start_date: momentOf(ref.sentAfterMs - EARLIER_MS) };
    const read = (row: unknown): VenueOrder | null => (isOurs(row, ref) ? toOrder(row, ref) : null);
    return lookIn([
      async () => this.#found(await this.#orders(since, read, ({ length }) => length > 0), ref),
      async () => this.#found(await this.#notOver(read), ref),
      ...(venueOrderId === null
        ? []
        : [async () => notFoundUnlessTraded(await this.#fillsOfOrder({ ...ref, venueOrderId }))]),
    ]);
  }

  async #found(listed: Listed<VenueOrder>, ref: OrderRef): Promise<LookupOutcome> {
    if (listed.kind !== 'listed') return couldNotAsk(listed);
    const order = judged(() => {
      const ours = underOurId(listed.rows, ref);
      if (ours !== undefined) sameAsAsked(ours, ref);
      return ours;
    });
    if (order instanceof Nonsense) return couldNotAsk(unknown('nonsense', listed.evidence(), order.message));
    return order === undefined ? { kind: 'notFound' } : this.#withFills(order);
  }

  async #withFills(order: VenueOrder): Promise<LookupOutcome> {
    if (decimal(order.filledQuantity).eq(ZERO)) return { kind: 'found', order, fills: [], fillsComplete: true };
    return foundWith(order, await this.#fillsOfOrder(order));
  }

  async openOrders(of?: InstrumentKey): Promise<Answer<readonly VenueOrder[]>> {
    const open = await this.#notOver((row) => {
      const venueSymbol = text(fields(row, 'order'), 'product_id');
      if (of === undefined) return toOrder(row, { venueSymbol, pair: this.#market.pairOf(venueSymbol) });
      return venueSymbol === of.venueSymbol ? toOrder(row, of) : null;
    });
    if (open.kind !== 'listed') return couldNotAsk(open);
    return { kind: 'answered', value: open.rows };
  }

  async orderFills(order: OrderKey): Promise<Answer<readonly Fill[]>> {
    const fills = await this.#fillsOfOrder(order);
    return fills.kind === 'answered' ? { kind: 'answered', value: fills.value } : fills;
  }

  async #fillsOfOrder(order: OrderKey): Promise<Evident<readonly Fill[]>> {
    const fills = await this.#fills({ order_ids: [order.venueOrderId] }, (row) => {
      const fill = toFill(row, order);
      if (fill.venueOrderId !== order.venueOrderId) throw new Nonsense('a fill of another order');
      return fill;
    });
    if (fills.kind !== 'listed') return couldNotAsk(fills);
    return { kind: 'answered', value: [...fills.rows].sort(inTime), evidence: fills.evidence };
  }

  /** All at once: Coinbase lists the newest first, and its trade ids have no order. One that is to be gone on from is looked up. */
  async tradesSince(of: InstrumentKey, from: TradeCursor): Promise<Answer<TradePage>> {
    const read = (row: unknown): Fill => {
      same('product_id', text(fields(row, 'fill'), 'product_id'), of.venueSymbol);
      return toFill(row, of);
    };
    let behind: Fill | undefined;
    if ('afterTradeId' in from) {
      const named = await this.#fills({ trade_ids: [from.afterTradeId] }, read);
      if (named.kind !== 'listed') return couldNotAsk(named);
      behind = named.rows.find(({ tradeId }) => tradeId === from.afterTradeId);
      if (behind === undefined)
        return couldNotAsk(unknown('nonsense', named.evidence(), 'no such trade to go on from'));
    }
    const sinceMs = 'sinceMs' in from ? from.sinceMs : (behind?.filledAtMs ?? 0);
    // Whether that very moment counts its documents do not say: from before it, and cut here.
    const start = sinceMs > 0 ? { start_sequence_timestamp: momentOf(sinceMs - 1) } : {};
    const fills = await this.#fills({ product_ids: [of.venueSymbol], ...start }, read);
    if (fills.kind !== 'listed') return couldNotAsk(fills);
    const after = fills.rows
      .filter((fill) => (behind === undefined ? fill.filledAtMs >= sinceMs : inTime(fill, behind) > 0))
      .sort(inTime);
    return { kind: 'answered', value: { fills: after, next: null } };
  }

  async balances(): Promise<Answer<readonly Balance[]>> {
    const accounts = await readPages({
      ask: (params) => this.#calls.call('accounts', params),
      list: 'accounts',
      read: toBalance,
    });
    if (accounts.kind !== 'listed') return couldNotAsk(accounts);
    const held = new Map<string, Balance>();
    for (const one of accounts.rows) held.set(one.asset, sumOf(held.get(one.asset), one));
    return { kind: 'answered', value: [...held.values()].filter(({ total }) => !decimal(total).eq(ZERO)) };
  }

  /** The account's tier. It is the same for every pair but the stable ones, which cost less. */
  fees(): Promise<Answer<FeeRates>> {
    return this.#calls.ask('fees', { product_type: 'SPOT' }, (value) => {
      const tier = fields(fields(value, 'summary')['fee_tier'], 'fee_tier');
      return {
        maker: amount(tier, 'maker_fee_rate'),
        taker: amount(tier, 'taker_fee_rate'),
        scope: 'account' as const,
      };
    });
  }

  #orders<T>(
    filters: Params,
    read: (row: unknown) => T | null,
    enough?: (rows: readonly T[]) => boolean,
  ): Promise<Listed<T>> {
    return readPages({
      ask: (params) => this.#calls.call('orders', { product_type: 'SPOT', ...filters, ...params }),
      list: 'orders',
      read,
      ...(enough && { enough }),
    });
  }

  /** Orders that are not over: those on their way first, so that one that arrives meanwhile is met among the open. Each once. */
  async #notOver<T>(read: (row: unknown) => T | null): Promise<Listed<T>> {
    const named = (row: unknown): readonly [id: string, row: T] | null => {
      const one = read(row);
      return one === null ? null : [text(fields(row, 'order'), 'order_id'), one];
    };
    const moving = await this.#orders(MOVING, named);
    if (moving.kind !== 'listed') return moving;
    const open = await this.#orders(OPEN, named);
    return open.kind === 'listed' ? { ...open, rows: [...new Map([...moving.rows, ...open.rows]).values()] } : open;
  }

  #fills(filters: Params, read: (row: unknown) => Fill): Promise<Listed<Fill>> {
    return readPages({ ask: (params) => this.#calls.call('fills', { ...filters, ...params }), list: 'fills', read });
  }
}

const isOurs = (row: unknown, { clientOrderId }: OrderRef): boolean =>
  clientOrderIdOf(fields(row, 'order')) === clientOrderId;

const momentOf = (milliseconds: number): string => new Date(milliseconds).toISOString();

/** Earlier first; trades of one moment by their ids, so that they have an order at all. */
const inTime = (a: Fill, b: Fill): number =>
  a.filledAtMs - b.filledAtMs || (a.tradeId < b.tradeId ? -1 : a.tradeId > b.tradeId ? 1 : 0);

/** Two wallets of one currency. */
const sumOf = (one: Balance | undefined, other: Balance): Balance => {
  if (one === undefined) return other;
  const plus = (a: string, b: string): string => decimal(a).plus(decimal(b)).toFixed();
  return {
    asset: other.asset,
    free: plus(one.free, other.free),
    locked: plus(one.locked, other.locked),
    total: plus(one.total, other.total),
  };
};
