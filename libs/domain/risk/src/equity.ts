import { decimal, ZERO, type Decimal } from '@switchyard/money';
import type { Currency } from '@switchyard/model';
import type { Prices } from './prices.js';
import { entryOf } from './record.js';
import type { AccountBook } from './state.js';

/**
 * What all that an account holds is worth, in US dollars; undefined while no balance is known. The lower of the venue's last word and our
 * own fold of fills, each as a whole: what was just bought is in the fold alone, what left beside us in the venue's word alone. What
 * nobody prices is worth nothing.
 */
export const equityOf = ({ snapshot, book }: AccountBook, prices: Prices): Decimal | undefined => {
  if (snapshot === undefined || book === undefined) return undefined;
  let [told, folded] = [ZERO, ZERO];
  for (const currency of Object.keys({ ...snapshot.totals, ...book })) {
    const [one, other] = [entryOf(snapshot.totals, currency), entryOf(book, currency)];
    const worth = worthOf(currency, one, prices);
    told = told.plus(worth);
    folded = folded.plus(one === other ? worth : worthOf(currency, other, prices));
  }
  return told.lt(folded) ? told : folded;
};

const worthOf = (currency: Currency, amount: string | undefined, prices: Prices): Decimal => {
  if (amount === undefined) return ZERO;
  if (currency === 'USD') return decimal(amount);
  return prices.dollarsPer(currency)?.times(decimal(amount)) ?? ZERO;
};
