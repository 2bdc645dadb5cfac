import type { Draft } from './assessment.js';
import type { ChildPlan, Priority } from './decision.js';
import type { DecimalString } from '@switchyard/money';
import { textOf } from './grid.js';
import { timeInForceOf } from './method.js';
import type { Question } from './question.js';

type Draftable<Plan> = { -readonly [Field in keyof Plan]: Plan[Field] };

/** The order that a venue's part becomes; undefined where it was never priced. */
export const childOf = (
  question: Question,
  { cap, market, choice, limitPrice, stopPrice }: Draft,
  priority: Priority,
  quantity: DecimalString,
): ChildPlan | undefined => {
  if (market === undefined || choice === undefined) return undefined;
  const { tick, view } = market;
  const { orderType, method } = choice;
  const { reduceOnly, expireAt } = question.order;
  const plan: Draftable<ChildPlan> = {
    accountId: cap.accountId,
    venue: cap.venue,
    venueSymbol: view.instrument.venueSymbol,
    mode: cap.mode,
    orderType,
    quantity,
    timeInForce: timeInForceOf(question, choice),
    postOnly: question.postOnly && method === 'limit',
    reduceOnly,
    priority,
  };
  if (limitPrice > 0) plan.limitPrice = textOf(limitPrice, tick.places);
  if (stopPrice > 0) plan.stopPrice = textOf(stopPrice, tick.places);
  if (expireAt !== undefined && orderType !== 'market') plan.expireAt = expireAt;
  return plan;
};
