import type { Draft } from './assessment.js';
import { LARGEST, rescaled, tenTo } from './grid.js';
import { orderedUnits } from './ordered.js';
import type { RouteInputs } from './inputs.js';
import { farTouch } from './limit-price.js';

/**
 * What all suitable venues of one decision are compared on: units that all of them can be counted in, and the best prices of the sound ones.
 */
export interface Ground {
  /** Quantities are compared in units of 10^-`lotPlaces`. */
  readonly lotPlaces: number;
  /** The cost of such a unit in units of 10^-`pricePlaces`. */
  readonly pricePlaces: number;
  /** The order in units of quantity, what is finer cut off. */
  readonly quantity: number;
  /** The best price that can be taken at a venue without a flaw, in units of 10^-`touchPlaces`; 0 where there is none. */
  readonly touch: number;
  /** The best price on the order's own side. */
  readonly near: number;
  readonly touchPlaces: number;
  /** Whose touch it is. */
  readonly best: Draft | undefined;
  /** All that books without a flaw display on the side that the order takes from, in units of quantity. */
  readonly depth: number;
  /** What each child costs because it is one: a request more, and one that can fail. In units of cost times quantity. */
  readonly childCost: number;
}

/** Of quantity: sums of grades times units stay whole numbers (`split/allocate.ts`). */
export const MOST_UNITS = 2 ** 45;

/** Fees and venue costs make units of cost finer than ticks; beyond this they are rounded. */
const MOST_PRICE_PLACES = 18;

export const groundOf = (inputs: RouteInputs, drafts: readonly Draft[]): Ground | undefined => {
  const { side } = inputs.order;
  let lotPlaces = -1;
  let touchPlaces = 0;
  let costPlaces = 0;
  for (const { rejected, market, rates } of drafts) {
    if (rejected !== undefined || market === undefined || rates === undefined) continue;
    lotPlaces = Math.max(lotPlaces, market.lot.places);
    touchPlaces = Math.max(touchPlaces, market.tick.places);
    const feePlaces = Math.max(rates.taker.places, rates.maker.places);
    costPlaces = Math.max(costPlaces, market.tick.places + feePlaces, market.costPlaces);
  }
  if (lotPlaces < 0) return undefined;
  const text = inputs.quantity ?? inputs.order.quantity;
  let quantity = orderedUnits(text, lotPlaces);
  while (quantity > MOST_UNITS && lotPlaces > 0) {
    lotPlaces -= 1;
    quantity = orderedUnits(text, lotPlaces);
  }
  let touch = 0;
  let near = 0;
  let best: Draft | undefined;
  let depth = 0;
  for (const draft of drafts) {
    const { rejected, concern, market } = draft;
    if (rejected !== undefined || concern !== undefined || market === undefined || market.kind === 'dark') continue;
    const scale = tenTo(touchPlaces - market.tick.places);
    const far = farTouch(side, market) * scale;
    const own = farTouch(side === 'buy' ? 'sell' : 'buy', market) * scale;
    if (best === undefined || (side === 'buy' ? far < touch : far > touch)) {
      touch = far;
      best = draft;
    }
    if (near === 0 || (side === 'buy' ? own > near : own < near)) near = own;
    depth += rescaled((side === 'buy' ? market.asks : market.bids).depth, market.lot.places, lotPlaces);
  }
  let pricePlaces = Math.max(touchPlaces, Math.min(MOST_PRICE_PLACES, costPlaces));
  while (pricePlaces > touchPlaces && touch * tenTo(pricePlaces - touchPlaces) > LARGEST / 8) pricePlaces -= 1;
  quantity = Math.min(quantity, MOST_UNITS);
  const value = quantity * touch * tenTo(pricePlaces - touchPlaces);
  const childCost = Math.ceil((value * inputs.settings.childCostPpm) / 1e6);
  return { lotPlaces, pricePlaces, quantity, touch, near, touchPlaces, best, depth, childCost };
};
