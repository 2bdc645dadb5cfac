import { randomBytes } from 'node:crypto';
import type { OrderRequest, TimeInForce } from '../../core/order.js';
import { placeOrder } from '../placing.js';
import { BinanceError, errorOf, errors, refusalWords } from './errors.js';
import { placedOrder } from './format.js';
import type { SignedContext } from './route.js';
import { instrumentOf } from './route.js';

const CLIENT_ID = /^[.A-Z:/a-z0-9_-]{1,36}$/;
const CLIENT_ID_RANGE = '^[\\.A-Z\\:/a-z0-9_-]{1,36}$';

/** An id as Binance makes one up. */
export const madeUpId = (): string => randomBytes(16).toString('base64url');

const TYPES = {
  MARKET: 'market',
  LIMIT: 'limit',
  LIMIT_MAKER: 'limit_maker',
  STOP_LOSS: 'Stop loss',
  STOP_LOSS_LIMIT: 'Stop loss limit',
  TAKE_PROFIT: 'Take profit',
  TAKE_PROFIT_LIMIT: 'Take profit limit',
} as const;

const isType = (text: string): text is keyof typeof TYPES => Object.hasOwn(TYPES, text);

const timeInForceOf = ({ parameters }: SignedContext): TimeInForce => {
  switch (parameters.required('timeInForce')) {
    case 'GTC':
      return 'gtc';
    case 'IOC':
      return 'ioc';
    case 'FOK':
      return 'fok';
    default:
      throw errors.badTimeInForce();
  }
};

/** Binance's parameters as an order of the core. @throws BinanceError on what is missing, malformed or not simulated */
export const orderAsked = (context: SignedContext): OrderRequest => {
  const { parameters, customer } = context;
  const { symbol } = instrumentOf(context);
  const side = parameters.required('side');
  if (side !== 'BUY' && side !== 'SELL') throw errors.badSide();
  const type = parameters.required('type');
  if (!isType(type)) throw errors.badOrderType();
  const clientOrderId = parameters.text('newClientOrderId') ?? madeUpId();
  if (!CLIENT_ID.test(clientOrderId)) throw errors.illegal('newClientOrderId', CLIENT_ID_RANGE);
  const common = {
    accountKey: customer.key,
    clientOrderId,
    symbol,
    side: side === 'BUY' ? 'buy' : 'sell',
    postOnly: type === 'LIMIT_MAKER',
  } as const;
  const quantity = parameters.decimal('quantity');
  if (parameters.decimal('icebergQty') !== undefined) throw errors.notSupportedType('Iceberg');

  switch (type) {
    case 'MARKET': {
      const quoteQuantity = parameters.decimal('quoteOrderQty');
      for (const name of ['price', 'timeInForce'])
        if (parameters.text(name) !== undefined) throw errors.notRequired(name);
      if (quantity !== undefined && quoteQuantity !== undefined) throw errors.badCombination();
      if (quantity === undefined && quoteQuantity === undefined)
        throw errors.missingEither('quantity', 'quoteOrderQty');
      // Binance reports a market order as GTC; what finds no liquidity expires, as with IOC.
      return { ...common, type: 'market', timeInForce: 'gtc', quantity, quoteQuantity };
    }
    case 'LIMIT':
    case 'LIMIT_MAKER': {
      if (type === 'LIMIT_MAKER' && parameters.text('timeInForce') !== undefined)
        throw errors.notRequired('timeInForce');
      const timeInForce = type === 'LIMIT' ? timeInForceOf(context) : 'gtc';
      if (quantity === undefined) throw errors.missing('quantity');
      const limitPrice = parameters.decimal('price');
      if (limitPrice === undefined) throw errors.missing('price');
      return { ...common, type: 'limit', timeInForce, quantity, limitPrice };
    }
    case 'STOP_LOSS':
    case 'STOP_LOSS_LIMIT':
    case 'TAKE_PROFIT':
    case 'TAKE_PROFIT_LIMIT':
      throw errors.notSupportedType(TYPES[type]);
  }
};

const detailOf = ({ parameters }: SignedContext): 'ACK' | 'RESULT' | 'FULL' => {
  const detail = parameters.text('newOrderRespType') ?? (parameters.text('type') === 'LIMIT_MAKER' ? 'ACK' : 'FULL');
  if (detail === 'ACK' || detail === 'RESULT' || detail === 'FULL') return detail;
  throw new BinanceError(-1133, 'Invalid newOrderRespType.');
};

/** Places an order, or throws what Binance would answer. */
export const newOrder = (context: SignedContext): object => {
  const { exchange, fault } = context;
  const request = orderAsked(context);
  const detail = detailOf(context);
  return placedOrder(placeOrder(exchange, request, fault, refusalWords), detail, fault);
};

/** `POST /api/v3/order/test`: checked, not placed. */
export const testOrder = (context: SignedContext): object => {
  const refused = context.exchange.rehearse(orderAsked(context));
  if (refused !== undefined) throw errorOf(refused);
  return {};
};
