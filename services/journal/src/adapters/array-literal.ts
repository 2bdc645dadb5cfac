/**
 * Postgres array literals, written by hand: a batch of rows goes to the server as one array per column, and the driver's own
 * serialiser costs several times as much per element. The grammar: https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO
 */

/** Needs no quotes: nothing of the grammar's own, not empty, and not NULL (the only such word has four letters). */
const BARE = /^[A-Za-z0-9._:@/+-]+$/;

export const textArray = (values: readonly (string | undefined)[]): string => {
  let literal = '{';
  for (let i = 0; i < values.length; i++) {
    if (i > 0) literal += ',';
    const value = values[i];
    literal += value === undefined ? 'NULL' : BARE.test(value) && value.length !== 4 ? value : quoted(value);
  }
  return `${literal}}`;
};

/** For columns whose elements are numbers or booleans, or text that never needs quotes: decimals, times. */
export const bareArray = (values: readonly (string | number | boolean | undefined)[]): string => {
  let literal = '{';
  for (let i = 0; i < values.length; i++) {
    literal += `${i > 0 ? ',' : ''}${values[i] ?? 'NULL'}`;
  }
  return `${literal}}`;
};

const quoted = (value: string): string => `"${value.replace(/["\\]/g, '\\$&')}"`;
