import { decimal } from '@switchyard/money';
import type { Fill, OrderRef, VenueOrder } from '../orders.js';
import type { LookupOutcome } from '../outcomes.js';
import type { Evident } from './account-calls.js';
import { couldNotAsk, unknown } from './classification.js';
import { judged, Nonsense } from './fields.js';
import { fillsOf } from './fills.js';

/** An order that was found, with its fills: checked against each other, and said to be incomplete where they don't add up. */
export const foundWith = (order: VenueOrder, fills: Evident<readonly Fill[]>): LookupOutcome => {
  if (fills.kind === 'couldNotAsk') return fills;
  const checked = judged(() => fillsOf(order, fills.value));
  if (checked instanceof Nonsense) return couldNotAsk(unknown('nonsense', fills.evidence(), checked.message));
  return {
    kind: 'found',
    order,
    fills: checked.fills,
    fillsComplete: checked.sum.gte(decimal(order.filledQuantity)),
  };
};

/**
 * The one order of a list that carries our id, `undefined` where none does. Two under one id are nonsense: neither may be taken for the
 * order, and a person must look.
 */
export const underOurId = (orders: readonly VenueOrder[], { clientOrderId }: OrderRef): VenueOrder | undefined => {
  const ours = orders.filter((order) => order.clientOrderId === clientOrderId);
  if (ours.length > 1) throw new Nonsense('two orders carry one client order id');
  return ours[0];
};

/** Asks one place after the other until one has the order; "not found" only when each was asked, and answered that it has none. */
export const lookIn = async (places: readonly (() => Promise<LookupOutcome>)[]): Promise<LookupOutcome> => {
  for (const place of places) {
    const outcome = await place();
    if (outcome.kind !== 'notFound') return outcome;
  }
  return { kind: 'notFound' };
};

/** An order that no list holds any more may still have traded: then it is not "not found". */
export const notFoundUnlessTraded = (trades: Evident<readonly Fill[]>): LookupOutcome => {
  if (trades.kind === 'couldNotAsk') return trades;
  return trades.value.length === 0
    ? { kind: 'notFound' }
    : couldNotAsk(unknown('nonsense', trades.evidence(), 'trades of an order that the venue does not list'));
};
