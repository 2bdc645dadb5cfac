import { randomUUID } from 'node:crypto';
import type { Order, OrderRequest } from '../../core/order.js';
import { placeOrder } from '../placing.js';
import { errors, refusalWords, type KucoinError } from './errors.js';
import { NAMELESS } from './format.js';
import type { SignedContext } from './route.js';

const CLIENT_ID = /^[A-Za-z0-9_-]{1,40}$/;

/** KuCoin's parameters as an order of the core. @throws KucoinError on what is missing, malformed or not simulated */
export const orderAsked = ({ parameters, customer }: SignedContext): OrderRequest => {
  // A symbol that is not listed is refused by the core, and the ledger says so.
  const symbol = parameters.required('symbol');
  parameters.required('side');
  const side = parameters.oneOf('side', ['buy', 'sell']) ?? 'buy';
  parameters.required('type');
  const type = parameters.oneOf('type', ['limit', 'market']) ?? 'limit';
  const clientOid = parameters.text('clientOid');
  if (clientOid !== undefined && !CLIENT_ID.test(clientOid)) throw errors.bad('clientOid');
  for (const unplayed of ['hidden', 'iceberg']) if (parameters.flag(unplayed)) throw errors.bad(unplayed);
  const common = {
    accountKey: customer.key,
    clientOrderId: clientOid ?? `${NAMELESS}${randomUUID()}`,
    symbol,
    side,
    type,
  } as const;
  const quantity = parameters.decimal('size');
  if (type === 'market') {
    const quoteQuantity = parameters.decimal('funds');
    if ((quantity === undefined) === (quoteQuantity === undefined)) throw errors.missing('size');
    return { ...common, timeInForce: 'ioc', postOnly: false, quantity, quoteQuantity };
  }
  if (quantity === undefined) throw errors.missing('size');
  const limitPrice = parameters.decimal('price');
  if (limitPrice === undefined) throw errors.missing('price');
  const timeInForce = TIMES_IN_FORCE[parameters.oneOf('timeInForce', ['GTC', 'IOC', 'FOK']) ?? 'GTC'];
  // "This is disabled when the order timing strategy is IOC or FOK".
  const postOnly = parameters.flag('postOnly') && timeInForce === 'gtc';
  return { ...common, timeInForce, postOnly, quantity, limitPrice };
};

const TIMES_IN_FORCE = { GTC: 'gtc', IOC: 'ioc', FOK: 'fok' } as const;

/** Places an order, or throws what KuCoin would answer. */
export const newOrder = (context: SignedContext): Order => {
  const { exchange, fault } = context;
  const asked = orderAsked(context);
  const late = windowError(context);
  if (late !== undefined) {
    exchange.recordRefusal(asked, late.text);
    throw late;
  }
  return placeOrder(exchange, asked, fault, refusalWords);
};

/** "If clientTimestamp + allowMaxTimeWindow < Gateway received the message time, this order will fail"; the former is the signature's time. */
const windowError = ({ exchange, parameters, timestamp }: SignedContext): KucoinError | undefined => {
  const windowMs = parameters.integer('allowMaxTimeWindow');
  if (windowMs === undefined) return undefined;
  if (parameters.required('clientTimestamp') !== timestamp) return errors.bad('clientTimestamp');
  return Number(timestamp) + windowMs < exchange.now() ? errors.windowPassed() : undefined;
};
