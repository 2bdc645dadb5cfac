import { Problem } from '@switchyard/http';
import type { z } from 'zod';

/** One page of a list; `nextCursor` is absent on the last. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor?: string;
}

/** An opaque cursor: what a list goes on after. */
export const encodeCursor = (after: unknown): string => Buffer.from(JSON.stringify(after)).toString('base64url');

/** Throws `Problem` MALFORMED for anything that this list did not give out. */
export const decodeCursor = <T>(schema: z.ZodType<T>, cursor: string | undefined): T | undefined => {
  if (cursor === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch {
    throw new Problem('MALFORMED', 'The cursor is not one that this list gave out.', {
      errors: [{ path: 'cursor', problem: 'must be a nextCursor of this list' }],
    });
  }
};

/** Rows were asked for one more than fits: whether there is a next page is known without counting. */
export const pageOf = <Row, Item>(
  rows: readonly Row[],
  limit: number,
  item: (row: Row) => Item,
  after: (row: Row) => unknown,
): Page<Item> => {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(item),
    ...(rows.length > limit && last !== undefined ? { nextCursor: encodeCursor(after(last)) } : {}),
  };
};
