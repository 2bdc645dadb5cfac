import { decimal, ZERO, type DecimalString } from '@switchyard/money';
import {
  amount,
  amountOrNull,
  fields,
  Nonsense,
  positive,
  same,
  signed,
  text,
  timeMs,
  word,
  type Fields,
} from '../ccxt/fields.js';
import type { OrderMarket } from '../ccxt/market-data.js';
import { consistent } from '../ccxt/order-fit.js';
import type { Balance, InstrumentKey } from '../instruments.js';
import type { Fill, OrderState, OrderType, Side, VenueOrder } from '../orders.js';
import { feeOf } from './fees.js';
import { isOrderId } from './request.js';

const SIDES: Readonly<Record<string, Side>> = { buy: 'buy', sell: 'sell', sell_short: 'sell' };

const TYPES: Readonly<Record<string, OrderType>> = {
  market: 'market',
  limit: 'limit',
  stop: 'stop',
  stop_limit: 'stop_limit',
};

/** What the order's life came to; `open` is placed or partly filled, as its quantities say. https://docs.alpaca.markets/docs/orders-at-alpaca */
const STATES: Readonly<Record<string, OrderState | 'open'>> = {
  pending_new: 'open',
  accepted: 'open',
  accepted_for_bidding: 'open',
  new: 'open',
  held: 'open',
  partially_filled: 'open',
  stopped: 'open',
  suspended: 'open',
  done_for_day: 'open',
  calculated: 'open',
  pending_replace: 'open',
  pending_cancel: 'cancel_pending',
  filled: 'filled',
  canceled: 'cancelled',
  // Another order took its place.
  replaced: 'cancelled',
  expired: 'expired',
  rejected: 'rejected',
};

/** Received, and not matched yet: what becomes of it, the answer does not say. */
const PENDING = ['pending_new', 'accepted', 'accepted_for_bidding'];

export const isPending = (value: unknown): boolean => PENDING.includes(text(fields(value, 'order'), 'status'));

/** An order of the venue, checked against itself. `of` names what was asked about. */
export const toOrder = (value: unknown, of: InstrumentKey, market: OrderMarket): VenueOrder => {
  const raw = fields(value, 'order');
  same('symbol', market.symbolOf(text(raw, 'symbol')), of.venueSymbol);
  const venueOrderId = text(raw, 'id');
  if (!isOrderId(venueOrderId)) throw new Nonsense('id is not one of the venue’s');
  const placedAtMs = instant(raw, raw['submitted_at'] === null ? 'created_at' : 'submitted_at');
  const quantity = positive(raw, 'qty');
  const filledQuantity = amount(raw, 'filled_qty');
  return consistent({
    pair: of.pair,
    venueSymbol: of.venueSymbol,
    venueOrderId,
    clientOrderId: text(raw, 'client_order_id'),
    side: word(raw, 'side', SIDES),
    orderType: TYPES[text(raw, 'type')] ?? null,
    quantity,
    limitPrice: amountOrNull(raw, 'limit_price'),
    stopPrice: amountOrNull(raw, 'stop_price'),
    state: stateOf(word(raw, 'status', STATES), { quantity, filledQuantity }),
    filledQuantity,
    // Only an average price is told, and that is rounded.
    filledQuote: null,
    placedAtMs,
    updatedAtMs: raw['updated_at'] === null ? placedAtMs : instant(raw, 'updated_at'),
  });
};

const stateOf = (
  told: OrderState | 'open',
  { quantity, filledQuantity }: Pick<VenueOrder, 'quantity' | 'filledQuantity'>,
): OrderState => {
  if (told !== 'open') return told;
  const filled = decimal(filledQuantity);
  if (filled.eq(ZERO)) return 'placed';
  return filled.eq(decimal(quantity)) ? 'filled' : 'partially_filled';
};

/** Whether a row of a list is an order for a quantity of crypto: the account may trade stocks, and orders for a sum of money have none. */
export const isOfOurKind = (value: unknown): boolean => {
  const { asset_class: kind, qty } = fields(value, 'order');
  return kind === 'crypto' && typeof qty === 'string';
};

/** A row of `GET /v2/account/activities/FILL`. Quantities are before the fee. */
export const toFill = (value: unknown, of: InstrumentKey, market: OrderMarket, takerRate: DecimalString): Fill => {
  const raw = fields(value, 'fill');
  same('symbol', market.symbolOf(text(raw, 'symbol')), of.venueSymbol);
  const side = word(raw, 'side', SIDES);
  const quantity = positive(raw, 'qty');
  const price = positive(raw, 'price');
  return {
    pair: of.pair,
    venueSymbol: of.venueSymbol,
    tradeId: text(raw, 'id'),
    venueOrderId: text(raw, 'order_id'),
    side,
    quantity,
    price,
    fee: feeOf({ side, quantity, price }, of.venueSymbol, takerRate),
    // Not told either.
    liquidity: 'taker',
    filledAtMs: instant(raw, 'transaction_time'),
  };
};

/**
 * The account's money. What stands in the positions is left out of its equity; what of the rest buys crypto (never on margin) is free, and
 * open orders or settlement hold back what is left. `null` where it has none, or owes.
 */
export const toCash = (value: unknown): Balance | null => {
  const raw = fields(value, 'account');
  const total = decimal(signed(raw, 'equity')).minus(decimal(signed(raw, 'position_market_value')));
  if (total.lte(ZERO)) return null;
  const spendable = decimal(signed(raw, 'non_marginable_buying_power'));
  const free = spendable.lt(ZERO) ? ZERO : spendable.gt(total) ? total : spendable;
  return balance(text(raw, 'currency'), { free, total });
};

/** A row of `GET /v2/positions`; `null` for anything but crypto. Positions are told against the dollar, in one word: `BTCUSD`. */
export const toHolding = (value: unknown): Balance | null => {
  const raw = fields(value, 'position');
  if (text(raw, 'asset_class') !== 'crypto') return null;
  const asset = /^([A-Z0-9]+?)\/?USD$/.exec(text(raw, 'symbol'))?.[1];
  if (asset === undefined) throw new Nonsense('symbol is not a known position');
  const total = decimal(amount(raw, 'qty'));
  const free = decimal(amount(raw, 'qty_available'));
  if (free.gt(total)) throw new Nonsense('more is available than is held');
  return total.eq(ZERO) ? null : balance(asset, { free, total });
};

const balance = (
  asset: string,
  { free, total }: Readonly<Record<'free' | 'total', ReturnType<typeof decimal>>>,
): Balance => ({ asset, free: free.toFixed(), locked: total.minus(free).toFixed(), total: total.toFixed() });

const INSTANT = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

/** RFC 3339 with up to nanoseconds, in milliseconds since the epoch. */
export const instant = (of: Fields, name: string): number => {
  const [, seconds, fraction = '', zone] = INSTANT.exec(text(of, name)) ?? [];
  if (seconds === undefined || zone === undefined) throw new Nonsense(`${name} is not a time`);
  return timeMs({ [name]: Date.parse(`${seconds}${fraction.slice(0, 4)}${zone}`) }, name);
};
