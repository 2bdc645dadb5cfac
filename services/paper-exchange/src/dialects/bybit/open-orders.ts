import { decimal } from '@switchyard/money';
import { isOpen, type Order } from '../../core/order.js';
import { errors, refusalWords } from './errors.js';
import { ids, orderNumberOf } from './ids.js';
import { newOrder, noteLateOrder } from './new-order.js';
import { instrumentOf, requireSpot, type Route, type SignedContext } from './route.js';

const acknowledged = ({ orderId, clientOrderId }: Order) => ({
  orderId: ids.order(orderId),
  orderLinkId: clientOrderId,
});

/** The open order that a request names: by `orderId` where that is given, whatever `orderLinkId` says. */
const orderNamed = (context: SignedContext): Order => {
  const { parameters, customer } = context;
  const { symbol } = instrumentOf(context);
  const [orderId, linkId] = [parameters.text('orderId'), parameters.text('orderLinkId')];
  if (orderId === undefined && linkId === undefined) throw errors.empty('orderId');
  const number = orderId === undefined ? undefined : orderNumberOf(orderId);
  const order =
    orderId === undefined
      ? customer.orderByClientId(linkId ?? '')
      : number === undefined
        ? undefined
        : customer.order(number);
  if (order?.symbol !== symbol) throw errors.unknownOrder();
  return order;
};

const cancel = (context: SignedContext): object => {
  const order = orderNamed(context);
  if (context.exchange.cancel(order) === undefined) throw errors.unknownOrder();
  return acknowledged(order);
};

const cancelAll = (context: SignedContext): object => {
  requireSpot(context);
  const { exchange, parameters, customer } = context;
  const symbol = parameters.text('symbol') === undefined ? undefined : instrumentOf(context).symbol;
  const cancelled = customer
    .openOrders()
    .filter((order) => isOpen(order) && (symbol === undefined || order.symbol === symbol))
    .filter((order) => exchange.cancel(order) !== undefined);
  return { list: cancelled.map(acknowledged), success: '1' };
};

/** A post-only order stays so; its new price may not take. */
const amend = (context: SignedContext): object => {
  const { exchange, parameters } = context;
  const order = orderNamed(context);
  const quantity = parameters.decimal('qty');
  const limitPrice = parameters.decimal('price');
  if (quantity === undefined && limitPrice === undefined) throw errors.nothingChanged();
  if (quantity !== undefined && decimal(quantity).lt(order.executed)) throw errors.belowFilled();
  const amended = exchange.amend(order, {
    ...(quantity === undefined ? {} : { quantity }),
    ...(limitPrice === undefined ? {} : { limitPrice }),
    postOnly: order.postOnly,
  });
  if (amended === undefined) throw errors.unknownOrder();
  if ('refused' in amended) throw refusalWords.of(amended);
  return acknowledged(order);
};

export const openOrderRoutes: Readonly<Record<string, Route>> = {
  'POST /v5/order/create': { signed: true, answer: newOrder, noteLate: noteLateOrder },
  'POST /v5/order/amend': { signed: true, answer: amend },
  'POST /v5/order/cancel': { signed: true, answer: cancel },
  'POST /v5/order/cancel-all': { signed: true, answer: cancelAll },
};
