import { decimal, plain, ZERO, type Decimal } from '@switchyard/money';
import type { AccountBook, TradingDay } from './state.js';

/** The trading day of an account: the later of its last one and today in its zone, so that a clock set back starts no second day (G5). */
export const tradingDay = (account: AccountBook, timeZone: string, now: Date): TradingDay => {
  const today = dateIn(timeZone, now);
  return account.day !== undefined && account.day.date >= today ? account.day : { date: today, orders: 0 };
};

/** The same, with so much more traded on it, US dollars. */
export const withTraded = (account: AccountBook, worth: Decimal, now: Date): TradingDay => {
  const day = tradingDay(account, account.timeZone ?? 'UTC', now);
  return { ...day, traded: plain(tradedOn(day).plus(worth).round(8, UP)) };
};

export const tradedOn = ({ traded }: TradingDay): Decimal => (traded === undefined ? ZERO : decimal(traded));

/** What counts against a limit is rounded up. */
const UP = 3;

const QUARTER_MS = 900_000;
const calendars = new Map<
  string,
  { readonly format: Intl.DateTimeFormat | undefined; quarter: number; date: string }
>();

/** `2026-11-21` in the zone. Zones differ by quarters of an hour, so within one the date stands; formatting is dear. Unknown zones are UTC. */
const dateIn = (timeZone: string, now: Date): string => {
  if (timeZone === 'UTC') return now.toISOString().slice(0, 10);
  const quarter = Math.floor(now.getTime() / QUARTER_MS);
  const calendar = calendars.get(timeZone) ?? { format: formatOf(timeZone), quarter: Number.NaN, date: '' };
  calendars.set(timeZone, calendar);
  if (calendar.quarter !== quarter) {
    calendar.quarter = quarter;
    calendar.date = calendar.format?.format(now) ?? now.toISOString().slice(0, 10);
  }
  return calendar.date;
};

const formatOf = (timeZone: string): Intl.DateTimeFormat | undefined => {
  try {
    return new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  } catch {
    return undefined;
  }
};
