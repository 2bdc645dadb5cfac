import type { DecimalString } from '@switchyard/money';

/**
 * A step (tick or lot) in whole numbers: every price is a whole number of 10^-`places`, and lies on the grid where it is a multiple of
 * `step`. Routing counts in whole numbers up to 2^53, of which sums, differences, remainders and floors of quotients are exact, and turns
 * them into decimals at its edge. What does not fit is `Infinity`, and whoever asks sees to it.
 */
export interface Grid {
  readonly places: number;
  readonly step: number;
}

/** Whole numbers are exact up to this. */
export const LARGEST = Number.MAX_SAFE_INTEGER;

const POWERS = Float64Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));

/** 10^`power`, exactly, for 0 to 22. */
export const tenTo = (power: number): number => POWERS[power] ?? Infinity;

/** Units of 10^-`from` in units of 10^-`to`, what is finer cut off. */
export const rescaled = (units: number, from: number, to: number): number =>
  to >= from ? units * tenTo(to - from) : Math.floor(units / tenTo(from - to));

const POINT = 46;
const ZERO = 48;

/** A decimal >= 0 in units of 10^-`places`, what is finer cut off, or counted as a whole unit. */
const unitsOf = (text: DecimalString, places: number, up: boolean): number => {
  const { length } = text;
  let units = 0;
  let at = 0;
  for (; at < length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === POINT) break;
    units = units * 10 + (code - ZERO);
  }
  at += 1;
  const end = Math.min(length, at + places);
  let missing = places;
  for (; at < end; at += 1, missing -= 1) units = units * 10 + (text.charCodeAt(at) - ZERO);
  if (missing > 0) units *= tenTo(missing);
  if (up) {
    let finer = end;
    while (finer < length && text.charCodeAt(finer) === ZERO) finer += 1;
    if (finer < length) units += 1;
  }
  return units <= LARGEST ? units : Infinity;
};

/** A decimal >= 0 in units of 10^-`places`, what is finer cut off; `Infinity` above 2^53. */
export const unitsDown = (text: DecimalString, places: number): number => unitsOf(text, places, false);

/** A decimal >= 0 in units of 10^-`places`, what is finer counted as a whole unit; `Infinity` above 2^53. */
export const unitsUp = (text: DecimalString, places: number): number => unitsOf(text, places, true);

/** How many places a decimal is written with. */
export const placesOf = (text: DecimalString): number => {
  const point = text.indexOf('.');
  return point < 0 ? 0 : text.length - point - 1;
};

/**
 * What `Number` says of a decimal >= 0, in a third of its time: whole numbers below 2^53 over a power of ten up to 22 are rounded once, as it
 * rounds them (Clinger, "How to Read Floating Point Numbers Accurately", 1990).
 */
export const numberOf = (text: DecimalString): number => {
  const places = placesOf(text);
  const units = places < POWERS.length ? unitsDown(text, places) : Infinity;
  return units === Infinity ? Number(text) : units / tenTo(places);
};

/** Whether a decimal is written without zeros at its end. */
export const isShortest = (text: DecimalString): boolean =>
  text.charCodeAt(text.length - 1) !== ZERO || !text.includes('.');

/** The grid of a positive step in plain notation: `0.01`, `5`, `0.25`. */
export const gridOf = (step: DecimalString): Grid => {
  const places = placesOf(step);
  return { places, step: unitsDown(step, places) };
};

/** The finest grid within the given one that counts in units of 10^-`places`, fewer than its own: each of its steps is a multiple of them. */
export const coarser = ({ places, step }: Grid, to: number): Grid => {
  const ratio = tenTo(places - to);
  return { places: to, step: step / commonDivisor(step, ratio) };
};

const commonDivisor = (a: number, b: number): number => (b === 0 ? a : commonDivisor(b, a % b));

/** What is left of `units` (>= 0) beyond the last multiple of `step`. Exact below 2^53, as the floor of a quotient is; `%` is a call. */
export const restOf = (units: number, step: number): number => units - Math.floor(units / step) * step;

/** The largest multiple of the step that is not above `units` (>= 0). */
export const snapDown = (units: number, { step }: Grid): number => Math.floor(units / step) * step;

/** The smallest multiple of the step that is not below `units` (>= 0). */
export const snapUp = (units: number, { step }: Grid): number => {
  const down = Math.floor(units / step) * step;
  return down === units ? units : down + step;
};

const ZEROS = Array.from({ length: 23 }, (_, places) => '0'.repeat(places));

/** The decimal that `units` of 10^-`places` are, without trailing zeros. */
export const textOf = (units: number | bigint, places: number): DecimalString => {
  if (units < 0) return `-${textOf(-units, places)}`;
  if (typeof units === 'number' && units <= LARGEST && places < ZEROS.length) return textOfWhole(units, places);
  const digits = units.toString().padStart(places + 1, '0');
  const point = digits.length - places;
  let end = digits.length;
  while (end > point && digits.charCodeAt(end - 1) === ZERO) end -= 1;
  return end === point ? digits.slice(0, point) : `${digits.slice(0, point)}.${digits.slice(point, end)}`;
};

/** The same of what every decision writes, in a third of the time: in numbers, of which the small ones have their texts at hand. */
const textOfWhole = (units: number, places: number): DecimalString => {
  const one = tenTo(places);
  const whole = Math.floor(units / one);
  let rest = units - whole * one;
  if (rest === 0) return `${whole}`;
  let length = places;
  for (let tenth = rest / 10; tenth === Math.floor(tenth); tenth = rest / 10) {
    rest = tenth;
    length -= 1;
  }
  const digits = `${rest}`;
  return `${whole}.${ZEROS[length - digits.length] ?? ''}${digits}`;
};

/** a / b, half away from zero, for b > 0. */
export const divide = (a: bigint, b: bigint): bigint => (a < 0n ? -((-a + b / 2n) / b) : (a + b / 2n) / b);

/** Decimals carry at most 18 places in an event; an amount that has more is rounded half up. */
export const amountText = (units: bigint, places: number): DecimalString =>
  places <= 18 ? textOf(units, places) : textOf(divide(units, 10n ** BigInt(places - 18)), 18);
