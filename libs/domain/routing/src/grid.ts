import type { DecimalString } from '@switchyard/money';

/**
 * A step (tick or lot) as integers: every price is a whole number of 10^-`places`, and lies on the grid where it is a multiple of
 * `step`. Routing counts in these integers and turns them into decimals at its edge only.
 */
export interface Grid {
  readonly places: number;
  readonly step: bigint;
}

const digitsOf = (text: string, places: number): { readonly units: bigint; readonly exact: boolean } => {
  const dot = text.indexOf('.');
  if (dot < 0) return { units: BigInt(text + '0'.repeat(places)), exact: true };
  const fraction = text.slice(dot + 1);
  if (fraction.length <= places)
    return { units: BigInt(text.slice(0, dot) + fraction.padEnd(places, '0')), exact: true };
  return {
    units: BigInt(text.slice(0, dot) + fraction.slice(0, places)),
    exact: !/[1-9]/.test(fraction.slice(places)),
  };
};

/** The grid of a positive step in plain notation: `0.01`, `5`, `0.25`. */
export const gridOf = (step: DecimalString): Grid => {
  const dot = step.indexOf('.');
  const places = dot < 0 ? 0 : step.length - dot - 1;
  return { places, step: digitsOf(step, places).units };
};

/** A decimal >= 0 in units of 10^-`places`, what is finer cut off. */
export const unitsDown = (text: DecimalString, places: number): bigint => digitsOf(text, places).units;

/** A decimal >= 0 in units of 10^-`places`, what is finer counted as a whole unit. */
export const unitsUp = (text: DecimalString, places: number): bigint => {
  const { units, exact } = digitsOf(text, places);
  return exact ? units : units + 1n;
};

/** The largest multiple of the step that is not above `units` (>= 0). */
export const snapDown = (units: bigint, { step }: Grid): bigint => units - (units % step);

/** The smallest multiple of the step that is not below `units` (>= 0). */
export const snapUp = (units: bigint, { step }: Grid): bigint => {
  const rest = units % step;
  return rest === 0n ? units : units + step - rest;
};

/** The decimal that `units` of 10^-`places` are, without trailing zeros. */
export const textOf = (units: bigint, places: number): DecimalString => {
  if (units < 0n) return `-${textOf(-units, places)}`;
  const digits = units.toString().padStart(places + 1, '0');
  if (places === 0) return digits;
  const fraction = digits.slice(-places).replace(/0+$/, '');
  const whole = digits.slice(0, -places);
  return fraction === '' ? whole : `${whole}.${fraction}`;
};

/** a / b, half away from zero, for b > 0. */
export const divide = (a: bigint, b: bigint): bigint => (a < 0n ? -((-a + b / 2n) / b) : (a + b / 2n) / b);

/** Decimals carry at most 18 places in an event; an amount that has more is rounded half up. */
export const amountText = (units: bigint, places: number): DecimalString =>
  places <= 18 ? textOf(units, places) : textOf(divide(units, 10n ** BigInt(places - 18)), 18);
