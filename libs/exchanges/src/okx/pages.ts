import type { AccountCalls, Evident, Params } from '../ccxt/account-calls.js';
import { fields, id, Nonsense, type Fields } from '../ccxt/fields.js';
import { rowsOf } from './map.js';

/** Most rows that OKX gives at once. */
export const PAGE = 100;

/** A list of OKX's: newest first, page by page, the next one beginning behind the last row's cursor. */
export interface PagedList<Name extends string> {
  readonly calls: AccountCalls<Name>;
  readonly name: Name;
  readonly params: Params;
  /** Which field of a row is its place in the list. */
  readonly cursor: 'ordId' | 'billId';
}

/**
 * Reads a list back from its newest row, until it ends or `isEnough` says so of what was read. The evidence is the last page's.
 */
export const readBack = async <Name extends string, T>(
  { calls, name, params, cursor }: PagedList<Name>,
  read: (row: Fields) => T,
  isEnough: (rows: readonly T[]) => boolean = () => false,
): Promise<Evident<readonly T[]>> => {
  const rows: T[] = [];
  const passed = new Set<string>();
  for (let after: string | undefined; ;) {
    const page = await calls.askEvident(name, { ...params, limit: PAGE, ...(after && { after }) }, (value) => {
      const raw = rowsOf(value).map((row) => fields(row, 'row'));
      const last = raw.at(-1);
      const next = last === undefined || raw.length < PAGE ? null : id(last, cursor);
      // A page that comes again would be read for ever.
      if (next !== null && passed.has(next)) throw new Nonsense('a page of a list came twice');
      return { rows: raw.map(read), next };
    });
    if (page.kind === 'couldNotAsk') return page;
    rows.push(...page.value.rows);
    const { next } = page.value;
    if (next === null || isEnough(rows)) return { kind: 'answered', value: rows, evidence: page.evidence };
    passed.add(next);
    after = next;
  }
};
