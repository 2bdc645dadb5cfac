import { decimal, ZERO } from '@switchyard/money';
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
import { consistent } from '../ccxt/order-fit.js';
import type { Balance, FeeRates, InstrumentKey } from '../instruments.js';
import type { Fill, Liquidity, OrderState, OrderType, Side, VenueOrder } from '../orders.js';

const SIDES: Readonly<Record<string, Side>> = { buy: 'buy', sell: 'sell' };
const LIQUIDITY: Readonly<Record<string, Liquidity>> = { taker: 'taker', maker: 'maker' };
const TYPES: Readonly<Partial<Record<string, OrderType>>> = { market: 'market', limit: 'limit' };

/** What an answer is about: `{"code": "200000", "data": ...}`. */
export const dataOf = (value: unknown): Fields => fields(fields(value, 'answer')['data'], 'data');

export const rowsOf = (value: unknown): readonly Fields[] => rowsIn(fields(value, 'answer')['data'], 'data');

/** A list's rows; where it would be empty, `null` may stand in its place, as it does for an order that is not there. */
export const rowsIn = (value: unknown, what: string): readonly Fields[] =>
  value === null ? [] : list(value, what).map((row) => fields(row, 'row'));

/** An order of the venue, checked against itself. `of` names what was asked about. */
export const toOrder = (raw: Fields, of: InstrumentKey): VenueOrder => {
  same('symbol', text(raw, 'symbol'), of.venueSymbol);
  const orderType = TYPES[text(raw, 'type')] ?? null;
  const quantity = positive(raw, 'size');
  const filledQuantity = amount(raw, 'dealSize');
  return consistent({
    pair: of.pair,
    venueSymbol: of.venueSymbol,
    venueOrderId: id(raw, 'id'),
    clientOrderId: clientOrderIdOf(raw),
    side: word(raw, 'side', SIDES),
    orderType,
    quantity,
    limitPrice: orderType === 'limit' ? amountOrNull(raw, 'price') : null,
    stopPrice: null,
    state: stateOf(raw, orderType, { quantity, filledQuantity }),
    filledQuantity,
    filledQuote: amount(raw, 'dealFunds'),
    placedAtMs: timeMs(raw, 'createdAt'),
    updatedAtMs: timeMs(raw, 'lastUpdatedAt'),
  });
};

/** KuCoin writes an empty text, or nothing, where an order has none. */
export const clientOrderIdOf = (raw: Fields): string | null => {
  const value = raw['clientOid'];
  return typeof value === 'string' && value !== '' ? value : null;
};

/**
 * KuCoin says whether an order is still at work, and how much of it was filled: not what ended it. What never rests has expired; a post-only
 * order that would have taken is told as one that was cancelled.
 */
const stateOf = (
  raw: Fields,
  orderType: OrderType | null,
  { quantity, filledQuantity }: Pick<VenueOrder, 'quantity' | 'filledQuantity'>,
): OrderState => {
  const filled = decimal(filledQuantity);
  const isActive = flag(raw, 'active');
  if (filled.eq(decimal(quantity))) return 'filled';
  if (isActive) return filled.eq(ZERO) ? 'placed' : 'partially_filled';
  const neverRests = orderType === 'market' || raw['timeInForce'] === 'IOC' || raw['timeInForce'] === 'FOK';
  return neverRests ? 'expired' : 'cancelled';
};

/**
 * A row of `hf/fills`. `id` is the account's own record of a trade, and the list's cursor; `tradeId` is the market's, which both sides share
 * where an account trades with itself.
 */
export const toTrade = (raw: Fields, of: InstrumentKey): Fill => {
  same('symbol', text(raw, 'symbol'), of.venueSymbol);
  return {
    pair: of.pair,
    venueSymbol: of.venueSymbol,
    tradeId: id(raw, 'id'),
    venueOrderId: id(raw, 'orderId'),
    side: word(raw, 'side', SIDES),
    quantity: positive(raw, 'size'),
    price: positive(raw, 'price'),
    fee: { amount: signed(raw, 'fee'), currency: text(raw, 'feeCurrency') },
    liquidity: word(raw, 'liquidity', LIQUIDITY),
    filledAtMs: timeMs(raw, 'createdAt'),
  };
};

/**
 * The accounts that orders are paid from: what lies in `main` must be moved before it can be spent. KuCoin documents them as `trade`; ccxt
 * knows those of the `hf` service as `trade_hf`, and where there are such, they are it.
 */
export const tradingAccounts = (rows: readonly Fields[]): readonly Fields[] => {
  const kind = rows.some(({ type }) => type === 'trade_hf') ? 'trade_hf' : 'trade';
  return rows.filter(({ type }) => type === kind);
};

/** One currency of the trading account. */
export const toBalance = (raw: Fields): Balance => ({
  asset: text(raw, 'currency'),
  free: amount(raw, 'available'),
  locked: amount(raw, 'holds'),
  total: amount(raw, 'balance'),
});

/** The rates of one symbol out of `trade-fees`. */
export const toFeeRates = (rows: readonly Fields[], { venueSymbol }: InstrumentKey): FeeRates => {
  const own = rows.find(({ symbol }) => symbol === venueSymbol);
  if (own === undefined) throw new Nonsense('the symbol’s rates are missing');
  return { maker: signed(own, 'makerFeeRate'), taker: amount(own, 'takerFeeRate'), scope: 'pair' };
};
