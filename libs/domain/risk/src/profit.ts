import { decimal, plain, ZERO, type Decimal } from '@switchyard/money';
import type { Pair } from '@switchyard/model';
import { positionOf } from './positions.js';
import type { Prices } from './prices.js';
import type { AccountBook, TradingDay } from './state.js';
import { tradingDay } from './trading-day.js';

/**
 * Profit and loss of what was traded here, realised and marked, in US dollars.
 *
 * 1. It is the money that positions brought and cost, fees taken off, and what they are worth now. Only differences count (a day's loss,
 *    a drawdown), so deposits, withdrawals and what is held beside positions move nothing.
 * 2. Fills change what it is made of; it is looked at, and its high noted, with every balance and every approval. So fills commute.
 * 3. A day begins with what was seen last or what is seen first of it, whichever is more: no loss falls between two days.
 */
export const profitOf = ({ positions, flows }: AccountBook, prices: Prices): Decimal | undefined => {
  let sum = ZERO;
  for (const [currency, amount] of Object.entries(flows ?? {})) {
    const rate = prices.dollarsPer(currency);
    if (rate === undefined) return undefined;
    sum = sum.plus(rate.times(decimal(amount)));
  }
  for (const [pair, quantity] of Object.entries(positions)) {
    const worth = prices.worthOf(pair as Pair);
    if (worth === undefined) return undefined;
    sum = sum.plus(worth.times(decimal(quantity)));
  }
  return sum;
};

/** What the account knew of its profit when it was last looked at, and what a look now says. */
export interface ProfitNow {
  readonly now: Decimal;
  readonly high: Decimal;
  /** Where the trading day began. */
  readonly start: Decimal;
  readonly day: TradingDay;
}

/** Undefined where a position or a currency has no price: nobody can tell. */
export const profitNow = (account: AccountBook, timeZone: string, prices: Prices, at: Date): ProfitNow | undefined => {
  const now = profitOf(account, prices);
  if (now === undefined) return undefined;
  const { profit } = account;
  const day = tradingDay(account, timeZone, at);
  const high = profit === undefined ? now : later(decimal(profit.high), now);
  const start =
    day.start !== undefined ? decimal(day.start) : profit === undefined ? now : later(decimal(profit.last), now);
  return { now, high, start, day };
};

/** The account after a look: its high and the start of its day are noted. One that never traded has neither. */
export const looked = (account: AccountBook, timeZone: string, prices: Prices, at: Date): AccountBook => {
  if (!hasTraded(account)) return account;
  const seen = profitNow(account, timeZone, prices, at);
  if (seen === undefined) return account;
  return {
    ...account,
    profit: { last: cents(seen.now), high: cents(seen.high) },
    day: { ...seen.day, start: cents(seen.start) },
  };
};

/** Of positions that are older than this reckoning nobody knows what they cost: theirs begins where it is first looked at. */
export const hasTraded = ({ flows, positions }: AccountBook): boolean =>
  flows !== undefined || Object.keys(positions).length > 0;

/** With what an account begins: its first fill is measured from here. */
export const NO_PROFIT = { last: '0', high: '0' } as const;

/** What a fill brought (or, negative, cost) of its pair's quote currency for the position alone. A sale beyond it is no profit of it. */
export const flowOf = (
  account: AccountBook,
  fill: { readonly pair: Pair; readonly side: 'buy' | 'sell' },
  amounts: { readonly quantity: Decimal; readonly price: Decimal; readonly fee: Decimal },
): Decimal => {
  const { quantity, price, fee } = amounts;
  if (fill.side === 'buy') return ZERO.minus(quantity.times(price)).minus(fee);
  const held = positionOf(account, fill.pair);
  return (quantity.gt(held) ? held : quantity).times(price).minus(fee);
};

const later = (one: Decimal, other: Decimal): Decimal => (one.gt(other) ? one : other);

/** Eight places: enough for money, and the document does not grow with the places of prices. */
const cents = (value: Decimal): string => plain(value.round(8, 0));
