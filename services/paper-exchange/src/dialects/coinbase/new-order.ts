import type { OrderRequest } from '../../core/order.js';
import { placeOrder } from '../placing.js';
import { decimalIn, membersOf } from './asked.js';
import { errors, OrderRefused, refusalWords } from './errors.js';
import { placedOrder } from './format.js';
import type { SignedContext } from './route.js';

type Members = Readonly<Record<string, unknown>>;
type Sized = Pick<
  OrderRequest,
  'type' | 'timeInForce' | 'postOnly' | 'quantity' | 'quoteQuantity' | 'limitPrice' | 'expiresAt'
>;

/** `order_configuration` has one member, whose name says type and time in force. */
const sizedOrder = (configuration: Members, nowMs: number): Sized => {
  const [only, ...others] = Object.entries(configuration);
  const of = membersOf(only?.[1]);
  if (only === undefined || of === undefined || others.length > 0) {
    throw errors.badConfiguration('The order configuration was invalid');
  }
  const quantity = decimalIn(of, 'base_size');
  const limitPrice = decimalIn(of, 'limit_price');
  const limited = { type: 'limit', quantity, limitPrice, postOnly: of['post_only'] === true } as const;
  if (LIMITS.has(only[0]) && (quantity === undefined || limitPrice === undefined)) {
    throw errors.badConfiguration('Limit orders need a base_size and a limit_price');
  }
  switch (only[0]) {
    case 'market_market_ioc': {
      const quoteQuantity = decimalIn(of, 'quote_size');
      if ((quantity === undefined) === (quoteQuantity === undefined)) {
        throw errors.badConfiguration('Market orders cannot be placed with empty order sizes');
      }
      return { type: 'market', timeInForce: 'ioc', postOnly: false, quantity, quoteQuantity };
    }
    case 'limit_limit_gtc':
      return { ...limited, timeInForce: 'gtc' };
    case 'limit_limit_gtd': {
      const expiresAt = Date.parse(String(of['end_time']));
      if (Number.isNaN(expiresAt)) throw new OrderRefused('GTD_ORDERS_MUST_HAVE_END_TIME', 'end_time is missing');
      if (expiresAt <= nowMs) throw new OrderRefused('END_TIME_IS_IN_THE_PAST', 'end_time is in the past');
      return { ...limited, timeInForce: 'gtd', expiresAt };
    }
    case 'sor_limit_ioc':
      return { ...limited, timeInForce: 'ioc', postOnly: false };
    case 'limit_limit_fok':
      return { ...limited, timeInForce: 'fok', postOnly: false };
    default:
      // Stops, brackets and TWAP among them: not simulated. `market_market_fok` is for perpetuals.
      throw errors.unsupported('The order configuration is not supported');
  }
};

const LIMITS: ReadonlySet<string> = new Set(['limit_limit_gtc', 'limit_limit_gtd', 'limit_limit_fok', 'sor_limit_ioc']);

/** Coinbase's parameters as an order of the core, or a throw of what it would answer. */
const orderAsked = ({ asked, customer, exchange }: SignedContext, configuration: Members): OrderRequest => {
  const clientOrderId = asked.said('client_order_id');
  if (clientOrderId === undefined) throw errors.invalid('client_order_id must be provided');
  const symbol = asked.said('product_id');
  if (symbol === undefined) throw errors.invalid('product_id must be provided');
  const side = asked.said('side');
  if (side !== 'BUY' && side !== 'SELL') throw errors.invalid('side is invalid');
  return {
    accountKey: customer.key,
    clientOrderId,
    symbol,
    side: side === 'BUY' ? 'buy' : 'sell',
    ...sizedOrder(configuration, exchange.now()),
  };
};

/**
 * Places an order. One whose client order id is known is not created: the answer names the order that has the id, and repeats of the request
 * what it always repeats ("the order fails to be created and the order corresponding to that ID is returned").
 */
export const newOrder = (context: SignedContext): object => {
  const { exchange, customer, fault, asked } = context;
  const configuration = membersOf(asked.member('order_configuration')) ?? {};
  try {
    const request = orderAsked(context, configuration);
    const { clientOrderId, symbol: productId, side } = request;
    const repeated = { productId, side: side.toUpperCase(), clientOrderId };
    const known = exchange.state.ordersByClientId(customer.key, clientOrderId).at(-1);
    if (known !== undefined) {
      exchange.recordRefusal(request, 'client_order_id is known: answered with the order that has it');
      return placedOrder(known, repeated, configuration);
    }
    return placedOrder(placeOrder(exchange, request, fault, refusalWords), repeated, configuration);
  } catch (error) {
    throw error instanceof OrderRefused ? error.of(configuration) : error;
  }
};
