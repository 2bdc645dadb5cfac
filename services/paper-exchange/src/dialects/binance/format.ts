import { decimal, type Decimal } from '@switchyard/money';
import type { FaultRequest } from '../../core/fault.js';
import type { Fill, Order } from '../../core/order.js';
import { asOftenAs } from '../placing.js';

/** Numbers as Binance writes them: strings with eight places. */
export const eight = (value: Decimal | string): string =>
  (typeof value === 'string' ? decimal(value) : value).toFixed(8);

const STATUS = {
  open: 'NEW',
  partially_filled: 'PARTIALLY_FILLED',
  filled: 'FILLED',
  cancelled: 'CANCELED',
  expired: 'EXPIRED',
} as const satisfies Record<Order['status'], string>;

const typeOf = (order: Order): string =>
  order.type === 'market' ? 'MARKET' : order.postOnly ? 'LIMIT_MAKER' : 'LIMIT';

const state = (order: Order) => ({
  price: eight(order.limitPrice ?? '0'),
  origQty: eight(order.quantity),
  executedQty: eight(order.executed),
  origQuoteOrderQty: eight(order.quoteQuantity ?? '0'),
  cummulativeQuoteQty: eight(order.quoteExecuted),
  status: STATUS[order.status],
  timeInForce: order.timeInForce.toUpperCase(),
  type: typeOf(order),
  side: order.side.toUpperCase(),
});

const fillOf = ({ price, quantity, fee, feeCurrency, tradeId }: Fill) => ({
  price: eight(price),
  qty: eight(quantity),
  commission: eight(fee),
  commissionAsset: feeCurrency,
  tradeId,
});

/** The reply to a new order: as much as `newOrderRespType` asked for. */
export const placedOrder = (
  told: Order,
  detail: 'ACK' | 'RESULT' | 'FULL',
  fault: FaultRequest | undefined,
): object => {
  const acknowledged = {
    symbol: told.symbol,
    orderId: told.orderId,
    orderListId: -1,
    clientOrderId: told.clientOrderId,
    transactTime: told.receivedAt,
  };
  if (detail === 'ACK') return acknowledged;
  const result = { ...acknowledged, ...state(told), workingTime: told.receivedAt, selfTradePreventionMode: 'NONE' };
  return detail === 'RESULT' ? result : { ...result, fills: asOftenAs(told.fills, fault).map(fillOf) };
};

/** An order as `GET /api/v3/order` tells of it. */
export const orderStatus = (told: Order): object => {
  return {
    symbol: told.symbol,
    orderId: told.orderId,
    orderListId: -1,
    clientOrderId: told.clientOrderId,
    ...state(told),
    stopPrice: '0.00000000',
    icebergQty: '0.00000000',
    time: told.receivedAt,
    updateTime: told.updatedAt,
    isWorking: true,
    workingTime: told.receivedAt,
    selfTradePreventionMode: 'NONE',
  };
};

export const cancelledOrder = (order: Order, cancelId: string): object => ({
  symbol: order.symbol,
  origClientOrderId: order.clientOrderId,
  orderId: order.orderId,
  orderListId: -1,
  clientOrderId: cancelId,
  transactTime: order.updatedAt,
  ...state(order),
  selfTradePreventionMode: 'NONE',
});

export const tradeOf = (order: Order, fill: Fill): object => ({
  symbol: order.symbol,
  id: fill.tradeId,
  orderId: order.orderId,
  orderListId: -1,
  price: eight(fill.price),
  qty: eight(fill.quantity),
  quoteQty: eight(decimal(fill.price).times(decimal(fill.quantity))),
  commission: eight(fill.fee),
  commissionAsset: fill.feeCurrency,
  time: fill.at,
  isBuyer: order.side === 'buy',
  isMaker: fill.liquidity === 'maker',
  isBestMatch: true,
});
