import type { Draft, Suitable } from './assessment.js';
import { LARGEST, rescaled, tenTo } from './grid.js';
import { askedUnits, type Question } from './question.js';

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

/** Undefined where no venue is suitable. */
export const groundOf = (question: Question, suitable: readonly Suitable[]): Ground | undefined => {
  if (suitable.length === 0) return undefined;
  const { buys } = question;
  let lotPlaces = 0;
  let touchPlaces = 0;
  let costPlaces = 0;
  for (const { market, rates } of suitable) {
    const { tick, lot } = market;
    const { maker, taker } = rates;
    if (lot.places > lotPlaces) lotPlaces = lot.places;
    if (tick.places > touchPlaces) touchPlaces = tick.places;
    const places = tick.places + (maker.places > taker.places ? maker.places : taker.places);
    if (places > costPlaces) costPlaces = places;
    if (market.costPlaces > costPlaces) costPlaces = market.costPlaces;
  }
  let quantity = askedUnits(question, lotPlaces);
  while (quantity > MOST_UNITS && lotPlaces > 0) {
    lotPlaces -= 1;
    quantity = askedUnits(question, lotPlaces);
  }
  let touch = 0;
  let near = 0;
  let best: Draft | undefined;
  let depth = 0;
  for (const draft of suitable) {
    const { concern, market } = draft;
    if (concern !== undefined || market.kind === 'dark') continue;
    const { asks, bids, tick, lot } = market;
    const scale = tenTo(touchPlaces - tick.places);
    const far = (buys ? asks : bids).touch * scale;
    const own = (buys ? bids : asks).touch * scale;
    if (best === undefined || (buys ? far < touch : far > touch)) {
      touch = far;
      best = draft;
    }
    if (near === 0 || (buys ? own > near : own < near)) near = own;
    depth += rescaled((buys ? asks : bids).depth, lot.places, lotPlaces);
  }
  let pricePlaces = Math.max(touchPlaces, Math.min(MOST_PRICE_PLACES, costPlaces));
  while (pricePlaces > touchPlaces && touch * tenTo(pricePlaces - touchPlaces) > LARGEST / 8) pricePlaces -= 1;
  quantity = Math.min(quantity, MOST_UNITS);
  const value = quantity * touch * tenTo(pricePlaces - touchPlaces);
  const childCost = Math.ceil((value * question.settings.childCostPpm) / 1e6);
  return { lotPlaces, pricePlaces, quantity, touch, near, touchPlaces, best, depth, childCost };
};
