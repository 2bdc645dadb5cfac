import { randomBytes } from 'node:crypto';
import { isOpen, type Order } from '../../core/order.js';
import { errors, refusalWords } from './errors.js';
import { orderInfo, tradeIdsOf } from './format.js';
import { ids, orderNumber, userrefOf } from './ids.js';
import { addOrder, orderAsked } from './new-order.js';
import type { PrivateContext, Route } from './route.js';
import { checkDeadline } from './signature.js';

const PAGE = 50;

/** The order that a request names by `txid` or `cl_ord_id`. @throws KrakenError where there is none */
const orderNamed = ({ parameters, customer }: PrivateContext): Order => {
  const txid = parameters.text('txid');
  const clientId = parameters.text('cl_ord_id');
  if ((txid === undefined) === (clientId === undefined)) throw errors.argument('txid');
  if (clientId !== undefined) {
    const found = customer.orderByClientId(clientId);
    if (found === undefined) throw errors.unknownOrder();
    return found;
  }
  const number = orderNumber(txid ?? '');
  const found = number === undefined ? undefined : customer.order(number);
  if (found === undefined) throw errors.invalidOrder();
  return found;
};

const cancelOrder = (context: PrivateContext): object => {
  const { exchange, parameters, customer } = context;
  const userref = parameters.text('txid');
  // A number in place of an id stands for all orders with that userref.
  if (userref !== undefined && /^-?\d+$/.test(userref)) {
    const named = customer.openOrders().filter((order) => userrefOf(order) === Number(userref));
    if (named.length === 0) throw errors.unknownOrder();
    return { count: named.filter((order) => exchange.cancel(order) !== undefined).length };
  }
  if (exchange.cancel(orderNamed(context)) === undefined) throw errors.unknownOrder();
  return { count: 1 };
};

const cancelAll = ({ exchange, customer }: PrivateContext): object => ({
  count: customer.openOrders().filter((order) => exchange.cancel(order) !== undefined).length,
});

const amendOrder = (context: PrivateContext): object => {
  const { exchange, parameters } = context;
  checkDeadline(exchange, parameters);
  const quantity = parameters.decimal('order_qty');
  const limitPrice = parameters.decimal('limit_price');
  if (quantity === undefined && limitPrice === undefined) throw errors.argument();
  const amended = exchange.amend(orderNamed(context), {
    ...(quantity === undefined ? {} : { quantity }),
    ...(limitPrice === undefined ? {} : { limitPrice }),
    postOnly: parameters.flag('post_only'),
  });
  if (amended === undefined) throw errors.unknownOrder();
  if ('refused' in amended) throw refusalWords.of(amended);
  const id = randomBytes(8).toString('hex').toUpperCase();
  return { amend_id: `T${id.slice(0, 5)}-${id.slice(5, 10)}-${id.slice(10)}` };
};

/** Rows by their ids, as Kraken lists them. */
const listed = ({ exchange, parameters }: PrivateContext, orders: readonly Order[], consolidated: boolean): object =>
  Object.fromEntries(
    orders.map((order) => {
      const trades = parameters.flag('trades') ? tradeIdsOf(order, consolidated) : undefined;
      return [ids.order(order.orderId), orderInfo(exchange, order, trades)];
    }),
  );

const isConsolidated = ({ parameters }: PrivateContext): boolean => parameters.text('consolidate_taker') !== 'false';

/** Those with the `cl_ord_id` or `userref` that was asked for. */
const wanted = ({ parameters }: PrivateContext, orders: readonly Order[]): readonly Order[] => {
  const clientId = parameters.text('cl_ord_id');
  const userref = parameters.text('userref');
  return orders
    .filter((order) => clientId === undefined || order.clientOrderId === clientId)
    .filter((order) => userref === undefined || String(userrefOf(order)) === userref);
};

/** Has no `consolidate_taker`: consolidated always. */
const openOrders = (context: PrivateContext): object => ({
  open: listed(context, wanted(context, context.customer.openOrders()), true),
});

/** Newest first, 50 at a time; by client id or userref found for ever, else among the latest. */
const closedOrders = (context: PrivateContext): object => {
  const { parameters, customer } = context;
  const clientId = parameters.text('cl_ord_id');
  const from = parameters.number('start') ?? 0;
  const until = parameters.number('end') ?? Number.MAX_SAFE_INTEGER;
  const all = clientId === undefined ? customer.closedOrders() : customer.ordersByClientId(clientId);
  const rows = wanted(context, all)
    .filter((order) => !isOpen(order))
    .filter(({ receivedAt }) => receivedAt / 1_000 > from && receivedAt / 1_000 <= until)
    .reverse();
  const ofs = parameters.integer('ofs') ?? 0;
  return {
    closed: listed(context, rows.slice(ofs, ofs + PAGE), isConsolidated(context)),
    ...(parameters.flag('without_count') ? {} : { count: rows.length }),
  };
};

const queryOrders = (context: PrivateContext): object => {
  const { parameters, customer } = context;
  const asked = parameters.list('txid');
  if (asked.length === 0 || asked.length > PAGE) throw errors.argument('txid');
  const orders = asked.map((txid) => {
    const number = orderNumber(txid);
    const order = number === undefined ? undefined : customer.order(number);
    if (order === undefined) throw errors.invalidOrder();
    return order;
  });
  return listed(context, wanted(context, orders), isConsolidated(context));
};

/** An order that came out of turn stands in the ledger, where it can be read as one. */
const note = (context: PrivateContext, refusedWith: string): void => {
  context.exchange.recordRefusal(orderAsked(context), refusedWith);
};

export const trading: Readonly<Record<string, Route>> = {
  'POST /0/private/AddOrder': { signed: true, answer: addOrder, note },
  'POST /0/private/CancelOrder': { signed: true, answer: cancelOrder },
  'POST /0/private/CancelAll': { signed: true, answer: cancelAll },
  'POST /0/private/AmendOrder': { signed: true, answer: amendOrder },
  'POST /0/private/OpenOrders': { signed: true, answer: openOrders },
  'POST /0/private/ClosedOrders': { signed: true, answer: closedOrders },
  'POST /0/private/QueryOrders': { signed: true, answer: queryOrders },
};
