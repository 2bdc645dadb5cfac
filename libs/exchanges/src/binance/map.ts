import { decimal, ZERO } from '@switchyard/money';
import {
  amount,
  amountOrNull,
  fields,
  flag,
  id,
  list,
  positive,
  same,
  signed,
  text,
  timeMs,
  word,
  type Fields,
} from '../ccxt/fields.js';
import { consistent } from '../ccxt/order-fit.js';
import type { Balance, InstrumentKey } from '../instruments.js';
import type { Fill, OrderState, OrderType, Side, VenueOrder } from '../orders.js';

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
  const placedAtMs = timeMs(raw, raw['time'] === undefined ? 'transactTime' : 'time');
  return consistent({
    pair: of.pair,
    venueSymbol: of.venueSymbol,
    venueOrderId: id(raw, 'orderId'),
    clientOrderId: clientOrderId(raw),
    side: word(raw, 'side', SIDES),
    orderType: TYPES[text(raw, 'type')] ?? null,
    quantity: positive(raw, 'origQty'),
    limitPrice: amountOrNull(raw, 'price'),
    stopPrice: amountOrNull(raw, 'stopPrice'),
    state: word(raw, 'status', STATES),
    filledQuantity: amount(raw, 'executedQty'),
    filledQuote: quoteFilled(raw),
    placedAtMs,
    updatedAtMs: raw['updateTime'] === undefined ? placedAtMs : timeMs(raw, 'updateTime'),
  });
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
