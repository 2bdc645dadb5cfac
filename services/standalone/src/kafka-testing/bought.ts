import { decimal, plain, type Decimal } from '@switchyard/money';
import type { LedgerRow } from '../testing/paper-venue.js';

/** What each account holds of BTC by the venue's own books: bought, less what was charged in BTC. By account key. */
export const boughtByAccount = (ledger: readonly LedgerRow[]): ReadonlyMap<string, string> => {
  const held = new Map<string, Decimal>();
  for (const { accountKey, side, fills } of ledger)
    for (const { quantity, fee, feeCurrency } of fills) {
      const before = held.get(accountKey) ?? decimal('0');
      const after = side === 'buy' ? before.plus(decimal(quantity)) : before.minus(decimal(quantity));
      held.set(accountKey, feeCurrency === 'BTC' ? after.minus(decimal(fee)) : after);
    }
  return new Map([...held].map(([account, quantity]) => [account, plain(quantity)]));
};
