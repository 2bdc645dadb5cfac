import { decimal, ZERO, type Decimal } from '@switchyard/money';
import type { Instrument } from '../../core/instrument.js';
import { isOpen, type Fill, type Order } from '../../core/order.js';
import type { Trade } from '../../core/customer.js';
import { ids } from './ids.js';

/** A number with the places of its grid, as Bybit writes prices and quantities. */
export const onGrid = (value: Decimal | string, grid: Decimal): string =>
  (typeof value === 'string' ? decimal(value) : value).toFixed(grid.toFixed().split('.')[1]?.length ?? 0);

export const priceOf = (value: Decimal | string, { tick }: Instrument): string => onGrid(value, tick);

export const quantityOf = (value: Decimal | string, { lot }: Instrument): string => onGrid(value, lot);

export const SIDES = { buy: 'Buy', sell: 'Sell' } as const;

const wasCancelled = (order: Order): string => (order.executed.gt(ZERO) ? 'PartiallyFilledCanceled' : 'Cancelled');

/** https://bybit-exchange.github.io/docs/v5/enum#orderstatus; what expired here is cancelled there, for a reason. */
export const statusOf = (order: Order): string => {
  switch (order.status) {
    case 'open':
      return 'New';
    case 'partially_filled':
      return 'PartiallyFilled';
    case 'filled':
      return 'Filled';
    case 'cancelled':
    case 'expired':
      return wasCancelled(order);
  }
};

const rejectReasonOf = (order: Order): string => {
  if (order.status !== 'expired') return 'EC_NoError';
  if (order.postOnly) return 'EC_PostOnlyWillTakeLiquidity';
  return order.timeInForce === 'fok' ? 'EC_CancelForNoFullFill' : 'EC_NoImmediateQtyToFill';
};

const timeInForceOf = ({ type, postOnly, timeInForce }: Order): string =>
  type === 'market' ? 'IOC' : postOnly ? 'PostOnly' : timeInForce.toUpperCase();

const feesOf = (order: Order): Readonly<Record<string, string>> => {
  const sums = new Map<string, Decimal>();
  for (const { fee, feeCurrency } of order.fills)
    sums.set(feeCurrency, (sums.get(feeCurrency) ?? ZERO).plus(decimal(fee)));
  return Object.fromEntries([...sums].map(([currency, sum]) => [currency, sum.toFixed()]));
};

/** An order as `order/realtime` and `order/history` tell of it. */
export const orderOf = (order: Order, instrument: Instrument): object => {
  const { executed, quoteExecuted, limitPrice } = order;
  const left = isOpen(order) ? decimal(order.quantity).minus(executed) : ZERO;
  const bySpending = order.quoteQuantity !== undefined;
  const fees = feesOf(order);
  return {
    orderId: ids.order(order.orderId),
    orderLinkId: order.clientOrderId,
    blockTradeId: '',
    symbol: order.symbol,
    price: limitPrice === undefined ? '0' : priceOf(limitPrice, instrument),
    qty: bySpending ? order.quoteQuantity : quantityOf(order.quantity, instrument),
    marketUnit: order.type === 'limit' ? '' : bySpending ? 'quoteCoin' : 'baseCoin',
    side: SIDES[order.side],
    isLeverage: '0',
    positionIdx: 0,
    orderStatus: statusOf(order),
    cancelType: order.status === 'cancelled' ? 'CancelByUser' : 'UNKNOWN',
    rejectReason: rejectReasonOf(order),
    avgPrice: executed.eq(ZERO) ? '' : quoteExecuted.div(executed).toFixed(8),
    leavesQty: quantityOf(left, instrument),
    leavesValue: left.times(decimal(limitPrice ?? '0')).toFixed(),
    cumExecQty: quantityOf(executed, instrument),
    cumExecValue: quoteExecuted.toFixed(),
    cumExecFee: Object.values(fees)[0] ?? '0',
    cumFeeDetail: fees,
    timeInForce: timeInForceOf(order),
    orderType: order.type === 'market' ? 'Market' : 'Limit',
    stopOrderType: '',
    triggerPrice: '0',
    reduceOnly: false,
    closeOnTrigger: false,
    smpType: 'None',
    smpGroup: 0,
    smpOrderId: '',
    createdTime: String(order.receivedAt),
    updatedTime: String(order.updatedAt),
  };
};

/** What had not been filled once this fill was: fills are told in the order in which they came. */
const leftAfter = ({ fills, quantity }: Order, fill: Fill): Decimal =>
  fills
    .filter(({ tradeId }) => tradeId <= fill.tradeId)
    .reduce((left, one) => left.minus(decimal(one.quantity)), decimal(quantity));

/** A fill as `execution/list` tells of it. */
export const executionOf = ({ order, fill }: Trade, instrument: Instrument, feeRate: Decimal): object => ({
  symbol: order.symbol,
  orderId: ids.order(order.orderId),
  orderLinkId: order.clientOrderId,
  side: SIDES[order.side],
  orderPrice: order.limitPrice === undefined ? '0' : priceOf(order.limitPrice, instrument),
  orderQty: quantityOf(order.quantity, instrument),
  leavesQty: quantityOf(leftAfter(order, fill), instrument),
  orderType: order.type === 'market' ? 'Market' : 'Limit',
  stopOrderType: '',
  execFee: fill.fee,
  execId: ids.trade(fill.tradeId),
  execPrice: priceOf(fill.price, instrument),
  execQty: quantityOf(fill.quantity, instrument),
  execType: 'Trade',
  execValue: decimal(fill.price).times(decimal(fill.quantity)).toFixed(),
  execTime: String(fill.at),
  feeCurrency: fill.feeCurrency,
  isMaker: fill.liquidity === 'maker',
  feeRate: feeRate.toFixed(),
  seq: fill.tradeId,
});
