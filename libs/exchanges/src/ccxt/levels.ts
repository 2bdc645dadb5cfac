import type { BookLevel } from '../instruments.js';
import { amount, list, positive } from './fields.js';

/** One side of a book: rows that begin with price and quantity. */
export const toLevels = (value: unknown, side: string): readonly BookLevel[] =>
  list(value, side).map((entry) => {
    const [price, quantity] = list(entry, 'level');
    const level = { price, quantity };
    return [positive(level, 'price'), amount(level, 'quantity')];
  });
