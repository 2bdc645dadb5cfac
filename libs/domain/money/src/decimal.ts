import BigConstructor from 'big.js';

/**
 * Money, prices and quantities: arbitrary-precision decimals, never binary floats (G7). `strict` makes the constructor throw on a
 * JavaScript number, so that a float reaching a domain value stops the program instead of rounding somebody's money.
 * Division keeps 30 places, half up; every other operation is exact.
 */
export const Decimal = BigConstructor();
Decimal.strict = true;
Decimal.DP = 30;
Decimal.RM = 1;
// Never exponent notation: what leaves as a string is what every venue and every reader of a topic accepts.
Decimal.PE = 1_000;
Decimal.NE = -1_000;

export type Decimal = BigConstructor;

/** A decimal in plain notation, as it stands on the wire: `-?digits[.digits]`, no exponent, no leading plus. */
export type DecimalString = string;

export const ZERO: Decimal = new Decimal('0');

const PLAIN = /^-?(0|[1-9]\d{0,29})(\.\d{1,18})?$/;

/** Whether a text is a decimal as the contracts allow it: at most 30 digits before the point and 18 after. */
export const isDecimalString = (text: string): text is DecimalString => PLAIN.test(text);

/** The decimal a wire string stands for. Throws on anything else: parse at the door, trust inside. */
export const decimal = (text: DecimalString): Decimal => new Decimal(text);

/** A decimal's shortest plain form: no exponent, no trailing zeros, never `-0`. */
export const plain = (value: Decimal): DecimalString => (value.eq(ZERO) ? '0' : value.toFixed());
