import { decimal, floorTo, plain, ZERO, type Decimal } from '@switchyard/money';
import type { Facts, Limits, MaxSize, SignalSize } from '@switchyard/model';
import type { Share } from './sizing-share.js';

/** How a quantity came about. */
export interface Sizing {
  /** Base quantity on the grid of the finest lot; may be zero. */
  readonly quantity: Decimal;
  /** Whether the signal itself named an amount that a limit may not silently cut. */
  readonly explicit: boolean;
  readonly facts: Facts;
}

const HUNDREDTH = decimal('0.01');
const percentOf = (whole: Decimal, percent: number): Decimal => whole.times(decimal(String(percent))).times(HUNDREDTH);

/**
 * The quantity that an order to buy asks for: what the signal wishes, a share of the balance where it wishes nothing (2 %, or by
 * volatility), never more than 5 % of it. `balance` is the quote currency in all accounts that may serve the signal, reserved or not.
 */
export const sizeToBuy = (
  size: SignalSize | undefined,
  limits: Limits,
  market: { readonly balance: Decimal; readonly price: Decimal; readonly lot: Decimal },
  share: Share,
): Sizing => {
  const { balance, price, lot } = market;
  const percent = Math.min(
    size !== undefined && 'balancePercent' in size ? size.balancePercent : share.percent,
    limits.maxBalancePercent,
  );
  const wish =
    size === undefined || 'balancePercent' in size
      ? percentOf(balance, percent)
      : 'quote' in size
        ? decimal(size.quote)
        : decimal(size.base).times(price);
  const most = percentOf(balance, limits.maxBalancePercent);
  const capped = wish.gt(most);
  const quantity =
    !capped && size !== undefined && 'base' in size ? decimal(size.base) : (capped ? most : wish).div(price);
  return {
    quantity: floorTo(quantity, lot),
    explicit: size !== undefined,
    facts: {
      basis: basisOf(size),
      balance: plain(balance),
      price: plain(price),
      ...(size === undefined || 'balancePercent' in size ? { percent } : { wish: size }),
      ...(size === undefined ? share.facts : {}),
      ...(capped ? { cappedBy: 'maxBalancePercent', maxBalancePercent: limits.maxBalancePercent } : {}),
    },
  };
};

/** The quantity that an order to sell asks for, of what is there to sell. `whole` is what a size that is not named stands for. */
export const sizeToSell = (
  size: SignalSize | undefined,
  there: {
    readonly available: Decimal;
    readonly whole: Decimal;
    readonly price: Decimal | undefined;
    readonly lot: Decimal;
  },
): Sizing | undefined => {
  const facts = {
    basis: basisOf(size),
    available: plain(there.available),
    ...(size === undefined ? {} : { wish: size }),
  };
  const sized = (quantity: Decimal): Sizing => ({
    quantity: floorTo(quantity, there.lot),
    explicit: size !== undefined,
    facts,
  });
  if (size === undefined) return sized(there.whole);
  if ('base' in size) return sized(decimal(size.base));
  if ('balancePercent' in size) return sized(percentOf(there.available, size.balancePercent));
  return there.price === undefined || there.price.lte(ZERO) ? undefined : sized(decimal(size.quote).div(there.price));
};

/** What the signal itself allows at most: cut to it, whatever its size came to. Without a price an amount cuts nothing to be sold. */
export const cutToMost = (
  sizing: Sizing,
  maxSize: MaxSize | undefined,
  { price, lot }: { readonly price: Decimal | undefined; readonly lot: Decimal },
): Sizing => {
  if (maxSize === undefined) return sizing;
  const { base, quote } = maxSize;
  let { quantity } = sizing;
  if (base !== undefined && decimal(base).lt(quantity)) quantity = decimal(base);
  if (quote !== undefined && price?.gt(ZERO) === true && quantity.times(price).gt(decimal(quote)))
    quantity = decimal(quote).div(price);
  if (quantity.eq(sizing.quantity)) return sizing;
  return { ...sizing, quantity: floorTo(quantity, lot), facts: { ...sizing.facts, cappedBy: 'maxSize', maxSize } };
};

const basisOf = (size: SignalSize | undefined): string => {
  if (size === undefined) return 'default';
  return 'quote' in size ? 'quote' : 'base' in size ? 'base' : 'balancePercent';
};
