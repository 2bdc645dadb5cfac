import type { Params } from '../ccxt/account-calls.js';
import { nameOf } from '../ccxt/writes.js';
import type { NewOrder, OrderRef } from '../orders.js';

/**
 * `POST /api/v1/hf/orders`, with the order's own texts: ccxt's rounding would pass prices through a float, and grid and limits have been
 * checked by now. A market order has no time in force here; its size is in base.
 */
export const placeParams = (order: NewOrder, windowMs: number): Params => ({
  clientOid: order.clientOrderId,
  symbol: order.venueSymbol,
  side: order.side,
  size: order.quantity,
  ...(order.limitPrice === null
    ? { type: 'market' }
    : {
        type: 'limit',
        price: order.limitPrice,
        timeInForce: order.timeInForce.toUpperCase(),
        ...(order.postOnly ? { postOnly: true } : {}),
      }),
  allowMaxTimeWindow: windowMs,
});

const ID = /^[A-Za-z0-9_-]{1,40}$/;

/**
 * What names an order in a path: KuCoin's id where it is known, else ours. `undefined` for what must not stand there: `DELETE
 * /api/v1/hf/orders/<nothing>` is one slash away from `DELETE /api/v1/hf/orders`, which cancels all of the account's orders of the symbol,
 * and a question about nothing lists them.
 */
export const pathOf = (order: OrderRef): { readonly by: 'venueId' | 'ourId'; readonly params: Params } | undefined => {
  const name = nameOf(order);
  const id = 'venue' in name ? name.venue : name.ours;
  if (!ID.test(id)) return undefined;
  const { venueSymbol: symbol } = order;
  return 'venue' in name
    ? { by: 'venueId', params: { orderId: id, symbol } }
    : { by: 'ourId', params: { clientOid: id, symbol } };
};
