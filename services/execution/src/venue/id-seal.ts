import type { InstrumentKey, NewOrder, Venue, VenueCapabilities } from '@switchyard/exchanges';
import { ceilTo, decimal, floorTo, plain } from '@switchyard/money';
import type { GuardedClient } from '../guard/guarded-client.js';
import type { Clock } from '../ports/clock.js';
import type { DueLookup } from '../ports/order-records.js';

/**
 * Ends the doubt about an order that the venue does not have, where its request may still arrive whenever it likes.
 *
 *  1. A venue that gives requests no time, but takes a client order id only once and for ever, is sent the same order under the same id again:
 *     immediate-or-cancel, at a price that nobody gives. Whichever of the two comes first, the other is refused.
 *  2. So there is one order under this id, as promised, and a lookup finds it: the first one, or the seal, which ended without a fill.
 *  3. Should the seal be filled after all, it is what was approved, at a price far better than expected.
 *  4. Nothing is concluded from the seal's own answer: a lookup is what is believed.
 */
export interface IdSealParts {
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  readonly sendWithinMs: number;
  readonly venueWindowMs: number;
}

/** The request's own deadline is over by then: who sent it waits no more. */
export const SEAL_AFTER_MS = 15_000;

/** How far beyond the touch a seal lies, as a factor. */
const AWAY = { buy: decimal('0.9'), sell: decimal('1.1') } as const;

export const canSeal = (venue: VenueCapabilities | undefined): venue is VenueCapabilities =>
  venue !== undefined &&
  !venue.enforcesExpiry &&
  venue.clientIdReuse === 'forever' &&
  venue.orderTypes.limit?.includes('ioc') === true;

export const isToBeSealed = ({ status, storedAtMs }: DueLookup, nowMs: number): boolean =>
  status === 'unknown' && nowMs - storedAtMs >= SEAL_AFTER_MS;

/** @returns what was answered, for the log; undefined where no price could be told, and nothing was sent */
export const seal = async (
  { clock, sendWithinMs, venueWindowMs }: IdSealParts,
  venue: Venue,
  client: Pick<GuardedClient, 'seal'>,
  order: DueLookup,
): Promise<string | undefined> => {
  const limitPrice = await priceOf(venue, order, order.side);
  if (limitPrice === undefined) return undefined;
  const { pair, venueSymbol, clientOrderId, side, quantity } = order;
  const sealing: NewOrder = {
    ...{ pair, venueSymbol, clientOrderId, side, limitPrice, quantity: plain(decimal(quantity)) },
    ...{ orderType: 'limit', timeInForce: 'ioc', stopPrice: null, postOnly: false, displayQuantity: null },
  };
  const limits = { sendBy: clock.monotonic() + sendWithinMs, recvWindowMs: venueWindowMs };
  const outcome = await client.seal(sealing, limits);
  return outcome.kind === 'refused' ? `refused ${outcome.code}` : outcome.kind;
};

/** On the venue's grid, and so far away that nobody gives it. */
const priceOf = async (
  { marketData }: Venue,
  of: InstrumentKey,
  side: NewOrder['side'],
): Promise<string | undefined> => {
  const [ticker, instruments] = [await marketData.ticker(of), await marketData.instruments()];
  if (ticker.kind !== 'answered' || instruments.kind !== 'answered') return undefined;
  const touch = side === 'buy' ? ticker.value.bid : ticker.value.ask;
  const tick = instruments.value.find(({ venueSymbol }) => venueSymbol === of.venueSymbol)?.tick;
  if (touch === null || tick === undefined) return undefined;
  const away = decimal(touch).times(AWAY[side]);
  return plain((side === 'buy' ? floorTo : ceilTo)(away, decimal(tick)));
};
