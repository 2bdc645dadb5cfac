import type { Draft } from './assessment.js';
import type { ChildPlan, Priority } from './decision.js';
import { textOf } from './grid.js';
import type { ApprovedOrder } from './inputs.js';
import { timeInForceOf } from './method.js';

type Draftable<Plan> = { -readonly [Field in keyof Plan]: Plan[Field] };

/** The order that a venue's part becomes; undefined where it has none. */
export const childOf = (order: ApprovedOrder, draft: Draft, priority: Priority): ChildPlan | undefined => {
  const { cap, market, choice, share, limitPrice, stopPrice } = draft;
  if (share === 0 || market === undefined || choice === undefined) return undefined;
  const { tick, lot, view } = market;
  const { orderType, method } = choice;
  const plan: Draftable<ChildPlan> = {
    accountId: cap.accountId,
    venue: cap.venue,
    venueSymbol: view.instrument.venueSymbol,
    mode: cap.mode,
    orderType,
    quantity: textOf(share, lot.places),
    timeInForce: timeInForceOf(order, choice),
    postOnly: order.postOnly === true && method === 'limit',
    reduceOnly: order.reduceOnly,
    priority,
  };
  if (limitPrice > 0) plan.limitPrice = textOf(limitPrice, tick.places);
  if (stopPrice > 0) plan.stopPrice = textOf(stopPrice, tick.places);
  if (order.expireAt !== undefined && orderType !== 'market') plan.expireAt = order.expireAt;
  return plan;
};
