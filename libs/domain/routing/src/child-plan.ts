import type { Draft } from './assessment.js';
import type { ChildPlan, Priority } from './decision.js';
import type { DecimalString } from '@switchyard/money';
import { textOf } from './grid.js';
import type { ApprovedOrder } from './inputs.js';
import { timeInForceOf } from './method.js';

type Draftable<Plan> = { -readonly [Field in keyof Plan]: Plan[Field] };

/** The order that a venue's part becomes; undefined where it was never priced. */
export const childOf = (
  order: ApprovedOrder,
  { cap, market, choice, limitPrice, stopPrice }: Draft,
  priority: Priority,
  quantity: DecimalString,
): ChildPlan | undefined => {
  if (market === undefined || choice === undefined) return undefined;
  const { tick, view } = market;
  const { orderType, method } = choice;
  const plan: Draftable<ChildPlan> = {
    accountId: cap.accountId,
    venue: cap.venue,
    venueSymbol: view.instrument.venueSymbol,
    mode: cap.mode,
    orderType,
    quantity,
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
