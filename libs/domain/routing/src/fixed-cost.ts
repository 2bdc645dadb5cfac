import type { Draft } from './assessment.js';
import type { Ground } from './ground.js';
import { tenTo } from './grid.js';
import { farTouch } from './limit-price.js';
import type { PreparedMarket } from './prepared-market.js';
import type { Question } from './question.js';

/**
 * What a venue costs because it is used at all, in the decision's units of cost times quantity: a child, and where the account keeps nothing
 * at the venue, the fee by which what was bought or earned is taken away.
 */
export const fixedCostOf = (
  { inputs: { accounts }, order }: Question,
  { childCost, lotPlaces, pricePlaces }: Ground,
  { cap }: Draft,
  market: PreparedMarket,
): number => {
  if (accounts?.[cap.accountId]?.sweeps !== true) return childCost;
  const { base = '0', quote = '0' } = market.terms.withdrawalFee ?? {};
  const units = tenTo(lotPlaces);
  // A withdrawal of base is worth what it costs to buy.
  const price = farTouch(order.side, market) * tenTo(pricePlaces - market.tick.places);
  const withdrawal = order.side === 'buy' ? Number(base) * units * price : Number(quote) * units * tenTo(pricePlaces);
  return childCost + Math.ceil(withdrawal);
};
