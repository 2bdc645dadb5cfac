import { bookText } from '@switchyard/contracts';
import type { EffectsPort } from '@switchyard/log';
import type { MarketView } from '@switchyard/model';
import type { Statement, Tx } from '@switchyard/persistence';
import type { ServiceContext } from '@switchyard/runtime';

/** A book that a decision was made by, to be kept under its hash. */
export interface UsedBook {
  readonly view: MarketView;
  /** `2026-11-21`. */
  readonly day: string;
}

/** Hashes remembered as stored; beyond, the oldest half is asked about again. */
const REMEMBERED = 20_000;

/**
 * Keeps each book that a decision used, once, in the decision's own transaction. A hash counts as stored when the database says that it
 * was there before: what this transaction writes may still be rolled back.
 */
export class BookShelf implements EffectsPort<Tx> {
  #day = '';
  #stored = new Set<string>();

  /** False where the book is known to be stored already. */
  isNew(hash: string, day: string): boolean {
    if (day !== this.#day) {
      this.#day = day;
      this.#stored = new Set();
    }
    return !this.#stored.has(hash);
  }

  async apply(tx: Tx, effects: readonly unknown[]): Promise<void> {
    const books = new Map((effects as readonly UsedBook[]).map((used) => [used.view.bookHash, used]));
    // In the order of the hashes: two replicas that store the same books never wait for each other in a ring.
    const sorted = [...books].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, used]) => used);
    const { rows } = await tx.query<{ hash: string }>(STORE, [
      sorted.map(({ view }) => view.bookHash),
      sorted.map(({ view }) => view.venue),
      sorted.map(({ view }) => view.pair),
      sorted.map(({ view }) => bookText(view.book)),
      sorted.map(({ day }) => day),
    ]);
    const written = new Set(rows.map(({ hash }) => hash));
    if (this.#stored.size > REMEMBERED) this.#stored = new Set([...this.#stored].slice(REMEMBERED / 2));
    for (const { view, day } of sorted)
      if (day === this.#day && !written.has(view.bookHash)) this.#stored.add(view.bookHash);
  }
}

const STORE: Statement = {
  name: 'routing-store-books',
  text: `
    INSERT INTO books AS b (hash, venue, pair, book, used_on)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::date[])
    ON CONFLICT (hash) DO UPDATE SET used_on = excluded.used_on WHERE b.used_on < excluded.used_on
    RETURNING hash`,
};

const shelves = new WeakMap<object, BookShelf>();

/** The one shelf of a running service: its handlers ask it, its stage's transactions fill it. */
export const shelfOf = <Config>(context: ServiceContext<Config>): BookShelf => {
  const shelf = shelves.get(context) ?? new BookShelf();
  shelves.set(context, shelf);
  return shelf;
};
