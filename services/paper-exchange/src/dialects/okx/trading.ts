import { ZERO } from '@switchyard/money';
import type { Trade } from '../../core/customer.js';
import { isOpen, type Order } from '../../core/order.js';
import { asOftenAs } from '../placing.js';
import { errorOf, errors, OrderError, type OkxError } from './errors.js';
import { acknowledged, fillRow, orderDetails, ordTypeOf, stateOf } from './format.js';
import { billId, okxIds, orderNumber } from './ids.js';
import { newOrder, orderAsked } from './new-order.js';
import { asksSpot, instrumentOf, type Route, type SignedContext } from './route.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** How far back the lists reach: orders for 7 days or 3 months, trades for 3 days or 3 months. */
const WEEK_MS = 7 * DAY_MS;
const THREE_MONTHS_MS = 90 * DAY_MS;
const THREE_DAYS_MS = 3 * DAY_MS;

/** The order that a request names: by OKX's id where it is given, else by the customer's, and then the latest. */
const orderNamed = (context: SignedContext): Order | undefined => {
  const { parameters, customer } = context;
  const { symbol } = instrumentOf(context);
  const ordId = parameters.text('ordId');
  const clOrdId = parameters.text('clOrdId');
  if (ordId === undefined && clOrdId === undefined) throw errors.noOrderNamed();
  const found =
    ordId === undefined ? customer.orderByClientId(clOrdId ?? '') : customer.order(orderNumber(ordId) ?? -1);
  return found?.symbol === symbol ? found : undefined;
};

/** A cancelled order that never traded is kept for two hours. */
const isKept = ({ exchange }: SignedContext, order: Order): boolean =>
  isOpen(order) || order.executed.gt(ZERO) || order.updatedAt > exchange.now() - 2 * HOUR_MS;

const getOrder = (context: SignedContext): readonly unknown[] => {
  const order = orderNamed(context);
  if (order === undefined || !isKept(context, order)) throw errors.unknownOrder();
  return [orderDetails(context.exchange, order)];
};

const cancelOrder = (context: SignedContext): readonly unknown[] => {
  const order = orderNamed(context);
  const cancelled = order && context.exchange.cancel(order);
  if (cancelled === undefined) throw errors.notOpen();
  return [acknowledged(context.exchange, cancelled)];
};

const amendOrder = (context: SignedContext): readonly unknown[] => {
  const { parameters, exchange } = context;
  const [quantity, limitPrice] = [parameters.decimal('newSz'), parameters.decimal('newPx')];
  if (quantity === undefined && limitPrice === undefined) throw errors.nothingToAmend();
  const order = orderNamed(context);
  if (order === undefined) throw new OrderError('51603', 'Order does not exist.');
  const amended = exchange.amend(order, {
    ...(quantity === undefined ? {} : { quantity }),
    ...(limitPrice === undefined ? {} : { limitPrice }),
    postOnly: order.postOnly,
  });
  if (amended === undefined) throw errors.notAmendable();
  if ('refused' in amended) {
    throw amended.refused === 'INSUFFICIENT_BALANCE'
      ? new OrderError('51502', 'Unable to edit order: insufficient balance or margin.')
      : errorOf(amended);
  }
  return [{ ...acknowledged(exchange, amended), reqId: parameters.text('reqId') ?? '' }];
};

/** A page of a list that is told newest first: `after` a row are the older ones, `before` it the newer. */
const page = <T>(
  { parameters }: SignedContext,
  rows: readonly T[],
  { at, cursor }: { readonly at: (row: T) => number; readonly cursor: (row: T) => string },
): readonly T[] => {
  const [after, before] = [parameters.text('after'), parameters.text('before')];
  const [begin, end] = [parameters.integer('begin'), parameters.integer('end')];
  for (const [name, value] of Object.entries({ after, before }))
    if (value !== undefined && !/^\d{1,19}$/.test(value)) throw errors.bad(name);
  const place = (row: T): bigint => BigInt(cursor(row));
  return rows
    .filter(
      (row) =>
        (after === undefined || place(row) < BigInt(after)) && (before === undefined || place(row) > BigInt(before)),
    )
    .filter((row) => (begin === undefined || at(row) >= begin) && (end === undefined || at(row) <= end))
    .toReversed()
    .slice(0, parameters.limit('limit', 100, 100));
};

const listOrders = (context: SignedContext, orders: readonly Order[]): readonly unknown[] => {
  const { parameters, exchange } = context;
  if (!asksSpot(context)) return [];
  const symbol = parameters.text('instId') === undefined ? undefined : instrumentOf(context).symbol;
  const types = parameters.text('ordType')?.split(',');
  const state = parameters.oneOf('state', ['live', 'partially_filled', 'filled', 'canceled', 'mmp_canceled']);
  const rows = orders.filter(
    (order) =>
      (symbol === undefined || order.symbol === symbol) &&
      (types?.includes(ordTypeOf(order)) ?? true) &&
      (state === undefined || state === stateOf(order)),
  );
  return page(context, rows, { at: (order) => order.receivedAt, cursor: (order) => okxIds.order(order.orderId) }).map(
    (order) => orderDetails(exchange, order),
  );
};

const pending = (context: SignedContext): readonly unknown[] => listOrders(context, context.customer.openOrders());

const past =
  (reachMs: number) =>
  (context: SignedContext): readonly unknown[] => {
    const { parameters, customer, exchange } = context;
    parameters.required('instType');
    const since = exchange.now() - reachMs;
    const kept = customer.closedOrders().filter((order) => order.updatedAt >= since && isKept(context, order));
    return listOrders(context, kept);
  };

const fills =
  (reachMs: number) =>
  (context: SignedContext): readonly unknown[] => {
    const { parameters, customer, exchange, fault } = context;
    if (!asksSpot(context)) return [];
    const symbol = parameters.text('instId') === undefined ? undefined : instrumentOf(context).symbol;
    const ordId = parameters.text('ordId');
    const orderId = ordId === undefined ? undefined : (orderNumber(ordId) ?? -1);
    const since = exchange.now() - reachMs;
    const rows = customer
      .trades({ orderId })
      .filter(({ order, fill }) => (symbol === undefined || order.symbol === symbol) && fill.at >= since);
    const told = page(context, rows, {
      at: ({ fill }: Trade) => fill.at,
      cursor: ({ fill }: Trade) => billId(fill.tradeId),
    });
    return asOftenAs(told, fault).map((trade) => fillRow(exchange, trade));
  };

const fillsHistory = (context: SignedContext): readonly unknown[] => {
  context.parameters.required('instType');
  return fills(THREE_MONTHS_MS)(context);
};

const noteLate = (context: SignedContext, error: OkxError): void => {
  context.exchange.recordRefusal(orderAsked(context), error.text);
};

export const trading: Readonly<Record<string, Route>> = {
  'POST /api/v5/trade/order': { signed: true, answer: newOrder, timed: true, mayExpire: true, noteLate },
  'POST /api/v5/trade/cancel-order': { signed: true, answer: cancelOrder, timed: true },
  'POST /api/v5/trade/amend-order': { signed: true, answer: amendOrder, timed: true, mayExpire: true },
  'GET /api/v5/trade/order': { signed: true, answer: getOrder },
  'GET /api/v5/trade/orders-pending': { signed: true, answer: pending },
  'GET /api/v5/trade/orders-history': { signed: true, answer: past(WEEK_MS) },
  'GET /api/v5/trade/orders-history-archive': { signed: true, answer: past(THREE_MONTHS_MS) },
  'GET /api/v5/trade/fills': { signed: true, answer: fills(THREE_DAYS_MS) },
  'GET /api/v5/trade/fills-history': { signed: true, answer: fillsHistory },
};
