import { isDecimalString, decimal, ZERO } from '@switchyard/money';
import { MODES, SIDES, type Pair } from '@switchyard/model';
import { z } from 'zod';

/** Building blocks of every event. Decimals are strings, times RFC 3339 in UTC with milliseconds, optional means absent. */

const END_OF_TIME = Date.UTC(10_000, 0);
const DECIMAL_HINT = 'must be a decimal in a string, such as "64000.00"';

export const decimalString = z
  .string({ error: DECIMAL_HINT })
  .refine(isDecimalString, { error: DECIMAL_HINT, abort: true });
export const positiveDecimal = decimalString.refine((text) => decimal(text).gt(ZERO), {
  error: 'must be greater than 0',
});
export const nonNegativeDecimal = decimalString.refine((text) => decimal(text).gte(ZERO), {
  error: 'must not be negative',
});

export const identifier = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:@/+-]{0,127}$/, {
  error: 'must be 1 to 128 letters, digits or any of . _ : @ / + -, and start with a letter or digit',
});
export const venueName = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,31}$/, { error: 'must be a venue in lower case, such as "kraken"' });
export const pair = z
  .string()
  .regex(/^[A-Z0-9]{1,12}-[A-Z0-9]{1,12}$/, { error: 'must be a canonical pair, such as "BTC-USD"' })
  .transform((text): Pair => text as Pair);

/**
 * Whether a stranger's free-form value can be stored and read back as it is, by any database and any reader: text without NUL
 * and without halves of surrogate pairs, and no deeper than 32 levels.
 */
const isStorable = (value: unknown, levels = 32): boolean => {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\0');
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.entries(value).every(([key, part]) => isStorable(key) && isStorable(part, levels - 1));
};
export const freeText = z
  .string()
  .refine((value) => isStorable(value), { error: 'must be well-formed text without NUL' });
export const freeForm = z.record(z.string(), z.unknown()).refine((value) => isStorable(value), {
  error: 'must hold well-formed text without NUL, and not be nested deeper than 32 levels',
});

export const currency = z.string().min(1).max(24);
export const instant = z.iso
  .datetime({ offset: true, error: 'must be a time in RFC 3339, such as "2026-11-21T02:47:10.123Z"', abort: true })
  .refine((text) => Date.parse(text) >= 0 && Date.parse(text) < END_OF_TIME, {
    error: 'must lie between the years 1970 and 9999',
  })
  .transform((text) => new Date(text).toISOString());
export const fraction = z.number().min(0).max(1);
export const side = z.enum(SIDES);
export const mode = z.enum(MODES);
export const facts = z.record(z.string(), z.unknown());
export const count = z.number().int().nonnegative();
