import type { Draft } from './assessment.js';
import type { ChildPlan, Priority } from './decision.js';
import { textOf } from './grid.js';
import type { ApprovedOrder } from './inputs.js';
import { timeInForceOf } from './method.js';

/** The order that a venue's part becomes; undefined where it has none. */
export const childOf = (order: ApprovedOrder, draft: Draft, priority: Priority): ChildPlan | undefined => {
  const { cap, market, choice, share, limitPrice, stopPrice } = draft;
  if (share === 0 || market === undefined || choice === undefined) return undefined;
  const { tick, lot, view } = market;
  const { orderType, method } = choice;
  const resting = orderType !== 'market';
  return {
    accountId: cap.accountId,
    venue: cap.venue,
    venueSymbol: view.instrument.venueSymbol,
    mode: cap.mode,
    orderType,
    quantity: textOf(share, lot.places),
    ...(limitPrice === 0 ? undefined : { limitPrice: textOf(limitPrice, tick.places) }),
    ...(stopPrice === 0 ? undefined : { stopPrice: textOf(stopPrice, tick.places) }),
    timeInForce: timeInForceOf(order, choice),
    ...(order.expireAt === undefined || !resting ? undefined : { expireAt: order.expireAt }),
    postOnly: order.postOnly === true && method === 'limit',
    reduceOnly: order.reduceOnly,
    priority,
  };
};
