import { randomUUID } from 'node:crypto';
import { decimal, floorTo, isDecimalString, plain } from '@switchyard/money';
import type { OrderRequest } from '../../core/order.js';
import { placeOrder } from '../placing.js';
import { errors, refusalWords } from './errors.js';
import { orderOf } from './format.js';
import { given, instrumentNamed, type SignedContext } from './route.js';

const LONGEST_CLIENT_ID = 128;
const MIN_PURCHASE_USD = decimal('10');

const amount = ({ parameters }: SignedContext, name: string): string | undefined => {
  const text = given(parameters, name);
  if (text === undefined) return undefined;
  if (!isDecimalString(text)) throw errors.bad(`${name} must be a number`);
  if (decimal(text).lte('0')) throw errors.bad(`${name} must be > 0`);
  return plain(decimal(text));
};

const required = (context: SignedContext, name: string): string => {
  const text = given(context.parameters, name);
  if (text === undefined) throw errors.required(name);
  return text;
};

/** Alpaca's parameters as an order of the core. @throws AlpacaError on what is missing, malformed or not simulated */
const orderAsked = (context: SignedContext): OrderRequest => {
  const { parameters, customer, exchange } = context;
  const named = required(context, 'symbol');
  const instrument = instrumentNamed(exchange, named);
  if (instrument === undefined) throw errors.noSuchAsset(named);
  const side = required(context, 'side');
  if (side !== 'buy' && side !== 'sell') throw errors.bad('side must be buy or sell');
  const type = required(context, 'type');
  if (type === 'stop_limit') throw errors.unprocessable('stop limit orders are not simulated');
  if (type !== 'market' && type !== 'limit') throw errors.badOrderType();
  const timeInForce = required(context, 'time_in_force');
  if (timeInForce !== 'gtc' && timeInForce !== 'ioc') throw errors.badTimeInForce();
  const clientOrderId = given(parameters, 'client_order_id') ?? randomUUID();
  if (clientOrderId.length > LONGEST_CLIENT_ID) throw errors.bad('client_order_id must be at most 128 characters');
  const quoteQuantity = amount(context, 'notional');
  const asked = amount(context, 'qty');
  if (asked !== undefined && quoteQuantity !== undefined) throw errors.bad('only one of qty or notional is accepted');
  if (asked === undefined && quoteQuantity === undefined) throw errors.bad('qty or notional is required');
  const limitPrice = amount(context, 'limit_price');
  if (type === 'limit' && limitPrice === undefined) throw errors.bad('limit orders require a limit price');
  if (type === 'market' && limitPrice !== undefined) throw errors.bad('market orders require no limit price');
  if (type === 'limit' && quoteQuantity !== undefined) throw errors.bad('notional is for market orders');
  return {
    accountKey: customer.key,
    clientOrderId,
    symbol: instrument.symbol,
    side,
    type,
    timeInForce,
    postOnly: false,
    // What is finer than the increment is cut off, silently.
    ...(asked === undefined ? {} : { quantity: plain(floorTo(decimal(asked), instrument.lot)) }),
    ...(quoteQuantity === undefined ? {} : { quoteQuantity }),
    ...(limitPrice === undefined ? {} : { limitPrice }),
  };
};

/** Purchases in dollars must be worth ten; sales need not. */
const isTooCheap = ({ exchange }: SignedContext, order: OrderRequest): boolean => {
  const instrument = exchange.instrument(order.symbol);
  if (instrument === undefined || order.side !== 'buy' || instrument.quote !== 'USD') return false;
  const price = order.limitPrice ?? exchange.book(instrument).asks[0]?.price.toFixed() ?? '0';
  const cost =
    order.quoteQuantity ??
    decimal(price)
      .times(decimal(order.quantity ?? '0'))
      .toFixed();
  return price !== '0' && decimal(cost).lt(MIN_PURCHASE_USD);
};

/** Takes an order, or throws what Alpaca would answer. What became of it is not told yet. */
export const newOrder = (context: SignedContext): object => {
  const { exchange, fault } = context;
  const order = orderAsked(context);
  if (isTooCheap(context, order)) {
    const error = errors.tooCheap();
    exchange.recordRefusal(order, error.text);
    throw error;
  }
  return orderOf(placeOrder(exchange, order, fault, refusalWords(order)), { asReceived: true });
};
