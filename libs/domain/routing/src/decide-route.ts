/* eslint-disable @typescript-eslint/no-non-null-assertion -- drafts are read by their index. */
import { refuse, type Refusal } from '@switchyard/model';
import { assessVenue, reducesRisk } from './assess-venue.js';
import type { Assessment, Draft } from './assessment.js';
import { exactly } from './budget.js';
import { childOf } from './child-plan.js';
import type { ChildPlan, RouteDecision } from './decision.js';
import { placesOf, rescaled, textOf, unitsDown } from './grid.js';
import { groundOf, MOST_UNITS, type Ground } from './ground.js';
import type { RouteInputs } from './inputs.js';
import { instantMs } from './instant.js';
import { chooseMethod, priorityOf, type MethodChoice } from './method.js';
import { LAST_RANK, offerOf } from './offer.js';
import { priceVenue } from './price-venue.js';
import { rejectionOf } from './rejection-of.js';
import { figuresOf, scoreOf } from './score.js';
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
  const { order, settings, now } = inputs;
  const nowMs = now.getTime();
  const late = tooLate(inputs, nowMs);
  if (late !== undefined) return late;
  const drafts: Draft[] = [];
  for (const cap of order.caps) drafts.push(assessVenue(inputs, cap, nowMs));
  const ground = groundOf(inputs, drafts);
  if (ground === undefined) return noVenue(inputs, drafts);
  const choice = methodOf(inputs, ground);
  rank(inputs, drafts);
  makeOffers(inputs, ground, drafts, choice);
  if (offers.count === 0) return noVenue(inputs, drafts);
  const mostShares = order.timeInForce === 'fok' ? 1 : settings.maxChildren;
  const { shares, unplaced, proven } = allocate(offers, {
    quantity: ground.quantity,
    dust: dustOf(ground),
    mostShares,
  });
  const children: ChildPlan[] = [];
  const priority = priorityOf(order.signalType);
  for (let offer = 0; offer < shares.length; offer += 1)
    if (shares[offer]! > 0) offered[offer]!.share = shareAt(offered[offer]!, shares[offer]!, ground);
  for (const draft of drafts) {
    const child = childOf(order, draft, priority);
    if (child !== undefined) children.push(child);
  }
  if (children.length === 0) return noVenue(inputs, drafts);
  const remainder = remainderOf(inputs.quantity ?? order.quantity, ground, unplaced);
  return { children, assessments: drafts, ground, choice, priority, remainder, proven, decidedAtMs: nowMs };
};

/** Memory of the decision that is being made; every decision writes what it reads. */
const offers = new Offers();
const offered: Draft[] = [];

const tooLate = ({ order, now, settings }: RouteInputs, nowMs: number): Refusal | undefined => {
  if (order.expireAt !== undefined && nowMs >= instantMs(order.expireAt))
    return refuse('ORDER_EXPIRED_UNSENT', { expireAt: order.expireAt, decidedAt: now.toISOString() });
  if (reducesRisk(order)) return undefined;
  const ageMs = nowMs - instantMs(order.approvedAt);
  return ageMs > settings.maxApprovalAgeS * 1_000
    ? refuse('ORDER_EXPIRED_UNSENT', { approvedAt: order.approvedAt, ageMs, maxApprovalAgeS: settings.maxApprovalAgeS })
    : undefined;
};

/** Stablecoins that the value limit of the method rule counts as dollars. It compares sizes; it changes nobody's money. */
const DOLLARS: ReadonlySet<string> = new Set(['USD', 'USDT', 'USDC']);

const methodOf = ({ order, settings }: RouteInputs, ground: Ground): MethodChoice => {
  const { best, quantity, touch, touchPlaces, lotPlaces, depth } = ground;
  const dollars = best?.market !== undefined && DOLLARS.has(best.market.view.instrument.quote);
  return chooseMethod(order, {
    aboveTwapValue: dollars && quantity * touch > unitsDown(settings.twapAboveUsd, touchPlaces + lotPlaces),
    liquidity: depth > quantity ? 1 - quantity / depth : 0,
  });
};

/** Scores what is suitable so far, and ranks it by the signal's wish and the strategy. */
const rank = (inputs: RouteInputs, drafts: readonly Draft[]): void => {
  const { order, settings, turn = 0, weights = {} } = inputs;
  for (const draft of drafts) {
    const { facts } = draft;
    if (draft.rejected !== undefined || draft.rates === undefined) continue;
    const { fraction } = order.postOnly === true ? draft.rates.maker : draft.rates.taker;
    draft.figures = figuresOf(fraction, facts?.record, facts?.history, settings.scoring);
    draft.score = scoreOf(draft.figures, settings.scoring);
  }
  const prefer = order.venues?.prefer;
  if (settings.strategy === 'best_cost' && (prefer === undefined || prefer.length === 0)) return;
  const suitable = drafts.filter(({ rejected }) => rejected === undefined).sort(byPriority);
  const contenders = suitable.map(({ cap: { venue }, score, market, facts }) => ({
    venue,
    score,
    queueDepth: facts?.record?.queueDepth ?? 0,
    weight: market?.terms.weight ?? 1,
  }));
  const ranks = ranksOf(settings.strategy, contenders, { turn, weights });
  suitable.forEach((draft, index) => {
    const wished = prefer?.indexOf(draft.cap.venue) ?? -1;
    draft.rank = Math.min(LAST_RANK, wished >= 0 ? wished : (prefer?.length ?? 0) + (ranks[index] ?? 0));
  });
};

const byPriority = (a: Assessment, b: Assessment): number => (a.market?.priority ?? 0) - (b.market?.priority ?? 0);

/** Venues offer in the order of their priority, so that the first of equals gets more. */
const makeOffers = (inputs: RouteInputs, ground: Ground, drafts: readonly Draft[], choice: MethodChoice): void => {
  offers.clear();
  offered.length = 0;
  let inOrder = true;
  let last = -Infinity;
  for (const { rejected, market } of drafts) {
    if (rejected !== undefined || market === undefined) continue;
    if (market.priority < last) inOrder = false;
    last = market.priority;
  }
  for (const draft of inOrder ? drafts : [...drafts].sort(byPriority)) {
    if (draft.rejected !== undefined) continue;
    draft.rejected =
      offers.count === MOST_OFFERS
        ? 'NOT_COMPARED'
        : (priceVenue(inputs, ground, draft, choice) ?? offerOf(inputs, ground, draft, offers));
    if (draft.rejected === undefined) offered.push(draft);
  }
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

const shareAt = ({ market }: Draft, share: number, { lotPlaces }: Ground): number =>
  market === undefined ? 0 : rescaled(share, lotPlaces, market.lot.places);

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
