import type { Suitable } from './assessment.js';
import { affordsPrice, budgetOf, highestPrice } from './budget.js';
import type { FeeRate } from './fees.js';
import type { Ground } from './ground.js';
import { snapDown, snapUp, tenTo, type Grid } from './grid.js';
import { limitPriceOf, onTick } from './limit-price.js';
import { timeInForceOf, withoutBook, type MethodChoice } from './method.js';
import type { Question } from './question.js';
import type { VenueRejectionCode } from './rejections.js';

/**
 * What an order would be at a venue: its type and prices on the venue's tick, within what is reserved. A buy's limit is lowered to what the
 * account's cap affords for each unit, as far as the touch and no further; what costs more even so is refused.
 *
 * @returns why it can't be an order there
 */
export const priceVenue = (
  question: Question,
  ground: Ground,
  draft: Suitable,
  choice: MethodChoice,
): VenueRejectionCode | undefined => {
  const { order, buys } = question;
  const { market, rates } = draft;
  const dark = market.kind === 'dark';
  const here = dark ? hidden(question, choice) : draft.book ? choice : withoutBook(choice, order);
  if (here === undefined) return dark ? 'METHOD_NOT_OFFERED' : (draft.concern ?? 'BOOK_UNKNOWN');
  draft.choice = here;
  const { orderType } = here;
  const triggered = orderType === 'stop' || orderType === 'stop_limit';
  if (triggered && order.stopPrice !== undefined) {
    draft.stopPrice = onTick(order.side, order.stopPrice, market.tick);
    if (!isPrice(draft.stopPrice)) return 'PRICE_OUT_OF_GRID';
  }
  if (here.price !== 'none') {
    draft.limitPrice = limitPriceOf(question, market, here.price, ground);
    if (!isPrice(draft.limitPrice)) return 'PRICE_OUT_OF_GRID';
  }
  if (dark) {
    const mid = midpoint(buys, ground, market.tick);
    if (mid === 0) return 'MIDPOINT_UNKNOWN';
    const { limitPrice } = draft;
    const asked = limitPrice > 0 && here.price === 'own';
    draft.limitPrice = !asked ? mid : buys ? Math.min(limitPrice, mid) : Math.max(limitPrice, mid);
  }
  const timeInForce = timeInForceOf(question, here);
  draft.rests = timeInForce !== 'ioc' && timeInForce !== 'fok';
  // What goes to the market takes, whatever was wished.
  const makerOnly = question.postOnly && here.method === 'limit';
  draft.takes = draft.book && !triggered && !makerOnly && !dark;
  const { limitPrice, takes, rests } = draft;
  const crosses = limitPrice === 0 || (buys ? market.asks.touch <= limitPrice : market.bids.touch >= limitPrice);
  const makes = makerOnly || (takes && rests && !crosses);
  draft.fee = makes ? rates.maker : rates.taker;
  return buys ? withinBudget(question, draft, triggered, makerOnly ? rates.maker : rates.taker) : undefined;
};

/** What a dark venue takes: a limit at the midpoint at best. */
const hidden = ({ postOnly }: Question, choice: MethodChoice): MethodChoice | undefined => {
  if (postOnly || choice.orderType === 'stop' || choice.orderType === 'stop_limit') return undefined;
  return { ...choice, orderType: 'limit', price: choice.price === 'own' ? 'own' : 'none' };
};

/** Half way between the best touches of the sound venues, on the tick, never worse for the user; 0 where there is none. */
const midpoint = (buys: boolean, { best, touch, near, touchPlaces }: Ground, tick: Grid): number => {
  if (best === undefined || near === 0) return 0;
  const mid = (touch + near) / 2 / tenTo(touchPlaces - tick.places);
  return buys ? snapDown(Math.floor(mid), tick) : snapUp(Math.ceil(mid), tick);
};

const isPrice = (units: number): boolean => units > 0 && Number.isFinite(units);

const withinBudget = (
  question: Question,
  draft: Suitable,
  triggered: boolean,
  fee: FeeRate,
): VenueRejectionCode | undefined => {
  const bounding = draft.limitPrice > 0 ? draft.limitPrice : draft.stopPrice;
  if (bounding === 0) return undefined;
  const { market } = draft;
  const budget = budgetOf(question, draft, market);
  if (affordsPrice(budget, market, fee, bounding)) return undefined;
  const highest = highestPrice(budget, market, fee);
  const { touch } = market.asks;
  if (triggered || !draft.book || touch === 0 || highest < touch) return 'COST_ABOVE_RESERVED';
  draft.limitPrice = highest;
  return undefined;
};
