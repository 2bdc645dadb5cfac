import { describe, expect, it } from '@jest/globals';
import { DatabaseUnavailable, type Database } from '@switchyard/persistence';
import { RecordQueue } from './record-queue.js';
import type { Finding, RecorderParts } from './recorder.js';

const finding = (orderId: string): Finding => ({ orderId, epoch: '1', facts: [], looked: false, logs: [] });
const parts = {
  venue: 'binance',
  venueEnforcesExpiry: true,
  balanceIntervalMs: 1,
  clock: { now: () => 0 },
  log: {},
} as unknown as RecorderParts;

/** A database whose transactions end as the script says; what is asked in them finds no row. */
const scripted = (fail: (call: number) => Error | undefined) => {
  let calls = 0;
  const transaction = async <T>(work: (tx: never) => Promise<T>): Promise<T> => {
    calls += 1;
    const error = fail(calls);
    if (error) throw error;
    return work({ query: () => Promise.resolve({ rows: [], rowCount: 0 }) } as never);
  };
  return { db: { transaction } as unknown as Database, calls: () => calls };
};

describe('what a venue said', () => {
  it('waits while the database is away, and is stored when it is back', async () => {
    const { db, calls } = scripted((call) => (call <= 2 ? new DatabaseUnavailable('away') : undefined));
    const queue = new RecordQueue(db, parts, () => undefined);
    expect(await queue.record(finding('a'))).toBe('stale');
    expect(calls()).toBe(3);
  });

  it('is stored although what was to be stored with it can’t be', async () => {
    const { db } = scripted((call) => (call === 2 || call === 3 ? new Error('a bug') : undefined));
    const queue = new RecordQueue(db, parts, () => undefined);
    const first = queue.record(finding('a')); // alone in the first transaction
    const both = await Promise.allSettled([queue.record(finding('b')), queue.record(finding('c'))]);
    await first;
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  });
});
