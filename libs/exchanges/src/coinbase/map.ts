import { decimal, ZERO } from '@switchyard/money';
import {
  amount,
  amountOrNull,
  fields,
  Nonsense,
  positive,
  signed,
  text,
  timeMs,
  word,
  type Fields,
} from '../ccxt/fields.js';
import { consistent } from '../ccxt/order-fit.js';
import type { Balance, InstrumentKey } from '../instruments.js';
import type { Fill, Liquidity, NewOrder, OrderState, OrderType, Side, VenueOrder } from '../orders.js';
import { assetOf, quoteOf, sameBook } from './instruments.js';

const SIDES: Readonly<Record<string, Side>> = { BUY: 'buy', SELL: 'sell' };

/** Words for an order that is still there; how much of it is filled says the rest. */
const OPEN: readonly string[] = ['PENDING', 'QUEUED', 'OPEN', 'EDIT_QUEUED'];

const OVER: Readonly<Record<string, OrderState>> = {
  CANCEL_QUEUED: 'cancel_pending',
  FILLED: 'filled',
  CANCELLED: 'cancelled',
  EXPIRED: 'expired',
  FAILED: 'rejected',
};

const TYPES: Readonly<Record<string, OrderType>> = {
  market_market_ioc: 'market',
  market_market_fok: 'market',
  limit_limit_gtc: 'limit',
  limit_limit_gtd: 'limit',
  limit_limit_fok: 'limit',
  sor_limit_ioc: 'limit',
  stop_limit_stop_limit_gtc: 'stop_limit',
  stop_limit_stop_limit_gtd: 'stop_limit',
};

/** An order of the venue, checked against itself. One that is sized in quote has no quantity, and can't be read. */
export const toOrder = (value: unknown, of: InstrumentKey): VenueOrder => {
  const raw = fields(value, 'order');
  sameBook(raw, of.venueSymbol);
  const [kind, configuration] = configurationOf(raw);
  const quantity = positive(configuration, 'base_size');
  const filledQuantity = amount(raw, 'filled_size');
  const placedAtMs = momentMs(raw, 'created_time');
  const lastFill = raw['last_fill_time'];
  return consistent({
    pair: of.pair,
    venueSymbol: of.venueSymbol,
    venueOrderId: text(raw, 'order_id'),
    clientOrderId: clientOrderIdOf(raw),
    side: word(raw, 'side', SIDES),
    orderType: TYPES[kind] ?? null,
    quantity,
    limitPrice: amountOrNull(configuration, 'limit_price'),
    stopPrice: amountOrNull(configuration, 'stop_price'),
    state: stateOf(raw, { quantity, filledQuantity }),
    filledQuantity,
    filledQuote: raw['filled_value'] === undefined ? null : amount(raw, 'filled_value'),
    placedAtMs,
    updatedAtMs: lastFill === undefined || lastFill === null ? placedAtMs : momentMs(raw, 'last_fill_time'),
  });
};

export const clientOrderIdOf = (raw: Fields): string | null => {
  const value = raw['client_order_id'];
  return typeof value === 'string' && value !== '' ? value : null;
};

/** Whether an order rests or is refused, and never takes. */
export const isPostOnly = (row: unknown): boolean => configurationOf(fields(row, 'order'))[1]['post_only'] === true;

/** `order_configuration` has one member, named for type and time in force. */
const configurationOf = (raw: Fields): readonly [kind: string, configuration: Fields] => {
  const members = Object.entries(fields(raw['order_configuration'], 'order_configuration'));
  const [only, ...others] = members.filter(([, member]) => member !== null);
  if (only === undefined || others.length > 0) throw new Nonsense('order_configuration is not one configuration');
  return [only[0], fields(only[1], 'configuration')];
};

const stateOf = (
  raw: Fields,
  { quantity, filledQuantity }: Pick<VenueOrder, 'quantity' | 'filledQuantity'>,
): OrderState => {
  const status = text(raw, 'status');
  if (!OPEN.includes(status)) return word(raw, 'status', OVER);
  if (raw['pending_cancel'] === true) return 'cancel_pending';
  if (decimal(filledQuantity).eq(ZERO)) return 'placed';
  return decimal(filledQuantity).lt(decimal(quantity)) ? 'partially_filled' : 'filled';
};

/** The venue's id in the answer to a new order, which repeats what was asked for. An id that is known already gives its order's id. */
export const toPlacedId = (value: unknown, order: NewOrder): string => {
  const answer = fields(value, 'answer');
  if (answer['success'] !== true) throw new Nonsense('success is not true');
  const placed = fields(answer['success_response'], 'success_response');
  if (text(placed, 'client_order_id') !== order.clientOrderId) throw new Nonsense('another client_order_id');
  if (text(placed, 'product_id') !== order.venueSymbol) throw new Nonsense('another product_id');
  if (word(placed, 'side', SIDES) !== order.side) throw new Nonsense('another side');
  return text(placed, 'order_id');
};

const LIQUIDITY: Readonly<Record<string, Liquidity>> = {
  MAKER: 'maker',
  TAKER: 'taker',
  // Said of fills that it did not classify; the fee is stated by itself.
  UNKNOWN_LIQUIDITY_INDICATOR: 'taker',
};

/** A fill. Reversals and corrections of trades can't be read: a person must look. */
export const toFill = (value: unknown, of: InstrumentKey): Fill => {
  const raw = fields(value, 'fill');
  sameBook(raw, of.venueSymbol);
  if (text(raw, 'trade_type') !== 'FILL') throw new Nonsense('trade_type is not FILL');
  const price = positive(raw, 'price');
  return {
    pair: of.pair,
    venueSymbol: of.venueSymbol,
    tradeId: text(raw, 'trade_id'),
    venueOrderId: text(raw, 'order_id'),
    side: word(raw, 'side', SIDES),
    quantity: raw['size_in_quote'] === true ? inBase(positive(raw, 'size'), price) : positive(raw, 'size'),
    price,
    fee: { amount: signed(raw, 'commission'), currency: quoteOf(of.venueSymbol) },
    liquidity: word(raw, 'liquidity_indicator', LIQUIDITY),
    filledAtMs: momentMs(raw, 'trade_time'),
  };
};

/** Of an order that was sized in quote, which none of ours is. */
const inBase = (size: string, price: string): string => decimal(size).div(decimal(price)).toFixed();

/** A wallet. Vaults and wallets of other kinds can't be traded from. */
export const toBalance = (value: unknown): Balance | null => {
  const raw = fields(value, 'account');
  if (raw['type'] !== 'ACCOUNT_TYPE_CRYPTO' && raw['type'] !== 'ACCOUNT_TYPE_FIAT') return null;
  const free = amount(fields(raw['available_balance'], 'available_balance'), 'value');
  const locked = amount(fields(raw['hold'], 'hold'), 'value');
  return { asset: assetOf(text(raw, 'currency')), free, locked, total: decimal(free).plus(decimal(locked)).toFixed() };
};

const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/;

/** A moment as RFC 3339 writes it, cut down to milliseconds. */
export const momentMs = (of: Fields, name: string): number => {
  const written = text(of, name);
  if (!MOMENT.test(written)) throw new Nonsense(`${name} is not a time`);
  return timeMs({ [name]: Date.parse(written.replace(/(\.\d{3})\d+Z$/, '$1Z')) }, name);
};
