import { bookHashOf } from '@switchyard/contracts';
import type { Book, Level } from '@switchyard/model';
import type { Queryable } from '@switchyard/persistence';

/** Of the books that were asked for: those that are kept still, and those that are not what their hash was made from. */
export interface StoredBooks {
  readonly books: ReadonlyMap<string, Book>;
  readonly changed: readonly string[];
}

/** The books that decisions were made by, each held against its hash. `db` has routing's schema in its search path. */
export const storedBooks = async (db: Queryable, hashes: readonly string[]): Promise<StoredBooks> => {
  const { rows } = await db.query<{ hash: string; book: string }>('SELECT hash, book FROM books WHERE hash = ANY($1)', [
    hashes,
  ]);
  const sound = rows.filter(({ hash, book }) => bookHashOf(book) === hash);
  return {
    books: new Map(sound.map(({ hash, book }) => [hash, bookOf(book)])),
    changed: rows.filter((row) => !sound.includes(row)).map(({ hash }) => hash),
  };
};

const bookOf = (text: string): Book => {
  const [bids, asks] = JSON.parse(text) as readonly [readonly Level[], readonly Level[]];
  return { bids, asks };
};
