import { decimal, plain, ZERO, type Decimal } from '@switchyard/money';
import { baseOf, type AccountId, type AccountPolicy, type Mode, type Pair } from '@switchyard/model';
import type { Market, Quote } from '@switchyard/signal';
import { accountOf, amountOf, sellable } from './funds.js';
import { entryOf, withEntry, withoutEntry } from './record.js';
import { reservedOfPosition } from './reservations.js';
import type { AccountBook, RiskState } from './state.js';

/** A position is per account and pair: what our fills bought, less what they sold and the fees taken in base. */
export const positionOf = (account: AccountBook, pair: Pair): Decimal =>
  decimal(entryOf<string>(account.positions, pair) ?? '0');

/** A sale beyond the position sells what else is held: a spot position never turns short. */
export const withPosition = (account: AccountBook, pair: Pair, change: Decimal): AccountBook => {
  const quantity = positionOf(account, pair).plus(change);
  const positions = quantity.gt(ZERO)
    ? withEntry(account.positions, pair, plain(quantity))
    : withoutEntry(account.positions, pair);
  return { ...account, positions };
};

/** What is really there of a position: no more than the book holds of its base, should it have left the account beside us. */
export const heldPosition = (account: AccountBook, pair: Pair): Decimal => {
  const quantity = positionOf(account, pair);
  if (account.book === undefined || quantity.eq(ZERO)) return quantity;
  const held = amountOf(account.book, baseOf(pair));
  return held.lt(quantity) ? held : quantity;
};

/** What an exit may take of a position: not what other sells under way may take, so that together they can't flip it. */
export const closable = (state: RiskState, accountId: AccountId, pair: Pair): Decimal => {
  const free = heldPosition(accountOf(state, accountId), pair).minus(reservedOfPosition(state, accountId, pair));
  const held = sellable(state, accountId, baseOf(pair));
  return held !== undefined && held.lt(free) ? held : free;
};

/**
 * How many positions a user has or is about to have in a mode, on other pairs than this one: positions, and approved entries that no
 * position of their pair and account stands for already. Dust that no venue order could close is no position.
 */
export const positionsBeside = (state: RiskState, mode: Mode, pair: Pair, market: Market): number => {
  const counted = new Set<string>();
  for (const { accountId, venue } of accountsIn(state, mode)) {
    const account = accountOf(state, accountId);
    for (const held of Object.keys(account.positions) as Pair[]) {
      if (held !== pair && !isDust(heldPosition(account, held), market.quote(venue, held))) {
        counted.add(`${accountId}|${held}`);
      }
    }
  }
  for (const parent of state.parents) {
    if (!parent.opens || parent.mode !== mode || parent.pair === pair) continue;
    const keys = Object.keys(parent.caps).map((accountId) => `${accountId}|${parent.pair}`);
    if (keys[0] !== undefined && !keys.some((key) => counted.has(key))) counted.add(keys[0]);
  }
  return counted.size;
};

export const accountsIn = (state: RiskState, mode: Mode): readonly AccountPolicy[] =>
  state.policy?.accounts.filter((account) => account.mode === mode) ?? [];

const isDust = (quantity: Decimal, quote: Quote | undefined): boolean => {
  if (quantity.lte(ZERO)) return true;
  if (quote === undefined) return false;
  if (quantity.lt(quote.minQuantity) || quantity.lt(quote.lotSize)) return true;
  return quote.mid !== undefined && quantity.times(quote.mid).lt(quote.minNotional);
};
