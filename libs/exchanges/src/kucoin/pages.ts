import type { AccountCalls, Evident, Params } from '../ccxt/account-calls.js';
import { id, Nonsense, type Fields } from '../ccxt/fields.js';
import { dataOf, rowsIn } from './map.js';

/** Most rows that KuCoin gives at once. */
export const PAGE = 100;

/** A list of KuCoin's: newest first, page by page, the next one beginning behind this one's `lastId`. */
export interface PagedList<Name extends string> {
  readonly calls: AccountCalls<Name>;
  readonly name: Name;
  readonly params: Params;
}

/** Reads a list back from its newest row, until it ends or `isEnough` says so of what was read. The evidence is the last page's. */
export const readBack = async <Name extends string, T>(
  { calls, name, params }: PagedList<Name>,
  read: (row: Fields) => T,
  isEnough: (rows: readonly T[]) => boolean = () => false,
): Promise<Evident<readonly T[]>> => {
  const rows: T[] = [];
  const passed = new Set<string>();
  for (let lastId: string | undefined; ;) {
    const page = await calls.askEvident(name, { ...params, limit: PAGE, ...(lastId && { lastId }) }, (value) => {
      const data = dataOf(value);
      const items = rowsIn(data['items'], 'items');
      const next = items.length < PAGE ? null : id(data, 'lastId');
      // A page that comes again would be read for ever.
      if (next !== null && passed.has(next)) throw new Nonsense('a page of a list came twice');
      return { rows: items.map(read), next };
    });
    if (page.kind === 'couldNotAsk') return page;
    rows.push(...page.value.rows);
    const { next } = page.value;
    if (next === null || isEnough(rows)) return { kind: 'answered', value: rows, evidence: page.evidence };
    passed.add(next);
    lastId = next;
  }
};
