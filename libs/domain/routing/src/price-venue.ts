import type { Draft } from './assessment.js';
import { affordsPrice, budgetOf, highestPrice } from './budget.js';
import type { FeeRate } from './fees.js';
import type { Ground } from './ground.js';
import { snapDown, snapUp, tenTo } from './grid.js';
import type { RouteInputs } from './inputs.js';
import { farTouch, limitPriceOf, onTick } from './limit-price.js';
import { timeInForceOf, withoutBook, type MethodChoice } from './method.js';
import type { PreparedMarket } from './prepared-market.js';
import type { VenueRejectionCode } from './rejections.js';

/**
 * What an order would be at a venue: its type and prices on the venue's tick, within what is reserved. A buy's limit is lowered to what the
 * account's cap affords for each unit, as far as the touch and no further; what costs more even so is refused.
 *
 * @returns why it can't be an order there
 */
export const priceVenue = (
  inputs: RouteInputs,
  ground: Ground,
  draft: Draft,
  choice: MethodChoice,
): VenueRejectionCode | undefined => {
  const { order } = inputs;
  const { market, rates } = draft;
  if (market === undefined || rates === undefined) return 'BOOK_UNKNOWN';
  const here = market.kind === 'dark' ? hidden(inputs, choice) : draft.book ? choice : withoutBook(choice, order);
  if (here === undefined) return market.kind === 'dark' ? 'METHOD_NOT_OFFERED' : (draft.concern ?? 'BOOK_UNKNOWN');
  draft.choice = here;
  const { orderType } = here;
  const triggered = orderType === 'stop' || orderType === 'stop_limit';
  if (triggered && order.stopPrice !== undefined) {
    draft.stopPrice = onTick(order.side, order.stopPrice, market.tick);
    if (!isPrice(draft.stopPrice)) return 'PRICE_OUT_OF_GRID';
  }
  if (here.price !== 'none') {
    draft.limitPrice = limitPriceOf(order, market, here.price, ground, inputs.settings.collarBps);
    if (!isPrice(draft.limitPrice)) return 'PRICE_OUT_OF_GRID';
  }
  if (market.kind === 'dark') {
    const mid = midpoint(inputs, ground, market);
    if (mid === 0) return 'MIDPOINT_UNKNOWN';
    const { limitPrice } = draft;
    const asked = limitPrice > 0 && here.price === 'own';
    draft.limitPrice = !asked ? mid : order.side === 'buy' ? Math.min(limitPrice, mid) : Math.max(limitPrice, mid);
  }
  const timeInForce = timeInForceOf(order, here);
  draft.rests = timeInForce !== 'ioc' && timeInForce !== 'fok';
  // What goes to the market takes, whatever was wished.
  const makerOnly = order.postOnly === true && here.method === 'limit';
  draft.takes = draft.book && !triggered && !makerOnly && market.kind !== 'dark';
  const far = farTouch(order.side, market);
  const crosses = draft.limitPrice === 0 || (order.side === 'buy' ? far <= draft.limitPrice : far >= draft.limitPrice);
  const makes = makerOnly || (draft.takes && draft.rests && !crosses);
  draft.fee = makes ? rates.maker : rates.taker;
  return order.side === 'buy'
    ? withinBudget(inputs, draft, market, triggered, makerOnly ? rates.maker : rates.taker)
    : undefined;
};

/** What a dark venue takes: a limit at the midpoint at best. */
const hidden = ({ order }: RouteInputs, choice: MethodChoice): MethodChoice | undefined => {
  if (order.postOnly === true || choice.orderType === 'stop' || choice.orderType === 'stop_limit') return undefined;
  return { ...choice, orderType: 'limit', price: choice.price === 'own' ? 'own' : 'none' };
};

/** Half way between the best touches of the sound venues, on the tick, never worse for the user; 0 where there is none. */
export const midpoint = ({ order }: RouteInputs, ground: Ground, { tick }: PreparedMarket): number => {
  if (ground.best === undefined || ground.near === 0) return 0;
  const mid = (ground.touch + ground.near) / 2 / tenTo(ground.touchPlaces - tick.places);
  return order.side === 'buy' ? snapDown(Math.floor(mid), tick) : snapUp(Math.ceil(mid), tick);
};

const isPrice = (units: number): boolean => units > 0 && Number.isFinite(units);

const withinBudget = (
  inputs: RouteInputs,
  draft: Draft,
  market: PreparedMarket,
  triggered: boolean,
  fee: FeeRate,
): VenueRejectionCode | undefined => {
  const bounding = draft.limitPrice > 0 ? draft.limitPrice : draft.stopPrice;
  if (bounding === 0) return undefined;
  const budget = budgetOf(inputs, draft, market);
  if (affordsPrice(budget, market, fee, bounding)) return undefined;
  const highest = highestPrice(budget, market, fee);
  const touch = farTouch('buy', market);
  if (triggered || !draft.book || touch === 0 || highest < touch) return 'COST_ABOVE_RESERVED';
  draft.limitPrice = highest;
  return undefined;
};
