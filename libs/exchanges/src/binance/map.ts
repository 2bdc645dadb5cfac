import { decimal, ZERO, type Decimal } from '@switchyard/money';
import {
  amount,
  amountOrNull,
  fields,
  flag,
  id,
  list,
  Nonsense,
  positive,
  same,
  signed,
  text,
  timeMs,
  word,
  type Fields,
} from '../ccxt/fields.js';
import type { Balance, BookLevel, InstrumentKey } from '../instruments.js';
import type { Fill, NewOrder, OrderRef, OrderState, OrderType, Side, VenueOrder } from '../orders.js';

const SIDES: Readonly<Record<string, Side>> = { BUY: 'buy', SELL: 'sell' };

const STATES: Readonly<Record<string, OrderState>> = {
  NEW: 'placed',
  PENDING_NEW: 'placed',
  PARTIALLY_FILLED: 'partially_filled',
  PENDING_CANCEL: 'cancel_pending',
  FILLED: 'filled',
  CANCELED: 'cancelled',
  REJECTED: 'rejected',
  EXPIRED: 'expired',
  EXPIRED_IN_MATCH: 'expired',
};

const TYPES: Readonly<Record<string, OrderType>> = {
  MARKET: 'market',
  LIMIT: 'limit',
  LIMIT_MAKER: 'limit',
  STOP_LOSS: 'stop',
  STOP_LOSS_LIMIT: 'stop_limit',
};

/** An order of the venue, checked against itself: a state and a filled quantity that can be. `of` names what was asked about. */
export const toOrder = (value: unknown, of: InstrumentKey): VenueOrder => {
  const raw = fields(value, 'order');
  same('symbol', text(raw, 'symbol'), of.venueSymbol);
  const quantity = positive(raw, 'origQty');
  const filledQuantity = amount(raw, 'executedQty');
  const state = word(raw, 'status', STATES);
  checkProgress(state, decimal(filledQuantity), decimal(quantity));
  const placedAtMs = timeMs(raw, raw['time'] === undefined ? 'transactTime' : 'time');
  return {
    pair: of.pair,
    venueSymbol: of.venueSymbol,
    venueOrderId: id(raw, 'orderId'),
    clientOrderId: clientOrderId(raw),
    side: word(raw, 'side', SIDES),
    orderType: TYPES[text(raw, 'type')] ?? null,
    quantity,
    limitPrice: amountOrNull(raw, 'price'),
    stopPrice: amountOrNull(raw, 'stopPrice'),
    state,
    filledQuantity,
    filledQuote: quoteFilled(raw),
    placedAtMs,
    updatedAtMs: raw['updateTime'] === undefined ? placedAtMs : timeMs(raw, 'updateTime'),
  };
};

/** A cancel answers with a new id for the cancel itself; the order's is then in `origClientOrderId`. */
const clientOrderId = (raw: Fields): string | null => {
  const name = raw['origClientOrderId'] === undefined ? 'clientOrderId' : 'origClientOrderId';
  const value = raw[name];
  return typeof value === 'string' && value !== '' ? value : null;
};

/** Binance writes a negative amount where old orders have no record of it. */
const quoteFilled = (raw: Fields): string | null => {
  if (raw['cummulativeQuoteQty'] === undefined) return null;
  const value = signed(raw, 'cummulativeQuoteQty');
  return decimal(value).lt(ZERO) ? null : value;
};

const checkProgress = (state: OrderState, filled: Decimal, quantity: Decimal): void => {
  if (filled.gt(quantity)) throw new Nonsense('more is filled than was ordered');
  if (state === 'filled' && !filled.eq(quantity)) throw new Nonsense('a filled order is not filled');
  if (state === 'placed' && !filled.eq(ZERO)) throw new Nonsense('an unfilled order has fills');
  if (state === 'partially_filled' && (filled.eq(ZERO) || filled.eq(quantity)))
    throw new Nonsense('a partly filled order is not');
};

/** The order must be the one that was placed: the same symbol (checked above), client id, side, quantity and price. */
export const sameAsPlaced = (order: VenueOrder, placed: NewOrder): void => {
  same('clientOrderId', order.clientOrderId ?? '', placed.clientOrderId);
  same('side', order.side, placed.side);
  if (!decimal(order.quantity).eq(decimal(placed.quantity))) throw new Nonsense('quantity is not the one ordered');
  const { limitPrice } = placed;
  if (limitPrice !== null && order.limitPrice !== null && !decimal(order.limitPrice).eq(decimal(limitPrice)))
    throw new Nonsense('price is not the one ordered');
};

export const sameAsAsked = (order: VenueOrder, asked: OrderRef): void => {
  if (asked.venueOrderId !== null) same('orderId', order.venueOrderId, asked.venueOrderId);
  same('clientOrderId', order.clientOrderId ?? '', asked.clientOrderId);
};

/** The fills in the answer to a new order. They happened on arrival, so the order took, at the answer's time. */
export const toPlacedFills = (value: unknown, order: VenueOrder): readonly Fill[] =>
  list(fields(value, 'order')['fills'] ?? [], 'fills').map((entry) => {
    const raw = fields(entry, 'fill');
    return {
      pair: order.pair,
      venueSymbol: order.venueSymbol,
      tradeId: id(raw, 'tradeId'),
      venueOrderId: order.venueOrderId,
      side: order.side,
      quantity: positive(raw, 'qty'),
      price: positive(raw, 'price'),
      fee: { amount: signed(raw, 'commission'), currency: text(raw, 'commissionAsset') },
      liquidity: 'taker',
      filledAtMs: order.updatedAtMs,
    };
  });

/** A row of `GET /api/v3/myTrades`. */
export const toTrade = (value: unknown, of: InstrumentKey): Fill => {
  const raw = fields(value, 'trade');
  same('symbol', text(raw, 'symbol'), of.venueSymbol);
  return {
    pair: of.pair,
    venueSymbol: of.venueSymbol,
    tradeId: id(raw, 'id'),
    venueOrderId: id(raw, 'orderId'),
    side: flag(raw, 'isBuyer') ? 'buy' : 'sell',
    quantity: positive(raw, 'qty'),
    price: positive(raw, 'price'),
    fee: { amount: signed(raw, 'commission'), currency: text(raw, 'commissionAsset') },
    liquidity: flag(raw, 'isMaker') ? 'maker' : 'taker',
    filledAtMs: timeMs(raw, 'time'),
  };
};

/** A row of `balances` in `GET /api/v3/account`. */
export const toBalance = (value: unknown): Balance => {
  const raw = fields(value, 'balance');
  const free = amount(raw, 'free');
  const locked = amount(raw, 'locked');
  return { asset: text(raw, 'asset'), free, locked, total: decimal(free).plus(decimal(locked)).toFixed() };
};

export const toLevels = (value: unknown, side: string): readonly BookLevel[] =>
  list(value, side).map((entry) => {
    const [price, quantity] = list(entry, 'level');
    const level = { price, quantity };
    return [positive(level, 'price'), amount(level, 'quantity')];
  });
