import { decimal, plain, ZERO, type Decimal } from '@switchyard/money';
import type { Trade } from '../../core/customer.js';
import type { Exchange } from '../../core/exchange.js';
import { isOpen, type Order } from '../../core/order.js';
import { kucoinIds, marketTradeId, recordId } from './ids.js';

/** Numbers as KuCoin writes them: strings, as short as they go. */
export const short = (value: Decimal | string): string => plain(typeof value === 'string' ? decimal(value) : value);

/** An order that came without a client id has one here all the same, of a form that nobody can send; it is not told. */
export const NAMELESS = '~';
export const clientOidOf = ({ clientOrderId }: Order): string | null =>
  clientOrderId.startsWith(NAMELESS) ? null : clientOrderId;

/** An order as all of KuCoin's questions about orders tell of it. */
export const orderDetails = (exchange: Exchange, order: Order): object => {
  const { executed, quoteExecuted, limitPrice, quoteQuantity } = order;
  const active = isOpen(order);
  const bySpending = quoteQuantity !== undefined;
  const size = bySpending ? ZERO : decimal(order.quantity);
  const funds = bySpending ? decimal(quoteQuantity) : decimal(limitPrice ?? '0').times(size);
  const left = bySpending ? ZERO : size.minus(executed);
  const leftFunds = funds.gt(quoteExecuted) ? funds.minus(quoteExecuted) : ZERO;
  const isOver = !active && order.status !== 'filled';
  const fee = order.fills.reduce((sum, fill) => sum.plus(decimal(fill.fee)), ZERO);
  return {
    id: kucoinIds.order(order.orderId),
    clientOid: clientOidOf(order),
    symbol: order.symbol,
    opType: 'DEAL',
    type: order.type,
    side: order.side,
    price: limitPrice ?? '0',
    size: short(size),
    funds: short(funds),
    dealSize: short(executed),
    dealFunds: short(quoteExecuted),
    remainSize: short(active ? left : ZERO),
    remainFunds: short(active ? leftFunds : ZERO),
    cancelledSize: short(isOver ? left : ZERO),
    cancelledFunds: short(isOver ? leftFunds : ZERO),
    fee: short(fee),
    feeCurrency: exchange.instrument(order.symbol)?.quote ?? '',
    stp: null,
    timeInForce: order.type === 'market' ? 'GTC' : order.timeInForce.toUpperCase(),
    postOnly: order.postOnly,
    hidden: false,
    iceberg: false,
    visibleSize: '0',
    cancelAfter: 0,
    channel: 'API',
    remark: null,
    tags: null,
    cancelExist: isOver,
    tradeType: 'TRADE',
    inOrderBook: active && order.type === 'limit',
    active,
    tax: '0',
    createdAt: order.receivedAt,
    lastUpdatedAt: order.updatedAt,
  };
};

/** A row of `hf/fills`. */
export const fillRow = (exchange: Exchange, { order, fill }: Trade): object => ({
  id: recordId(fill.tradeId),
  orderId: kucoinIds.order(order.orderId),
  counterOrderId: kucoinIds.order(0),
  tradeId: marketTradeId(fill.tradeId),
  symbol: order.symbol,
  side: order.side,
  liquidity: fill.liquidity,
  type: order.type,
  forceTaker: false,
  price: fill.price,
  size: fill.quantity,
  funds: short(decimal(fill.price).times(decimal(fill.quantity))),
  fee: fill.fee,
  feeRate: short(exchange.fees[fill.liquidity]),
  feeCurrency: fill.feeCurrency,
  stop: '',
  tradeType: 'TRADE',
  taxRate: '0',
  tax: '0',
  createdAt: fill.at,
});
