import { beforeEach, describe, expect, it } from '@jest/globals';
import { STAGE_MIGRATIONS } from '@switchyard/log-postgres';
import { createLogger } from '@switchyard/observability';
import type { Database } from '@switchyard/persistence';
import { testDatabase } from '@switchyard/persistence/testing';
import { BookShelf, type UsedBook } from './adapters/book-shelf.js';
import { StrandedOrders } from './adapters/stranded-orders.js';
import { Sweeper } from './adapters/sweeper.js';
import { routing } from './index.js';
import { snapshot } from './testing/given.js';

const postgres = testDatabase();
let db: Database;

beforeEach(async () => {
  await postgres.open('routing', { folder: STAGE_MIGRATIONS });
  db = await postgres.open('routing', { folder: routing.migrations! });
  await db.query('TRUNCATE books, documents');
});

const used = (hash: string, day = '2026-11-21'): UsedBook => {
  const { venue, pair, instrument, bids, asks, receivedAt } = snapshot('binance');
  return { view: { venue, pair, instrument, book: { bids, asks }, receivedAt, bookHash: hash }, day };
};
const books = async () => (await db.query('SELECT hash, book, used_on::text FROM books ORDER BY hash')).rows;

describe('the books of decisions', () => {
  it('are kept once, as the text that was hashed', async () => {
    const shelf = new BookShelf();
    await db.transaction((tx) => shelf.apply(tx, [used('b'), used('a'), used('b')]));
    expect(await books()).toEqual([
      { hash: 'a', book: '[[["63990","5"]],[["64000","5"]]]', used_on: '2026-11-21' },
      { hash: 'b', book: '[[["63990","5"]],[["64000","5"]]]', used_on: '2026-11-21' },
    ]);
  });

  it('count as stored only once a transaction found them there: a rollback loses none', async () => {
    const shelf = new BookShelf();
    expect(shelf.isNew('a', '2026-11-21')).toBe(true);
    const failing = db.transaction(async (tx) => {
      await shelf.apply(tx, [used('a')]);
      throw new Error('the transaction fails after it');
    });
    await expect(failing).rejects.toThrow('after it');
    expect(shelf.isNew('a', '2026-11-21')).toBe(true);
    await db.transaction((tx) => shelf.apply(tx, [used('a')]));
    await db.transaction((tx) => shelf.apply(tx, [used('a')]));
    expect(shelf.isNew('a', '2026-11-21')).toBe(false);
    expect(await books()).toHaveLength(1);
  });

  it('are marked as used on a later day', async () => {
    const shelf = new BookShelf();
    for (const day of ['2026-11-21', '2026-11-22', '2026-11-21'])
      await db.transaction((tx) => shelf.apply(tx, [used('a', day)]));
    expect(await books()).toMatchObject([{ used_on: '2026-11-22' }]);
    expect(shelf.isNew('a', '2026-11-22')).toBe(true);
  });
});

describe('sweeping', () => {
  const put = (key: string, doc: unknown) =>
    db.query('INSERT INTO documents (kind, key, partition, doc) VALUES ($1, $2, 0, $3)', [
      'parent',
      key,
      JSON.stringify(doc),
    ]);
  const keys = async () =>
    (await db.query<{ key: string }>('SELECT key FROM documents ORDER BY key')).rows.map(({ key }) => key);
  const sweeper = (page: number) =>
    new Sweeper(
      db,
      { rememberMs: 3_600_000, booksDays: 30, page },
      createLogger({ service: 'routing', level: 'silent' }),
    );
  const NOW = new Date('2026-11-21T12:00:00.000Z');

  it('removes tombstones older than they are remembered, and never an order at work', async () => {
    await put('a-old', { completedAt: '2026-11-21T10:59:59.999Z', status: 'filled' });
    await put('b-young', { completedAt: '2026-11-21T11:00:00.001Z', status: 'filled' });
    await put('c-working', {
      approved: { approvedAt: '2026-11-20T00:00:00.000Z' },
      decisions: [],
      order: { children: [] },
    });
    expect(await sweeper(10).sweep(NOW)).toBe(false);
    expect(await keys()).toEqual(['b-young', 'c-working']);
  });

  it('goes through all pages and begins again, at once while it finds much', async () => {
    for (let index = 0; index < 7; index += 1)
      await put(`p${index}`, { completedAt: index === 3 ? '2026-11-21T11:30:00.000Z' : '2026-11-21T01:00:00.000Z' });
    const pages = sweeper(3);
    expect([await pages.sweep(NOW), await pages.sweep(NOW), await pages.sweep(NOW)]).toEqual([true, true, false]);
    expect(await keys()).toEqual(['p3']);
    await put('p0', { completedAt: '2026-11-21T01:00:00.000Z' });
    await pages.sweep(NOW);
    expect(await keys()).toEqual(['p3']);
  });

  it('removes books that no decision of the last days used', async () => {
    const shelf = new BookShelf();
    await db.transaction((tx) => shelf.apply(tx, [used('old', '2026-10-01'), used('new', '2026-11-20')]));
    await sweeper(10).sweep(NOW);
    expect(await books()).toMatchObject([{ hash: 'new' }]);
  });
});

describe('orders at a venue that was removed', () => {
  const child = (orderId: string, venue: string, ended = false) => ({
    orderId,
    accountId: `acc-${venue}`,
    venue,
    quantity: '1',
    filled: '0',
    value: '0',
    versions: [],
    trades: [],
    ...(ended ? { terminal: { end: 'cancelled', cumulative: '0', retriable: false, version: 1 } } : {}),
  });
  const parent = (key: string, doc: unknown) =>
    db.query('INSERT INTO documents (kind, key, partition, doc) VALUES ($1, $2, 0, $3)', [
      'parent',
      key,
      JSON.stringify(doc),
    ]);
  const working = (...children: readonly unknown[]) => ({
    approved: { userId: 'user-1' },
    decisions: [],
    order: { children },
  });

  it('are found page by page, told once each by name, and counted each time', async () => {
    await parent('p1', working(child('o1', 'okx'), child('o2', 'kraken')));
    await parent('p2', { completedAt: '2026-11-21T01:00:00.000Z', status: 'filled' });
    await parent('p3', working(child('o3', 'okx', true)));
    await parent('p4', working(child('o4', 'okx')));
    const errors: { readonly orderId: string }[] = [];
    const counts: (readonly (readonly [string, number])[])[] = [];
    const stranded = new StrandedOrders({
      db,
      isRemoved: (venue) => venue === 'okx',
      logger: { error: (facts: never) => errors.push(facts), warn: () => undefined } as never,
      told: (found) => counts.push([...found]),
      page: 2,
    });
    await stranded.look();
    await db.query("DELETE FROM documents WHERE key = 'p4'");
    await stranded.look();
    expect(errors).toMatchObject([
      { code: 'VENUE_REMOVED', venue: 'okx', orderId: 'o1', parentOrderId: 'p1', userId: 'user-1' },
      { orderId: 'o4' },
    ]);
    expect(counts).toEqual([[['okx', 2]], [['okx', 1]]]);
  });
});
