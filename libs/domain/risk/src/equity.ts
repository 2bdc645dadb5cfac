import { decimal, ZERO, type Decimal } from '@switchyard/money';
import type { AccountBook, Amounts } from './state.js';
import type { Prices } from './prices.js';

/**
 * What all that an account holds is worth, in US dollars; undefined while no balance is known. The lower of the venue's last word and our
 * own fold of fills, each as a whole: what was just bought is in the fold alone, what left beside us in the venue's word alone. What
 * nobody prices is worth nothing.
 */
export const equityOf = ({ snapshot, book }: AccountBook, prices: Prices): Decimal | undefined => {
  if (snapshot === undefined || book === undefined) return undefined;
  const folded = worthOf(book, prices);
  const told = worthOf(snapshot.totals, prices);
  return told.lt(folded) ? told : folded;
};

const worthOf = (amounts: Amounts, prices: Prices): Decimal => {
  let sum = ZERO;
  for (const currency in amounts) {
    if (!Object.hasOwn(amounts, currency)) continue;
    const rate = prices.dollarsPer(currency);
    if (rate !== undefined) sum = sum.plus(rate.times(decimal(amounts[currency] ?? '0')));
  }
  return sum;
};
