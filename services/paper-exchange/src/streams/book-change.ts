import { decimal } from '@switchyard/money';
import type { Book, Level } from '../core/book.js';

/** What became of a book between two looks at it. A level whose quantity is zero is gone. */
export interface BookChange {
  /** The number of the book that this comes after, and that of the book it makes. */
  readonly after: number;
  readonly version: number;
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
  /** The book as it stands after the change. */
  readonly book: Book;
}

const NOTHING = decimal('0');

/**
 * The levels of one side that are new, of another quantity, or gone. Where only `depth` levels are followed, those that better ones have
 * pushed out are not named: whoever follows drops them by himself, as the venues ask.
 */
export const changedLevels = (
  side: 'bids' | 'asks',
  before: readonly Level[],
  after: readonly Level[],
  depth: number,
): readonly Level[] => {
  const left = new Map(before.map((level) => [level.price.toFixed(), level]));
  const changed: Level[] = [];
  for (const level of after) {
    const price = level.price.toFixed();
    const known = left.get(price);
    if (known === undefined || !known.quantity.eq(level.quantity)) changed.push(level);
    left.delete(price);
  }
  const worst = after.length >= depth ? after.at(-1)?.price : undefined;
  for (const { price } of left.values()) {
    const pushedOut = worst !== undefined && (side === 'asks' ? price.gt(worst) : price.lt(worst));
    if (!pushedOut) changed.push({ price, quantity: NOTHING });
  }
  return changed;
};
