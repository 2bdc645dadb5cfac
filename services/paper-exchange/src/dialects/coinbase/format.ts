import { decimal, plain, type Decimal } from '@switchyard/money';
import type { Fill, Order } from '../../core/order.js';
import { ids, uuidOf } from './ids.js';

/** Numbers as Coinbase writes them: as short as they are. */
export const short = (value: Decimal | string): string => plain(typeof value === 'string' ? decimal(value) : value);

/** A moment in RFC 3339, with microseconds. */
export const moment = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z');

const ZERO = decimal('0');

const STATUS = {
  open: 'OPEN',
  partially_filled: 'OPEN',
  filled: 'FILLED',
  cancelled: 'CANCELLED',
  expired: 'CANCELLED',
} as const satisfies Record<Order['status'], string>;

const statusOf = ({ status, timeInForce }: Order): string =>
  status === 'expired' && timeInForce === 'gtd' ? 'EXPIRED' : STATUS[status];

const TIMES_IN_FORCE = {
  gtc: 'GOOD_UNTIL_CANCELLED',
  gtd: 'GOOD_UNTIL_DATE_TIME',
  ioc: 'IMMEDIATE_OR_CANCEL',
  fok: 'FILL_OR_KILL',
} as const satisfies Record<Order['timeInForce'], string>;

/** An order's configuration, under the name that says its type and time in force. */
export const configurationOf = (order: Pick<Order, Configured>): object => {
  const { type, timeInForce, quantity, quoteQuantity, limitPrice = '0', postOnly, expiresAt = 0 } = order;
  if (type === 'market') {
    return { market_market_ioc: quoteQuantity === undefined ? { base_size: quantity } : { quote_size: quoteQuantity } };
  }
  const limit = { base_size: quantity, limit_price: limitPrice };
  switch (timeInForce) {
    case 'gtc':
      return { limit_limit_gtc: { ...limit, post_only: postOnly } };
    case 'gtd':
      return { limit_limit_gtd: { ...limit, end_time: new Date(expiresAt).toISOString(), post_only: postOnly } };
    case 'ioc':
      return { sor_limit_ioc: limit };
    case 'fok':
      return { limit_limit_fok: limit };
  }
};

type Configured = 'type' | 'timeInForce' | 'quantity' | 'quoteQuantity' | 'limitPrice' | 'postOnly' | 'expiresAt';

const isSizedInQuote = ({ quoteQuantity }: Pick<Order, 'quoteQuantity'>): boolean => quoteQuantity !== undefined;

/** The reply to a new order: whose it is, and nothing of what became of it. */
export const placedOrder = (
  order: Pick<Order, 'orderId'>,
  asked: { readonly productId: string; readonly side: string; readonly clientOrderId: string },
  configuration: object,
): object => ({
  success: true,
  failure_reason: 'UNKNOWN_FAILURE_REASON',
  order_id: ids.order(order.orderId),
  success_response: {
    order_id: ids.order(order.orderId),
    product_id: asked.productId,
    side: asked.side,
    client_order_id: asked.clientOrderId,
    attached_order_id: '',
  },
  order_configuration: configuration,
});

/** An order as the lists tell of it. */
export const orderStatus = (order: Order): object => {
  const { executed, quoteExecuted, fills } = order;
  const fees = fills.reduce((sum, { fee }) => sum.plus(decimal(fee)), ZERO);
  const lastFill = fills.at(-1);
  return {
    order_id: ids.order(order.orderId),
    product_id: order.symbol,
    user_id: uuidOf(`user ${order.accountKey}`),
    order_configuration: configurationOf(order),
    side: order.side.toUpperCase(),
    client_order_id: order.clientOrderId,
    status: statusOf(order),
    time_in_force: TIMES_IN_FORCE[order.type === 'market' ? 'ioc' : order.timeInForce],
    created_time: moment(order.receivedAt),
    completion_percentage: completionOf(order),
    filled_size: short(executed),
    average_filled_price: executed.eq(ZERO) ? '0' : short(quoteExecuted.div(executed)),
    fee: '',
    number_of_fills: String(fills.length),
    filled_value: short(quoteExecuted),
    pending_cancel: false,
    size_in_quote: isSizedInQuote(order),
    total_fees: short(fees),
    size_inclusive_of_fees: false,
    total_value_after_fees: short(order.side === 'buy' ? quoteExecuted.plus(fees) : quoteExecuted.minus(fees)),
    trigger_status: 'INVALID_ORDER_TYPE',
    order_type: order.type.toUpperCase(),
    reject_reason: 'REJECT_REASON_UNSPECIFIED',
    settled: order.status === 'filled',
    product_type: 'SPOT',
    reject_message: '',
    cancel_message: '',
    order_placement_source: 'RETAIL_ADVANCED',
    outstanding_hold_amount: short(order.locked),
    is_liquidation: false,
    last_fill_time: lastFill === undefined ? null : moment(lastFill.at),
    edit_history: [],
    leverage: '',
    margin_type: 'UNKNOWN_MARGIN_TYPE',
    retail_portfolio_id: uuidOf(`portfolio ${order.accountKey}`),
    originating_order_id: '',
    attached_order_id: '',
  };
};

const completionOf = ({ executed, quantity }: Order): string => {
  const whole = decimal(quantity);
  return whole.eq(ZERO) ? '0' : executed.times('100').div(whole).toFixed(2);
};

export const fillOf = (order: Order, fill: Fill): object => {
  const inQuote = isSizedInQuote(order);
  return {
    entry_id: uuidOf(`entry ${fill.tradeId}`).replaceAll('-', ''),
    trade_id: ids.trade(fill.tradeId),
    order_id: ids.order(order.orderId),
    trade_time: moment(fill.at),
    trade_type: 'FILL',
    price: short(fill.price),
    size: short(inQuote ? decimal(fill.price).times(decimal(fill.quantity)) : fill.quantity),
    commission: short(fill.fee),
    product_id: order.symbol,
    sequence_timestamp: moment(fill.at),
    liquidity_indicator: fill.liquidity.toUpperCase(),
    size_in_quote: inQuote,
    user_id: uuidOf(`user ${order.accountKey}`),
    side: order.side.toUpperCase(),
    retail_portfolio_id: uuidOf(`portfolio ${order.accountKey}`),
  };
};
