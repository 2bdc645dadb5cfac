import { decimal, ZERO } from '@switchyard/money';
import {
  amount,
  amountOrNull,
  fields,
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
const LIQUIDITY: Readonly<Record<string, Liquidity>> = { T: 'taker', M: 'maker' };

const TYPES: Readonly<Partial<Record<string, OrderType>>> = {
  market: 'market',
  limit: 'limit',
  post_only: 'limit',
  fok: 'limit',
  ioc: 'limit',
};

const STATES: Readonly<Record<string, OrderState>> = {
  live: 'placed',
  partially_filled: 'partially_filled',
  filled: 'filled',
  canceled: 'cancelled',
  mmp_canceled: 'cancelled',
};

/** Types of which OKX itself lets the rest go. */
const NEVER_REST: readonly unknown[] = ['market', 'fok', 'ioc'];
/**
 * Why OKX cancelled an order by itself: it would have taken although post-only (31), met an order of the same customer (32), or more than
 * one order may match (33). https://www.okx.com/docs-v5/en/#order-book-trading-trade-ws-order-channel
 */
const LET_GO: readonly unknown[] = ['31', '32', '33'];

/** The rows of an answer. */
export const rowsOf = (value: unknown): readonly unknown[] => list(fields(value, 'answer')['data'], 'data');

/** The one row of an answer that is about one thing. */
export const rowOf = (value: unknown): Fields => {
  const [row, ...more] = rowsOf(value);
  if (row === undefined || more.length > 0) throw new Nonsense('data is not one row');
  return fields(row, 'row');
};

/** An order of the venue, checked against itself: a state and a filled quantity that can be. `of` names what was asked about. */
export const toOrder = (raw: Fields, of: InstrumentKey): VenueOrder => {
  same('instId', text(raw, 'instId'), of.venueSymbol);
  if (raw['tgtCcy'] === 'quote_ccy') throw new Nonsense('sz is in quote currency, which no order of ours is');
  return consistent({
    pair: of.pair,
    venueSymbol: of.venueSymbol,
    venueOrderId: id(raw, 'ordId'),
    clientOrderId: clientOrderIdOf(raw),
    side: word(raw, 'side', SIDES),
    orderType: TYPES[text(raw, 'ordType')] ?? null,
    quantity: positive(raw, 'sz'),
    limitPrice: amountOrNull(raw, 'px'),
    stopPrice: null,
    state: stateOf(raw),
    filledQuantity: amount(raw, 'accFillSz'),
    // OKX tells the average price, rounded.
    filledQuote: null,
    placedAtMs: timeMs(raw, 'cTime'),
    updatedAtMs: timeMs(raw, 'uTime'),
  });
};

/** OKX writes an empty text where an order has none. */
export const clientOrderIdOf = (raw: Fields): string | null => {
  const value = raw['clOrdId'];
  return typeof value === 'string' && value !== '' ? value : null;
};

const stateOf = (raw: Fields): OrderState => {
  const state = word(raw, 'state', STATES);
  const isLetGo = NEVER_REST.includes(raw['ordType']) || LET_GO.includes(raw['cancelSource']);
  return state === 'cancelled' && isLetGo ? 'expired' : state;
};

/** A row of `trade/fills` or `trade/fills-history`. */
export const toTrade = (raw: Fields, of: InstrumentKey): Fill => {
  same('instId', text(raw, 'instId'), of.venueSymbol);
  return {
    pair: of.pair,
    venueSymbol: of.venueSymbol,
    tradeId: id(raw, 'tradeId'),
    venueOrderId: id(raw, 'ordId'),
    side: word(raw, 'side', SIDES),
    quantity: positive(raw, 'fillSz'),
    price: positive(raw, 'fillPx'),
    fee: { amount: paid(raw, 'fee'), currency: text(raw, 'feeCcy') },
    liquidity: word(raw, 'execType', LIQUIDITY),
    filledAtMs: timeMs(raw, raw['fillTime'] === undefined ? 'ts' : 'fillTime'),
  };
};

/** A row of `details` in `account/balance`. What is free and what is held add up to the cash only nearly: OKX writes them off floats. */
export const toBalance = (value: unknown): Balance => {
  const raw = fields(value, 'balance');
  return {
    asset: text(raw, 'ccy'),
    free: amount(raw, 'availBal'),
    locked: amount(raw, 'frozenBal'),
    total: amount(raw, 'cashBal'),
  };
};

/**
 * `account/trade-fee` of one instrument. Since fees come in groups, the one that OKX names for the instrument counts; before, pairs in
 * USDT, in fiat money and in other dollars had rates of their own beside each other.
 */
export const toFeeRates = (raw: Fields, of: InstrumentKey): FeeRates => {
  const groups = Array.isArray(raw['feeGroup']) ? (raw['feeGroup'] as readonly unknown[]) : [];
  if (groups.length === 1) return ratesOf(fields(groups[0], 'feeGroup'), 'maker', 'taker');
  const quote = of.venueSymbol.split('-')[1];
  if (quote === 'USDT') return ratesOf(raw, 'maker', 'taker');
  const fiat = Array.isArray(raw['fiat']) ? (raw['fiat'] as readonly unknown[]) : [];
  const own = fiat.map((entry) => fields(entry, 'fiat')).find(({ ccy }) => ccy === quote);
  return own === undefined ? ratesOf(raw, 'makerUSDC', 'takerUSDC') : ratesOf(own, 'maker', 'taker');
};

const ratesOf = (raw: Fields, maker: string, taker: string): FeeRates => ({
  maker: paid(raw, maker),
  taker: paid(raw, taker),
  scope: 'pair',
});

/** OKX writes what an account pays as negative, and what it is given as positive. */
const paid = (raw: Fields, name: string): string => {
  const value = signed(raw, name);
  if (value.startsWith('-')) return value.slice(1);
  return decimal(value).eq(ZERO) ? value : `-${value}`;
};
