import { decimal } from '@switchyard/money';
import type { VenueCapabilities } from '../capabilities.js';
import { checkChange, checkOrder, refused } from '../order-checks.js';
import type { Fill, NewOrder, OrderChange, OrderRef, VenueOrder } from '../orders.js';
import type { Accepted, AmendOutcome, CancelOutcome, PlaceOutcome, Refused } from '../outcomes.js';
import type { PlaceLimits } from '../port.js';
import { notSent, unknown, type Classified } from './classification.js';
import { judged, Nonsense } from './fields.js';
import { fillsOf } from './fills.js';
import type { OrderMarket } from './market-data.js';
import { sameAsPlaced } from './order-fit.js';

/** Where orders are checked before they leave. */
export interface Desk {
  readonly market: OrderMarket;
  readonly capabilities: VenueCapabilities;
}

/** What a venue's answer to a new order says. */
export type Placed = Omit<Accepted, 'kind'>;

/**
 * Places an order: our own checks, one request, and an outcome. `send` makes the request with the window it is given; `read` maps an
 * answer that is no error, and throws Nonsense where it does not fit the order.
 */
export const placeOrder = async (
  { market, capabilities }: Desk,
  order: NewOrder,
  limits: PlaceLimits,
  {
    send,
    read,
  }: { readonly send: (windowMs: number) => Promise<Classified>; readonly read: (value: unknown) => Placed },
): Promise<PlaceOutcome> => {
  const ready = await market.ready();
  if (ready.kind === 'couldNotAsk') return notSent('notReady', ready.retryAfterMs);
  const refusal =
    checkOrder(order, ready.of(order.venueSymbol), capabilities) ?? checkWindow(limits.recvWindowMs, capabilities);
  if (refusal !== null) return refusal;
  const answer = await send(windowOf(limits, capabilities));
  if (answer.kind === 'notFound') return unknown('unlisted', null);
  if (answer.kind !== 'good') return answer;
  const placed = judged(() => ({ kind: 'accepted' as const, ...read(answer.value) }));
  return placed instanceof Nonsense ? unknown('nonsense', answer.evidence(), placed.message) : placed;
};

/** An answer that holds the new order and all of its fills so far. */
export const placedWithFills = (order: VenueOrder, placed: NewOrder, raw: readonly Fill[]): Placed => {
  sameAsPlaced(order, placed);
  const { fills, sum } = fillsOf(order, raw);
  if (!sum.eq(decimal(order.filledQuantity))) throw new Nonsense('the fills are not what is filled');
  return { venueOrderId: order.venueOrderId, order, fills };
};

/** Amends an order: our own checks, one request, and an outcome, as `placeOrder` does it. */
export const amendOrder = async (
  { market, capabilities }: Desk,
  order: OrderRef,
  change: OrderChange,
  limits: PlaceLimits,
  {
    send,
    read,
  }: {
    readonly send: (windowMs: number) => Promise<Classified>;
    readonly read: (value: unknown) => Omit<Extract<AmendOutcome, { readonly kind: 'amended' }>, 'kind'>;
  },
): Promise<AmendOutcome> => {
  const ready = await market.ready();
  if (ready.kind === 'couldNotAsk') return notSent('notReady', ready.retryAfterMs);
  const refusal =
    checkChange(order, change, ready.of(order.venueSymbol)) ?? checkWindow(limits.recvWindowMs, capabilities);
  if (refusal !== null) return refusal;
  const answer = await send(windowOf(limits, capabilities));
  if (answer.kind === 'notFound') return { kind: 'notOpen' };
  if (answer.kind !== 'good') return answer;
  const amended = judged(() => ({ kind: 'amended' as const, ...read(answer.value) }));
  return amended instanceof Nonsense ? unknown('nonsense', answer.evidence(), amended.message) : amended;
};

/** What a cancel came to. `read` gives the order's last state where the answer holds it; it throws Nonsense where it is another's. */
export const cancelled = (
  answer: Classified,
  read: (value: unknown) => VenueOrder | 'notOpen' | null,
): CancelOutcome => {
  if (answer.kind === 'notFound') return { kind: 'notOpen' };
  if (answer.kind !== 'good') return answer;
  const last = judged(() => read(answer.value));
  if (last instanceof Nonsense) return unknown('nonsense', answer.evidence(), last.message);
  return last === 'notOpen' ? { kind: 'notOpen' } : { kind: 'cancelled', order: last };
};

/** The window that goes on the wire: a shorter one than was asked for is safe, a longer one never is. */
export const windowOf = (
  { recvWindowMs }: Pick<PlaceLimits, 'recvWindowMs'>,
  { maxRecvWindowMs }: VenueCapabilities,
): number => Math.min(Math.max(1, Math.floor(recvWindowMs)), maxRecvWindowMs ?? Number.POSITIVE_INFINITY);

const checkWindow = (recvWindowMs: number, { minRecvWindowMs }: VenueCapabilities): Refused | null =>
  recvWindowMs < minRecvWindowMs
    ? refused('UNSUPPORTED_OPTION', { recvWindowMs: String(recvWindowMs), minRecvWindowMs: String(minRecvWindowMs) })
    : null;

/** What names an order on the wire: the venue's id where it is known, for it is unique for ever, else ours. */
export const nameOf = (order: OrderRef): { readonly venue: string } | { readonly ours: string } =>
  order.venueOrderId === null ? { ours: order.clientOrderId } : { venue: order.venueOrderId };
