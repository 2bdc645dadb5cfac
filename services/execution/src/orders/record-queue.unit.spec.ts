import { describe, expect, it } from '@jest/globals';
import { DatabaseUnavailable } from '@switchyard/persistence';
import { SYSTEM_CLOCK } from '../ports/clock.js';
import type { ExecutionStore } from '../ports/execution-store.js';
import { RecordQueue } from './record-queue.js';
import type { Finding } from './recorder.js';

const finding = (orderId: string): Finding => ({ orderId, epoch: '1', facts: [], looked: false, logs: [] });
const parts = {
  venue: 'binance',
  venueEnforcesExpiry: true,
  balanceIntervalMs: 1,
  clock: SYSTEM_CLOCK,
};

/** A store whose transactions end as the script says; in them no order is held, and nothing is saved. */
const scripted = (fail: (call: number) => Error | undefined) => {
  let calls = 0;
  const transaction = async <T>(work: (unit: never) => Promise<T>): Promise<T> => {
    calls += 1;
    const error = fail(calls);
    if (error) throw error;
    return work(new Proxy({}, { get: () => () => Promise.resolve(new Map()) }) as never);
  };
  return { store: { transaction } as unknown as ExecutionStore, calls: () => calls };
};

describe('what a venue said', () => {
  it('waits while the database is away, and is stored when it is back', async () => {
    const { store, calls } = scripted((call) => (call <= 2 ? new DatabaseUnavailable('away') : undefined));
    const queue = new RecordQueue(store, parts, () => undefined);
    expect(await queue.record(finding('a'))).toBe('stale');
    expect(calls()).toBe(3);
  });

  it('is stored although what was to be stored with it can’t be', async () => {
    const { store } = scripted((call) => (call === 2 || call === 3 ? new Error('a bug') : undefined));
    const queue = new RecordQueue(store, parts, () => undefined);
    const first = queue.record(finding('a')); // alone in the first transaction
    const both = await Promise.allSettled([queue.record(finding('b')), queue.record(finding('c'))]);
    await first;
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  });
});
