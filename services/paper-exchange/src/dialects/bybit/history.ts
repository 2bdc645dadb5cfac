import { ZERO } from '@switchyard/money';
import { isOpen, type Order } from '../../core/order.js';
import type { Trade } from '../../core/customer.js';
import { asOftenAs } from '../placing.js';
import { errors } from './errors.js';
import { executionOf, orderOf, statusOf } from './format.js';
import { orderNumberOf } from './ids.js';
import { pageOf } from './paging.js';
import type { Parameters } from './parameters.js';
import { instrumentOf, requireSpot, type Route, type SignedContext } from './route.js';

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
/** So many orders that are over does `order/realtime` remember. */
const RECENT = 500;
const ORDERS_A_PAGE = { standard: 20, most: 50 };
const TRADES_A_PAGE = { standard: 50, most: 100 };

const told = ({ exchange }: SignedContext, orders: readonly Order[]): readonly object[] =>
  orders.flatMap((order) => {
    const instrument = exchange.instrument(order.symbol);
    return instrument === undefined ? [] : [orderOf(order, instrument)];
  });

/** The ids that a question names; the venue's goes first, and either before `symbol`. */
const idsNamed = ({ parameters }: SignedContext): Pick<Naming, 'orderId' | 'linkId'> => ({
  orderId: parameters.text('orderId'),
  linkId: parameters.text('orderLinkId'),
});

interface Naming {
  readonly orderId: string | undefined;
  readonly linkId: string | undefined;
}

const ordersNamed = ({ customer }: SignedContext, { orderId, linkId }: Naming): readonly Order[] => {
  if (orderId === undefined) return customer.ordersByClientId(linkId ?? '');
  const number = orderNumberOf(orderId);
  const order = number === undefined ? undefined : customer.order(number);
  return order === undefined ? [] : [order];
};

const ofSymbol = (context: SignedContext): ((row: { readonly symbol: string }) => boolean) => {
  if (context.parameters.text('symbol') === undefined) return () => true;
  const asked = instrumentOf(context).symbol;
  return ({ symbol }) => symbol === asked;
};

const isOtherKind = ({ parameters }: SignedContext): boolean => (parameters.text('orderFilter') ?? 'Order') !== 'Order';

/** Orders newest first, as every list here. */
const ordersPage = (context: SignedContext, orders: readonly Order[]): object => {
  const newestFirst = isOtherKind(context) ? [] : [...orders].sort((a, b) => b.orderId - a.orderId);
  const { rows, nextPageCursor } = pageOf(newestFirst, ({ orderId }) => orderId, context.parameters, ORDERS_A_PAGE);
  return { list: told(context, rows), nextPageCursor, category: 'spot' };
};

/** `GET /v5/order/realtime`: open orders, or the latest others; by an id both. */
const realtime = (context: SignedContext): object => {
  requireSpot(context);
  const { customer, parameters } = context;
  const recent = (): readonly Order[] => customer.closedOrders().slice(-RECENT);
  const naming = idsNamed(context);
  if (naming.orderId !== undefined || naming.linkId !== undefined) {
    const known = new Set(recent().map(({ orderId }) => orderId));
    const named = ordersNamed(context, naming).filter((order) => isOpen(order) || known.has(order.orderId));
    return ordersPage(context, named);
  }
  const orders = parameters.text('openOnly') === '1' ? recent() : customer.openOrders();
  return ordersPage(context, orders.filter(ofSymbol(context)));
};

/** The times that a question covers: a week at most, and the last one where it names none. */
const rangeOf = ({ exchange, parameters }: SignedContext): ((at: number) => boolean) => {
  const [start, end] = rangeAsked(parameters, exchange.now());
  if (end - start > WEEK_MS) throw errors.rangeTooLong();
  return (at) => at >= start && at <= end;
};

const rangeAsked = (parameters: Parameters, now: number): readonly [start: number, end: number] => {
  const start = parameters.integer('startTime');
  const end = parameters.integer('endTime');
  if (start !== undefined) return [start, end ?? start + WEEK_MS];
  const until = end ?? now;
  return [until - WEEK_MS, until];
};

/** `GET /v5/order/history`: orders that are over; those that ended without a fill for a day only. */
const history = (context: SignedContext): object => {
  requireSpot(context);
  const { customer, exchange, parameters } = context;
  const naming = idsNamed(context);
  const byId = naming.orderId !== undefined || naming.linkId !== undefined;
  const inRange = rangeOf(context);
  const aDayAgo = exchange.now() - DAY_MS;
  const status = parameters.text('orderStatus');
  const orders = (byId ? ordersNamed(context, naming) : customer.closedOrders().filter(ofSymbol(context)))
    .filter((order) => !isOpen(order) && inRange(order.receivedAt))
    .filter((order) => order.executed.gt(ZERO) || order.updatedAt >= aDayAgo)
    .filter((order) => status === undefined || statusOf(order) === status);
  return ordersPage(context, orders);
};

/** Trades by an id are told of orders that no list has any more, too. */
const tradesNamed = ({ exchange, customer }: SignedContext, { orderId, linkId }: Naming): readonly Trade[] => {
  if (orderId !== undefined) {
    const number = orderNumberOf(orderId);
    return number === undefined ? [] : customer.trades({ orderId: number });
  }
  return exchange.state
    .ordersByClientId(customer.key, linkId ?? '')
    .flatMap((order) => customer.trades({ orderId: order.orderId }));
};

/** `GET /v5/execution/list` */
const executions = (context: SignedContext): object => {
  requireSpot(context);
  const { customer, exchange, parameters, fault } = context;
  const naming = idsNamed(context);
  const byId = naming.orderId !== undefined || naming.linkId !== undefined;
  const inRange = rangeOf(context);
  const isOfSymbol = ofSymbol(context);
  const trades = byId
    ? tradesNamed(context, naming)
    : customer.trades().filter(({ order, fill }) => isOfSymbol(order) && inRange(fill.at));
  const newestFirst = [...trades].sort((a, b) => b.fill.tradeId - a.fill.tradeId);
  const page = pageOf(newestFirst, ({ fill }) => fill.tradeId, parameters, TRADES_A_PAGE);
  const list = asOftenAs(page.rows, fault).flatMap((trade) => {
    const instrument = exchange.instrument(trade.order.symbol);
    return instrument === undefined ? [] : [executionOf(trade, instrument, exchange.fees[trade.fill.liquidity])];
  });
  return { list, nextPageCursor: page.nextPageCursor, category: 'spot' };
};

export const historyRoutes: Readonly<Record<string, Route>> = {
  'GET /v5/order/realtime': { signed: true, answer: realtime },
  'GET /v5/order/history': { signed: true, answer: history },
  'GET /v5/execution/list': { signed: true, answer: executions },
};
