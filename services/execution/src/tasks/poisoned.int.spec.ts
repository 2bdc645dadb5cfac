import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { OrderRouted } from '@switchyard/contracts';
import { testDatabase } from '@switchyard/persistence/testing';
import { until } from '@switchyard/testing';
import type { Executor } from '../executor.js';
import { openHarness, type Harness } from '../testing/harness.js';
import { snapshot } from '../testing/routed-order.js';
import { ScriptedVenue } from '../testing/scripted-venue.js';

const postgres = testDatabase();
let harness: Harness;

beforeAll(async () => {
  harness = await openHarness(postgres);
});
afterEach(() => harness.reset());

const POISON = 2;
/** Orders of five users, one of which can't be worked on. */
const ordersWith = async (mode: 'paper' | 'simulated', poison: string): Promise<readonly OrderRouted[]> => {
  const users = [0, 1, 2, 3, 4];
  for (const user of users) await harness.account(`${mode}-${user}`, `user-${user}`, mode);
  const orders = await harness.route(
    ...users.map((user) => ({ userId: `user-${user}`, accountId: `${mode}-${user}`, mode })),
  );
  await harness.db.query(
    'update execution_tasks set payload = (payload::jsonb || $2::jsonb)::json where task_id = $1',
    [orders[POISON]!.orderId, poison],
  );
  return orders;
};
const work = async (executor: Executor): Promise<void> => {
  await executor.workers.round();
  await until(() => executor.workers.inFlight === 0);
};
const typesOf = async (order: OrderRouted) => (await harness.events(order.orderId)).map(({ type }) => type);
const alarms = async () => (await harness.events()).filter(({ type }) => type === 'SystemError');

const expectOthersDone = async (orders: readonly OrderRouted[]): Promise<void> => {
  for (const [index, order] of orders.entries()) {
    if (index === POISON) continue;
    expect(await typesOf(order)).toEqual(['OrderPlaced', 'OrderFilled']);
    expect(await harness.task(order.orderId)).toMatchObject({ status: 'done' });
  }
};
const expectFailed = async (order: OrderRouted): Promise<void> => {
  expect(await harness.events(order.orderId)).toMatchObject([
    {
      type: 'OrderFailed',
      key: order.userId,
      payload: { code: 'INTERNAL', stage: 'execution', status: 'failed', retriable: true, cumulativeQuantity: '0' },
    },
  ]);
  expect(await harness.task(order.orderId)).toMatchObject({ status: 'failed', last_error: 'INTERNAL' });
  expect(await alarms()).toMatchObject([{ payload: { code: 'TASK_FAILED', facts: { taskId: order.orderId } } }]);
  expect(harness.lines.join('\n')).toContain('a task broke its work');
};

describe('a task that breaks its claim', () => {
  it.each([
    ['by a quantity that is none', { quantity: 'many' }],
    ['by a time that is none', { sendBy: 'soon' }],
    ['by what only the database notices', { expireAt: 'never' }],
  ])('%s is failed visibly, and the others of the batch are sent', async (_, poison) => {
    const orders = await ordersWith('paper', JSON.stringify(poison));
    const venue = new ScriptedVenue();
    await work(harness.replica(venue));
    await expectOthersDone(orders);
    await expectFailed(orders[POISON]!);
    expect(venue.ledger).toHaveLength(4);
  });

  it('so badly that its order can’t be told is failed, and a person called', async () => {
    const orders = await ordersWith('paper', '[]');
    await work(harness.replica(new ScriptedVenue()));
    await expectOthersDone(orders);
    expect(await typesOf(orders[POISON]!)).toEqual([]);
    expect(await harness.task(orders[POISON]!.orderId)).toMatchObject({ status: 'failed', last_error: 'INTERNAL' });
    expect(await alarms()).toMatchObject([{ payload: { facts: { taskId: orders[POISON]!.orderId } } }]);
  });

  it('on its second attempt ends its order with the next version', async () => {
    await harness.account('acc-1', 'user-1');
    const venue = new ScriptedVenue();
    venue.places.push(() =>
      Promise.resolve({ kind: 'notSent', reason: 'connect', message: 'no route', retryAfterMs: null }),
    );
    const [order] = await harness.route({});
    const executor = harness.replica(venue);
    await work(executor);
    await harness.db.query(
      `update execution_tasks set not_before = now(), payload = (payload::jsonb || '{"expireAt": "never"}')::json`,
    );
    await work(executor);
    await expectFailed(order!);
    expect(await harness.row(order!.orderId)).toMatchObject({ status: 'failed', version: 1 });
    expect(venue.ledger).toHaveLength(0);
  });
});

describe('a simulated task that breaks its batch', () => {
  const simulator = (): Executor => {
    const executor = harness.replica(new ScriptedVenue());
    executor.board.put(snapshot());
    return executor;
  };

  it.each([
    ['by a quantity that is none', { quantity: 'many' }],
    ['by another order’s id', { orderId: 'other' }],
    ['by what only the database notices', { timeInForce: 'gtd', expireAt: 'never' }],
  ])('%s is failed visibly, and the others are filled', async (_, poison) => {
    const orders = await ordersWith('simulated', JSON.stringify(poison));
    const executor = simulator();
    await executor.simulator.round();
    await expectOthersDone(orders);
    await expectFailed(orders[POISON]!);
    const { rows } = await harness.db.query("select from simulated_balances where currency = 'BTC'");
    expect(rows).toHaveLength(4);
    expect(await executor.simulator.round()).toMatchObject({ found: 0 });
  });

  it('while it rests is left out, once its error was told; the others are filled', async () => {
    await harness.account('acc-1', 'user-1', 'simulated');
    await harness.account('acc-2', 'user-2', 'simulated');
    const resting = { mode: 'simulated', orderType: 'limit', timeInForce: 'gtc', limitPrice: '63995' } as const;
    const [broken, whole] = await harness.route(
      { ...resting, userId: 'user-1', accountId: 'acc-1' },
      { ...resting, userId: 'user-2', accountId: 'acc-2' },
    );
    const executor = simulator();
    await executor.simulator.round();
    await harness.db.query(
      `update execution_tasks set payload = (payload::jsonb || '{"quantity": "many"}')::json where task_id = $1`,
      [broken!.orderId],
    );
    executor.board.put(snapshot({ version: 2, bookHash: 'book-2', asks: [['63990', '1']], bids: [['63980', '1']] }));
    await expect(executor.resting.round()).rejects.toThrow();
    await executor.resting.round();
    expect(await typesOf(whole!)).toEqual(['OrderPlaced', 'OrderFilled']);
    expect(await typesOf(broken!)).toEqual(['OrderPlaced']);
  });
});
