import { describe, expect, it } from '@jest/globals';
import type { OutgoingEvent } from '@switchyard/log';
import { DatabaseUnavailable, type Database } from '@switchyard/persistence';
import { BalanceQueue, type Snapshot, type TellingParts } from './balance-queue.js';

const snapshot = (accountId: string): Snapshot => ({
  account: { account_id: accountId, user_id: `user-of-${accountId}`, mode: 'paper', lease: `lease-of-${accountId}` },
  askedAt: new Date(0),
  balances: [],
});

/** A queue over a database whose log takes what `refuses` lets through; what it committed, a list a transaction. */
const queueOver = (refuses: (accounts: readonly string[]) => Error | undefined) => {
  const committed: string[][] = [];
  let appended: readonly string[] = [];
  const db = {
    transaction: async (work: (tx: never) => Promise<void>) => {
      appended = [];
      await work({ query: () => Promise.resolve({ rows: [], rowCount: 0 }) } as never);
      committed.push([...appended]);
    },
  } as unknown as Database;
  const append = (_: unknown, events: readonly OutgoingEvent[]): Promise<void> => {
    const accounts = events.map(({ payload }) => (payload as { accountId: string }).accountId);
    const error = refuses(accounts);
    if (error) return Promise.reject(error);
    appended = accounts;
    return Promise.resolve();
  };
  const parts: TellingParts = {
    db,
    venue: 'binance',
    clock: { now: () => 0, monotonic: () => 0, random: () => 0 },
    log: { append },
    intervalMs: 1_000,
    refreshMs: 60_000,
  };
  return { queue: new BalanceQueue(parts), committed };
};

describe('balances that venues told', () => {
  it('of many accounts are stored in one transaction', async () => {
    const { queue, committed } = queueOver(() => undefined);
    await Promise.all(['a', 'b', 'c', 'd'].map((account) => queue.tell(snapshot(account))));
    expect(committed).toEqual([['a', 'b', 'c', 'd']]);
    await queue.tell(snapshot('e'));
    expect(committed).toHaveLength(2);
  });

  it('of one account that can’t be stored fail alone', async () => {
    const { queue, committed } = queueOver((accounts) => (accounts.includes('b') ? new Error('a bug') : undefined));
    const told = await Promise.allSettled(['a', 'b', 'c'].map((account) => queue.tell(snapshot(account))));
    expect(told.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(committed).toEqual([['a'], ['c']]);
  });

  it('wait for no database that is away: they are asked again when their lease ends', async () => {
    let asked = 0;
    const { queue } = queueOver(() => {
      asked += 1;
      return new DatabaseUnavailable('away');
    });
    const told = await Promise.allSettled(['a', 'b'].map((account) => queue.tell(snapshot(account))));
    expect(told.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(asked).toBe(1);
  });
});
