import type {
  CouldNotAsk,
  LookupOutcome,
  NewOrder,
  NotSent,
  OrderRef,
  PlaceLimits,
  PlaceOutcome,
  VenueClient,
} from '@switchyard/exchanges';
import type { Held, VenueGuard } from './venue-guard.js';

/** A client whose every call goes through the venue's guard. */
export interface GuardedClient extends VenueClient {
  /** `poll`: of an order that is known to be there; it waits behind the lookups of those that are not. Default `lookup`. */
  lookup(order: OrderRef, as?: 'lookup' | 'poll'): Promise<LookupOutcome>;
  /** Sends something that is to settle what a lookup can't: it draws its token as a lookup does, and none was drawn before. */
  seal(order: NewOrder, limits: PlaceLimits): Promise<PlaceOutcome>;
}

/**
 * Places no order while the circuit is open or the venue wants us to stay away; its tokens were drawn when it was claimed. Cancels always
 * go, as soon as there is a token. Questions wait a moment for theirs, and are not asked while the circuit is open.
 */
export const guarded = (client: VenueClient, guard: VenueGuard, accountId: string): GuardedClient => ({
  venue: client.venue,
  place: (order, limits) => {
    const held = guard.heldNow(accountId);
    if (held !== undefined) return Promise.resolve(notSent(held));
    const beforeWrite = (): boolean => guard.heldNow(accountId) === undefined && (limits.beforeWrite?.() ?? true);
    return guard.watched(() => client.place(order, { ...limits, beforeWrite }));
  },
  cancel: (order, limits) =>
    guard.call({ class: 'cancel', name: 'cancel', accountId }, () => client.cancel(order, limits), notSent),
  lookup: (order, as = 'lookup') =>
    guard.call({ class: as, name: 'lookup', accountId }, () => client.lookup(order), couldNotAsk),
  seal: (order, limits) =>
    guard.call({ class: 'lookup', name: 'place', accountId }, () => client.place(order, limits), notSent),
  openOrders: (of) =>
    guard.call({ class: 'poll', name: 'openOrders', accountId }, () => client.openOrders(of), couldNotAsk),
  orderFills: (order) =>
    guard.call({ class: 'poll', name: 'orderFills', accountId }, () => client.orderFills(order), couldNotAsk),
  tradesSince: (of, from) =>
    guard.call({ class: 'poll', name: 'tradesSince', accountId }, () => client.tradesSince(of, from), couldNotAsk),
  balances: () => guard.call({ class: 'poll', name: 'balances', accountId }, () => client.balances(), couldNotAsk),
  fees: (of) => guard.call({ class: 'poll', name: 'fees', accountId }, () => client.fees(of), couldNotAsk),
});

/** Said as a wait that the venue asked for is said: executors hand back or try again what was not sent for this reason. */
const notSent = ({ message, forMs }: Held): NotSent => ({
  kind: 'notSent',
  reason: 'rateLimited',
  message,
  retryAfterMs: forMs === null ? null : Math.ceil(forMs),
});

const couldNotAsk = ({ message, forMs }: Held): CouldNotAsk => ({
  kind: 'couldNotAsk',
  reason: 'rateLimited',
  message,
  code: null,
  retryAfterMs: forMs === null ? null : Math.ceil(forMs),
  evidence: null,
});
