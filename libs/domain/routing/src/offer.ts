/* eslint-disable @typescript-eslint/no-non-null-assertion -- levels are read by indices within their arrays, for every venue of every order. */
import type { Bound, Suitable } from './assessment.js';
import { budgetOf, payable } from './budget.js';
import { NO_FEE, type FeeRate } from './fees.js';
import { fixedCostOf } from './fixed-cost.js';
import type { Ground } from './ground.js';
import { coarser, rescaled, snapDown, snapUp, tenTo, type Grid } from './grid.js';
import type { PreparedMarket } from './prepared-market.js';
import type { Question } from './question.js';
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
  question: Question,
  ground: Ground,
  draft: Suitable,
  offers: Offers,
): VenueRejectionCode | undefined => {
  const { market } = draft;
  made.until = 0;
  made.value = 0;
  made.cost = -Infinity;
  made.least = market.minQuantity;
  made.thinFrom = Infinity;
  depthRule(question, draft);
  if (draft.takes) offerTaking(question, ground, draft, offers);
  if (made.until < draft.most) offerRest(question, ground, draft, offers);
  else if (made.value < market.minValue) made.least = Infinity;
  if (draft.takes && question.buys && draft.limitPrice === 0) {
    const budget = budgetOf(question, draft, market);
    const most = payable(budget, market, draft.fee ?? NO_FEE, draft.most, made.value);
    if (most < draft.most) {
      draft.most = most;
      draft.bound = 'funds';
    }
  }
  draft.least = snapUp(made.least, market.lot);
  const refused =
    draft.least > draft.most
      ? TOO_LITTLE[draft.bound]
      : question.whole && draft.most < draft.wanted
        ? 'ORDER_NOT_WHOLE'
        : undefined;
  if (refused === undefined) addOffer(question, ground, draft, offers);
  else offers.drop();
  return refused;
};

/** Makes an offer of the levels that were added, with the bounds of its share in the decision's units. */
const addOffer = (question: Question, ground: Ground, draft: Suitable, offers: Offers): void => {
  const { market, least, most } = draft;
  const { lot } = market;
  const fixed = fixedCostOf(question, ground, draft, market);
  if (lot.places <= ground.lotPlaces) {
    const finer = tenTo(ground.lotPlaces - lot.places);
    offers.add(lot.step * finer, least * finer, most * finer, fixed);
  } else {
    const { step } = coarser(lot, ground.lotPlaces);
    const [from, to] = [common(least, lot, ground), common(most, lot, ground)];
    offers.add(step, Math.ceil(from / step) * step, Math.floor(to / step) * step, fixed);
  }
};

const TOO_LITTLE: Readonly<Record<Bound, VenueRejectionCode>> = {
  order: 'BELOW_MINIMUM',
  cap: 'BELOW_MINIMUM',
  largest_order: 'BELOW_MINIMUM',
  depth: 'BOOK_TOO_THIN',
  funds: 'COST_ABOVE_RESERVED',
};

/** A book must hold a multiple of the part that it is to get. Wholesalers quote their whole size, and dark venues show none. */
const depthRule = ({ buys, settings, reducesRisk }: Question, draft: Suitable): void => {
  const { kind, lot, asks, bids } = draft.market;
  if (!draft.book || kind === 'dark' || kind === 'wholesaler') return;
  const holds = ((buys ? asks : bids).depth * 100) / settings.minDepthPercent;
  if (reducesRisk) made.thinFrom = snapDown(Math.floor(holds), lot);
  else if (holds < draft.most) {
    draft.most = snapDown(Math.floor(holds), lot);
    draft.bound = 'depth';
  }
};

/** The levels that trade at once. */
const offerTaking = ({ buys }: Question, ground: Ground, draft: Suitable, offers: Offers): void => {
  const { market, most, limitPrice, worth } = draft;
  const { minValue, lot } = market;
  const { prices, quantities } = buys ? market.asks : market.bids;
  const toAny = market.kind === 'wholesaler';
  const grade = gradeOf(draft);
  const unit = unitOf(buys, draft.fee, market, ground);
  const added = addedOf(market, ground);
  const { thinFrom } = made;
  let { until, value, cost } = made;
  for (let level = 0; level < prices.length && until < most; level += 1) {
    const price = prices[level]!;
    if (limitPrice > 0 && (buys ? price > limitPrice : price < limitPrice)) break;
    const reach = toAny ? most : Math.min(quantities[level]!, most);
    cost = costOf(buys, price * unit, added, worth);
    const before = value;
    value += (reach - until) * price;
    if (before < minValue) reachValue(before, value, minValue, until, price);
    const within = Math.min(reach, thinFrom);
    if (within > until) offers.level(grade, cost, common(within, lot, ground));
    if (reach > within) offers.level(grade + THIN, cost, common(reach, lot, ground));
    until = reach;
  }
  made.until = until;
  made.value = value;
  made.cost = cost;
};

/** The least part is where its value becomes what the venue demands. */
const reachValue = (before: number, value: number, minValue: number, from: number, price: number): void => {
  if (before < minValue && value >= minValue)
    made.least = Math.max(made.least, from + Math.ceil((minValue - before) / price));
};

/** What would not trade at once: it waits at the limit, or goes where no book shows what it will cost. */
const offerRest = (question: Question, ground: Ground, draft: Suitable, offers: Offers): void => {
  const { settings, buys } = question;
  const { market, most, takes, limitPrice, stopPrice, rests, rates } = draft;
  const { prices } = buys ? market.asks : market.bids;
  const price = limitPrice > 0 ? limitPrice : stopPrice > 0 ? stopPrice : takes ? (prices.at(-1) ?? 0) : 0;
  const inTheDark = takes && limitPrice === 0;
  if (price > 0) {
    const unit = unitOf(buys, rests ? rates.maker : draft.fee, market, ground);
    const waiting = takes && limitPrice > 0 ? (price * unit * settings.collarBps) / 10_000 : hiding(ground, draft);
    const cost = costOf(buys, price * unit, addedOf(market, ground), draft.worth);
    made.cost = Math.max(made.cost, cost + Math.ceil(waiting));
    const value = made.value + (most - made.until) * price;
    reachValue(made.value, value, market.minValue, made.until, price);
    made.value = value;
    if (value < market.minValue) made.least = Infinity;
  } else made.cost = 0;
  made.until = most;
  const grade = gradeOf(draft);
  offers.level(inTheDark || most > made.thinFrom ? grade + THIN : grade, made.cost, common(most, market.lot, ground));
};

const gradeOf = ({ rank, concern }: Suitable): number => rank + (concern === undefined ? 0 : UNSOUND);

/** What is not filled at a dark venue's midpoint is bought at the touch in the end; half of it, where nothing is known of the venue. */
const hiding = (ground: Ground, { facts, limitPrice, market: { kind, tick } }: Suitable): number => {
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
  costPerUnit === 0
    ? 0
    : pricePlaces >= costPlaces
      ? costPerUnit * tenTo(pricePlaces - costPlaces)
      : costPerUnit / tenTo(costPlaces - pricePlaces);
