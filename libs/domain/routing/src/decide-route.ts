/* eslint-disable @typescript-eslint/no-non-null-assertion -- drafts are read by their index. */
import { refuse, type Refusal } from '@switchyard/model';
import { assessVenue } from './assess-venue.js';
import { isSuitable, type Draft, type Suitable } from './assessment.js';
import { exactly } from './budget.js';
import { childOf } from './child-plan.js';
import type { ChildPlan, RouteDecision } from './decision.js';
import { isShortest, placesOf, rescaled, textOf } from './grid.js';
import { groundOf, MOST_UNITS, type Ground } from './ground.js';
import type { RouteInputs } from './inputs.js';
import { instantMs } from './instant.js';
import { chooseMethod, priorityOf, type MethodChoice } from './method.js';
import { LAST_RANK, offerOf } from './offer.js';
import { priceVenue } from './price-venue.js';
import { questionOf, type Question } from './question.js';
import { rejectionOf } from './rejection-of.js';
import { allocate } from './split/allocate.js';
import { MOST_OFFERS, Offers } from './split/offers.js';
import { ranksOf } from './strategy.js';

/**
 * Where an approved order goes, and how: to one venue, or split over several. Pure: the same inputs give the same decision, bit for bit, and
 * the decision names them all.
 *
 * 1. Only accounts with a cap are looked at. What an account gets, with what other children of the order hold of its cap, is never larger or
 *    dearer than the cap.
 * 2. An entry goes only where a fresh and sound book holds a multiple of the part that it gets; an order that reduces risk prefers such
 *    venues, and does without where they can't take all of it.
 * 3. The venues that the signal prefers are filled first; then the strategy ranks; then the lowest total cost decides, fees and books for
 *    these very parts, exactly (`split/allocate.ts`); at equal cost the venue of the lower priority number, then the first cap.
 * 4. Every part lies on its venue's lot and is 0 or its minimum at least. What is left is named, and not traded.
 */
export const decideRoute = (inputs: RouteInputs): RouteDecision | Refusal => {
  const question = questionOf(inputs);
  const { order, settings, nowMs } = question;
  const late = tooLate(question);
  if (late !== undefined) return late;
  const drafts = order.caps.map((cap) => assessVenue(question, cap));
  const suitable = drafts.every(isSuitable) ? drafts : drafts.filter(isSuitable);
  const ground = groundOf(question, suitable);
  if (ground === undefined) return noVenue(inputs, drafts);
  const choice = chooseMethod(question, ground);
  const contenders = byPriority(suitable);
  rank(question, contenders);
  makeOffers(question, ground, contenders, choice);
  if (offers.count === 0) return noVenue(inputs, drafts);
  const { unplaced, proven } = allocate(offers, {
    quantity: ground.quantity,
    dust: dustOf(ground),
    mostShares: question.whole ? 1 : settings.maxChildren,
  });
  const shares = giveShares(ground, contenders);
  if (shares === 0) return noVenue(inputs, drafts);
  const remainder = remainderOf(question.quantity, ground, unplaced);
  const priority = priorityOf(order.signalType);
  const children: ChildPlan[] = [];
  for (const draft of drafts) {
    if (draft.share === 0) continue;
    // What one venue takes whole goes out as it is written.
    const whole = shares === 1 && remainder === '0' && isShortest(question.quantity);
    const quantity = whole ? question.quantity : textOf(draft.share, draft.market?.lot.places ?? 0);
    const child = childOf(question, draft, priority, quantity);
    if (child !== undefined) children.push(child);
  }
  return { children, assessments: drafts, ground, choice, priority, remainder, proven, decidedAtMs: nowMs };
};

/** Memory of the decision that is being made; every decision writes what it reads. */
const offers = new Offers();

const tooLate = ({ inputs: { now }, order, settings, nowMs, reducesRisk }: Question): Refusal | undefined => {
  if (order.expireAt !== undefined && nowMs >= instantMs(order.expireAt))
    return refuse('ORDER_EXPIRED_UNSENT', { expireAt: order.expireAt, decidedAt: now.toISOString() });
  if (reducesRisk) return undefined;
  const ageMs = nowMs - instantMs(order.approvedAt);
  return ageMs > settings.maxApprovalAgeS * 1_000
    ? refuse('ORDER_EXPIRED_UNSENT', { approvedAt: order.approvedAt, ageMs, maxApprovalAgeS: settings.maxApprovalAgeS })
    : undefined;
};

/** In the order of their priority, then of the caps: the first of equals gets more. */
const byPriority = (suitable: readonly Suitable[]): readonly Suitable[] => {
  let last = -Infinity;
  for (const { market } of suitable) {
    if (market.priority < last) return suitable.toSorted((a, b) => a.market.priority - b.market.priority);
    last = market.priority;
  }
  return suitable;
};

/** Scores what is suitable so far, and ranks it by the signal's wish and the strategy. */
const rank = ({ inputs, wish, settings, postOnly }: Question, suitable: readonly Suitable[]): void => {
  const { strategy, scoring } = settings;
  for (const draft of suitable) {
    const { facts, market, rates } = draft;
    const { fraction } = postOnly ? rates.maker : rates.taker;
    draft.marks = market.marks.of(fraction, facts?.record, facts?.history, scoring);
  }
  const prefer = wish?.prefer ?? [];
  if (strategy === 'best_cost' && prefer.length === 0) return;
  const { turn = 0, weights = {} } = inputs;
  const contenders = suitable.map(({ cap: { venue }, marks, market, facts }) => ({
    venue,
    score: marks?.score ?? 0,
    queueDepth: facts?.record?.queueDepth ?? 0,
    weight: market.terms.weight ?? 1,
  }));
  const ranks = ranksOf(strategy, contenders, { turn, weights });
  suitable.forEach((draft, index) => {
    const wished = prefer.indexOf(draft.cap.venue);
    draft.rank = Math.min(LAST_RANK, wished >= 0 ? wished : prefer.length + (ranks[index] ?? 0));
  });
};

const makeOffers = (question: Question, ground: Ground, suitable: readonly Suitable[], choice: MethodChoice): void => {
  offers.clear();
  for (const draft of suitable)
    draft.rejected =
      offers.count === MOST_OFFERS
        ? 'NOT_COMPARED'
        : (priceVenue(question, ground, draft, choice) ?? offerOf(question, ground, draft, offers));
};

/** Offers stand in the order of those who made one. @returns how many have a share */
const giveShares = ({ lotPlaces }: Ground, contenders: readonly Suitable[]): number => {
  let offer = 0;
  let given = 0;
  for (const draft of contenders) {
    if (draft.rejected !== undefined) continue;
    const share = offers.share[offer]!;
    if (share > 0) draft.share = rescaled(share, lotPlaces, draft.market.lot.places);
    if (draft.share > 0) given += 1;
    offer += 1;
  }
  return given;
};

/**
 * What may be left without a child of its own: less than the coarsest lot on offer, and than a hundredth of the order. More is left only
 * where no venue can take it.
 */
const dustOf = ({ quantity }: Ground): number => {
  let coarsest = 1;
  for (let offer = 0; offer < offers.count; offer += 1) coarsest = Math.max(coarsest, offers.lot[offer]!);
  return Math.min(coarsest - 1, Math.floor(quantity / 100));
};

const remainderOf = (ordered: string, { quantity, lotPlaces }: Ground, unplaced: number): string => {
  if (placesOf(ordered) <= lotPlaces && quantity < MOST_UNITS)
    return unplaced === 0 ? '0' : textOf(unplaced, lotPlaces);
  const finest = Math.max(lotPlaces, placesOf(ordered));
  const placed = BigInt(quantity - unplaced) * 10n ** BigInt(finest - lotPlaces);
  return textOf(exactly(ordered, finest) - placed, finest);
};

const noVenue = (inputs: RouteInputs, drafts: readonly Draft[]): Refusal => {
  const venues = drafts.map((draft) => {
    const rejected = rejectionOf(inputs, draft);
    return { venue: draft.cap.venue, accountId: draft.cap.accountId, ...rejected };
  });
  const small = drafts.length > 0 && drafts.every(({ rejected }) => rejected === 'BELOW_MINIMUM');
  return refuse(small ? 'BELOW_MINIMUM' : 'NO_SUITABLE_VENUE', { venues });
};
