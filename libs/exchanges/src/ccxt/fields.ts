import { decimal, isDecimalString, ZERO, type DecimalString } from '@switchyard/money';

/** What a venue's answer says cannot be so. Thrown by the readers below, caught once where an answer is judged. */
export class Nonsense extends Error {}

/** Runs a reading; nonsense becomes its value, anything else is a bug and passes. */
export const judged = <T>(read: () => T): T | Nonsense => {
  try {
    return read();
  } catch (error) {
    if (error instanceof Nonsense) return error;
    throw error;
  }
};

export type Fields = Readonly<Record<string, unknown>>;

export const fields = (value: unknown, what: string): Fields => {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Nonsense(`${what} is not an object`);
  return value as Fields;
};

export const list = (value: unknown, what: string): readonly unknown[] => {
  if (!Array.isArray(value)) throw new Nonsense(`${what} is not a list`);
  return value;
};

export const text = (of: Fields, name: string): string => {
  const value = of[name];
  if (typeof value !== 'string' || value === '') throw new Nonsense(`${name} is missing`);
  return value;
};

/** An id, as text: venues write them as text or as integers. Integers that JSON cannot hold exactly are nonsense. */
export const id = (of: Fields, name: string): string => {
  const value = of[name];
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return String(value);
  return text(of, name);
};

/** A decimal as the venue wrote it. A JSON number is nonsense: it has been a float by the time we see it. */
export const signed = (of: Fields, name: string): DecimalString => {
  const value = text(of, name);
  if (!isDecimalString(value)) throw new Nonsense(`${name} is not a plain decimal`);
  return value;
};

export const amount = (of: Fields, name: string): DecimalString => {
  const value = signed(of, name);
  if (value.startsWith('-') && decimal(value).lt(ZERO)) throw new Nonsense(`${name} is negative`);
  return value;
};

export const positive = (of: Fields, name: string): DecimalString => {
  const value = amount(of, name);
  if (decimal(value).eq(ZERO)) throw new Nonsense(`${name} is zero`);
  return value;
};

/** A positive decimal, `null` where the venue writes zero or nothing for "none". */
export const amountOrNull = (of: Fields, name: string): DecimalString | null => {
  if (of[name] === undefined || of[name] === null || of[name] === '') return null;
  const value = amount(of, name);
  return decimal(value).eq(ZERO) ? null : value;
};

/** No venue here is older: an earlier time is nonsense. */
const EARLIEST_MS = Date.UTC(2010, 0, 1);
const DAY_MS = 86_400_000;

/** Milliseconds since the epoch; not before 2010, not more than a day ahead of us. */
export const timeMs = (of: Fields, name: string): number => {
  const value = of[name];
  const at = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value;
  if (typeof at !== 'number' || !Number.isSafeInteger(at)) throw new Nonsense(`${name} is not a time`);
  return possible(at, name);
};

/** Seconds since the epoch with a fraction, a number or its text, as milliseconds; within the same bounds. */
export const timeOfSeconds = (of: Fields, name: string): number => {
  const value = of[name];
  const seconds = typeof value === 'string' && /^\d{1,12}(\.\d{1,12})?$/.test(value) ? Number(value) : value;
  if (typeof seconds !== 'number' || !Number.isFinite(seconds)) throw new Nonsense(`${name} is not a time`);
  return possible(Math.floor(seconds * 1_000), name);
};

const possible = (at: number, name: string): number => {
  if (at < EARLIEST_MS || at > Date.now() + DAY_MS) throw new Nonsense(`${name} is an impossible time`);
  return at;
};

/** A whole number that is not negative, or its text. */
export const count = (of: Fields, name: string): number => {
  const value = of[name];
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < 0)
    throw new Nonsense(`${name} is not a count`);
  return number;
};

export const flag = (of: Fields, name: string): boolean => {
  const value = of[name];
  if (typeof value !== 'boolean') throw new Nonsense(`${name} is not true or false`);
  return value;
};

/** A venue's word in ours; a word we don't know is nonsense. */
export const word = <T>(of: Fields, name: string, meanings: Readonly<Record<string, T>>): T => {
  const value = text(of, name);
  const meaning = Object.hasOwn(meanings, value) ? meanings[value] : undefined;
  if (meaning === undefined) throw new Nonsense(`${name} is not a known word`);
  return meaning;
};

export const same = (what: string, got: string, asked: string): void => {
  if (got !== asked) throw new Nonsense(`${what} is not the one asked for`);
};
