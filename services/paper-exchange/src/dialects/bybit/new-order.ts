import type { OrderRequest } from '../../core/order.js';
import { placeOrder } from '../placing.js';
import { errors, refusalWords, type BybitError } from './errors.js';
import { ids, madeUpClientId } from './ids.js';
import { instrumentOf, type SignedContext } from './route.js';

const CLIENT_ID = /^[A-Za-z0-9_-]{1,36}$/;

/** Stops, take-profits and margin are not simulated. */
const NOT_SIMULATED = ['triggerPrice', 'takeProfit', 'stopLoss', 'slippageTolerance', 'bboSideType'];

const limitTerms = ({ parameters }: SignedContext): Pick<OrderRequest, 'timeInForce' | 'postOnly'> => {
  switch (parameters.text('timeInForce') ?? 'GTC') {
    case 'GTC':
      return { timeInForce: 'gtc', postOnly: false };
    case 'IOC':
      return { timeInForce: 'ioc', postOnly: false };
    case 'FOK':
      return { timeInForce: 'fok', postOnly: false };
    case 'PostOnly':
      return { timeInForce: 'gtc', postOnly: true };
    default:
      throw errors.badTimeInForce();
  }
};

/** A market order's size: a buy's in money and a sale's in coins, unless `marketUnit` says which. */
const marketSize = ({ parameters }: SignedContext, side: string): Pick<OrderRequest, 'quantity' | 'quoteQuantity'> => {
  const quantity = parameters.decimal('qty');
  if (quantity === undefined) throw errors.empty('qty');
  const unit = parameters.text('marketUnit') ?? (side === 'Buy' ? 'quoteCoin' : 'baseCoin');
  if (unit !== 'quoteCoin' && unit !== 'baseCoin') throw errors.invalid('marketUnit');
  return unit === 'quoteCoin' ? { quoteQuantity: quantity } : { quantity };
};

/** Bybit's parameters as an order of the core. @throws BybitError on what is missing, malformed or not simulated */
const orderAsked = (context: SignedContext): OrderRequest => {
  const { exchange, parameters, customer } = context;
  const { symbol } = instrumentOf(context);
  const side = parameters.required('side');
  if (side !== 'Buy' && side !== 'Sell') throw errors.badSide();
  const clientOrderId = parameters.text('orderLinkId') ?? madeUpClientId(exchange.state.nextOrderId);
  if (!CLIENT_ID.test(clientOrderId)) throw errors.invalid('orderLinkId');
  if ((parameters.text('orderFilter') ?? 'Order') !== 'Order') throw errors.notSupported();
  if (NOT_SIMULATED.some((name) => parameters.text(name) !== undefined)) throw errors.notSupported();
  if ((parameters.text('isLeverage') ?? '0') !== '0') throw errors.noMargin();
  const common = {
    accountKey: customer.key,
    clientOrderId,
    symbol,
    side: side === 'Buy' ? 'buy' : 'sell',
  } as const;
  switch (parameters.required('orderType')) {
    case 'Market':
      return { ...common, type: 'market', timeInForce: 'ioc', postOnly: false, ...marketSize(context, side) };
    case 'Limit': {
      const terms = limitTerms(context);
      const quantity = parameters.decimal('qty');
      if (quantity === undefined) throw errors.empty('qty');
      const limitPrice = parameters.decimal('price');
      if (limitPrice === undefined) throw errors.empty('price');
      return { ...common, type: 'limit', ...terms, quantity, limitPrice };
    }
    default:
      throw errors.badOrderType();
  }
};

/** `POST /v5/order/create`: what was taken is acknowledged by its ids, and told of only when asked. */
export const newOrder = (context: SignedContext): object => {
  const { exchange, fault } = context;
  const { orderId, clientOrderId } = placeOrder(exchange, orderAsked(context), fault, refusalWords);
  return { orderId: ids.order(orderId), orderLinkId: clientOrderId };
};

export const noteLateOrder = (context: SignedContext, error: BybitError): void => {
  context.exchange.recordRefusal(orderAsked(context), error.text);
};
