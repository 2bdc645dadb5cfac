import { errors } from './errors.js';
import type { Parameters } from './parameters.js';

/**
 * One page of rows that stand newest first, by their numbers. As at Bybit the cursor comes percent-encoded, to be sent on as it is; and a
 * last page names a next one too, which is then empty.
 */
export const pageOf = <T>(
  rows: readonly T[],
  numberOf: (row: T) => number,
  parameters: Parameters,
  limits: { readonly standard: number; readonly most: number },
): { readonly rows: readonly T[]; readonly nextPageCursor: string } => {
  const after = afterOf(parameters.text('cursor'));
  const left = after === undefined ? rows : rows.filter((row) => numberOf(row) < after);
  const page = left.slice(0, parameters.limit(limits.standard, limits.most));
  const last = page.at(-1);
  return { rows: page, nextPageCursor: last === undefined ? '' : encodeURIComponent(`page_token=${numberOf(last)}&`) };
};

const afterOf = (cursor: string | undefined): number | undefined => {
  if (cursor === undefined) return undefined;
  const token = /^page_token=(\d{1,15})&$/.exec(cursor)?.[1];
  if (token === undefined) throw errors.badParameter('cursor');
  return Number(token);
};
