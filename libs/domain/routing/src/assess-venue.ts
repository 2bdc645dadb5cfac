import { isExit } from '@switchyard/model';
import { snapDown, textOf, unitsDown, unitsUp } from './grid.js';
import type { AccountCap, RouteInputs } from './inputs.js';
import { chooseMethod, type MethodChoice } from './method.js';
import type { PreparedMarket } from './prepared-market.js';
import { perUnitOf, priceOrder, type Priced } from './price-order.js';
import { rejection, type VenueRejection } from './rejections.js';
import { depthOf, walk } from './walk.js';

/** A venue that could take the order, and what that would cost there. */
export interface Candidate extends Priced {
  readonly cap: AccountCap;
  readonly market: PreparedMarket;
  readonly choice: MethodChoice;
  /** Units of 10^-`market.lot.places`, on the lot. */
  readonly quantity: bigint;
  /** Whether the venue takes all of the order that its lot allows. */
  readonly whole: boolean;
  /** Quote currency per unit of base, fee included; for comparing venues, never for books. */
  readonly perUnit: number;
  /** A flaw that an order which reduces risk puts up with, if no venue is without one. */
  readonly concern: VenueRejection | undefined;
}

/** Stablecoins that the value limit of the method rule counts as dollars. It compares sizes; it changes nobody's money. */
const DOLLARS: ReadonlySet<string> = new Set(['USD', 'USDT', 'USDC']);

/** Either what the order would be at this venue, or why it can't be. Checks run from the cheapest to the dearest; the first failed one counts. */
export const assessVenue = (inputs: RouteInputs, cap: AccountCap): Candidate | VenueRejection => {
  const { order, settings } = inputs;
  const facts = inputs.venues[cap.venue];
  const unwanted = unwantedBecause(inputs, cap);
  if (unwanted !== undefined) return unwanted;
  const market = facts?.market;
  if (market === undefined) return rejection(facts?.known === true ? 'PAIR_NOT_LISTED' : 'BOOK_UNKNOWN');
  if (market.flaw === 'INSTRUMENT_UNUSABLE') return rejection('INSTRUMENT_UNUSABLE');
  const { lot, view } = market;
  if (order.side === 'buy' && cap.currency !== view.instrument.quote)
    return rejection('QUOTE_MISMATCH', { reserved: cap.currency, pays: view.instrument.quote });

  const wanted = snapDown(unitsDown(order.quantity, lot.places), lot);
  const capped = snapDown(unitsDown(cap.quantity, lot.places), lot);
  const quantity = wanted < capped ? wanted : capped;
  const minimum = { quantity: textOf(quantity, lot.places), minQuantity: view.instrument.minQuantity };
  if (quantity === 0n || quantity < market.minQuantity) return rejection('BELOW_MINIMUM', minimum);

  const unhealthy = facts?.healthy === false && order.mode !== 'simulated' ? rejection('VENUE_UNHEALTHY') : undefined;
  const unusable = bookFlaw(market, inputs);
  const side = order.side === 'buy' ? market.asks : market.bids;
  const depth = depthOf(side);
  const thin =
    unusable === undefined && depth * 100n < quantity * BigInt(settings.minDepthPercent)
      ? rejection('BOOK_TOO_THIN', { quantity: minimum.quantity, displayed: textOf(depth, lot.places) })
      : undefined;
  const concern = unhealthy ?? unusable ?? thin;
  if (concern !== undefined && !reduces(inputs)) return concern;

  const displayed = unusable === undefined ? walk(order.side, side, quantity) : undefined;
  const choice = withoutBook(
    chooseMethod(order, {
      aboveTwapValue: displayed !== undefined && aboveTwapValue(inputs, market, displayed.value),
      liquidity: depth > quantity && displayed !== undefined ? 1 - Number(quantity) / Number(depth) : 0,
    }),
    inputs,
    unusable === undefined,
  );
  if (choice === undefined) return concern ?? rejection('BOOK_UNKNOWN');
  const priced = priceOrder(inputs, cap, market, quantity, choice, unusable === undefined);
  if ('code' in priced) return priced;
  if (priced.value !== undefined && priced.value < market.minValue)
    return rejection('BELOW_MINIMUM', {
      ...minimum,
      value: textOf(priced.value, market.tick.places + lot.places),
      minNotional: view.instrument.minNotional,
    });
  return {
    cap,
    market,
    choice,
    quantity,
    whole: quantity === wanted,
    ...priced,
    perUnit: perUnitOf(order.side, market, quantity, priced, displayed?.value),
    concern,
  };
};

const unwantedBecause = ({ order, tried }: RouteInputs, cap: AccountCap): VenueRejection | undefined => {
  if (tried.includes(cap.accountId)) return rejection('VENUE_TRIED');
  if (cap.mode !== order.mode) return rejection('MODE_MISMATCH', { order: order.mode, account: cap.mode });
  const { only, exclude } = order.venues ?? {};
  if (only !== undefined && only.length > 0 && !only.includes(cap.venue))
    return rejection('VENUE_NOT_WANTED', { only });
  return exclude?.includes(cap.venue) === true ? rejection('VENUE_EXCLUDED') : undefined;
};

/** Stale books stop entries; exits go on, in the dark if need be. */
const reduces = ({ order }: RouteInputs): boolean => order.reduceOnly || isExit(order.signalType);

const bookFlaw = (market: PreparedMarket, { now, settings }: RouteInputs): VenueRejection | undefined => {
  const ageMs = now.getTime() - market.receivedAtMs;
  // An unreadable time makes an age that is no number: not known to be fresh is stale.
  if (!(ageMs <= settings.maxBookAgeMs))
    return rejection('BOOK_STALE', {
      ageMs: Number.isFinite(ageMs) ? ageMs : null,
      maxBookAgeMs: settings.maxBookAgeMs,
    });
  return market.flaw === undefined
    ? undefined
    : rejection(market.flaw, {
        bid: market.view.book.bids[0]?.[0] ?? null,
        ask: market.view.book.asks[0]?.[0] ?? null,
      });
};

const aboveTwapValue = ({ settings }: RouteInputs, { view, tick, lot }: PreparedMarket, value: bigint): boolean =>
  DOLLARS.has(view.instrument.quote) && value > unitsUp(settings.twapAboveUsd, tick.places + lot.places);

/** Without a book there is no touch: an exit that wanted it goes to the market, anything else waits for a sound book. */
const withoutBook = (choice: MethodChoice, { order }: RouteInputs, book: boolean): MethodChoice | undefined => {
  if (book || choice.price === 'none' || choice.price === 'own') return choice;
  if (order.signalType === 'profit_take' || order.postOnly === true) return undefined;
  return {
    method: 'market',
    orderType: 'market',
    algorithm: 'immediate',
    price: 'none',
    because: 'no book can be believed, and an exit does not wait',
  };
};
