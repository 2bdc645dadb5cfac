import { decimal, ZERO } from '@switchyard/money';
import {
  amount,
  amountOrNull,
  fields,
  flag,
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
import type { Balance, InstrumentKey } from '../instruments.js';
import type { Fill, OrderState, OrderType, Side, VenueOrder } from '../orders.js';
import { resultOf } from './result.js';

const SIDES: Readonly<Record<string, Side>> = { Buy: 'buy', Sell: 'sell' };

const TYPES: Readonly<Record<string, OrderType>> = { Market: 'market', Limit: 'limit' };

/** https://bybit-exchange.github.io/docs/v5/enum#orderstatus. `ended` is told more closely by what ended it. */
const STATES: Readonly<Record<string, OrderState | 'ended'>> = {
  Created: 'placed',
  New: 'placed',
  Active: 'placed',
  Untriggered: 'placed',
  Triggered: 'placed',
  PartiallyFilled: 'partially_filled',
  Filled: 'filled',
  Rejected: 'rejected',
  Cancelled: 'ended',
  PartiallyFilledCanceled: 'ended',
  Deactivated: 'cancelled',
};

/** The ids in the acknowledgement of a new order, or of a cancel; it holds nothing else. Gives the venue's. */
export const acknowledgedId = (
  value: unknown,
  asked: { readonly clientOrderId: string; readonly venueOrderId?: string | null },
): string => {
  const raw = resultOf(value);
  const orderId = text(raw, 'orderId');
  if (typeof asked.venueOrderId === 'string') same('orderId', orderId, asked.venueOrderId);
  same('orderLinkId', text(raw, 'orderLinkId'), asked.clientOrderId);
  return orderId;
};

/** An order of `order/realtime` or `order/history`, checked against itself. `of` names what was asked about. */
export const toOrder = (value: unknown, of: InstrumentKey): VenueOrder => {
  const raw = fields(value, 'order');
  same('symbol', text(raw, 'symbol'), of.venueSymbol);
  const type = word(raw, 'orderType', TYPES);
  const side = word(raw, 'side', SIDES);
  return consistent({
    pair: of.pair,
    venueSymbol: of.venueSymbol,
    venueOrderId: text(raw, 'orderId'),
    clientOrderId: textOrNull(raw, 'orderLinkId'),
    side,
    orderType: isConditional(raw) ? null : type,
    quantity: quantityOf(raw, type, side),
    // What is told as a market order's price is how far it may slip.
    limitPrice: type === 'limit' ? amountOrNull(raw, 'price') : null,
    stopPrice: amountOrNull(raw, 'triggerPrice'),
    state: stateOf(raw),
    filledQuantity: amount(raw, 'cumExecQty'),
    filledQuote: textOrNull(raw, 'cumExecValue') === null ? null : amount(raw, 'cumExecValue'),
    placedAtMs: timeMs(raw, 'createdTime'),
    updatedAtMs: timeMs(raw, 'updatedTime'),
  });
};

/** What did not rest by its own terms expired; a post-only order that would have taken was rejected, whichever word Bybit has for it. */
const stateOf = (raw: Fields): OrderState => {
  const state = word(raw, 'orderStatus', STATES);
  if (state !== 'ended') return state;
  if (raw['rejectReason'] === 'EC_PostOnlyWillTakeLiquidity') return 'rejected';
  const leftOnPurpose = ['IOC', 'FOK'].includes(text(raw, 'timeInForce')) || raw['cancelType'] === 'CancelBySmp';
  return leftOnPurpose ? 'expired' : 'cancelled';
};

/** Stop, take-profit and OCO orders, which are never ours. */
const isConditional = (raw: Fields): boolean =>
  !['', 'UNKNOWN', undefined, null].includes(raw['stopOrderType'] as string);

/** In base. An order that was sized in money has no other quantity than what it came to. */
const quantityOf = (raw: Fields, type: OrderType, side: Side): string => {
  const unit = textOrNull(raw, 'marketUnit') ?? (side === 'buy' ? 'quoteCoin' : 'baseCoin');
  return positive(raw, type === 'market' && unit === 'quoteCoin' ? 'cumExecQty' : 'qty');
};

/** A row of `execution/list`; `null` for one that is no trade. */
export const toTrade = (value: unknown, of: InstrumentKey): Fill | null => {
  const raw = fields(value, 'execution');
  if ((textOrNull(raw, 'execType') ?? 'Trade') !== 'Trade') return null;
  same('symbol', text(raw, 'symbol'), of.venueSymbol);
  const side = word(raw, 'side', SIDES);
  const amountPaid = signed(raw, 'execFee');
  return {
    pair: of.pair,
    venueSymbol: of.venueSymbol,
    tradeId: text(raw, 'execId'),
    venueOrderId: text(raw, 'orderId'),
    side,
    quantity: positive(raw, 'execQty'),
    price: positive(raw, 'execPrice'),
    fee: { amount: amountPaid, currency: textOrNull(raw, 'feeCurrency') ?? feeCurrencyOf(side, amountPaid, of) },
    liquidity: flag(raw, 'isMaker') ? 'maker' : 'taker',
    filledAtMs: timeMs(raw, 'execTime'),
  };
};

/** Where Bybit names none: fees come out of what is received, rebates in what is paid (`enum#spot-fee-currency-instruction`). */
const feeCurrencyOf = (side: Side, fee: string, { pair, venueSymbol }: InstrumentKey): string => {
  const [base = ''] = pair.split('-');
  // A symbol is base and quote in one word; the pair's own quote may be one that the account takes for it.
  if (base === '' || !venueSymbol.startsWith(base) || base === venueSymbol)
    throw new Nonsense('feeCurrency is missing');
  const inBase = (side === 'buy') !== decimal(fee).lt(ZERO);
  return inBase ? base : venueSymbol.slice(base.length);
};

/**
 * One coin of `account/wallet-balance`: the account's own, without what it borrowed. Free is what neither open spot orders nor margin
 * hold back.
 */
export const toBalance = (value: unknown): Balance => {
  const raw = fields(value, 'coin');
  const part = (name: string) => decimal(textOrNull(raw, name) === null ? '0' : amount(raw, name));
  const total = decimal(signed(raw, 'walletBalance')).minus(part('spotBorrow'));
  const locked = part('locked');
  const free = total.minus(locked).minus(part('totalOrderIM')).minus(part('totalPositionIM'));
  return {
    asset: text(raw, 'coin'),
    free: (free.lt(ZERO) ? ZERO : free).toFixed(),
    locked: locked.toFixed(),
    total: total.toFixed(),
  };
};

const textOrNull = (raw: Fields, name: string): string | null => {
  const value = raw[name];
  return typeof value === 'string' && value !== '' ? value : null;
};
