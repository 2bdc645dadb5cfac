import type { OrderRequest, TimeInForce } from '../../core/order.js';
import { placeOrder } from '../placing.js';
import { errors, refusalWords } from './errors.js';
import { inWords } from './format.js';
import { ids, madeUpId } from './ids.js';
import { instrumentAsked, type PrivateContext } from './route.js';
import { checkDeadline } from './signature.js';

/** A UUID with or without dashes, or up to eighteen characters. */
const CLIENT_ID = /^([0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-z-]{1,18})$/i;

const FLAGS = ['post', 'fcib', 'fciq', 'nompp', 'viqc'];

const clientIdAsked = ({ parameters }: PrivateContext): string => {
  const clientId = parameters.text('cl_ord_id');
  const userref = parameters.text('userref');
  if (clientId !== undefined && userref !== undefined) throw errors.argument('cl_ord_id');
  if (userref !== undefined && !/^-?\d{1,10}$/.test(userref)) throw errors.argument('userref');
  if (clientId === undefined) return madeUpId(userref);
  if (!CLIENT_ID.test(clientId)) throw errors.argument('cl_ord_id');
  return clientId;
};

const timeAsked = ({ parameters, exchange }: PrivateContext): Pick<OrderRequest, 'timeInForce' | 'expiresAt'> => {
  const asked = parameters.text('timeinforce') ?? 'GTC';
  const expires = parameters.text('expiretm') ?? '0';
  if ((asked === 'GTD') !== (expires !== '0')) throw errors.argument('timeinforce');
  if (asked === 'GTD') {
    const relative = /^\+(\d{1,9})$/.exec(expires)?.[1];
    const at =
      relative === undefined ? (parameters.number('expiretm') ?? 0) * 1_000 : exchange.now() + Number(relative) * 1_000;
    if (at <= exchange.now()) throw errors.argument('expiretm');
    return { timeInForce: 'gtd', expiresAt: at };
  }
  const known: Readonly<Record<string, TimeInForce>> = { GTC: 'gtc', IOC: 'ioc' };
  const timeInForce = known[asked];
  if (timeInForce === undefined) throw errors.argument('timeinforce');
  return { timeInForce };
};

/** Kraken's parameters as an order of the core. @throws KrakenError on what is missing, malformed or not simulated */
export const orderAsked = (context: PrivateContext): OrderRequest => {
  const { parameters, customer } = context;
  const { symbol } = instrumentAsked(context);
  const side = parameters.required('type');
  if (side !== 'buy' && side !== 'sell') throw errors.argument('type');
  const type = parameters.required('ordertype');
  if (type !== 'market' && type !== 'limit') throw errors.argument('ordertype');
  const size = parameters.decimal('volume');
  if (size === undefined) throw errors.argument('volume');
  const flags = parameters.list('oflags');
  const isFlagged = (flag: string): boolean => flags.includes(flag);
  const postOnly = isFlagged('post');
  const inQuote = isFlagged('viqc');
  if (flags.some((flag) => !FLAGS.includes(flag)) || (isFlagged('fcib') && isFlagged('fciq')))
    throw errors.argument('oflags');
  if ((postOnly && type !== 'limit') || (inQuote && (type !== 'market' || side !== 'buy')))
    throw errors.argument('oflags');
  const limitPrice = parameters.decimal('price');
  if (type === 'limit' && limitPrice === undefined) throw errors.argument('price');
  const { timeInForce, expiresAt } = timeAsked(context);
  if (postOnly && timeInForce === 'ioc') throw errors.argument('timeinforce');
  return {
    accountKey: customer.key,
    clientOrderId: clientIdAsked(context),
    symbol,
    side,
    type,
    timeInForce,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    postOnly,
    ...(inQuote ? { quoteQuantity: size } : { quantity: size }),
    ...(type === 'limit' ? { limitPrice } : {}),
    ...(isFlagged('fcib') ? { feeIn: 'base' } : isFlagged('fciq') ? { feeIn: 'quote' } : {}),
  };
};

/** `AddOrder`. With `validate` it is checked and not placed. */
export const addOrder = (context: PrivateContext): object => {
  const { exchange, parameters, fault } = context;
  const request = orderAsked(context);
  try {
    checkDeadline(exchange, parameters);
  } catch (error) {
    if (error instanceof Error) exchange.recordRefusal(request, error.message);
    throw error;
  }
  if (parameters.flag('validate')) {
    const refused = exchange.rehearse(request);
    if (refused !== undefined) throw refusalWords.of(refused);
    return { descr: { order: inWords(exchange, request) } };
  }
  const order = placeOrder(exchange, request, fault, refusalWords);
  return { descr: { order: inWords(exchange, order) }, txid: [ids.order(order.orderId)] };
};
