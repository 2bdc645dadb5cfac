import { decimal, plain, ZERO, type DecimalString } from '@switchyard/money';
import type { Currency, Side } from '@switchyard/model';

export interface ChildFill {
  /** Base. */
  readonly quantity: DecimalString;
  readonly price: DecimalString;
  readonly fee: { readonly amount: DecimalString; readonly currency: Currency };
}

/** What a part came to, beside what it was expected to. */
export interface Realised {
  /** Base, fees not taken off. */
  readonly quantity: DecimalString;
  readonly price: DecimalString;
  /** As `expectedCost`: what a buyer paid in all, what a seller got in the end. Absent where a fee's worth is not known. */
  readonly cost?: DecimalString;
}

const PRICE_PLACES = 8;

/**
 * What the fills of one child came to, in the quote currency of its market. A fee in the base currency counts at its fill's price, one in a
 * third currency not at all: its worth is not known here. Undefined where nothing was filled.
 */
export const realisedOf = (
  side: Side,
  { base, quote }: { readonly base: Currency; readonly quote: Currency },
  fills: readonly ChildFill[],
): Realised | undefined => {
  let [quantity, value, fees] = [ZERO, ZERO, ZERO];
  let feesKnown = true;
  for (const { quantity: part, price, fee } of fills) {
    quantity = quantity.plus(decimal(part));
    value = value.plus(decimal(part).times(decimal(price)));
    const amount = decimal(fee.amount);
    if (fee.currency === quote) fees = fees.plus(amount);
    else if (fee.currency === base) fees = fees.plus(amount.times(decimal(price)));
    else feesKnown &&= amount.eq(ZERO);
  }
  if (quantity.eq(ZERO)) return undefined;
  const price = plain(value.div(quantity).round(PRICE_PLACES));
  if (!feesKnown) return { quantity: plain(quantity), price };
  return { quantity: plain(quantity), price, cost: plain(side === 'buy' ? value.plus(fees) : value.minus(fees)) };
};
