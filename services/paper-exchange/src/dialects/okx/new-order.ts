import { randomUUID } from 'node:crypto';
import type { OrderRequest } from '../../core/order.js';
import { placeOrder } from '../placing.js';
import { errors, refusalWords } from './errors.js';
import { acknowledged, NAMELESS } from './format.js';
import type { SignedContext } from './route.js';

const CLIENT_ID = /^[A-Za-z0-9]{1,32}$/;

/** OKX's parameters as an order of the core. @throws OkxError on what is missing, malformed or not simulated */
export const orderAsked = ({ parameters, customer }: SignedContext): OrderRequest => {
  // An instrument that is not listed is refused by the core, and the ledger says so.
  const symbol = parameters.required('instId');
  parameters.required('tdMode');
  const tdMode = parameters.oneOf('tdMode', ['cash', 'cross', 'isolated', 'spot_isolated']);
  parameters.required('side');
  const side = parameters.oneOf('side', ['buy', 'sell']) ?? 'buy';
  parameters.required('ordType');
  const ordType = parameters.oneOf('ordType', ['market', 'limit', 'post_only', 'fok', 'ioc']) ?? 'limit';
  parameters.required('sz');
  const size = parameters.decimal('sz');
  const clOrdId = parameters.text('clOrdId');
  if (clOrdId !== undefined && !CLIENT_ID.test(clOrdId)) throw errors.bad('clOrdId');
  if (parameters.text('attachAlgoOrds') !== undefined) throw errors.bad('attachAlgoOrds');
  const tgtCcy = parameters.oneOf('tgtCcy', ['base_ccy', 'quote_ccy']) ?? (side === 'buy' ? 'quote_ccy' : 'base_ccy');
  if (tdMode !== 'cash') throw errors.notSpotMode();
  const common = {
    accountKey: customer.key,
    clientOrderId: clOrdId ?? `${NAMELESS}${randomUUID()}`,
    symbol,
    side,
    postOnly: ordType === 'post_only',
  } as const;
  // The size of a market order counts in base or in quote; all others are in base, whatever `tgtCcy` says.
  if (ordType === 'market') {
    const sized = tgtCcy === 'quote_ccy' ? { quoteQuantity: size } : { quantity: size };
    return { ...common, type: 'market', timeInForce: 'ioc', ...sized };
  }
  const limitPrice = parameters.decimal('px');
  if (limitPrice === undefined) throw errors.noPrice();
  const timeInForce = ordType === 'fok' || ordType === 'ioc' ? ordType : 'gtc';
  return { ...common, type: 'limit', timeInForce, quantity: size, limitPrice };
};

/** Places an order, or throws what OKX would answer. The answer holds ids, and nothing of what became of it. */
export const newOrder = (context: SignedContext): readonly unknown[] => {
  const { exchange, fault } = context;
  const order = placeOrder(exchange, orderAsked(context), fault, refusalWords);
  return [acknowledged(exchange, order, 'Order placed')];
};
