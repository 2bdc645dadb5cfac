import { ZERO } from '@switchyard/money';
import { isOpen, type Order } from '../../core/order.js';
import { asOftenAs } from '../placing.js';
import { errors, errorOf, type KucoinError } from './errors.js';
import { clientOidOf, fillRow, orderDetails, short } from './format.js';
import { kucoinIds, orderNumber, recordId } from './ids.js';
import { newOrder, orderAsked } from './new-order.js';
import { instrumentOf, type Route, type SignedContext } from './route.js';

/** Orders that are over are told of for so long. https://www.kucoin.com/docs/rest/spot-trading/spot-hf-trade-pro-account/get-hf-completed-order-list */
const KEPT_MS = 3 * 86_400_000;

const place = (context: SignedContext): unknown => {
  const order = newOrder(context);
  return { orderId: kucoinIds.order(order.orderId), clientOid: clientOidOf(order) };
};

/** The same, answered after the match: with what came of it so far. */
const placeSync = (context: SignedContext): unknown => {
  const order = newOrder(context);
  const { dealSize, remainSize, cancelledSize } = orderDetails(context.exchange, order) as Readonly<
    Record<string, string>
  >;
  return {
    orderId: kucoinIds.order(order.orderId),
    clientOid: clientOidOf(order),
    orderTime: order.receivedAt,
    originSize: short(order.quantity),
    dealSize,
    remainSize,
    canceledSize: cancelledSize,
    status: isOpen(order) ? 'open' : 'done',
    matchTime: order.updatedAt,
  };
};

/** An order that is only looked at: it gets an id, and cannot be found by it. */
const placeTest = (context: SignedContext): unknown => {
  const asked = orderAsked(context);
  const refusal = context.exchange.rehearse(asked);
  if (refusal !== undefined) throw errorOf(refusal);
  return { orderId: kucoinIds.order(0), clientOid: asked.clientOrderId };
};

/** The order that a path names, of the symbol that the query names. */
const orderNamed = (context: SignedContext): Order | undefined => {
  const { parameters, customer } = context;
  const { symbol } = instrumentOf(context);
  const clientOid = parameters.text('clientOid');
  const found =
    clientOid === undefined
      ? customer.order(orderNumber(parameters.required('orderId')) ?? -1)
      : customer.orderByClientId(clientOid);
  return found?.symbol === symbol ? found : undefined;
};

const isKept = ({ exchange }: SignedContext, order: Order): boolean =>
  isOpen(order) || order.updatedAt > exchange.now() - KEPT_MS;

const getOrder = (context: SignedContext): unknown => {
  const order = orderNamed(context);
  if (order === undefined || !isKept(context, order)) throw errors.unknownOrder();
  return orderDetails(context.exchange, order);
};

const cancel =
  (answer: (order: Order) => object) =>
  (context: SignedContext): unknown => {
    const order = orderNamed(context);
    const cancelled = order && context.exchange.cancel(order);
    if (cancelled === undefined) throw errors.notOpen();
    return answer(cancelled);
  };
const cancelById = cancel((order) => ({ orderId: kucoinIds.order(order.orderId) }));
const cancelByClientOid = cancel((order) => ({ clientOid: clientOidOf(order) }));

/** All open orders of a symbol: one slash and an id away from the cancel of one. */
const cancelSymbol = (context: SignedContext): unknown => {
  const { symbol } = instrumentOf(context);
  for (const order of context.customer.openOrders()) if (order.symbol === symbol) context.exchange.cancel(order);
  return 'success';
};

const active = (context: SignedContext): unknown => {
  const { symbol } = instrumentOf(context);
  const open = context.customer.openOrders().filter((order) => order.symbol === symbol);
  return open.sort((a, b) => b.updatedAt - a.updatedAt).map((order) => orderDetails(context.exchange, order));
};

const activeSymbols = ({ customer }: SignedContext): unknown => ({
  symbols: [...new Set(customer.openOrders().map(({ symbol }) => symbol))],
});

/** The side, type and times that a list is narrowed to. */
const isWanted = ({ parameters }: SignedContext): ((order: Order, at: number) => boolean) => {
  const side = parameters.oneOf('side', ['buy', 'sell']);
  const type = parameters.oneOf('type', ['limit', 'market']);
  const [startAt = 0, endAt = Number.POSITIVE_INFINITY] = [parameters.integer('startAt'), parameters.integer('endAt')];
  return (order, at) =>
    (side === undefined || order.side === side) &&
    (type === undefined || order.type === type) &&
    at >= startAt &&
    at <= endAt;
};

/** A page of a list that is told latest first: what comes behind the row with this id. */
const page = <T>({ parameters }: SignedContext, rows: readonly T[], idOf: (row: T) => number) => {
  const lastId = parameters.integer('lastId');
  const limit = parameters.limit(20, 100);
  const from = lastId === undefined || lastId === 0 ? 0 : rows.findIndex((row) => idOf(row) === lastId) + 1;
  const told = rows.slice(from, from + limit);
  const last = told.at(-1);
  return { told, lastId: last === undefined ? 0 : idOf(last) };
};

const done = (context: SignedContext): unknown => {
  const { symbol } = instrumentOf(context);
  const wanted = isWanted(context);
  const rows = context.customer
    .closedOrders()
    .filter((order) => order.symbol === symbol && isKept(context, order) && wanted(order, order.receivedAt))
    .sort((a, b) => b.updatedAt - a.updatedAt || b.orderId - a.orderId);
  const { told, lastId } = page(context, rows, ({ orderId }) => orderId);
  return { lastId, items: told.map((order) => orderDetails(context.exchange, order)) };
};

/** Where an order is named, no other parameter counts. */
const fills = (context: SignedContext): unknown => {
  const { exchange, customer, parameters, fault } = context;
  const { symbol } = instrumentOf(context);
  const named = parameters.text('orderId');
  const orderId = named === undefined ? undefined : (orderNumber(named) ?? -1);
  const wanted = named === undefined ? isWanted(context) : () => true;
  const rows = customer
    .trades({ orderId })
    .filter(({ order, fill }) => order.symbol === symbol && wanted(order, fill.at))
    .toReversed();
  const { told, lastId } = page(context, rows, ({ fill }) => recordId(fill.tradeId));
  return { items: asOftenAs(told, fault).map((trade) => fillRow(exchange, trade)), lastId };
};

/** Every customer has one account a currency, for trading; ccxt asks for it by a name of old. */
const accounts = ({ exchange, customer: { account }, parameters }: SignedContext): unknown => {
  exchange.settleAll();
  const currency = parameters.text('currency');
  const type = parameters.oneOf('type', ['main', 'trade', 'trade_hf', 'option']) ?? 'trade';
  if (!type.startsWith('trade')) return [];
  return [...account.balances]
    .filter(([asset, { free, locked }]) => (currency ?? asset) === asset && free.plus(locked).gte(ZERO))
    .map(([asset, { free, locked }], index) => ({
      id: String(548_674_591_753 + index),
      currency: asset,
      type,
      balance: short(free.plus(locked)),
      available: short(free),
      holds: short(locked),
    }));
};

const tradeFees = ({ exchange, parameters }: SignedContext): unknown =>
  parameters
    .required('symbols')
    .split(',')
    .map((symbol) => {
      if (exchange.instrument(symbol) === undefined) throw errors.badSymbol();
      return { symbol, takerFeeRate: short(exchange.fees.taker), makerFeeRate: short(exchange.fees.maker) };
    });

const noteLate = (context: SignedContext, error: KucoinError): void => {
  context.exchange.recordRefusal(orderAsked(context), error.text);
};

export const trading: Readonly<Record<string, Route>> = {
  'POST /api/v1/hf/orders': { signed: true, answer: place, noteLate },
  'POST /api/v1/hf/orders/sync': { signed: true, answer: placeSync, noteLate },
  'POST /api/v1/hf/orders/test': { signed: true, answer: placeTest },
  'DELETE /api/v1/hf/orders': { signed: true, answer: cancelSymbol },
  'DELETE /api/v1/hf/orders/:orderId': { signed: true, answer: cancelById },
  'DELETE /api/v1/hf/orders/client-order/:clientOid': { signed: true, answer: cancelByClientOid },
  'GET /api/v1/hf/orders/active': { signed: true, answer: active },
  'GET /api/v1/hf/orders/active/symbols': { signed: true, answer: activeSymbols },
  'GET /api/v1/hf/orders/done': { signed: true, answer: done },
  'GET /api/v1/hf/orders/:orderId': { signed: true, answer: getOrder },
  'GET /api/v1/hf/orders/client-order/:clientOid': { signed: true, answer: getOrder },
  'GET /api/v1/hf/fills': { signed: true, answer: fills },
  'GET /api/v1/hf/accounts/opened': { signed: true, answer: () => true },
  'GET /api/v1/accounts': { signed: true, answer: accounts },
  'GET /api/v1/trade-fees': { signed: true, answer: tradeFees },
  // ccxt asks with any key which pairs are lent on: none.
  'GET /api/v3/margin/symbols': { signed: true, answer: () => ({ timestamp: 0, items: [] }) },
  'GET /api/v1/isolated/symbols': { signed: true, answer: () => [] },
};
