/* eslint-disable @typescript-eslint/no-non-null-assertion -- levels are read by indices within their arrays, for every venue of every order. */
import { reducesRisk } from './assess-venue.js';
import type { Bound, Draft } from './assessment.js';
import { budgetOf, payable } from './budget.js';
import { NO_FEE, type FeeRate } from './fees.js';
import { fixedCostOf } from './fixed-cost.js';
import type { Ground } from './ground.js';
import { coarser, rescaled, snapDown, snapUp, tenTo, type Grid } from './grid.js';
import type { RouteInputs } from './inputs.js';
import type { PreparedMarket } from './prepared-market.js';
import type { VenueRejectionCode } from './rejections.js';
import { fillRateOf } from './score.js';
import type { Offers } from './split/offers.js';

/** Grades of an offer's levels (`Offers`) begin at the venue's rank; no rank is above this one. */
export const LAST_RANK = 31;
/** What lies deeper in a book than the rule of depth allows: for orders that reduce risk. */
const THIN = 32;
/** What a venue with a concern offers. */
const UNSOUND = 64;

/** A venue's part of the order while its offer is made, in the venue's units; one object for all, each of which writes all of it. */
const made = { until: 0, value: 0, cost: 0, least: 0, thinFrom: 0 };

/**
 * What a venue offers for its part of an order, in the decision's units: the levels of its book that the order may take from, with fee and
 * venue cost in their prices, and then, for an order with a limit, waiting at that limit.
 *
 * 1. Waiting counts as dear as the collar beyond the limit: what waits may never trade, so a level that trades now comes before it, unless
 *    that is worth less than a child of its own.
 * 2. An entry gets no more than the rule of depth allows. An order that reduces risk may get more, after everything that is within it.
 * 3. A buy's part costs no more for each unit than was reserved for each unit of the cap.
 *
 * @returns why the venue can't take the order after all, and nothing is offered; undefined where its offer stands
 */
export const offerOf = (
  inputs: RouteInputs,
  ground: Ground,
  draft: Draft,
  offers: Offers,
): VenueRejectionCode | undefined => {
  const { market } = draft;
  if (market === undefined) return 'BOOK_UNKNOWN';
  const { lot } = market;
  made.until = 0;
  made.value = 0;
  made.cost = -Infinity;
  made.least = market.minQuantity;
  made.thinFrom = Infinity;
  depthRule(inputs, draft, market);
  if (draft.takes) offerTaking(inputs, ground, draft, market, offers);
  if (made.until < draft.most) offerRest(inputs, ground, draft, market, offers);
  else if (made.value < market.minValue) made.least = Infinity;
  if (draft.takes && inputs.order.side === 'buy' && draft.limitPrice === 0) {
    const budget = budgetOf(inputs, draft, market);
    const most = payable(budget, market, draft.fee ?? NO_FEE, draft.most, made.value);
    if (most < draft.most) {
      draft.most = most;
      draft.bound = 'funds';
    }
  }
  draft.least = snapUp(made.least, lot);
  const tooLittle = draft.least <= draft.most ? undefined : TOO_LITTLE[draft.bound];
  const refused =
    tooLittle ?? (inputs.order.timeInForce === 'fok' && draft.most < draft.wanted ? 'ORDER_NOT_WHOLE' : undefined);
  if (refused !== undefined) {
    offers.drop();
    return refused;
  }
  const grid = lot.places <= ground.lotPlaces ? lot : coarser(lot, ground.lotPlaces);
  const step = rescaled(grid.step, grid.places, ground.lotPlaces);
  const most = common(draft.most, lot, ground);
  const least = common(draft.least, lot, ground);
  offers.add(
    step,
    Math.ceil(least / step) * step,
    Math.floor(most / step) * step,
    fixedCostOf(inputs, ground, draft, market),
  );
  return undefined;
};

const TOO_LITTLE: Readonly<Record<Bound, VenueRejectionCode>> = {
  order: 'BELOW_MINIMUM',
  cap: 'BELOW_MINIMUM',
  largest_order: 'BELOW_MINIMUM',
  depth: 'BOOK_TOO_THIN',
  funds: 'COST_ABOVE_RESERVED',
};

/** A book must hold a multiple of the part that it is to get. Wholesalers quote their whole size, and dark venues show none. */
const depthRule = ({ order, settings }: RouteInputs, draft: Draft, { kind, lot, asks, bids }: PreparedMarket): void => {
  if (!draft.book || kind === 'dark' || kind === 'wholesaler') return;
  const { depth } = order.side === 'buy' ? asks : bids;
  const allowed = snapDown(Math.floor((depth * 100) / settings.minDepthPercent), lot);
  if (reducesRisk(order)) made.thinFrom = allowed;
  else if (allowed < draft.most) {
    draft.most = allowed;
    draft.bound = 'depth';
  }
};

/** The levels that trade at once. */
const offerTaking = (
  inputs: RouteInputs,
  ground: Ground,
  draft: Draft,
  market: PreparedMarket,
  offers: Offers,
): void => {
  const buys = inputs.order.side === 'buy';
  const { prices, quantities } = buys ? market.asks : market.bids;
  const { most, limitPrice } = draft;
  const { minValue, lot } = market;
  const grade = draft.rank + (draft.concern === undefined ? 0 : UNSOUND);
  const unit = unitOf(buys, draft.fee, market, ground);
  const added = addedOf(market, ground);
  for (let level = 0; level < prices.length && made.until < most; level += 1) {
    const price = prices[level]!;
    if (limitPrice > 0 && (buys ? price > limitPrice : price < limitPrice)) break;
    const from = made.until;
    const reach = market.kind === 'wholesaler' ? most : Math.min(quantities[level]!, most);
    made.cost = costOf(buys, price * unit, added, draft.worth);
    reachTo(reach, price, minValue);
    const within = Math.min(reach, made.thinFrom);
    if (within > from) offers.level(grade, made.cost, common(within, lot, ground));
    if (reach > within) offers.level(grade + THIN, made.cost, common(reach, lot, ground));
  }
};

/** Goes on to a quantity at a price; the least part is where the value becomes what the venue demands. */
const reachTo = (quantity: number, price: number, minValue: number): void => {
  const before = made.value;
  made.value += (quantity - made.until) * price;
  if (before < minValue && made.value >= minValue)
    made.least = Math.max(made.least, made.until + Math.ceil((minValue - before) / price));
  made.until = quantity;
};

/** What would not trade at once: it waits at the limit, or goes where no book shows what it will cost. */
const offerRest = (inputs: RouteInputs, ground: Ground, draft: Draft, market: PreparedMarket, offers: Offers): void => {
  const { order, settings } = inputs;
  const buys = order.side === 'buy';
  const { most, takes, limitPrice, stopPrice, rests, rates } = draft;
  const { prices } = buys ? market.asks : market.bids;
  const price = limitPrice > 0 ? limitPrice : stopPrice > 0 ? stopPrice : takes ? (prices.at(-1) ?? 0) : 0;
  const inTheDark = takes && limitPrice === 0;
  if (price > 0) {
    const unit = unitOf(buys, rests ? rates?.maker : draft.fee, market, ground);
    const waiting =
      takes && limitPrice > 0 ? (price * unit * settings.collarBps) / 10_000 : hiding(ground, draft, market);
    const cost = costOf(buys, price * unit, addedOf(market, ground), draft.worth);
    made.cost = Math.max(made.cost, cost + Math.ceil(waiting));
    reachTo(most, price, market.minValue);
    if (made.value < market.minValue) made.least = Infinity;
  } else made.cost = 0;
  made.until = most;
  const grade = draft.rank + (draft.concern === undefined ? 0 : UNSOUND);
  offers.level(inTheDark || most > made.thinFrom ? grade + THIN : grade, made.cost, common(most, market.lot, ground));
};

/** What is not filled at a dark venue's midpoint is bought at the touch in the end; half of it, where nothing is known of the venue. */
const hiding = (ground: Ground, { facts, limitPrice }: Draft, { kind, tick }: PreparedMarket): number => {
  if (kind !== 'dark') return 0;
  const filled = facts?.history === undefined ? 0.5 : fillRateOf(facts.history);
  const spread =
    Math.abs(ground.touch * tenTo(tick.places) - limitPrice * tenTo(ground.touchPlaces)) / tenTo(tick.places);
  return (1 - filled) * spread * tenTo(ground.pricePlaces - ground.touchPlaces);
};

/** What a unit costs with everything in it; for a sell, what it brings, less than nothing. A whole number, whatever a currency is worth. */
const costOf = (buys: boolean, price: number, added: number, worth: number): number => {
  const cost = buys ? price + added : added - price;
  return worth === 1 ? cost : Math.ceil(cost * worth);
};

/** A quantity of the venue in the decision's units. */
const common = (units: number, { places }: Grid, { lotPlaces }: Ground): number => rescaled(units, places, lotPlaces);

/** What a tick's unit of price costs (or brings) with its fee, in the decision's units of cost. */
const unitOf = (buys: boolean, fee: FeeRate | undefined, { tick }: PreparedMarket, { pricePlaces }: Ground): number => {
  const { units, places } = fee ?? NO_FEE;
  const whole = buys ? tenTo(places) + units : tenTo(places) - units;
  const by = pricePlaces - tick.places - places;
  return by >= 0 ? whole * tenTo(by) : whole / tenTo(-by);
};

const addedOf = ({ costPerUnit, costPlaces }: PreparedMarket, { pricePlaces }: Ground): number =>
  pricePlaces >= costPlaces
    ? costPerUnit * tenTo(pricePlaces - costPlaces)
    : costPerUnit / tenTo(costPlaces - pricePlaces);
