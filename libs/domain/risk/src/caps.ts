import { decimal, floorTo, plain, ZERO, type Decimal } from '@switchyard/money';
import { baseOf, type Signal } from '@switchyard/model';
import type { ApprovedCap } from './approval.js';
import type { Desk } from './proposal.js';
import type { OpenCap } from './state.js';

/** What one account could trade of an order. */
export interface Cap {
  readonly desk: Desk;
  /** Base quantity on the grid of the venue's lot. */
  readonly quantity: Decimal;
  readonly perUnit: Decimal;
}

const ONE = decimal('1');
const HUNDREDTH = decimal('0.01');
const UP = 3;
/** Places after the point that the contracts allow a decimal. */
const PLACES = 18;

/**
 * The most that one unit of base may cost at a desk: the limit price, else the touch and its collar (or the entry price, at which routing
 * may place a limit where the signal leaves it the method), and the taker's fee on top. Undefined where the venue asks no price now.
 */
export const costPerUnit = ({ quote, fresh }: Desk, signal: Signal, collarPercent: number): Decimal | undefined => {
  if (!fresh || quote.ask === undefined) return undefined;
  const bound = priceBound(quote.ask, signal, collarPercent);
  const lotPlaces = quote.instrument.lotSize.split('.')[1]?.length ?? 0;
  return bound.times(quote.takerFee.plus(ONE)).round(Math.max(0, PLACES - lotPlaces), UP);
};

const priceBound = (ask: Decimal, signal: Signal, collarPercent: number): Decimal => {
  if (signal.orderType === 'limit' && signal.limitPrice !== undefined) return decimal(signal.limitPrice);
  const collared = ask.plus(ask.times(decimal(String(collarPercent))).times(HUNDREDTH));
  const named = signal.orderType === undefined ? (signal.limitPrice ?? signal.entryPrice) : undefined;
  if (named === undefined) return collared;
  const price = decimal(named);
  return price.gt(collared) ? price : collared;
};

/** As much of the wish as the account can pay for; undefined where that is less than the venue's smallest order. */
export const capToBuy = (desk: Desk, wish: Decimal, spendable: Decimal, perUnit: Decimal): Cap | undefined => {
  const payable = wish.times(perUnit).lte(spendable) ? wish : spendable.gt(ZERO) ? spendable.div(perUnit) : ZERO;
  return viable({ desk, quantity: floorTo(payable, desk.quote.lotSize), perUnit });
};

/** As much of the wish as the account may sell; undefined where that is less than the venue's smallest order. */
export const capToSell = (desk: Desk, wish: Decimal, available: Decimal): Cap | undefined => {
  const quantity = available.lt(wish) ? available : wish;
  return quantity.gt(ZERO)
    ? viable({ desk, quantity: floorTo(quantity, desk.quote.lotSize), perUnit: ONE })
    : undefined;
};

const viable = (cap: Cap): Cap | undefined => (isBelowMinimum(cap.desk, cap.quantity) ? undefined : cap);

/** Whether a venue would refuse a quantity as too small. Where no price is known its notional is not judged. */
export const isBelowMinimum = ({ quote }: Desk, quantity: Decimal): boolean => {
  if (quantity.lte(ZERO) || quantity.lt(quote.minQuantity)) return true;
  const price = quote.bid ?? quote.ask;
  return price !== undefined && quantity.times(price).lt(quote.minNotional);
};

/** The sum of all caps, the most that an order can be. */
export const sumOf = (caps: readonly Cap[]): Decimal => caps.reduce((sum, { quantity }) => sum.plus(quantity), ZERO);

export const finestLot = (desks: readonly Desk[]): Decimal =>
  desks.reduce(
    (finest, { quote }) => (quote.lotSize.lt(finest) ? quote.lotSize : finest),
    desks[0]?.quote.lotSize ?? ONE,
  );

/** The caps of an order as they stand in its approval, and as its reservation. */
export const approvedCap = ({ desk, quantity, perUnit }: Cap, signal: Signal): ApprovedCap => ({
  accountId: desk.account.accountId,
  venue: desk.account.venue,
  mode: desk.account.mode,
  quantity: plain(quantity),
  reserved: plain(quantity.times(perUnit)),
  currency: signal.side === 'buy' ? desk.quote.instrument.quote : baseOf(signal.pair),
});

export const openCap = ({ desk, quantity, perUnit }: Cap): OpenCap => ({
  quote: desk.quote.instrument.quote,
  left: plain(quantity.times(perUnit)),
  perUnit: plain(perUnit),
});
