import { decimal, plain, type Decimal } from '@switchyard/money';
import type { Fill, Order } from '../../core/order.js';
import { alpacaIds } from './ids.js';

/** Times as Alpaca writes them: RFC 3339 with more than milliseconds. */
export const instant = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z');

/** The same moment as its clock tells it, five hours behind. */
export const inNewYork = (ms: number): string =>
  new Date(ms - 5 * 3_600_000).toISOString().replace('Z', '738097-05:00');

export const shortest = (value: Decimal | string): string => plain(typeof value === 'string' ? decimal(value) : value);

/** What the market data has as JSON numbers: floats, as Alpaca's are. */
export const figure = (value: Decimal | string): number => Number(shortest(value));

const STATUS = {
  open: 'new',
  partially_filled: 'partially_filled',
  filled: 'filled',
  cancelled: 'canceled',
  // What an ioc order leaves unfilled is called cancelled, too.
  expired: 'canceled',
} as const satisfies Record<Order['status'], string>;

export const statusOf = ({ status }: Order): string => STATUS[status];

/** An order; `asReceived` before anything was matched, as new orders are answered. */
export const orderOf = (order: Order, { asReceived = false }: { readonly asReceived?: boolean } = {}): object => {
  const status = asReceived ? 'pending_new' : statusOf(order);
  const filled = !asReceived && !order.executed.eq('0');
  const at = instant(order.receivedAt);
  const updated = asReceived ? at : instant(order.updatedAt);
  return {
    id: alpacaIds.order(order.orderId),
    client_order_id: order.clientOrderId,
    created_at: at,
    updated_at: updated,
    submitted_at: at,
    filled_at: status === 'filled' ? updated : null,
    expired_at: null,
    canceled_at: status === 'canceled' ? updated : null,
    failed_at: null,
    replaced_at: null,
    replaced_by: null,
    replaces: null,
    asset_id: assetId(order.symbol),
    symbol: order.symbol,
    asset_class: 'crypto',
    notional: order.quoteQuantity ?? null,
    qty: order.quoteQuantity === undefined ? order.quantity : null,
    filled_qty: filled ? shortest(order.executed) : '0',
    filled_avg_price: filled ? shortest(decimal(order.quoteExecuted.div(order.executed).toFixed(9))) : null,
    order_class: '',
    order_type: order.type,
    type: order.type,
    side: order.side,
    position_intent: order.side === 'buy' ? 'buy_to_open' : 'sell_to_close',
    time_in_force: order.timeInForce,
    limit_price: order.limitPrice ?? null,
    stop_price: null,
    status,
    extended_hours: false,
    legs: null,
    trail_percent: null,
    trail_price: null,
    hwm: null,
    subtag: null,
    source: 'access_key',
    expires_at: null,
  };
};

/** A fill as the account's activities tell it; nothing is said of its fee, nor of who was maker. */
export const fillOf = (order: Order, fill: Fill): object => {
  const upTo = order.fills.slice(0, order.fills.findIndex(({ tradeId }) => tradeId === fill.tradeId) + 1);
  const done = upTo.reduce((sum, { quantity }) => sum.plus(decimal(quantity)), decimal('0'));
  const leaves = decimal(order.quantity).minus(done);
  return {
    id: alpacaIds.trade(fill.tradeId),
    activity_type: 'FILL',
    transaction_time: instant(fill.at),
    type: leaves.eq('0') ? 'fill' : 'partial_fill',
    price: fill.price,
    qty: fill.quantity,
    side: order.side,
    symbol: order.symbol,
    leaves_qty: shortest(leaves),
    order_id: alpacaIds.order(order.orderId),
    cum_qty: shortest(done),
    order_status: leaves.eq('0') ? 'filled' : 'partially_filled',
    swap_rate: '1',
  };
};

/** A made-up id of an asset, always the same. */
export const assetId = (symbol: string): string =>
  `a55e7000-0000-4000-8000-${Buffer.from(symbol).toString('hex').padStart(12, '0').slice(0, 12)}`;

/** As positions write a pair: in one word. */
export const inOneWord = (symbol: string): string => symbol.replace('/', '');
