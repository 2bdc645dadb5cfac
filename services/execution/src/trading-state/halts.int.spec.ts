import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { OrderRouted, TradingStateApplied } from '@switchyard/contracts';
import type { NewOrder, PlaceOutcome } from '@switchyard/exchanges';
import { testDatabase } from '@switchyard/persistence/testing';
import { until } from '@switchyard/testing';
import type { ExecutionConfig } from '../config.js';
import type { Executor } from '../executor.js';
import { clientOrderIdOf, openHarness, type Harness } from '../testing/harness.js';
import { ScriptedVenue, couldNotAsk, unknownOutcome } from '../testing/scripted-venue.js';

const postgres = testDatabase();
let harness: Harness;

beforeAll(async () => {
  harness = await openHarness(postgres);
});
afterEach(() => harness.reset());

const LIMIT = { orderType: 'limit', limitPrice: '60000', timeInForce: 'gtc' } as const;
const EXIT = { signalType: 'exit', side: 'sell', reduceOnly: true, priority: 2 } as const;
const ANN = { userId: 'ann', accountId: 'acc-ann' } as const;
const BOB = { userId: 'bob', accountId: 'acc-bob' } as const;

const replica = async (venue: ScriptedVenue, config: Partial<ExecutionConfig> = {}): Promise<Executor> => {
  for (const { userId, accountId } of [ANN, BOB]) await harness.account(accountId, userId);
  return harness.replica(venue, config);
};
const one = async (order: Partial<OrderRouted>): Promise<OrderRouted> => (await harness.route(order))[0]!;
const work = async (executor: Executor): Promise<void> => {
  await executor.workers.round();
  await until(() => executor.workers.inFlight === 0);
};
const poll = async (executor: Executor): Promise<void> => {
  await harness.makeDue();
  await executor.poller.round();
};
const cancels = async (executor: Executor): Promise<void> => {
  await harness.makeCancelsDue();
  await executor.canceller.round();
};
/** What this executor said of trading states, oldest first. */
const words = async (): Promise<readonly TradingStateApplied[]> =>
  (await harness.events())
    .filter(({ type }) => type === 'TradingStateApplied')
    .map(({ payload }) => payload as unknown as TradingStateApplied);
const lastWord = async (): Promise<TradingStateApplied | undefined> => (await words()).at(-1);
const failureOf = async ({ orderId }: OrderRouted) =>
  (await harness.events(orderId)).map(({ payload: { code, retriable, facts } }) => ({ code, retriable, facts }));
const sent = (venue: ScriptedVenue, { orderId }: OrderRouted): boolean =>
  venue.rowsOf(clientOrderIdOf(orderId)).length > 0;

describe('an executor in a halted scope', () => {
  it.each([
    ['global', 'halted', false],
    ['global', 'reducing', false],
    ['user:ann', 'halted', false],
    ['venue:binance', 'halted', true],
  ] as const)('%s %s: refuses what would open, tells why, and sends what reduces', async (scope, state, retriable) => {
    const venue = new ScriptedVenue();
    const executor = await replica(venue);
    const { changedAt: since } = await harness.state(scope, { state });
    const [entry, exit] = [await one(ANN), await one({ ...ANN, ...EXIT, pair: 'ETH-USDT' })];
    await work(executor);
    const facts = { scope, state, reason: 'the test says so', since };
    expect(await failureOf(entry)).toEqual([{ code: 'TRADING_HALTED', retriable, facts }]);
    expect([sent(venue, entry), sent(venue, exit)]).toEqual([false, true]);
    await harness.state(scope, { state: 'active' });
    const next = await one(ANN);
    await work(executor);
    expect(sent(venue, next)).toBe(true);
  });

  it('of another user, or another venue, does not notice', async () => {
    const venue = new ScriptedVenue();
    const executor = await replica(venue);
    await harness.state('user:bob');
    await harness.state('venue:kraken');
    const entry = await one(ANN);
    await work(executor);
    expect(sent(venue, entry)).toBe(true);
    await executor.stateKeeper.round();
    expect((await words()).map(({ scope }) => scope)).toEqual(['user:bob']);
  });

  it('refuses simulated orders, too', async () => {
    const executor = await replica(new ScriptedVenue());
    await harness.account('acc-sim', 'sim', 'simulated');
    await harness.state('user:sim');
    const entry = await one({ userId: 'sim', accountId: 'acc-sim', mode: 'simulated' });
    await executor.simulator.round();
    expect(await failureOf(entry)).toMatchObject([{ code: 'TRADING_HALTED', retriable: false }]);
  });

  it('keeps back what it had claimed and not sent when the halt came', async () => {
    const venue = new ScriptedVenue();
    const executor = await replica(venue, { workers: 1, claimSize: 10 });
    let answer: (outcome: PlaceOutcome) => void = () => undefined;
    venue.places.push(() => new Promise((resolve) => (answer = resolve)));
    const [first, second] = [await one(ANN), await one(BOB)];
    await executor.workers.round();
    await until(() => venue.placeCalls === 1);
    expect(executor.workers.inFlight).toBe(2);
    await harness.state('global');
    await executor.stateKeeper.round();
    expect(await lastWord()).toMatchObject({ unresolved: 2 });
    answer(unknownOutcome());
    await until(() => executor.workers.inFlight === 0);
    await work(executor);
    expect(venue.placeCalls).toBe(1);
    const statuses = await Promise.all(
      [first, second].map(async ({ orderId }) => (await harness.row(orderId))['status']),
    );
    expect(statuses.toSorted()).toEqual(['failed', 'unknown']);
  });
});

describe('the acknowledgement of a halt', () => {
  it('waits for a claim that was made without knowing it, and counts what that let out', async () => {
    const venue = new ScriptedVenue();
    const executor = await replica(venue);
    const entry = await one(ANN);
    // A claim that has taken its tasks, and hangs before it stores their intents.
    let goOn = (): void => undefined;
    const hangs = new Promise<void>((resolve) => (goOn = resolve));
    let hasTaken = false;
    const claim = harness.store.transaction(async (unit) => {
      const [task] = await unit.take({ most: 9, perUser: 9, nowMs: Date.now() });
      hasTaken = true;
      await hangs;
      await unit.lease([entry.orderId], { owner: 'w', leaseMs: 60_000 });
      const routed = task!.payload as OrderRouted;
      await unit.intend(
        [
          {
            ...{ routed: { ...routed, hasAlternative: false }, clientOrderId: 'c-1', status: 'executing', attempt: 1 },
            ...{ sendBy: routed.sendBy, venueExpiry: null, statusTimes: {} },
          },
        ],
        'w',
      );
    });
    await until(() => hasTaken);
    await harness.state('global');
    await executor.stateKeeper.round();
    expect(await words()).toEqual([]);
    // Nobody else is held up by it.
    const other = await one(BOB);
    const exit = await one({ ...BOB, ...EXIT, pair: 'ETH-USDT' });
    await work(executor);
    expect([sent(venue, other), sent(venue, exit)]).toEqual([false, true]);
    goOn();
    await claim;
    await executor.stateKeeper.round();
    expect(await words()).toMatchObject([
      { scope: 'global', unresolved: 1, report: 1, orders: [{ orderId: entry.orderId, status: 'executing' }] },
    ]);
    await harness.expireLeases();
  }, 20_000);

  it('is said again as what had left is resolved, by whichever replica is left, until nothing is', async () => {
    const venue = new ScriptedVenue();
    const first = await replica(venue);
    venue.places.push(() => Promise.resolve(unknownOutcome()));
    venue.lookups.push(() => Promise.resolve(couldNotAsk));
    const entry = await one({ ...ANN, ...LIMIT });
    await work(first);
    const { version } = await harness.state('user:ann');
    await first.stateKeeper.round();
    expect(await lastWord()).toMatchObject({
      ...{ version, unresolved: 1, report: 1 },
      orders: [{ orderId: entry.orderId, userId: 'ann', status: 'unknown', why: expect.stringContaining('not said') }],
    });
    await poll(first);
    await first.stateKeeper.round();
    expect(await words()).toHaveLength(1);
    const second = harness.replica(venue);
    venue.lookups.push((scripted, ref, key) => Promise.resolve(scripted.find({ ...ref }, key)));
    await harness.db.query("update orders set venue_expiry = now() - interval '1 hour'");
    await second.stateKeeper.round();
    // Binance enforces the expiry: the request can't arrive any more.
    expect(await lastWord()).toMatchObject({ unresolved: 0, open: 0, report: 2, orders: [] });
    await second.stateKeeper.round();
    expect(await words()).toHaveLength(2);
    expect((await harness.store.knownStates(9)).toTell).toEqual([]);
  });

  it('of a later version comes instead of one that nobody waits for any more', async () => {
    const venue = new ScriptedVenue();
    const executor = await replica(venue);
    venue.places.push(() => Promise.resolve(unknownOutcome()));
    await one(ANN);
    await work(executor);
    await harness.state('global');
    await executor.stateKeeper.round();
    await harness.state('global', { state: 'active' });
    await executor.stateKeeper.round();
    expect((await words()).map(({ unresolved, report }) => [unresolved, report])).toEqual([
      [1, 1],
      [0, 1],
    ]);
    expect((await harness.store.knownStates(9)).toTell).toEqual([]);
  });
});

describe('a kill switch', () => {
  const kill = (scope = 'global') => harness.state(scope, { cancelOpen: true });
  const resting = async (order: Partial<OrderRouted>, executor: Executor): Promise<OrderRouted> => {
    const routed = await one({ ...LIMIT, ...order });
    await work(executor);
    return routed;
  };

  it('cancels what waits and what rests in its scope, verifies it with the venue, and says so', async () => {
    const venue = new ScriptedVenue();
    const executor = await replica(venue);
    const mine = await resting(ANN, executor);
    const others = await resting(BOB, executor);
    const waiting = await one({ ...ANN, ...LIMIT });
    await kill('user:ann');
    await executor.stateKeeper.round();
    expect(await lastWord()).toMatchObject({ open: 1, cancelled: 0, report: 1 });
    await cancels(executor);
    await executor.stateKeeper.round();
    expect(await lastWord()).toMatchObject({ open: 1, cancelled: 1, orders: [{ orderId: mine.orderId }] });
    await poll(executor);
    await executor.stateKeeper.round();
    expect(await lastWord()).toMatchObject({ unresolved: 0, open: 0, cancelled: 2, orders: [] });
    const [cancelled] = (await harness.events(mine.orderId)).slice(-1);
    expect(cancelled).toMatchObject({
      type: 'OrderCancelled',
      payload: { reason: expect.stringContaining('Trading was stopped for user:ann') },
    });
    expect(sent(venue, waiting)).toBe(false);
    expect((await harness.row(others.orderId))['status']).toBe('placed');
  });

  it('does not call cancelled what a venue that is away may still hold', async () => {
    const venue = new ScriptedVenue();
    const executor = await replica(venue);
    const mine = await resting(ANN, executor);
    await kill();
    for (let round = 0; round < 2; round += 1) {
      venue.cancels.push(() =>
        Promise.resolve({ kind: 'notSent', reason: 'connect', message: 'refused', retryAfterMs: null }),
      );
      venue.lookups.push(() => Promise.resolve(couldNotAsk));
      await cancels(executor);
      await poll(executor);
      await executor.stateKeeper.round();
      expect(await lastWord()).toMatchObject({ open: 1, cancelled: 0, orders: [{ orderId: mine.orderId }] });
    }
    venue.lookups.length = 0;
    await cancels(executor);
    await poll(executor);
    await executor.stateKeeper.round();
    expect(await lastWord()).toMatchObject({ open: 0, cancelled: 1 });
  });

  it('is not told “cancelled” by a venue that says so and fills: that order is filled', async () => {
    const venue = new ScriptedVenue();
    const executor = await replica(venue);
    const mine = await resting(ANN, executor);
    venue.cancels.push((scripted) => {
      scripted.fill(scripted.rowsOf(clientOrderIdOf(mine.orderId))[0]!, '0.01');
      return Promise.resolve({ kind: 'cancelled', order: null });
    });
    await kill();
    await cancels(executor);
    await executor.stateKeeper.round();
    expect(await lastWord()).toMatchObject({ open: 1, cancelled: 0 });
    await poll(executor);
    await executor.stateKeeper.round();
    expect(await lastWord()).toMatchObject({ open: 0, cancelled: 0, orders: [] });
    expect((await harness.row(mine.orderId))['status']).toBe('filled');
  });

  it('waits for an order whose answer comes late, and cancels it then', async () => {
    const venue = new ScriptedVenue();
    const executor = await replica(venue);
    let accept = (): void => undefined;
    venue.places.push(
      (scripted, order: NewOrder, key) =>
        new Promise(
          (resolve) =>
            (accept = () => {
              resolve(scripted.accepted(scripted.take(order, key)));
            }),
        ),
    );
    const mine = await one({ ...ANN, ...LIMIT });
    await executor.workers.round();
    await until(() => venue.placeCalls === 1);
    await kill();
    await cancels(executor);
    await executor.stateKeeper.round();
    expect(await lastWord()).toMatchObject({ unresolved: 1, open: 1, orders: [{ status: 'executing' }] });
    accept();
    await until(() => executor.workers.inFlight === 0);
    await executor.stateKeeper.round();
    expect(await lastWord()).toMatchObject({ unresolved: 0, open: 1, orders: [{ status: 'placed' }] });
    await cancels(executor);
    await poll(executor);
    await executor.stateKeeper.round();
    expect(await lastWord()).toMatchObject({ unresolved: 0, open: 0, cancelled: 1 });
    expect((await harness.row(mine.orderId))['status']).toBe('cancelled');
  });

  it('cancels simulated orders that rest', async () => {
    const executor = await replica(new ScriptedVenue());
    await kill();
    await executor.canceller.round();
    await executor.stateKeeper.round();
    expect(await lastWord()).toMatchObject({ unresolved: 0, open: 0, cancelled: 0 });
  });
});

describe('an executor that does not hear the global state', () => {
  const repeatedNow = () => ({ scope: 'global', repeatedAt: new Date(harness.clock.now()).toISOString() });

  it('sends only what reduces until it hears it, and entries wait for that, until their time is over', async () => {
    const venue = new ScriptedVenue();
    const executor = await replica(venue);
    executor.states.hear(repeatedNow());
    harness.clock.offsetMs = 4_900;
    const [before, exit] = [await one(ANN), await one({ ...ANN, ...EXIT, pair: 'ETH-USDT' })];
    await work(executor);
    expect(sent(venue, before)).toBe(true);
    harness.clock.offsetMs = 5_100;
    const entry = await one(BOB);
    const stop = await one({ ...BOB, ...EXIT, priority: 1, pair: 'ETH-USDT' });
    await work(executor);
    expect([sent(venue, entry), sent(venue, stop), sent(venue, exit)]).toEqual([false, true, true]);
    expect(harness.lines.some((line) => line.includes('the global trading state is not heard'))).toBe(true);
    executor.states.hear(repeatedNow());
    await harness.db.query('update execution_tasks set not_before = now()');
    await work(executor);
    expect(sent(venue, entry)).toBe(true);
    harness.clock.offsetMs = 60_000;
    const late = await one({ ...BOB, pair: 'LTC-USDT' });
    await work(executor);
    expect(await failureOf(late)).toMatchObject([
      { code: 'ORDER_EXPIRED_UNSENT', retriable: true, facts: { tradingState: 'not heard' } },
    ]);
  });

  it('knows after a restart that it should, and takes an old repeat for none', async () => {
    const venue = new ScriptedVenue();
    const first = await replica(venue);
    const entry = await one(ANN);
    expect(first.states.isUnheard()).toBe(false);
    await harness.state('global', { state: 'active' });
    const restarted = harness.replica(venue);
    await restarted.stateKeeper.round();
    expect(restarted.states.isUnheard()).toBe(true);
    restarted.states.hear({ scope: 'global', repeatedAt: new Date(Date.now() - 60_000).toISOString() });
    await work(restarted);
    expect(sent(venue, entry)).toBe(false);
    restarted.states.hear(repeatedNow());
    await harness.db.query('update execution_tasks set not_before = now()');
    await work(restarted);
    expect(sent(venue, entry)).toBe(true);
  });

  it('where nobody ever told it, or it is not to wait for it, goes on', async () => {
    const venue = new ScriptedVenue();
    const executor = await replica(venue, { stateSilenceMs: 0 });
    await harness.state('global', { state: 'active' });
    await executor.stateKeeper.round();
    const entry = await one(ANN);
    await work(executor);
    expect(sent(venue, entry)).toBe(true);
  });
});
