import { isExit, refuse, type Refusal, type TimeInForce } from '@switchyard/model';
import { assessVenue, type Candidate } from './assess-venue.js';
import type { ChildPlan, RecordedInputs, RecordedVenue, RouteDecision } from './decision.js';
import { assessmentsOf, sentenceOf, type Assessed } from './explain.js';
import { amountText, textOf, unitsDown } from './grid.js';
import type { ApprovedOrder, RouteInputs, VenueFacts } from './inputs.js';
import { priorityOf, type MethodChoice } from './method.js';

/**
 * Where an approved order goes, and how. Pure: the same inputs give the same decision, bit for bit, and the decision names them all.
 *
 * 1. Only accounts with a cap are looked at, and no child is larger or dearer than its account's cap.
 * 2. An entry goes only where a fresh and sound book holds the size; an order that reduces risk prefers such a venue and does without.
 * 3. The first suitable venue that the signal prefers wins; else a venue that takes all of the order before one that takes a part; else
 *    the lowest total cost, fee and book for this very size; at equal cost the first cap.
 * 4. The quantity is rounded down to the venue's lot; what is left is named, and not traded.
 */
export const decideRoute = (inputs: RouteInputs): RouteDecision | Refusal => {
  const late = tooLate(inputs);
  if (late !== undefined) return late;
  const assessed = inputs.order.caps.map((cap): Assessed => {
    const outcome = assessVenue(inputs, cap);
    return 'code' in outcome ? { cap, rejected: outcome } : { cap, candidate: outcome };
  });
  const chosen = best(inputs, assessed);
  return chosen === undefined ? noVenue(assessed) : decisionFor(inputs, assessed, chosen);
};

const tooLate = ({ order, now, settings }: RouteInputs): Refusal | undefined => {
  if (order.expireAt !== undefined && now.getTime() >= Date.parse(order.expireAt))
    return refuse('ORDER_EXPIRED_UNSENT', { expireAt: order.expireAt, decidedAt: now.toISOString() });
  if (order.reduceOnly || isExit(order.signalType)) return undefined;
  const ageMs = now.getTime() - Date.parse(order.approvedAt);
  return ageMs > settings.maxApprovalAgeS * 1_000
    ? refuse('ORDER_EXPIRED_UNSENT', { approvedAt: order.approvedAt, ageMs, maxApprovalAgeS: settings.maxApprovalAgeS })
    : undefined;
};

const best = ({ order }: RouteInputs, assessed: readonly Assessed[]): Candidate | undefined => {
  const candidates = assessed.flatMap(({ candidate }) => (candidate === undefined ? [] : [candidate]));
  const sound = candidates.filter(({ concern }) => concern === undefined);
  const field = sound.length > 0 ? sound : candidates;
  for (const venue of order.venues?.prefer ?? []) {
    const wished = field.find(({ cap }) => cap.venue === venue);
    if (wished !== undefined) return wished;
  }
  const better = (a: Candidate, b: Candidate): boolean => {
    if (a.whole !== b.whole) return a.whole;
    return order.side === 'buy' ? a.perUnit < b.perUnit : a.perUnit > b.perUnit;
  };
  return field.reduce<Candidate | undefined>(
    (leader, candidate) => (leader === undefined || better(candidate, leader) ? candidate : leader),
    undefined,
  );
};

const noVenue = (assessed: readonly Assessed[]): Refusal => {
  const venues = assessed.map(({ cap, rejected }) => ({ venue: cap.venue, accountId: cap.accountId, ...rejected }));
  const small = assessed.length > 0 && assessed.every(({ rejected }) => rejected?.code === 'BELOW_MINIMUM');
  return refuse(small ? 'BELOW_MINIMUM' : 'NO_SUITABLE_VENUE', { venues });
};

const decisionFor = (inputs: RouteInputs, assessed: readonly Assessed[], chosen: Candidate): RouteDecision => {
  const { order, now } = inputs;
  const { market, choice, quantity, fee, value } = chosen;
  const priority = priorityOf(order.signalType);
  const remainder = remainderOf(order.quantity, quantity, market.lot.places);
  const feePlaces = market.tick.places + market.lot.places + fee.places;
  return {
    child: childOf(order, chosen, priority),
    record: {
      method: choice.method,
      algorithm: choice.algorithm,
      priority,
      venues: assessmentsOf(inputs, assessed, chosen),
      ...(value === undefined ? {} : { estimatedFees: amountText(value * fee.units, feePlaces) }),
      sentence: sentenceOf({ order, chosen, assessed, remainder }),
      decidedAt: now.toISOString(),
    },
    inputs: recordedInputs(inputs),
    remainder,
  };
};

const childOf = (order: ApprovedOrder, chosen: Candidate, priority: ChildPlan['priority']): ChildPlan => {
  const { cap, market, choice, quantity, limitPrice, stopPrice } = chosen;
  const { tick, lot, view } = market;
  const resting = choice.orderType !== 'market';
  return {
    accountId: cap.accountId,
    venue: cap.venue,
    venueSymbol: view.instrument.venueSymbol,
    mode: cap.mode,
    orderType: choice.orderType,
    quantity: textOf(quantity, lot.places),
    ...(limitPrice === undefined ? {} : { limitPrice: textOf(limitPrice, tick.places) }),
    ...(stopPrice === undefined ? {} : { stopPrice: textOf(stopPrice, tick.places) }),
    timeInForce: timeInForceOf(order, choice),
    ...(order.expireAt === undefined || !resting ? {} : { expireAt: order.expireAt }),
    postOnly: order.postOnly === true && choice.method === 'limit',
    reduceOnly: order.reduceOnly,
    priority,
  };
};

/** What stands in for an algorithm leaves nothing resting that no algorithm watches. */
const timeInForceOf = (order: ApprovedOrder, { orderType, algorithm }: MethodChoice): TimeInForce => {
  if (orderType === 'market') return order.timeInForce === 'fok' ? 'fok' : 'ioc';
  return order.timeInForce ?? (algorithm !== 'immediate' && order.postOnly !== true ? 'ioc' : 'gtc');
};

const remainderOf = (ordered: string, quantity: bigint, places: number): string => {
  const point = ordered.indexOf('.');
  const finest = Math.max(places, point < 0 ? 0 : ordered.length - point - 1);
  return textOf(unitsDown(ordered, finest) - quantity * 10n ** BigInt(finest - places), finest);
};

const recordedInputs = ({ order, venues, tried, settings }: RouteInputs): RecordedInputs => ({
  tried,
  settings,
  venues: Object.fromEntries(order.caps.map(({ venue }) => [venue, recordedVenue(venues[venue])])),
});

const recordedVenue = (facts: VenueFacts | undefined): RecordedVenue => {
  const view = facts?.market?.view;
  return {
    known: facts?.known ?? false,
    ...(facts?.healthy === undefined ? {} : { healthy: facts.healthy }),
    ...(view === undefined
      ? {}
      : { bookHash: view.bookHash, receivedAt: view.receivedAt, instrument: view.instrument }),
    ...(view?.fees === undefined ? {} : { fees: view.fees }),
  };
};
