import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { OrderRouted, VenueStatus } from '@switchyard/contracts';
import type { CouldNotAsk, PlaceOutcome, Usage } from '@switchyard/exchanges';
import { testDatabase } from '@switchyard/persistence/testing';
import { until } from '@switchyard/testing';
import type { ExecutionConfig } from '../config.js';
import type { Executor } from '../executor.js';
import { openHarness, type Harness } from '../testing/harness.js';
import { ScriptedVenue, unknownOutcome, type PlaceScript } from '../testing/scripted-venue.js';

/** Two replicas on one Postgres: what they know of the venue together. */
const postgres = testDatabase();
let harness: Harness;

beforeAll(async () => {
  harness = await openHarness(postgres);
});
afterEach(() => harness.reset());

const work = async (...executors: readonly Executor[]): Promise<void> => {
  for (const executor of executors) {
    await executor.workers.round();
    await until(() => executor.workers.inFlight === 0);
  }
};
/** `count` orders, each of a user and account of its own. */
const orders = async (count: number, more: Partial<OrderRouted> = {}): Promise<readonly OrderRouted[]> => {
  const routed: OrderRouted[] = [];
  for (let i = 0; i < count; i += 1) {
    made += 1;
    await harness.account(`acc-${made}`, `user-${made}`);
    routed.push(...(await harness.route({ userId: `user-${made}`, accountId: `acc-${made}`, ...more })));
  }
  return routed;
};
let made = 0;

const elsewhere = (): Partial<OrderRouted> =>
  ({
    decision: {
      method: 'market',
      algorithm: 'immediate',
      priority: 3,
      venues: [{ venue: 'kraken', chosen: false, inputs: {} }],
      sentence: 'because',
      decidedAt: new Date().toISOString(),
    },
  }) as unknown as Partial<OrderRouted>;

const statusOf = async (executor: Executor): Promise<VenueStatus> => {
  await executor.status.round();
  return harness.log.puts.at(-1)?.payload as VenueStatus;
};
const failureOf = async ({ orderId }: OrderRouted) =>
  (await harness.events(orderId)).find(({ type }) => type === 'OrderFailed')?.payload;

const down: PlaceScript = () => Promise.resolve(unknownOutcome('connectionLost'));
const away: CouldNotAsk = {
  kind: 'couldNotAsk',
  reason: 'connect',
  message: 'nobody there',
  code: null,
  retryAfterMs: null,
  evidence: null,
};
const refused: PlaceOutcome = {
  kind: 'refused',
  code: 'INSUFFICIENT_FUNDS',
  message: 'Too little.',
  facts: {},
  venueCode: '-2010',
  retryAfterMs: null,
  evidence: null,
};

describe('a venue’s circuit', () => {
  /** Two replicas at a venue whose last five calls failed, three of them seen by one and two by the other. */
  const opened = async (config: Partial<ExecutionConfig> = {}) => {
    const venue = new ScriptedVenue();
    const [a, b] = [harness.replica(venue, config), harness.replica(venue, config)];
    venue.places.push(down, down, down, down, down);
    await orders(3);
    await work(a);
    await orders(2);
    await work(b);
    await until(async () => (await statusOf(a)).circuitState === 'open');
    expect(venue.placeCalls).toBe(5);
    return { venue, a, b };
  };

  it('opens for all replicas with the fifth failure in a row that any of them saw: no new order is sent', async () => {
    const { venue, a, b } = await opened();
    const waiting = await orders(3);
    await work(a, b);
    expect(venue.placeCalls).toBe(5);
    for (const { orderId } of waiting)
      expect(await harness.task(orderId)).toMatchObject({ status: 'queued', attempts: 0 });
    for (const replica of [a, b])
      expect(await statusOf(replica)).toMatchObject({ healthy: false, circuitState: 'open' });
  });

  it('has orders handed back at once where routing saw another venue; nothing of them was sent', async () => {
    const { a } = await opened();
    const [order] = await orders(1, elsewhere());
    await work(a);
    expect(await failureOf(order!)).toMatchObject({
      code: 'VENUE_UNHEALTHY',
      retriable: true,
      facts: { reason: 'circuit' },
    });
  });

  it('calls a person once when it opens', async () => {
    const { a, b } = await opened();
    await orders(2);
    await work(a, b);
    const alarms = (await harness.events()).filter(({ type }) => type === 'SystemError');
    expect(alarms.map(({ payload }) => payload['code'])).toEqual(['VENUE_CIRCUIT_OPEN']);
  });

  it('keeps lookups from being asked; an unknown order stays unknown', async () => {
    const { venue, a } = await opened();
    let asked = 0;
    venue.lookups.push(() => {
      asked += 1;
      return Promise.resolve(away);
    });
    await harness.makeDue();
    await a.poller.round();
    expect(asked).toBe(0);
    const { rows } = await harness.db.query("select status from orders where status <> 'unknown'");
    expect(rows).toEqual([]);
  });

  it('is probed by one replica alone, with a question and no order; an answer closes it, and what waited is sent', async () => {
    const { venue, a, b } = await opened({ breakerOpenMs: 300 });
    const [order] = await orders(1);
    await work(a);
    let asking = 0;
    let most = 0;
    venue.times.push(async () => {
      asking += 1;
      most = Math.max(most, asking);
      // Both replicas look while the probe is out.
      await Promise.all([a.guard.round(), b.guard.round()]);
      asking -= 1;
      return { kind: 'answered', value: { venueTimeMs: Date.now(), offsetMs: 0, errorMs: 1, roundTripMs: 2 } };
    });
    await until(async () => {
      await Promise.all([a.guard.round(), b.guard.round()]);
      return venue.timeCalls > 0 && (await statusOf(a)).circuitState === 'closed';
    });
    expect([venue.timeCalls, most, venue.placeCalls]).toEqual([1, 1, 5]);
    await until(async () => {
      await work(b);
      return venue.placeCalls === 6;
    });
    expect((await harness.events(order!.orderId))[0]?.type).toBe('OrderPlaced');
  });

  it('opens again when the probe fails, and nothing is sent', async () => {
    const { venue, a, b } = await opened({ breakerOpenMs: 300 });
    await orders(1);
    venue.times.push(() => Promise.resolve(away));
    await until(async () => {
      await a.guard.round();
      return venue.timeCalls === 1;
    });
    await work(a, b);
    await b.guard.round();
    expect([venue.timeCalls, venue.placeCalls]).toEqual([1, 5]);
    expect(await statusOf(b)).toMatchObject({ circuitState: 'open', healthy: false });
  });

  it('is not opened by refusals, nor by answers that nobody understands', async () => {
    const venue = new ScriptedVenue();
    const executor = harness.replica(venue);
    const unlisted: PlaceOutcome = { ...unknownOutcome(), reason: 'unlisted' } as PlaceOutcome;
    venue.places.push(...Array<PlaceScript>(6).fill(() => Promise.resolve(refused)));
    venue.places.push(...Array<PlaceScript>(6).fill(() => Promise.resolve(unlisted)));
    await orders(12);
    while (venue.placeCalls < 12) await work(executor);
    const status = await statusOf(executor);
    expect(status.circuitState).toBe('closed');
    // Six calls without a usable answer are no health, whatever they are.
    expect(status.healthy).toBe(false);
  });

  it('counts anew after an answer that another replica got', async () => {
    const venue = new ScriptedVenue();
    const [a, b] = [harness.replica(venue), harness.replica(venue)];
    venue.places.push(down, down, down, down);
    await orders(4);
    await work(a);
    await until(async () => (await harness.db.query('select from venue_circuit where failures = 4')).rowCount === 1);
    await orders(1);
    await work(b);
    await until(async () => (await harness.db.query('select from venue_circuit where failures = 0')).rowCount === 1);
    venue.places.push(down, down);
    await orders(2);
    await work(a);
    expect((await statusOf(a)).circuitState).toBe('closed');
  });
});

describe('how a venue is doing', () => {
  it('is told the same by every replica, of all their calls: one that did nothing covers up no failures', async () => {
    const venue = new ScriptedVenue();
    const [busy, idle] = [harness.replica(venue), harness.replica(venue)];
    venue.places.push(down);
    await orders(4);
    while (venue.placeCalls < 4) await work(busy);
    const told = await statusOf(busy);
    expect(told).toMatchObject({ totalExecutions: 4, successRate: 0.75 });
    expect(told.p99LatencyMs).toBeGreaterThanOrEqual(told.p50LatencyMs!);
    const { successRate, totalExecutions, p95LatencyMs } = await statusOf(idle);
    expect({ successRate, totalExecutions, p95LatencyMs }).toEqual({
      successRate: 0.75,
      totalExecutions: 4,
      p95LatencyMs: told.p95LatencyMs,
    });
  });
});

describe('a budget of calls', () => {
  const MISSION = { budget: { perSecond: 10, burst: 20 } } as Partial<ExecutionConfig>;

  it('is one for all replicas: together they send no more than it allows, and lose nothing', async () => {
    const venue = new ScriptedVenue();
    const [a, b] = [harness.replica(venue, MISSION), harness.replica(venue, MISSION)];
    const routed = await orders(24);
    const started = performance.now();
    while (venue.placeCalls < routed.length) {
      await work(a, b);
      expect(venue.placeCalls).toBeLessThanOrEqual(20 + ((performance.now() - started) / 1_000) * 10);
    }
    // Entries leave a third of the common tokens to others: after the first nine they go at the budget's pace.
    expect(performance.now() - started).toBeGreaterThan(1_000);
    for (const { orderId } of routed)
      expect(await harness.task(orderId)).toMatchObject({ status: 'done', attempts: 1 });
  });

  it('keeps room for a stop-loss when entries have used theirs up', async () => {
    const venue = new ScriptedVenue();
    const executor = harness.replica(venue, { budget: { perSecond: 0.01, burst: 20 } } as Partial<ExecutionConfig>);
    await orders(15);
    await work(executor);
    expect(venue.placeCalls).toBe(9);
    const [stop] = await orders(1, { signalType: 'stop_loss', priority: 1, reduceOnly: true });
    await work(executor);
    expect((await harness.events(stop!.orderId))[0]?.type).toBe('OrderPlaced');
    expect(venue.placeCalls).toBe(10);
  });

  it('refuses an order that would be too old when its token comes, so that it may go elsewhere', async () => {
    const venue = new ScriptedVenue();
    const executor = harness.replica(venue, { budget: { perSecond: 0.01, burst: 20 } } as Partial<ExecutionConfig>);
    await orders(9);
    await work(executor);
    const [late] = await orders(1);
    await work(executor);
    expect(venue.placeCalls).toBe(9);
    expect(await failureOf(late!)).toMatchObject({
      code: 'VENUE_BUDGET_SPENT',
      retriable: true,
      facts: { reason: 'budget', class: 'entry' },
    });
  });

  it('hands an order back that would wait long, where routing saw another venue', async () => {
    const venue = new ScriptedVenue();
    const executor = harness.replica(venue, { budget: { perSecond: 0.2, burst: 20 } } as Partial<ExecutionConfig>);
    await orders(9);
    await work(executor);
    const [other] = await orders(1, elsewhere());
    const [patient] = await orders(1);
    await work(executor);
    expect(await failureOf(other!)).toMatchObject({ code: 'VENUE_BUDGET_SPENT', retriable: true });
    expect(await harness.task(patient!.orderId)).toMatchObject({ status: 'queued', attempts: 0 });
  });

  it('of one account holds up that account alone', async () => {
    const venue = new ScriptedVenue();
    const executor = harness.replica(venue, {
      budget: { perAccountPerSecond: 0.01, perAccountBurst: 4 },
      claimsPerUser: 20,
    } as Partial<ExecutionConfig>);
    await harness.account('busy', 'busy');
    const pairs = Array.from({ length: 5 }, (_, i) => `AB${i}-USDT` as const);
    await harness.route(...pairs.map((pair) => ({ userId: 'busy', accountId: 'busy', pair, venueSymbol: pair })));
    const others = await orders(5);
    await work(executor);
    expect(venue.ledger.filter(({ accountKey }) => accountKey === 'key-of-busy')).toHaveLength(1);
    for (const { orderId } of others) expect((await harness.events(orderId))[0]?.type).toBe('OrderPlaced');
  });

  it('is not asked for what the venue is not asked: a report of a simulated account draws nothing', async () => {
    await harness.account('sim', 'user-sim', 'simulated');
    await harness.request('request-1', 'sim', 'user-sim');
    await work(harness.replica(new ScriptedVenue()));
    expect((await harness.db.query('select from rate_budgets')).rowCount).toBe(0);
  });

  it('lets polls use no more than their share', async () => {
    const venue = new ScriptedVenue();
    const executor = harness.replica(venue, {
      budget: { perSecond: 0.01, burst: 20 },
    } as Partial<ExecutionConfig>);
    for (let i = 0; i < 12; i += 1) await harness.account(`polled-${i}`, `polled-user-${i}`);
    const told = executor.balances.round();
    await until(() => venue.balanceCalls === 6);
    await orders(3);
    await work(executor);
    expect([venue.balanceCalls, venue.placeCalls]).toEqual([6, 3]);
    executor.guard.stop();
    await told;
  });
});

describe('what the venue says of its limits', () => {
  const says = (venue: ScriptedVenue, usage: Partial<Usage>): void => {
    for (const tell of venue.tell.values()) tell({ limits: [], shut: null, ...usage });
  };
  const used = (count: number) => [{ counts: 'weight', used: count, windowMs: 60_000, endsInMs: 30_000 }] as const;

  it('bounds what all replicas send, from the next draw of the one who heard it', async () => {
    const venue = new ScriptedVenue();
    const config = { budget: { weight: 6_000 } } as Partial<ExecutionConfig>;
    const [a, b] = [harness.replica(venue, config), harness.replica(venue, config)];
    await orders(1);
    await work(a);
    says(venue, { limits: used(5_999) });
    const [refusedByA] = await orders(1, { sendBy: new Date(Date.now() + 20_000).toISOString() });
    await work(a);
    expect(await failureOf(refusedByA!)).toMatchObject({ code: 'VENUE_BUDGET_SPENT' });
    const [waitsForB] = await orders(1, { sendBy: new Date(Date.now() + 60_000).toISOString() });
    await work(b);
    expect(await harness.task(waitsForB!.orderId)).toMatchObject({ status: 'queued' });
    expect(venue.placeCalls).toBe(1);
  });

  it('by 429 or 418 keeps all replicas away as long as it asks, and says so', async () => {
    const venue = new ScriptedVenue();
    const [a, b] = [harness.replica(venue), harness.replica(venue)];
    await orders(1);
    await work(a);
    says(venue, { shut: { whom: 'address', forMs: 120_000 } });
    await until(async () => (await harness.db.query('select from rate_closures')).rowCount === 1);
    const [order] = await orders(1);
    await work(b);
    expect(await failureOf(order!)).toMatchObject({
      code: 'VENUE_UNHEALTHY',
      retriable: true,
      facts: { reason: 'closed' },
    });
    expect(venue.placeCalls).toBe(1);
    for (const replica of [a, b]) expect(await statusOf(replica)).toMatchObject({ healthy: false });
    // A shorter wait does not cut a longer one.
    says(venue, { shut: { whom: 'address', forMs: 10 } });
    await orders(1);
    await work(a, b);
    expect(venue.placeCalls).toBe(1);
  });

  it('of one account’s orders keeps that account’s orders back, and nobody else’s; its balances are still asked for', async () => {
    const venue = new ScriptedVenue();
    const [a, b] = [harness.replica(venue), harness.replica(venue)];
    const [first] = await orders(1);
    await work(a);
    venue.tell.get(`key-of-${first!.accountId}`)?.({ limits: [], shut: { whom: 'account', forMs: 60_000 } });
    await until(async () => (await harness.db.query('select from rate_closures')).rowCount === 1);
    const [again] = await harness.route({ userId: first!.userId, accountId: first!.accountId });
    const [other] = await orders(1);
    await work(b);
    expect(await failureOf(again!)).toMatchObject({ code: 'VENUE_UNHEALTHY', facts: { reason: 'closed' } });
    expect((await harness.events(other!.orderId))[0]?.type).toBe('OrderPlaced');
    await b.balances.round();
    expect(venue.balanceCalls).toBeGreaterThan(0);
    expect(await statusOf(b)).toMatchObject({ healthy: true });
  });
});

describe('a venue that answers slowly', () => {
  const slowly: PlaceScript = async (venue, order, key) => {
    await new Promise((resolve) => setTimeout(resolve, 60));
    return venue.accepted(venue.take(order, key));
  };

  it('gets no entries, which may go elsewhere, and still gets exits and stop-losses; it recovers by itself', async () => {
    const venue = new ScriptedVenue();
    const executor = harness.replica(venue, { slowMs: 50 });
    venue.places.push(...Array<PlaceScript>(5).fill(slowly));
    await orders(5);
    await work(executor);
    expect(await statusOf(executor)).toMatchObject({ healthy: false, circuitState: 'closed' });

    const [entry] = await orders(1);
    const [exit] = await orders(1, { signalType: 'exit', priority: 2, reduceOnly: true, side: 'sell' });
    const [stop] = await orders(1, { signalType: 'stop_loss', priority: 1, reduceOnly: true, side: 'sell' });
    await work(executor);
    expect(await failureOf(entry!)).toMatchObject({ code: 'VENUE_SLOW', retriable: true, facts: { limitMs: 50 } });
    for (const order of [exit, stop]) expect((await harness.events(order!.orderId))[0]?.type).toBe('OrderPlaced');

    // Questions are asked by themselves; when the last twenty calls were fast again, entries go.
    for (let probes = 0; !(await statusOf(executor)).healthy; probes += 1) {
      expect(probes).toBeLessThan(25);
      await executor.guard.round();
    }
    const [again] = await orders(1);
    await work(executor);
    expect((await harness.events(again!.orderId))[0]?.type).toBe('OrderPlaced');
  });
});
