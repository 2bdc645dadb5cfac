import { describe, expect, it } from '@jest/globals';
import type { AccountPolicyChanged } from '@switchyard/contracts';
import type { ExecutionStore } from '../../ports/execution-store.js';
import { anOrder, aPolicy, enqueue, opened, type StoreFixture } from './fixture.js';

const PACE = { intervalMs: 1_000, refreshMs: 60_000, leaseMs: 15_000, onceMoreMs: 1_500 };

export const accountContract = (fixture: () => StoreFixture, client: () => ExecutionStore): void => {
  const store = (...policies: readonly AccountPolicyChanged[]) =>
    client().transaction((unit) => unit.storePolicies(policies));
  const accountOf = async (accountId: string) => {
    await enqueue(client(), anOrder({ accountId, pair: `A${accountId.length}-USDT` }));
    const tasks = await client().transaction((unit) => unit.take({ most: 99, perUser: 99, nowMs: 0 }));
    return tasks.find((task) => task.accountId === accountId)?.account;
  };
  const due = async () =>
    (await client().takeDueBalances(PACE.leaseMs, 9)).map(({ accountId }) => accountId).toSorted();

  describe('an account', () => {
    it('is as its user’s newest policy says, whatever comes late or again', async () => {
      await store(aPolicy('u', 2, [{ accountId: 'a', usdtAsUsd: false }]));
      await store(aPolicy('u', 1, [{ accountId: 'a', enabled: false }]));
      await store(aPolicy('u', 2, [{ accountId: 'a', enabled: false }]));
      expect(await accountOf('a')).toEqual({ userId: 'u', mode: 'paper', enabled: true });
      expect(await client().takesUsdtAsUsd('a')).toBe(false);
      await store(aPolicy('u', 3, [{ accountId: 'a', enabled: false }]));
      expect(await accountOf('a')).toMatchObject({ enabled: false });
      expect(await client().takesUsdtAsUsd('a')).toBe(true);
      expect(await client().takesUsdtAsUsd('nobody')).toBe(false);
    });

    it('takes no entries once a newer policy does not name it any more', async () => {
      await store(aPolicy('u', 1, [{ accountId: 'a' }, { accountId: 'b' }]));
      await store(aPolicy('u', 2, [{ accountId: 'a' }]));
      expect([await accountOf('a'), await accountOf('b')]).toMatchObject([{ enabled: true }, { enabled: false }]);
    });

    it('keeps its mode and its user, and is of this venue', async () => {
      await store(aPolicy('u', 1, [{ accountId: 'a' }, { accountId: 'far', venue: 'kraken' }]));
      await store(aPolicy('u', 2, [{ accountId: 'a', mode: 'live', enabled: false }]));
      await store(aPolicy('other', 9, [{ accountId: 'a', enabled: false }]));
      expect(await accountOf('a')).toEqual({ userId: 'u', mode: 'paper', enabled: true });
      expect(await accountOf('far')).toBeUndefined();
    });
  });

  describe('an account’s balances', () => {
    it('are due when it first appears, for one who asks, and again when its lease ends', async () => {
      await store(aPolicy('u', 1, [{ accountId: 'a' }, { accountId: 'b' }, { accountId: 'off', enabled: false }]));
      const [first] = await client().takeDueBalances(PACE.leaseMs, 1);
      expect(first).toMatchObject({ userId: 'u', mode: 'paper' });
      expect(await due()).toEqual(['a', 'b'].filter((accountId) => accountId !== first?.accountId));
      expect(await due()).toEqual([]);
      expect(await client().nextBalancesInMs()).toBeGreaterThan(1_000);
      expect(await client().nextBalancesInMs()).toBeLessThanOrEqual(PACE.leaseMs);
    });

    it('are passed over while somebody holds the account', async () => {
      await store(aPolicy('u', 1, [{ accountId: 'a' }, { accountId: 'b' }]));
      const busy = await opened(client(), (unit) => unit.askForBalances(['a'], 0));
      expect(
        (await (await fixture().client()).takeDueBalances(PACE.leaseMs, 9)).map(({ accountId }) => accountId),
      ).toEqual(['b']);
      await busy.undo();
      expect(await due()).toEqual(['a']);
    });

    it('that were told are due after about the refresh; what was asked for meanwhile stays due', async () => {
      await store(aPolicy('u', 1, [{ accountId: 'quiet' }, { accountId: 'asked' }]));
      const taken = await client().takeDueBalances(PACE.leaseMs, 9);
      await client().transaction((unit) => unit.askForBalances(['asked'], PACE.intervalMs));
      const told = taken.map(({ accountId, lease }) => ({ accountId, lease, askedAt: new Date(Date.now() - 5_000) }));
      await client().transaction((unit) => unit.toldBalances(told, PACE));
      expect(await due()).toEqual(['asked']);
      const again = await client().takeDueBalances(PACE.leaseMs, 9);
      expect(again).toEqual([]);
      await client().transaction((unit) => unit.askForBalances(['asked'], 3_600_000));
      expect(await client().nextBalancesInMs()).toBeLessThanOrEqual(PACE.leaseMs);
    });

    it('are asked for once more when funds moved shortly before they were taken', async () => {
      await store(aPolicy('u', 1, [{ accountId: 'moved' }]));
      await client().transaction((unit) => unit.askForBalances(['moved'], PACE.intervalMs));
      const [taken] = await client().takeDueBalances(PACE.leaseMs, 9);
      await client().transaction((unit) =>
        unit.toldBalances([{ ...taken!, askedAt: new Date(Date.now() - 5_000) }], PACE),
      );
      const inMs = await client().nextBalancesInMs();
      expect(inMs).toBeLessThanOrEqual(PACE.onceMoreMs);
    });

    it('are refreshed by a period of the account’s own, within a fifth', async () => {
      await store(aPolicy('u', 1, [{ accountId: 'a' }]));
      const [taken] = await client().takeDueBalances(PACE.leaseMs, 9);
      await client().transaction((unit) => unit.toldBalances([{ ...taken!, askedAt: new Date() }], PACE));
      const inMs = (await client().nextBalancesInMs()) ?? 0;
      expect(inMs).toBeGreaterThan(0.8 * PACE.refreshMs - 20_000);
      expect(inMs).toBeLessThanOrEqual(1.2 * PACE.refreshMs);
    });
  });
};
