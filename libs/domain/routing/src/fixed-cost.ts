import type { Draft } from './assessment.js';
import type { Ground } from './ground.js';
import { tenTo } from './grid.js';
import type { RouteInputs } from './inputs.js';
import { farTouch } from './limit-price.js';
import type { PreparedMarket } from './prepared-market.js';

/**
 * What a venue costs because it is used at all, in the decision's units of cost times quantity: a child is a request more, and can fail; and
 * where the account keeps nothing at the venue, what was bought or earned is taken away for a fee.
 */
export const fixedCostOf = (inputs: RouteInputs, ground: Ground, { cap }: Draft, market: PreparedMarket): number => {
  const { settings, accounts, order } = inputs;
  const touch = ground.touch * tenTo(ground.pricePlaces - ground.touchPlaces);
  const child = Math.ceil((ground.quantity * touch * settings.childCostPpm) / 1e6);
  if (accounts?.[cap.accountId]?.sweeps !== true) return child;
  const { base = '0', quote = '0' } = market.terms.withdrawalFee ?? {};
  const units = tenTo(ground.lotPlaces);
  // A withdrawal of base is worth what it costs to buy.
  const price = farTouch(order.side, market) * tenTo(ground.pricePlaces - market.tick.places);
  const withdrawal =
    order.side === 'buy' ? Number(base) * units * price : Number(quote) * units * tenTo(ground.pricePlaces);
  return child + Math.ceil(withdrawal);
};
