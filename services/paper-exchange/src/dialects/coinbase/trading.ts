import { decimal } from '@switchyard/money';
import { isOpen, type Order } from '../../core/order.js';
import { asOftenAs } from '../placing.js';
import { decimalIn } from './asked.js';
import { editErrorOf, EditRefused, errors } from './errors.js';
import { fillOf, orderStatus } from './format.js';
import { orderNumber, tradeNumber } from './ids.js';
import { newOrder } from './new-order.js';
import { pageOf, type Route, type SignedContext } from './route.js';

const MOST_ROWS = 1_000;

const orderNamed = ({ customer }: SignedContext, id: string): Order | undefined => {
  const number = orderNumber(id);
  return number === undefined ? undefined : customer.order(number);
};

const getOrder = (context: SignedContext): object => {
  const order = orderNamed(context, context.path['order_id'] ?? '');
  if (order === undefined) throw errors.unknownOrder();
  return { order: orderStatus(order) };
};

const cancelOne = (context: SignedContext, id: string): object => {
  const order = orderNamed(context, id);
  const cancelled = order === undefined ? undefined : context.exchange.cancel(order);
  // Said of what was cancelled, too.
  if (cancelled !== undefined) return { success: true, failure_reason: 'UNKNOWN_CANCEL_FAILURE_REASON', order_id: id };
  const reason = order?.status === 'filled' ? 'ORDER_IS_FULLY_FILLED' : 'UNKNOWN_CANCEL_ORDER';
  return { success: false, failure_reason: reason, order_id: id };
};

const cancelOrders = (context: SignedContext): object => {
  const asked = context.asked.member('order_ids');
  if (!Array.isArray(asked) || asked.length === 0) throw errors.invalid('order_ids must be provided');
  return { results: asked.map((id) => cancelOne(context, String(id))) };
};

/** Another price and size for an open limit order that is good until cancelled. It stays post-only if it was. */
const editOrder = (context: SignedContext): object => {
  const { asked, exchange } = context;
  const order = orderNamed(context, asked.said('order_id') ?? '');
  if (order === undefined || !isOpen(order)) throw new EditRefused('ORDER_NOT_FOUND', '');
  if (order.timeInForce !== 'gtc') throw new EditRefused('ONLY_LIMIT_ORDER_EDITS_SUPPORTED', '');
  const [limitPrice, quantity] = ['price', 'size'].map((name) => decimalIn({ [name]: asked.member(name) }, name));
  if (limitPrice === undefined) throw new EditRefused('INVALID_EDITED_PRICE', '');
  if (quantity === undefined) throw new EditRefused('INVALID_EDITED_SIZE', '');
  if (decimal(quantity).lte(order.executed)) throw new EditRefused('CANNOT_EDIT_TO_BELOW_FILLED_SIZE', '');
  const edited = exchange.amend(order, { quantity, limitPrice, postOnly: order.postOnly });
  if (edited === undefined) throw new EditRefused('ORDER_NOT_FOUND', '');
  if ('refused' in edited) throw editErrorOf(edited);
  return { success: true, errors: [] };
};

/** The statuses that are asked for, as the order is told. `OPEN` stands alone, as at Coinbase. */
const statusesOf = ({ asked }: SignedContext): ((order: Order) => boolean) => {
  const statuses = asked.texts('order_status');
  if (statuses === undefined) return () => true;
  if (statuses.includes('OPEN') && statuses.length > 1) {
    throw errors.invalid('OPEN orders cannot be queried with other order_status');
  }
  return (order) => statuses.includes((orderStatus(order) as { readonly status: string }).status);
};

const listOrders = (context: SignedContext): object => {
  const { asked, customer } = context;
  const names = asked.texts('order_ids');
  const products = asked.texts('product_ids', 'product_id');
  const [from = 0, to = Number.MAX_SAFE_INTEGER] = [asked.moment('start_date'), asked.moment('end_date')];
  const hasStatus = statusesOf(context);
  const isSpot = (asked.text('product_type') ?? 'SPOT') === 'SPOT';
  const orders = names === undefined ? customer.orders() : names.flatMap((id) => orderNamed(context, id) ?? []);
  const rows = orders
    .filter(({ symbol, receivedAt }) => {
      const isAsked = products === undefined || products.includes(symbol);
      return isSpot && isAsked && receivedAt >= from && receivedAt < to;
    })
    .filter(hasStatus)
    .sort((a, b) => b.orderId - a.orderId);
  const page = pageOf(rows, ({ orderId }) => orderId, { asked, most: MOST_ROWS });
  return { orders: page.rows.map(orderStatus), sequence: '0', has_next: page.hasNext, cursor: page.cursor };
};

const listFills = (context: SignedContext): object => {
  const { asked, customer, fault } = context;
  const orders = asked.texts('order_ids', 'order_id')?.map((id) => orderNumber(id) ?? 0);
  const trades = asked.texts('trade_ids')?.map(tradeNumber);
  const products = asked.texts('product_ids', 'product_id');
  const from = asked.moment('start_sequence_timestamp') ?? Number.NEGATIVE_INFINITY;
  const to = asked.moment('end_sequence_timestamp') ?? Number.MAX_SAFE_INTEGER;
  const all = orders === undefined ? customer.trades() : orders.flatMap((orderId) => customer.trades({ orderId }));
  const rows = all
    .filter(({ order, fill }) => {
      const isAsked = products === undefined || products.includes(order.symbol);
      return isAsked && (trades === undefined || trades.includes(fill.tradeId)) && fill.at > from && fill.at < to;
    })
    .sort((a, b) => b.fill.tradeId - a.fill.tradeId);
  const page = pageOf(rows, ({ fill }) => fill.tradeId, { asked, most: MOST_ROWS });
  return { fills: asOftenAs(page.rows, fault).map(({ order, fill }) => fillOf(order, fill)), cursor: page.cursor };
};

export const trading: Readonly<Record<string, Route>> = {
  'POST /api/v3/brokerage/orders': { signed: true, answer: newOrder },
  'POST /api/v3/brokerage/orders/edit': { signed: true, answer: editOrder },
  'POST /api/v3/brokerage/orders/batch_cancel': { signed: true, answer: cancelOrders },
  'GET /api/v3/brokerage/orders/historical/batch': { signed: true, answer: listOrders },
  'GET /api/v3/brokerage/orders/historical/fills': { signed: true, answer: listFills },
  'GET /api/v3/brokerage/orders/historical/:order_id': { signed: true, answer: getOrder },
};
