import { createHash } from 'node:crypto';
import type { Book } from '@switchyard/model';

/** The text that a book's hash is made from, and that is kept under it: `[bids, asks]`, best level first. */
export const bookText = ({ bids, asks }: Book): string => JSON.stringify([bids, asks]);

/** A book's content hash (`bookHash`): what a decision holds instead of the book. */
export const bookHashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);
