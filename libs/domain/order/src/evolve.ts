import type { VenueOrderId } from '@switchyard/model';
import { decimal, isDecimalString, plain, ZERO } from '@switchyard/money';
import type { Doubt, DoubtCode, OrderChange } from './changes.js';
import type { FillSeen, OrderFact } from './facts.js';
import { MOVES } from './moves.js';
import { leavesOf, type ChildOrder } from './order.js';
import { isTerminal, type ChildStatus } from './status.js';

/** The order as it is now, what is to be told of it, and what could not be believed. */
export interface Step {
  readonly order: ChildOrder;
  readonly changes: readonly OrderChange[];
  readonly doubt?: Doubt;
}

/**
 * Folds one fact into an order. Total: every fact has an answer in every state, and none is an exception. Folding the same facts in any
 * order, and any of them twice, ends with the same filled quantity, cost and fees.
 */
export const evolve = (order: ChildOrder, fact: OrderFact): Step => {
  switch (fact.kind) {
    case 'fillSeen':
      return foldFill(order, fact);
    case 'accepted':
    case 'foundAtVenue':
      return foldPresence(order, fact);
    case 'refused':
    case 'gaveUp':
    case 'provenNeverArrived':
      return foldFailure(order, fact);
    case 'cancelled':
    case 'expired':
      return foldEnd(order, fact);
    case 'queued':
    case 'claimed':
    case 'notSent':
    case 'outcomeUnknown':
    case 'cancelRequested':
    case 'cancelRefused':
      return unchanged(moved(order, fact.kind));
  }
};

/** Folds several facts, in their order. */
export const evolveAll = (
  order: ChildOrder,
  facts: readonly OrderFact[],
): Omit<Step, 'doubt'> & { readonly doubts: readonly Doubt[] } => {
  const changes: OrderChange[] = [];
  const doubts: Doubt[] = [];
  let current = order;
  for (const fact of facts) {
    const step = evolve(current, fact);
    current = step.order;
    changes.push(...step.changes);
    if (step.doubt) doubts.push(step.doubt);
  }
  return { order: current, changes, doubts };
};

const unchanged = (order: ChildOrder): Step => ({ order, changes: [] });
const doubted = (order: ChildOrder, code: DoubtCode, facts: Doubt['facts']): Step => ({
  order,
  changes: [],
  doubt: { code, facts },
});

const targetOf = (order: ChildOrder, kind: Exclude<OrderFact['kind'], 'fillSeen'>): ChildStatus | undefined => {
  const target = MOVES[order.status][kind];
  return kind === 'cancelRefused' && target !== undefined && order.cumulativeQuantity.gt(ZERO)
    ? 'partially_filled'
    : target;
};

const moved = (order: ChildOrder, kind: Exclude<OrderFact['kind'], 'fillSeen'>): ChildOrder => {
  const status = targetOf(order, kind);
  return status === undefined ? order : { ...order, status };
};

/** The first proof that the venue has the order: it is announced once, before anything else of it. */
const announced = (order: ChildOrder, venueOrderId: VenueOrderId, at: string): Step =>
  order.venueOrderId === undefined
    ? {
        order: { ...order, venueOrderId, version: order.version + 1 },
        changes: [{ kind: 'placed', venueOrderId, version: order.version + 1, at }],
      }
    : unchanged(order);

const isOther = (order: ChildOrder, venueOrderId: VenueOrderId): boolean =>
  order.venueOrderId !== undefined && order.venueOrderId !== venueOrderId;

const otherOrder = (order: ChildOrder, venueOrderId: VenueOrderId): Step =>
  doubted(order, 'OTHER_VENUE_ORDER', { known: order.venueOrderId ?? '', reported: venueOrderId });

const foldPresence = (order: ChildOrder, fact: OrderFact & { kind: 'accepted' | 'foundAtVenue' }): Step => {
  if (isOther(order, fact.venueOrderId)) return otherOrder(order, fact.venueOrderId);
  if (order.venueOrderId !== undefined) return unchanged(order);
  if (isTerminal(order.status))
    return doubted(order, 'ALIVE_AFTER_END', { status: order.status, venueOrderId: fact.venueOrderId });
  const step = announced(order, fact.venueOrderId, fact.at);
  return { ...step, order: { ...step.order, status: targetOf(order, fact.kind) ?? order.status } };
};

const foldFill = (order: ChildOrder, fact: FillSeen): Step => {
  const facts = { tradeId: fact.tradeId, quantity: fact.quantity, price: fact.price };
  if (!isPositive(fact.quantity) || !isPositive(fact.price) || !isDecimalString(fact.fee.amount)) {
    return doubted(order, 'FILL_MALFORMED', facts);
  }
  const quantity = decimal(fact.quantity);
  const price = decimal(fact.price);
  const said = tradeText(fact.quantity, fact.price);
  const before = order.trades.get(fact.tradeId);
  if (before !== undefined) {
    return before === said ? unchanged(order) : doubted(order, 'FILL_CHANGED', { ...facts, before });
  }
  if (isOther(order, fact.venueOrderId)) return otherOrder(order, fact.venueOrderId);
  if (quantity.gt(leavesOf(order))) return doubted(order, 'OVERFILL', { ...facts, leaves: plain(leavesOf(order)) });

  const { order: known, changes } = announced(order, fact.venueOrderId, fact.at);
  const cumulativeQuantity = known.cumulativeQuantity.plus(quantity);
  const leavesQuantity = known.quantity.minus(cumulativeQuantity);
  const [open, complete] = MOVES[known.status].fillSeen ?? ['filled', 'filled'];
  const isComplete = leavesQuantity.eq(ZERO);
  const paid = known.fees[fact.fee.currency] ?? ZERO;
  const next: ChildOrder = {
    ...known,
    status: isComplete ? complete : open,
    version: known.version + 1,
    cumulativeQuantity,
    cumulativeQuote: known.cumulativeQuote.plus(quantity.times(price)),
    fees: { ...known.fees, [fact.fee.currency]: paid.plus(decimal(fact.fee.amount)) },
    trades: new Map(known.trades).set(fact.tradeId, said),
  };
  const filled: OrderChange = {
    kind: 'filled',
    version: next.version,
    at: fact.at,
    fill: fact,
    cumulativeQuantity,
    leavesQuantity,
    orderStatus: isComplete ? 'filled' : 'partially_filled',
  };
  return { order: next, changes: [...changes, filled] };
};

const foldFailure = (
  order: ChildOrder,
  fact: OrderFact & { kind: 'refused' | 'gaveUp' | 'provenNeverArrived' },
): Step => {
  const status = targetOf(order, fact.kind);
  if (status === 'failed' || status === 'rejected') {
    const version = order.version + 1;
    // What was proven never to have arrived is not failed over: routing acts on a refusal or an unsent request alone.
    const retriable = fact.kind === 'refused' || (fact.kind === 'gaveUp' && fact.retriable);
    return {
      order: { ...order, status, version },
      changes: [
        {
          kind: 'failed',
          status,
          refusal: fact.refusal,
          retriable,
          cumulativeQuantity: order.cumulativeQuantity,
          version,
          at: fact.at,
        },
      ],
    };
  }
  const beatenByVenue = order.venueOrderId !== undefined && !isTerminal(order.status);
  return beatenByVenue
    ? doubted(order, 'CONTRADICTED', { status: order.status, code: fact.refusal.code })
    : unchanged(order);
};

const foldEnd = (order: ChildOrder, fact: OrderFact & { kind: 'cancelled' | 'expired' }): Step => {
  const status = targetOf(order, fact.kind);
  if (status === undefined) return unchanged(order);
  if (fact.venueOrderId !== undefined && isOther(order, fact.venueOrderId)) return otherOrder(order, fact.venueOrderId);
  const known = fact.venueOrderId === undefined ? unchanged(order) : announced(order, fact.venueOrderId, fact.at);
  const version = known.order.version + 1;
  const { cumulativeQuantity } = order;
  return {
    order: { ...known.order, status, version },
    changes: [...known.changes, { kind: fact.kind, reason: fact.reason, cumulativeQuantity, version, at: fact.at }],
  };
};

/** A trade's substance, the same however many zeros the venue writes. */
export const tradeText = (quantity: string, price: string): string =>
  `${plain(decimal(quantity))}@${plain(decimal(price))}`;

const isPositive = (text: string): boolean => isDecimalString(text) && decimal(text).gt(ZERO);
