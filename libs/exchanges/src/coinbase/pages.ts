import type { Params } from '../ccxt/account-calls.js';
import { unknown, type Classified, type Good } from '../ccxt/classification.js';
import { fields, judged, list, Nonsense } from '../ccxt/fields.js';

/** Rows of a list that was read, or what kept it from being read. */
export type Listed<T> =
  | { readonly kind: 'listed'; readonly rows: readonly T[]; readonly evidence: Good['evidence'] }
  | Exclude<Classified, Good>;

/** Rows a page: what ccxt asks for. The venue may give fewer; where the next page begins is its own word. */
const ROWS = 250;

/** Beyond so many a list is not read: what is not among the first ten thousand is not known. */
const MOST_PAGES = 40;

export interface Listing<T> {
  /** Asks for one page; `params` say which. */
  readonly ask: (params: Params) => Promise<Classified>;
  /** The name of the list in the answer. */
  readonly list: string;
  /** Reads a row, `null` for one to leave out. Throws Nonsense. */
  readonly read: (row: unknown) => T | null;
  /** Whether what was read so far will do. */
  readonly enough?: (rows: readonly T[]) => boolean;
}

/** Reads a list page by page, in the venue's order (newest first), to its end or until it is enough. */
export const readPages = async <T>({ ask, list: name, read, enough = () => false }: Listing<T>): Promise<Listed<T>> => {
  const rows: T[] = [];
  let cursor: string | null = null;
  for (let page = 1; ; page += 1) {
    const answer: Classified = await ask({ limit: ROWS, ...(cursor === null ? {} : { cursor }) });
    if (answer.kind !== 'good') return answer;
    const { value, evidence } = answer;
    const next: string | null | Nonsense = judged(() => {
      const raw = fields(value, 'answer');
      const entries = list(raw[name], name);
      for (const entry of entries) {
        const row = read(entry);
        if (row !== null) rows.push(row);
      }
      // At the end some lists have no cursor, some an empty one, and some go on naming one.
      const { cursor: following, has_next: hasNext } = raw;
      const isLast = entries.length === 0 || hasNext === false || typeof following !== 'string' || following === '';
      if (!isLast && following === cursor) throw new Nonsense('a page leads to itself');
      return isLast ? null : following;
    });
    if (next instanceof Nonsense) return unknown('nonsense', evidence(), next.message);
    if (next === null || enough(rows)) return { kind: 'listed', rows, evidence };
    if (page === MOST_PAGES) return unknown('nonsense', evidence(), `more than ${MOST_PAGES * ROWS} ${name}`);
    cursor = next;
  }
};
