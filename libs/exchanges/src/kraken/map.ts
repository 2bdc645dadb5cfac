import { decimal, ZERO } from '@switchyard/money';
import {
  amount,
  amountOrNull,
  count,
  fields,
  flag,
  list,
  Nonsense,
  positive,
  same,
  signed,
  text,
  timeOfSeconds,
  word,
  type Fields,
} from '../ccxt/fields.js';
import type { OrderMarket } from '../ccxt/market-data.js';
import { consistent } from '../ccxt/order-fit.js';
import type { Placed } from '../ccxt/writes.js';
import type { Balance, InstrumentKey } from '../instruments.js';
import type { Fill, NewOrder, OrderState, OrderType, Side, VenueOrder } from '../orders.js';
import { assetOf, samePair } from './names.js';
import { resultOf } from './result.js';

const SIDES: Readonly<Record<string, Side>> = { buy: 'buy', sell: 'sell' };

const TYPES: Readonly<Record<string, OrderType>> = {
  market: 'market',
  limit: 'limit',
  iceberg: 'limit',
  'stop-loss': 'stop',
  'stop-loss-limit': 'stop_limit',
};

/** An order and what its trades are asked by. */
export interface KrakenOrder {
  readonly order: VenueOrder;
  readonly tradeIds: readonly string[];
  readonly feeIn: 'base' | 'quote';
}

/**
 * The answer to `AddOrder`: the id that the order was given, and the order in words, `buy 0.01000000 XBTUSD @ limit 60000.0`, which must be
 * the one that was sent.
 */
export const toPlaced = (value: unknown, order: NewOrder, market: OrderMarket): Placed => {
  const result = resultOf(value);
  const ids = list(result['txid'], 'txid');
  const [venueOrderId] = ids;
  if (ids.length !== 1 || typeof venueOrderId !== 'string' || venueOrderId === '')
    throw new Nonsense('txid is not one id');
  const words = text(fields(result['descr'], 'descr'), 'order');
  const [, side = '', volume = '', pair = '', limit] =
    /^(buy|sell) (\d+(?:\.\d+)?) (\S+) @ (?:limit (\d+(?:\.\d+)?)|[a-z].*)$/.exec(words) ?? [];
  if (side === '') throw new Nonsense('the order’s description cannot be read');
  same('side', side, order.side);
  samePair(pair, order, market);
  if (!decimal(volume).eq(decimal(order.quantity))) throw new Nonsense('quantity is not the one ordered');
  if (order.orderType === 'limit' && (limit === undefined || !decimal(limit).eq(decimal(order.limitPrice ?? '0'))))
    throw new Nonsense('price is not the one ordered');
  return { venueOrderId, order: null, fills: [] };
};

/** An order as `OpenOrders`, `ClosedOrders` and `QueryOrders` tell of it, by its id. */
export const toOrder = (venueOrderId: string, value: unknown, of: InstrumentKey, market: OrderMarket): KrakenOrder => {
  const raw = fields(value, 'order');
  const description = fields(raw['descr'], 'descr');
  samePair(text(description, 'pair'), of, market);
  const orderType = TYPES[text(description, 'ordertype')] ?? null;
  const stops = orderType === 'stop' || orderType === 'stop_limit';
  const clientOrderId = raw['cl_ord_id'];
  const placedAtMs = timeOfSeconds(raw, 'opentm');
  const closed = raw['closetm'] !== undefined && raw['closetm'] !== null;
  return {
    order: consistent({
      pair: of.pair,
      venueSymbol: of.venueSymbol,
      venueOrderId,
      clientOrderId: typeof clientOrderId === 'string' && clientOrderId !== '' ? clientOrderId : null,
      side: word(description, 'type', SIDES),
      orderType,
      quantity: positive(raw, 'vol'),
      limitPrice:
        orderType === 'limit'
          ? amountOrNull(description, 'price')
          : orderType === 'stop_limit'
            ? amountOrNull(description, 'price2')
            : null,
      stopPrice: stops ? amountOrNull(description, 'price') : null,
      state: stateOf(raw),
      filledQuantity: amount(raw, 'vol_exec'),
      filledQuote: amount(raw, 'cost'),
      placedAtMs,
      updatedAtMs: closed ? timeOfSeconds(raw, 'closetm') : placedAtMs,
    }),
    tradeIds: list(raw['trades'] ?? [], 'trades').map((id) => text({ id }, 'id')),
    feeIn: text(raw, 'oflags').split(',').includes('fcib') ? 'base' : 'quote',
  };
};

/** Kraken's states leave to the filled volume how far an order has come: `closed` is filled, or what was filled before the rest was let go. */
const stateOf = (raw: Fields): OrderState => {
  const filled = decimal(amount(raw, 'vol_exec'));
  const states = {
    pending: 'placed',
    open: filled.eq(ZERO) ? 'placed' : 'partially_filled',
    closed: filled.eq(decimal(positive(raw, 'vol'))) ? 'filled' : 'expired',
    canceled: 'cancelled',
    expired: 'expired',
  } as const satisfies Readonly<Record<string, OrderState>>;
  return word<OrderState>(raw, 'status', states);
};

/** A trade with the number by which trades of a pair are in order. */
export interface KrakenTrade {
  readonly number: number;
  readonly fill: Fill;
}

/** A trade of `QueryTrades` and `TradesHistory`, by its id. Its fee is in quote, unless its order asked for base. */
export const toTrade = (
  tradeId: string,
  value: unknown,
  of: InstrumentKey,
  market: OrderMarket,
  feeIn: 'base' | 'quote' = 'quote',
): KrakenTrade => {
  const raw = fields(value, 'trade');
  samePair(text(raw, 'pair'), of, market);
  const [base = '', quote = ''] = of.pair.split('-');
  return {
    number: count(raw, 'trade_id'),
    fill: {
      pair: of.pair,
      venueSymbol: of.venueSymbol,
      tradeId,
      venueOrderId: text(raw, 'ordertxid'),
      side: word(raw, 'type', SIDES),
      quantity: positive(raw, 'vol'),
      price: positive(raw, 'price'),
      fee: { amount: signed(raw, 'fee'), currency: feeIn === 'base' ? base : quote },
      liquidity: flag(raw, 'maker') ? 'maker' : 'taker',
      filledAtMs: timeOfSeconds(raw, 'time'),
    },
  };
};

export const inOrder = (trades: readonly KrakenTrade[]): readonly Fill[] =>
  [...trades].sort((a, b) => a.number - b.number).map(({ fill }) => fill);

/**
 * `BalanceEx`. What earns in Kraken Rewards (`USD.F`) can be traded with, and counts; what is staked or locked up (`.B`, `.M`, `.S`) and
 * tokenised assets (`.T`) do not.
 */
export const toBalances = (value: unknown): readonly Balance[] => {
  const balances = new Map<string, Balance>();
  for (const [id, entry] of Object.entries(resultOf(value))) {
    const [name = '', kind = 'F'] = id.split('.');
    if (kind !== 'F') continue;
    const raw = fields(entry, 'balance');
    const locked = decimal(amount(raw, 'hold_trade'));
    // Where there is a credit line, what is left of it can be traded with, too.
    const total = decimal(amount(raw, 'balance'))
      .plus(decimal(amountOrNull(raw, 'credit') ?? '0'))
      .minus(decimal(amountOrNull(raw, 'credit_used') ?? '0'));
    if (locked.gt(total)) throw new Nonsense('more is held than there is');
    const asset = assetOf(name);
    const before = balances.get(asset);
    balances.set(asset, {
      asset,
      free: total
        .minus(locked)
        .plus(decimal(before?.free ?? '0'))
        .toFixed(),
      locked: locked.plus(decimal(before?.locked ?? '0')).toFixed(),
      total: total.plus(decimal(before?.total ?? '0')).toFixed(),
    });
  }
  return [...balances.values()].filter(({ total }) => !decimal(total).eq(ZERO));
};
