import { isOpen, type Order } from '../../core/order.js';
import { asOftenAs } from '../placing.js';
import { BinanceError, errors } from './errors.js';
import { cancelledOrder, orderStatus, tradeOf } from './format.js';
import { madeUpId, newOrder, orderAsked, testOrder } from './new-order.js';
import { instrumentOf, type Route, type SignedContext } from './route.js';

/** The order a request names by `orderId` or by client id; the latest one, where an id was used again. */
const orderNamed = (context: SignedContext, idName: string, clientIdName: string): Order | undefined => {
  const { parameters, customer } = context;
  const { symbol } = instrumentOf(context);
  const id = parameters.integer(idName);
  const clientId = parameters.text(clientIdName);
  if (id === undefined && clientId === undefined) throw errors.missingEither(clientIdName, idName);
  const found = id !== undefined ? customer.order(id) : customer.orderByClientId(clientId ?? '');
  if (found?.symbol !== symbol) return undefined;
  return clientId !== undefined && found.clientOrderId !== clientId ? undefined : found;
};

const getOrder = (context: SignedContext): object => {
  const order = orderNamed(context, 'orderId', 'origClientOrderId');
  if (order === undefined) throw errors.unknownOrder();
  return orderStatus(order);
};

const cancel = (context: SignedContext, order: Order | undefined): object => {
  const cancelled = order === undefined ? undefined : context.exchange.cancel(order);
  if (cancelled === undefined) throw errors.unknownOrderSent();
  return cancelledOrder(cancelled, context.parameters.text('newClientOrderId') ?? madeUpId());
};

const cancelOrder = (context: SignedContext): object =>
  cancel(context, orderNamed(context, 'orderId', 'origClientOrderId'));

const openOrders = (context: SignedContext): unknown => {
  const symbol = context.parameters.text('symbol') === undefined ? undefined : instrumentOf(context).symbol;
  return context.customer
    .openOrders()
    .filter((order) => symbol === undefined || order.symbol === symbol)
    .map(orderStatus);
};

const cancelOpenOrders = (context: SignedContext): unknown => {
  const { symbol } = instrumentOf(context);
  const open = context.customer.openOrders().filter((order) => order.symbol === symbol);
  if (open.length === 0) throw errors.unknownOrderSent();
  return open.filter(isOpen).map((order) => cancel(context, order));
};

/** The page of `rows` that Binance gives: from an id onwards where one is named, else the latest. */
const page = <T>(rows: readonly T[], { parameters }: SignedContext, fromStart: boolean): readonly T[] => {
  const limit = parameters.limit(500, 1_000);
  return fromStart ? rows.slice(0, limit) : rows.slice(-limit);
};

const within = ({ parameters }: SignedContext) => {
  const start = parameters.integer('startTime') ?? 0;
  const end = parameters.integer('endTime') ?? Number.MAX_SAFE_INTEGER;
  return (at: number): boolean => at >= start && at <= end;
};

const allOrders = (context: SignedContext): unknown => {
  const { parameters, customer } = context;
  const { symbol } = instrumentOf(context);
  const from = parameters.integer('orderId');
  const inTime = within(context);
  const rows = customer
    .orders()
    .filter((order) => order.symbol === symbol && order.orderId >= (from ?? 0) && inTime(order.receivedAt));
  const fromStart = from !== undefined || parameters.integer('startTime') !== undefined;
  return page(rows, context, fromStart).map(orderStatus);
};

const myTrades = (context: SignedContext): unknown => {
  const { parameters, customer, fault } = context;
  const { symbol } = instrumentOf(context);
  const from = parameters.integer('fromId');
  const inTime = within(context);
  const rows = customer
    .trades({ orderId: parameters.integer('orderId') })
    .filter(({ order, fill }) => order.symbol === symbol && fill.tradeId >= (from ?? 0) && inTime(fill.at));
  const fromStart = from !== undefined || parameters.integer('startTime') !== undefined;
  return asOftenAs(page(rows, context, fromStart), fault).map(({ order, fill }) => tradeOf(order, fill));
};

/** Cancels one order and places another in its stead (ccxt's `editOrder`). */
const cancelReplace = (context: SignedContext): object => {
  const { parameters, exchange } = context;
  const mode = parameters.required('cancelReplaceMode');
  if (mode !== 'STOP_ON_FAILURE' && mode !== 'ALLOW_FAILURE') throw errors.badCombination();
  const order = orderNamed(context, 'cancelOrderId', 'cancelOrigClientOrderId');
  orderAsked(context);
  const attempt = (act: () => object): { readonly result: 'SUCCESS' | 'FAILURE'; readonly response: object } => {
    try {
      return { result: 'SUCCESS', response: act() };
    } catch (error) {
      if (!(error instanceof BinanceError)) throw error;
      return { result: 'FAILURE', response: { code: error.code, msg: error.message } };
    }
  };
  const cancelled = attempt(() => {
    const done = order === undefined ? undefined : exchange.cancel(order);
    if (done === undefined) throw errors.unknownOrderSent();
    return cancelledOrder(done, parameters.text('cancelNewClientOrderId') ?? madeUpId());
  });
  const stopped = cancelled.result === 'FAILURE' && mode === 'STOP_ON_FAILURE';
  const placed = stopped ? undefined : attempt(() => newOrder(context));
  const data = {
    cancelResult: cancelled.result,
    newOrderResult: placed?.result ?? 'NOT_ATTEMPTED',
    cancelResponse: cancelled.response,
    newOrderResponse: placed?.response ?? null,
  };
  if (cancelled.result === 'SUCCESS' && placed?.result === 'SUCCESS') return data;
  const partly = cancelled.result === 'SUCCESS' || placed?.result === 'SUCCESS';
  throw partly
    ? new CancelReplaceError(-2021, 'Order cancel-replace partially failed.', 409, data)
    : new CancelReplaceError(-2022, 'Order cancel-replace failed.', 400, data);
};

/** Says which half of a cancel-replace failed. */
export class CancelReplaceError extends BinanceError {
  constructor(
    code: number,
    message: string,
    status: number,
    readonly data: object,
  ) {
    super(code, message, status);
  }
}

const noteLate = (context: SignedContext, error: BinanceError): void => {
  context.exchange.recordRefusal(orderAsked(context), error.text);
};

export const trading: Readonly<Record<string, Route>> = {
  'POST /api/v3/order': { weight: 1, signed: true, answer: newOrder, noteLate },
  'POST /api/v3/order/test': { weight: 1, signed: true, answer: testOrder },
  'POST /api/v3/order/cancelReplace': { weight: 1, signed: true, answer: cancelReplace, noteLate },
  'GET /api/v3/order': { weight: 4, signed: true, answer: getOrder },
  'DELETE /api/v3/order': { weight: 1, signed: true, answer: cancelOrder },
  'GET /api/v3/openOrders': { weight: 6, signed: true, answer: openOrders },
  'DELETE /api/v3/openOrders': { weight: 1, signed: true, answer: cancelOpenOrders },
  'GET /api/v3/allOrders': { weight: 20, signed: true, answer: allOrders },
  'GET /api/v3/myTrades': { weight: 20, signed: true, answer: myTrades },
};
