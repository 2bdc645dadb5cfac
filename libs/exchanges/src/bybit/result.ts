import type { Evident, Params } from '../ccxt/account-calls.js';
import { couldNotAsk, unknown } from '../ccxt/classification.js';
import { fields, list, Nonsense, type Fields } from '../ccxt/fields.js';
import type { Answer } from '../outcomes.js';

/** What a v5 answer holds: `{"retCode": 0, "retMsg": "OK", "result": {...}}`. */
export const resultOf = (value: unknown): Fields => {
  const answer = fields(value, 'answer');
  // ccxt writes all of an answer's numbers as text where one of them is too long for a double.
  if (String(answer['retCode']) !== '0') throw new Nonsense('retCode is missing');
  return fields(answer['result'], 'result');
};

/** `result.list`, each entry read. */
export const rowsOf = <T>(value: unknown, toRow: (entry: unknown) => T): readonly T[] =>
  list(resultOf(value)['list'], 'list').map(toRow);

export interface Page<T> {
  readonly rows: readonly T[];
  /** Where the next page begins; `null` after the last. A last page may name one all the same: the next is then empty. */
  readonly cursor: string | null;
}

export const toPage = <T>(value: unknown, toRow: (entry: unknown) => T): Page<T> => {
  const cursor = resultOf(value)['nextPageCursor'];
  return { rows: rowsOf(value, toRow), cursor: typeof cursor === 'string' && cursor !== '' ? cursor : null };
};

export interface Rows<T> {
  readonly rows: readonly T[];
  /** Whether these are all: no more than `atMost` pages are asked for. */
  readonly complete: boolean;
}

/** A list page by page, until it ends, `until` has enough, or `atMost` pages are read. */
export const readPages = async <T>(
  ask: (page: Params) => Promise<Evident<Page<T>>>,
  { atMost, until = () => false }: { readonly atMost: number; readonly until?: (rows: readonly T[]) => boolean },
): Promise<Evident<Rows<T>>> => {
  const rows: T[] = [];
  for (let at: Params = {}, pages = 1; ; pages += 1) {
    const answer = await ask(at);
    if (answer.kind === 'couldNotAsk') return answer;
    const { rows: more, cursor } = answer.value;
    rows.push(...more);
    const complete = cursor === null || more.length === 0 || until(rows);
    if (complete || pages === atMost) return { kind: 'answered', value: { rows, complete }, evidence: answer.evidence };
    // The cursor comes percent-encoded, and ccxt sends parameters as they are.
    at = { cursor };
  }
};

/** A list that must be whole: one that goes on beyond any that there can be is no answer. */
export const whole = <T>(read: Evident<Rows<T>>): Evident<readonly T[]> => {
  if (read.kind === 'couldNotAsk') return read;
  if (!read.value.complete) return couldNotAsk(unknown('nonsense', read.evidence(), 'a list without end'));
  return { ...read, value: read.value.rows };
};

/** An answer for outsiders: without what it was read from. */
export const plain = <T>(answer: Evident<T>): Answer<T> =>
  answer.kind === 'answered' ? { kind: 'answered', value: answer.value } : answer;
