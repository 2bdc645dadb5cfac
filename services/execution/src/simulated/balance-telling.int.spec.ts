import { afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { decimal, plain, type Decimal } from '@switchyard/money';
import type { Database, Statement } from '@switchyard/persistence';
import { testDatabase } from '@switchyard/persistence/testing';
import type { Executor, ExecutorParts } from '../executor.js';
import { openHarness, type Harness, type RecordedEvent } from '../testing/harness.js';
import { snapshot } from '../testing/routed-order.js';
import { ScriptedVenue } from '../testing/scripted-venue.js';
import { tryLockSimulator } from './simulator-lock.js';

const postgres = testDatabase();
let harness: Harness;

beforeAll(async () => {
  harness = await openHarness(postgres);
});
afterEach(() => harness.reset());

const START = '100000';
const account = (accountId: string, userId = `user-of-${accountId}`) =>
  harness.account(accountId, userId, 'simulated', { startingBalances: { USDT: START } });
const order = (accountId: string) => ({ mode: 'simulated', accountId, userId: `user-of-${accountId}` }) as const;
const replica = (balanceIntervalMs = 1_000, parts: Partial<ExecutorParts> = {}): Executor => {
  const executor = harness.replica(new ScriptedVenue(), { balanceIntervalMs }, parts);
  executor.board.put(snapshot());
  return executor;
};
const told = async (accountId: string): Promise<readonly string[]> =>
  (await harness.events()).flatMap(({ type, payload }) =>
    type === 'BalanceUpdated' && payload['accountId'] === accountId ? [usdt(payload)] : [],
  );
const usdt = (payload: RecordedEvent['payload']): string =>
  (payload['balances'] as readonly { currency: string; total: string }[]).find(({ currency }) => currency === 'USDT')!
    .total;
/** Lets time pass for the accounts. */
const pass = (seconds: number) =>
  harness.db.query(
    `update accounts set balance_due_at = balance_due_at - $1::float8 * interval '1 s',
       balance_asked_at = balance_asked_at - $1::float8 * interval '1 s', funds_moved_at = funds_moved_at - $1::float8 * interval '1 s'`,
    [seconds],
  );

/** The harness's database, where something else happens between a batch's reading of its accounts and its noting of what it told. */
const afterReadingWallets = (meanwhile: () => Promise<unknown>): Database => ({
  schema: harness.db.schema,
  query: harness.db.query.bind(harness.db),
  transaction: (work) =>
    harness.db.transaction((tx) =>
      work({
        transaction: true,
        afterCommit: tx.afterCommit.bind(tx),
        query: async <Row extends object>(statement: string | Statement, parameters?: readonly unknown[]) => {
          const answer = await tx.query<Row>(statement, parameters);
          if (typeof statement !== 'string' && statement.name === 'execution-read-wallets') await meanwhile();
          return answer;
        },
      }),
    ),
  listen: harness.db.listen.bind(harness.db),
  notify: harness.db.notify.bind(harness.db),
  close: () => Promise.resolve(),
});

describe('the balances of simulated accounts', () => {
  it('are told in the transaction and the append that tell the fills', async () => {
    await account('a');
    const executor = replica();
    await executor.simulator.round();
    await pass(5);
    await harness.route(order('a'));
    const append = jest.spyOn(harness.log, 'append');
    await executor.simulator.round();
    expect(append.mock.calls.map(([, events]) => events.map(({ type }) => type))).toEqual([
      ['OrderPlaced', 'OrderFilled', 'BalanceUpdated'],
    ]);
    append.mockRestore();
    expect(await told('a')).toEqual([START, '99360']);
  });

  it('are told at most once a second, the last of them without another order, and once more when they rest', async () => {
    await account('a');
    const executor = replica();
    await executor.simulator.round();
    await pass(5);
    for (let made = 0; made < 3; made += 1) {
      await harness.route(order('a'));
      await executor.simulator.round();
    }
    expect(await told('a')).toEqual([START, '99360']);
    const { nextInMs } = await executor.simulator.round();
    expect(nextInMs).toBeGreaterThan(0);
    expect(nextInMs).toBeLessThanOrEqual(1_000);
    await pass(1);
    await executor.simulator.round();
    expect(await told('a')).toEqual([START, '99360', '98080']);
    await pass(8);
    await executor.simulator.round();
    expect(await told('a')).toHaveLength(3);
    await pass(2);
    await executor.simulator.round();
    expect(await told('a')).toEqual([START, '99360', '98080', '98080']);
    await pass(60);
    await executor.simulator.round();
    expect(await told('a')).toHaveLength(4);
  });

  it('are told along with another account’s orders when they are due', async () => {
    await account('a');
    await account('b');
    await harness.route(order('b'));
    const append = jest.spyOn(harness.log, 'append');
    await replica().simulator.round();
    expect(append).toHaveBeenCalledTimes(1);
    append.mockRestore();
    expect(await told('a')).toEqual([START]);
    expect(await told('b')).toEqual(['99360']);
  });

  it('wait for no other replica: who finds the simulator taken comes back, and holds no connection meanwhile', async () => {
    await account('a');
    const executor = replica();
    await harness.db.transaction(async (tx) => {
      expect(await tryLockSimulator(tx)).toBe(true);
      expect(await executor.simulator.round()).toEqual({ found: 0, nextInMs: 20 });
    });
    expect(await told('a')).toEqual([]);
    await executor.simulator.round();
    expect(await told('a')).toEqual([START]);
  });

  it('are told again when a policy asks for them while a batch is under way', async () => {
    await account('a');
    await replica().simulator.round();
    await harness.route(order('a'));
    const asked = harness.db.query.bind(harness.db, "update accounts set balance_due_at = now() - interval '1 s'");
    await replica(1_000, { db: afterReadingWallets(asked) }).simulator.round();
    const { rows } = await harness.db.query('select from accounts where balance_due_at <= now()');
    expect(rows).toHaveLength(1);
  });

  it('hold every fill told before them and none after, whoever fills and tells at the same time', async () => {
    const accounts = ['a', 'b', 'c'];
    for (const one of accounts) await account(one);
    const replicas = [replica(0), replica(0), replica(0)];
    const asks = { high: ['64000', '9'], low: ['63990', '0.02'] } as const;
    const put = (version: number, ask: keyof typeof asks) => {
      for (const executor of replicas)
        executor.board.put(
          snapshot({ version, bookHash: `book-${version}`, asks: [[...asks[ask]]], bids: [['63980', '1']] }),
        );
    };
    const market = accounts.map((one) => ({ ...order(one), quantity: '0.01' }));
    const resting = { orderType: 'limit', timeInForce: 'gtc', limitPrice: '63995', quantity: '0.02' } as const;
    for (let round = 0; round < 12; round += 1) {
      put(2 * round + 2, 'high');
      await harness.route(...accounts.map((one) => ({ ...order(one), ...resting })));
      for (const executor of replicas) await executor.simulator.round();
      put(2 * round + 3, 'low');
      await harness.route(...market);
      await Promise.all(replicas.flatMap((executor) => [executor.resting.round(), executor.simulator.round()]));
    }
    await replicas[0]!.simulator.round();
    const held = new Map<string, Decimal>(accounts.map((one) => [one, decimal(START)]));
    const add = (one: string, amount: Decimal) => held.set(one, held.get(one)!.plus(amount));
    const checked = { told: 0, filled: 0 };
    for (const { type, payload } of await harness.events()) {
      const one = payload['accountId'] as string;
      if (type === 'OrderFilled') {
        checked.filled += 1;
        add(
          one,
          decimal(payload['quantity'] as string)
            .times(decimal(payload['price'] as string))
            .times('-1'),
        );
      } else if (type === 'BalanceUpdated') {
        checked.told += 1;
        expect(usdt(payload)).toBe(plain(held.get(one)!));
      }
    }
    expect(checked.filled).toBeGreaterThan(30);
    expect(checked.told).toBeGreaterThan(20);
  });
});
