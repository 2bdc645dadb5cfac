import { isOpen, type Order } from '../../core/order.js';
import { asOftenAs } from '../placing.js';
import { errors } from './errors.js';
import { fillOf, orderOf, statusOf } from './format.js';
import { alpacaIds, orderNumber, tradeNumber } from './ids.js';
import { newOrder } from './new-order.js';
import { given, instrumentNamed, NoContent, type Route, type SignedContext } from './route.js';

const orderNamed = ({ customer }: SignedContext, id: string): Order => {
  const number = orderNumber(id);
  if (number === null) throw errors.bad('order_id is not a valid UUID');
  const order = number === undefined ? undefined : customer.order(number);
  if (order === undefined) throw errors.orderNotFound(id);
  return order;
};

const getOrder = (context: SignedContext): object => orderOf(orderNamed(context, context.path['id'] ?? ''));

const getOurs = ({ customer, parameters }: SignedContext): object => {
  const id = given(parameters, 'client_order_id');
  if (id === undefined) throw errors.required('client_order_id');
  const order = customer.orderByClientId(id);
  if (order === undefined) throw errors.orderNotFound(id);
  return orderOf(order);
};

/** Yes, without content; of what is cancelled already, too. */
const cancelOrder = (context: SignedContext): NoContent => {
  const order = orderNamed(context, context.path['id'] ?? '');
  if (context.exchange.cancel(order) === undefined && statusOf(order) !== 'canceled') {
    const known = context.exchange.state.order(order.orderId);
    throw errors.alreadyIn(statusOf(known ?? order));
  }
  return new NoContent();
};

/** Everything that the account has open, of all pairs. */
const cancelAll = ({ exchange, customer }: SignedContext): unknown =>
  customer.openOrders().flatMap((order) => {
    const cancelled = exchange.cancel(order);
    return cancelled === undefined
      ? []
      : [{ id: alpacaIds.order(order.orderId), status: 200, body: orderOf(cancelled) }];
  });

const whole = ({ parameters }: SignedContext, name: string, standard: number, most: number): number => {
  const text = given(parameters, name);
  if (text === undefined) return standard;
  if (!/^\d{1,6}$/.test(text) || Number(text) < 1 || Number(text) > most)
    throw errors.bad(`${name} must be <= ${most}`);
  return Number(text);
};

const moment = ({ parameters }: SignedContext, name: string): number | undefined => {
  const text = given(parameters, name);
  if (text === undefined) return undefined;
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw errors.bad(`${name} is not a valid time`);
  return at;
};

const isAscending = ({ parameters }: SignedContext): boolean => given(parameters, 'direction') === 'asc';

/** After and until, both exclusive. */
const inTime = (context: SignedContext): ((at: number) => boolean) => {
  const after = moment(context, 'after') ?? Number.NEGATIVE_INFINITY;
  const until = moment(context, 'until') ?? Number.POSITIVE_INFINITY;
  return (at) => at > after && at < until;
};

const STATUSES: Readonly<Record<string, (order: Order) => boolean>> = {
  open: isOpen,
  closed: (order) => !isOpen(order),
  all: () => true,
};

const listOrders = (context: SignedContext): unknown => {
  const { customer, parameters, exchange } = context;
  const isWanted = STATUSES[given(parameters, 'status') ?? 'open'];
  if (isWanted === undefined) throw errors.bad('status must be open, closed or all');
  const limit = whole(context, 'limit', 50, 500);
  const symbols = given(parameters, 'symbols')
    ?.split(',')
    .map((symbol) => instrumentNamed(exchange, symbol)?.symbol);
  const before = orderNumber(given(parameters, 'before_order_id') ?? '') ?? Number.POSITIVE_INFINITY;
  const behind = orderNumber(given(parameters, 'after_order_id') ?? '') ?? Number.NEGATIVE_INFINITY;
  const isInTime = inTime(context);
  const known = given(parameters, 'status') === undefined || given(parameters, 'status') === 'open';
  const rows = (known ? customer.openOrders() : customer.orders())
    .filter(isWanted)
    .filter(({ symbol }) => symbols === undefined || symbols.includes(symbol))
    .filter(({ orderId, receivedAt }) => orderId < before && orderId > behind && isInTime(receivedAt));
  return (isAscending(context) ? rows : rows.toReversed()).slice(0, limit).map((order) => orderOf(order));
};

const activities = (context: SignedContext): unknown => {
  const { customer, fault, parameters, path } = context;
  const type = path['type'] ?? '';
  if (!/^[A-Z_]+$/.test(type)) throw errors.bad(`invalid activity type: ${type}`);
  const size = whole(context, 'page_size', 100, 100);
  const isInTime = inTime(context);
  const ascending = isAscending(context);
  const token = given(parameters, 'page_token');
  const from = token === undefined ? undefined : tradeNumber(token);
  if (token !== undefined && from === undefined) throw errors.bad('invalid page_token');
  if (type !== 'FILL') return [];
  const rows = customer
    .trades()
    .filter(({ fill }) => isInTime(fill.at))
    .filter(({ fill }) => from === undefined || (ascending ? fill.tradeId > from : fill.tradeId < from));
  const page = (ascending ? rows : rows.toReversed()).slice(0, size);
  return asOftenAs(page, fault).map(({ order, fill }) => fillOf(order, fill));
};

export const trading: Readonly<Record<string, Route>> = {
  'POST /v2/orders': { answer: newOrder },
  'GET /v2/orders': { answer: listOrders },
  'DELETE /v2/orders': { answer: cancelAll },
  'GET /v2/orders:by_client_order_id': { answer: getOurs },
  'GET /v2/orders/:id': { answer: getOrder },
  'DELETE /v2/orders/:id': { answer: cancelOrder },
  'GET /v2/account/activities/:type': { answer: activities },
};
