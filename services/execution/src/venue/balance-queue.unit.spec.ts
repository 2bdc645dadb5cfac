import { describe, expect, it } from '@jest/globals';
import type { OutgoingEvent } from '@switchyard/log';
import { DatabaseUnavailable } from '@switchyard/persistence';
import { SYSTEM_CLOCK } from '../ports/clock.js';
import type { ExecutionStore } from '../ports/execution-store.js';
import { BalanceQueue, type Snapshot, type TellingParts } from './balance-queue.js';

const snapshot = (accountId: string): Snapshot => ({
  account: { accountId, userId: `user-of-${accountId}`, mode: 'paper', lease: `lease-of-${accountId}` },
  askedAt: new Date(0),
  balances: [],
});

/** A queue over a store whose log takes what `refuses` lets through; what it committed, a list a transaction. */
const queueOver = (refuses: (accounts: readonly string[]) => Error | undefined) => {
  const committed: string[][] = [];
  let appended: readonly string[] = [];
  const store = {
    transaction: async (work: (unit: never) => Promise<void>) => {
      appended = [];
      await work({ append, toldBalances: () => Promise.resolve() } as never);
      committed.push([...appended]);
    },
  } as unknown as ExecutionStore;
  const append = (events: readonly OutgoingEvent[]): Promise<void> => {
    const accounts = events.map(({ payload }) => (payload as { accountId: string }).accountId);
    const error = refuses(accounts);
    if (error) return Promise.reject(error);
    appended = accounts;
    return Promise.resolve();
  };
  const parts: TellingParts = {
    store,
    venue: 'binance',
    clock: { ...SYSTEM_CLOCK, now: () => 0 },
    intervalMs: 1_000,
    refreshMs: 60_000,
  };
  return { queue: new BalanceQueue(parts), committed };
};

describe('balances that venues told', () => {
  it('of many accounts are stored in one transaction', async () => {
    const { queue, committed } = queueOver(() => undefined);
    await Promise.all(['a', 'b', 'c', 'd'].map((account) => queue.tell(snapshot(account))));
    // The first waits for nobody: before it nothing of that account can be approved.
    expect(committed).toEqual([['a'], ['b', 'c', 'd']]);
    await queue.tell(snapshot('e'));
    expect(committed).toHaveLength(3);
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
    expect(asked).toBe(2);
  });
});
