import { afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { OrderRouted } from '@switchyard/contracts';
import { VENUES } from '@switchyard/exchanges';
import { testDatabase } from '@switchyard/persistence/testing';
import { until } from '@switchyard/testing';
import type { Executor } from '../executor.js';
import { accessTo, clientOrderIdOf, openHarness, type Harness } from '../testing/harness.js';
import { ScriptedVenue, couldNotAsk, unknownOutcome, type PlaceScript } from '../testing/scripted-venue.js';
import { inherit } from '../adapters/postgres/leases.js';

const postgres = testDatabase();
let harness: Harness;

beforeAll(async () => {
  harness = await openHarness(postgres);
});
afterEach(() => harness.reset());

const work = async (executor: Executor): Promise<void> => {
  await executor.workers.round();
  await until(() => executor.workers.inFlight === 0);
};

const poll = async (executor: Executor): Promise<void> => {
  await harness.makeDue();
  await executor.poller.round();
};

const typesOf = async (orderId: string) => (await harness.events(orderId)).map(({ type }) => type);
const one = async (order: Partial<OrderRouted> = {}): Promise<OrderRouted> => {
  const [routed] = await harness.route(order);
  return routed!;
};

/** The ledger holds exactly one row of this order. */
const expectOnce = (venue: ScriptedVenue, order: OrderRouted): void => {
  expect(venue.rowsOf(clientOrderIdOf(order.orderId))).toHaveLength(1);
};

const never = <T>(): Promise<T> => new Promise<T>(() => undefined);
const lostReply: PlaceScript = (venue, order, key) => {
  venue.take(order, key);
  return Promise.resolve(unknownOutcome('connectionLost'));
};
const neverArrives: PlaceScript = () => Promise.resolve(unknownOutcome());

describe('an order of a paper account', () => {
  beforeAll(() => undefined);

  it('is placed and filled, told once with dense versions, and caused by its routing', async () => {
    const venue = new ScriptedVenue();
    await harness.account('acc-1', 'user-1');
    const order = await one();
    await work(harness.replica(venue));

    const events = await harness.events(order.orderId);
    expect(events.map(({ type, payload }) => [type, payload['orderVersion']])).toEqual([
      ['OrderPlaced', 1],
      ['OrderFilled', 2],
    ]);
    expect(events[0]).toMatchObject({
      key: 'user-1',
      cause: { id: `routed-${order.orderId}`, correlationId: order.signalId },
    });
    expect(events[1]!.payload).toMatchObject({
      tradeId: 't-1-1',
      venueOrderId: 'v-1',
      clientOrderId: clientOrderIdOf(order.orderId),
      cumulativeQuantity: '0.01',
      leavesQuantity: '0',
      orderStatus: 'filled',
      dryRun: true,
    });
    expectOnce(venue, order);
    expect(await harness.task(order.orderId)).toMatchObject({ status: 'done', attempts: 1 });
    expect(venue.keysSeen).toEqual(new Set(['key-of-acc-1']));
  });

  it('is queued once, however often its routing is delivered', async () => {
    const venue = new ScriptedVenue();
    await harness.account('acc-1', 'user-1');
    const order = await one();
    await harness.route(order, order);
    const executor = harness.replica(venue);
    await work(executor);
    await harness.route(order);
    await work(executor);
    expectOnce(venue, order);
    expect(venue.placeCalls).toBe(1);
  });

  it('has its intent stored before its request leaves', async () => {
    const venue = new ScriptedVenue();
    await harness.account('acc-1', 'user-1');
    const order = await one();
    let intent: Record<string, unknown> = {};
    venue.places.push(async (scripted, placed, key) => {
      intent = await harness.row(order.orderId);
      return scripted.accepted(scripted.take(placed, key));
    });
    await work(harness.replica(venue));
    expect(intent).toMatchObject({
      status: 'executing',
      client_order_id: clientOrderIdOf(order.orderId),
      attempt: 1,
      lease_epoch: '1',
      mode: 'paper',
    });
    const sendBy = intent['send_by'] as Date;
    expect((intent['venue_expiry'] as Date).getTime()).toBe(sendBy.getTime() + 5_000 + 1);
  });

  it('is given longer where the venue does not promise to heed its expiry at once', async () => {
    const venue = new ScriptedVenue();
    await harness.account('acc-1', 'user-1');
    const order = await one();
    const capabilities = { ...VENUES.binance.capabilities, expiryLeewayMs: 120_000 };
    let windowMs = 0;
    venue.places.push((scripted, placed, key, { recvWindowMs }) => {
      windowMs = recvWindowMs;
      return Promise.resolve(scripted.accepted(scripted.take(placed, key)));
    });
    await work(harness.replica(venue, {}, { access: { ...accessTo(venue), capabilities } }));
    const { send_by: sendBy, venue_expiry: expiry } = await harness.row(order.orderId);
    expect((expiry as Date).getTime()).toBe((sendBy as Date).getTime() + 5_000 + 1 + 120_000);
    expect(windowMs).toBe(5_000);
  });

  it('is looked up from when its intent was stored: nothing of it can have been sent before', async () => {
    const venue = new ScriptedVenue();
    venue.places.push(lostReply);
    await harness.account('acc-1', 'user-1');
    const order = await one();
    const executor = harness.replica(venue);
    await work(executor);
    const seen: (number | undefined)[] = [];
    venue.lookups.push((scripted, ref, key) => {
      seen.push(ref.sentAfterMs);
      return Promise.resolve(scripted.find(ref, key));
    });
    await poll(executor);
    const { created_at: createdAt } = await harness.row(order.orderId);
    expect(Math.abs((seen[0] ?? 0) - (createdAt as Date).getTime())).toBeLessThanOrEqual(1);
  });

  it('is refused by the venue: one event, retriable, nothing asked about it later', async () => {
    const venue = new ScriptedVenue();
    await harness.account('acc-1', 'user-1');
    const order = await one();
    venue.places.push(() =>
      Promise.resolve({
        kind: 'refused',
        code: 'INSUFFICIENT_FUNDS',
        message: 'Too little.',
        facts: {},
        venueCode: '-2010',
        retryAfterMs: null,
        evidence: null,
      }),
    );
    await work(harness.replica(venue));
    expect(await harness.events(order.orderId)).toMatchObject([
      {
        type: 'OrderFailed',
        payload: {
          code: 'INSUFFICIENT_FUNDS',
          status: 'rejected',
          retriable: true,
          orderVersion: 1,
          cumulativeQuantity: '0',
          facts: { venueCode: '-2010' },
        },
      },
    ]);
    expect(await harness.row(order.orderId)).toMatchObject({ status: 'rejected', next_poll_at: null });
  });

  it('that was not sent is tried again under the same client order id, and handed back where routing has another venue', async () => {
    const venue = new ScriptedVenue();
    const notSent: PlaceScript = () =>
      Promise.resolve({ kind: 'notSent', reason: 'connect', message: 'no route', retryAfterMs: null });
    venue.places.push(notSent, notSent);
    await harness.account('acc-1', 'user-1');
    const alternative = { chosen: false, venue: 'kraken', accountId: 'x' };
    const alone = await one();
    const lucky = await one({ pair: 'ETH-USDT', decision: { ...alone.decision, venues: [alternative] } });
    const executor = harness.replica(venue);
    await work(executor);
    expect(await harness.task(alone.orderId)).toMatchObject({
      status: 'queued',
      attempts: 1,
      last_error: 'VENUE_UNREACHABLE',
    });
    expect(await harness.events(lucky.orderId)).toMatchObject([
      { type: 'OrderFailed', payload: { code: 'VENUE_UNREACHABLE', retriable: true, status: 'failed' } },
    ]);

    await harness.db.query('update execution_tasks set not_before = now()');
    await work(executor);
    expect(await typesOf(alone.orderId)).toEqual(['OrderPlaced', 'OrderFilled']);
    expectOnce(venue, alone);
    expect(await harness.row(alone.orderId)).toMatchObject({ attempt: 2 });
  });

  it('rests, is polled, fills in parts and ends with what was filled', async () => {
    const venue = new ScriptedVenue();
    await harness.account('acc-1', 'user-1');
    const order = await one({ orderType: 'limit', limitPrice: '63000', timeInForce: 'gtc', quantity: '1' });
    const executor = harness.replica(venue);
    await work(executor);
    const [row] = venue.ledger;
    venue.fill(row!, '0.4');
    await poll(executor);
    await poll(executor); // the same report again
    expect(await typesOf(order.orderId)).toEqual(['OrderPlaced', 'OrderFilled']);
    row!.state = 'cancelled';
    await poll(executor);
    const events = await harness.events(order.orderId);
    expect(events.at(-1)).toMatchObject({
      type: 'OrderCancelled',
      payload: { cumulativeQuantity: '0.4', orderVersion: 3 },
    });
    expect(await harness.row(order.orderId)).toMatchObject({ status: 'cancelled' });
  });

  it('is not ended while the venue’s fills do not add up to what it says was filled', async () => {
    const venue = new ScriptedVenue();
    await harness.account('acc-1', 'user-1');
    const order = await one({ orderType: 'limit', limitPrice: '63000', timeInForce: 'gtc', quantity: '1' });
    const executor = harness.replica(venue);
    await work(executor);
    const row = venue.ledger[0]!;
    venue.fill(row, '0.4');
    row.state = 'cancelled';
    venue.lookups.push((scripted) =>
      Promise.resolve({ kind: 'found', order: scripted.reportOf(row), fills: [], fillsComplete: false }),
    );
    await poll(executor);
    expect(await typesOf(order.orderId)).toEqual(['OrderPlaced']);
    await poll(executor);
    expect(await typesOf(order.orderId)).toEqual(['OrderPlaced', 'OrderFilled', 'OrderCancelled']);
  });

  it('takes a fill that the venue tells after the end', async () => {
    const venue = new ScriptedVenue();
    await harness.account('acc-1', 'user-1');
    const order = await one({ orderType: 'limit', limitPrice: '63000', quantity: '1' });
    const executor = harness.replica(venue);
    venue.places.push((scripted, placed, key) => {
      const row = scripted.take(placed, key);
      row.state = 'expired';
      return Promise.resolve(scripted.accepted(row));
    });
    await work(executor);
    expect(await typesOf(order.orderId)).toEqual(['OrderPlaced', 'OrderExpired']);
    venue.fill(venue.ledger[0]!, '0.3');
    await poll(executor);
    await poll(executor);
    expect((await harness.events(order.orderId)).at(-1)).toMatchObject({
      type: 'OrderFilled',
      payload: { cumulativeQuantity: '0.3', orderVersion: 3 },
    });
    expect(await harness.row(order.orderId)).toMatchObject({ status: 'expired', cumulative_quantity: '0.3' });
  });

  it('is not changed by a fill beyond what was ordered: a person is called, once', async () => {
    const venue = new ScriptedVenue();
    await harness.account('acc-1', 'user-1');
    const order = await one({ orderType: 'limit', limitPrice: '63000', timeInForce: 'gtc', quantity: '1' });
    const executor = harness.replica(venue);
    await work(executor);
    venue.fill(venue.ledger[0]!, '1.5');
    await poll(executor);
    await poll(executor);
    expect(await harness.row(order.orderId)).toMatchObject({ status: 'placed', cumulative_quantity: '0' });
    const alarms = (await harness.events()).filter(({ type }) => type === 'SystemError');
    expect(alarms).toMatchObject([
      {
        key: 'execution-binance',
        payload: { code: 'OVERFILL', severity: 'critical', facts: { orderId: order.orderId } },
      },
    ]);
  });
});

describe('an order whose outcome is unknown', () => {
  it('whose reply was lost is found by its client order id, and never sent again', async () => {
    const venue = new ScriptedVenue();
    venue.places.push(lostReply);
    await harness.account('acc-1', 'user-1');
    const order = await one();
    const executor = harness.replica(venue);
    await work(executor);
    expect(await harness.row(order.orderId)).toMatchObject({ status: 'unknown' });
    expect(await harness.events(order.orderId)).toEqual([]);
    await poll(executor);
    expect(await typesOf(order.orderId)).toEqual(['OrderPlaced', 'OrderFilled']);
    expectOnce(venue, order);
    expect(venue.placeCalls).toBe(1);
  });

  it('never arrived only after three negative answers past the venue’s expiry; what could not be asked never counts', async () => {
    const venue = new ScriptedVenue();
    venue.places.push(neverArrives);
    await harness.account('acc-1', 'user-1');
    const order = await one();
    const executor = harness.replica(venue);
    await work(executor);
    for (let early = 0; early < 4; early += 1) await poll(executor);
    expect(await harness.row(order.orderId)).toMatchObject({ status: 'unknown', negatives: 0 });

    harness.clock.offsetMs = 60_000;
    await poll(executor);
    await poll(executor);
    venue.lookups.push(() => Promise.resolve(couldNotAsk));
    await poll(executor);
    expect(await harness.row(order.orderId)).toMatchObject({ status: 'unknown', negatives: 2 });
    await poll(executor);
    expect(await harness.events(order.orderId)).toMatchObject([
      { type: 'OrderFailed', payload: { code: 'NEVER_ARRIVED', retriable: false, status: 'failed' } },
    ]);
    expect(await harness.task(order.orderId)).toMatchObject({ status: 'failed' });
    expect(venue.placeCalls).toBe(1);
  });

  it('stays so while the venue says what cannot be: nothing of it is believed, it is kept, and a person is called once', async () => {
    const venue = new ScriptedVenue();
    const nonsense = {
      reason: 'nonsense',
      message: 'a quantity below zero',
      evidence: { httpStatus: 200, body: '{"executedQty":"-1"}' },
    } as const;
    venue.places.push((scripted, order, key) => {
      scripted.take(order, key);
      return Promise.resolve({ kind: 'outcomeUnknown', ...nonsense });
    });
    const mad = () => Promise.resolve({ kind: 'couldNotAsk', ...nonsense, code: null, retryAfterMs: null } as const);
    venue.lookups.push(mad, mad);
    await harness.account('acc-1', 'user-1');
    const order = await one();
    const executor = harness.replica(venue);
    await work(executor);
    await poll(executor);
    await poll(executor);
    expect(await harness.row(order.orderId)).toMatchObject({
      status: 'unknown',
      cumulative_quantity: '0',
      negatives: 0,
    });
    expect((await harness.events()).map(({ type, payload }) => [type, payload['code']])).toEqual([
      ['SystemError', 'VENUE_NONSENSE'],
    ]);
    const { rows } = await harness.db.query(
      'select action, response_code, response_body from execution_logs order by log_id',
    );
    expect(rows).toEqual(
      ['place', 'lookup', 'lookup'].map((action) => ({
        action,
        response_code: 200,
        response_body: '{"executedQty":"-1"}',
      })),
    );
    await poll(executor);
    expect(await typesOf(order.orderId)).toEqual(['OrderPlaced', 'OrderFilled']);
    expectOnce(venue, order);
  });

  it('lives when a fill shows up after all', async () => {
    const venue = new ScriptedVenue();
    await harness.account('acc-1', 'user-1');
    const order = await one();
    let late: Parameters<PlaceScript>[1] | undefined;
    venue.places.push((_, placed) => {
      late = placed;
      return Promise.resolve(unknownOutcome());
    });
    const executor = harness.replica(venue);
    await work(executor);
    harness.clock.offsetMs = 60_000;
    for (let negative = 0; negative < 3; negative += 1) await poll(executor);
    venue.take(late!, 'key-of-acc-1');
    await poll(executor);
    expect(await typesOf(order.orderId)).toEqual(
      ['OrderFailed', 'SystemError', 'OrderPlaced', 'OrderFilled'].filter((type) => type !== 'SystemError'),
    );
    expect(await harness.row(order.orderId)).toMatchObject({ status: 'filled' });
  });

  it('calls a person once when it stays so for 30 s', async () => {
    const venue = new ScriptedVenue();
    venue.places.push(neverArrives);
    await harness.account('acc-1', 'user-1');
    const order = await one();
    const executor = harness.replica(venue);
    await work(executor);
    await harness.db.query("update orders set uncertain_since = now() - interval '31 seconds'");
    await poll(executor);
    await poll(executor);
    const alarms = (await harness.events()).filter(({ type }) => type === 'SystemError');
    expect(alarms).toMatchObject([{ payload: { code: 'ORDER_UNKNOWN', facts: { orderId: order.orderId } } }]);
  });

  it('holds its lane: the next order of this account and pair waits, a stop-loss and another pair do not', async () => {
    const venue = new ScriptedVenue();
    venue.places.push(neverArrives);
    await harness.account('acc-1', 'user-1');
    const entry = await one();
    const executor = harness.replica(venue);
    await work(executor);
    const exit = await one({ signalType: 'exit', priority: 2, side: 'sell', reduceOnly: true });
    const stop = await one({ signalType: 'stop_loss', priority: 1, side: 'sell', reduceOnly: true });
    const other = await one({ pair: 'ETH-USDT', venueSymbol: 'ETHUSDT' });
    await work(executor);
    await work(executor); // the stop-loss is out of the way by now
    expect(await harness.task(exit.orderId)).toMatchObject({ status: 'queued' });
    expect(await harness.task(stop.orderId)).toMatchObject({ status: 'done' });
    expect(await harness.task(other.orderId)).toMatchObject({ status: 'done' });
    harness.clock.offsetMs = 20_000;
    for (let negative = 0; negative < 3; negative += 1) await poll(executor);
    expect(await harness.row(entry.orderId)).toMatchObject({ status: 'failed' });
    await work(executor);
    expect(await harness.task(exit.orderId)).toMatchObject({ status: 'done' });
  });
});

describe('a worker that dies', () => {
  it('after its intent and before the request: the heir looks it up, proves that it never arrived, and sends nothing', async () => {
    const venue = new ScriptedVenue();
    venue.places.push(() => never());
    await harness.account('acc-1', 'user-1');
    const order = await one();
    await harness.replica(venue).workers.round();
    await until(() => venue.placeCalls === 1);
    await harness.expireLeases();

    const heir = harness.replica(venue);
    expect(await inherit(harness.db)).toEqual({ orders: 1, requests: 0 });
    expect(await harness.task(order.orderId)).toMatchObject({ status: 'unknown' });
    await heir.workers.round();
    harness.clock.offsetMs = 60_000;
    for (let negative = 0; negative < 3; negative += 1) await poll(heir);
    expect(await harness.events(order.orderId)).toMatchObject([{ payload: { code: 'NEVER_ARRIVED' } }]);
    expect(venue.placeCalls).toBe(1);
    expect(venue.ledger).toHaveLength(0);
  });

  it('after the venue took the order and before it was stored: the heir finds it, and it is told once', async () => {
    const venue = new ScriptedVenue();
    venue.places.push((scripted, placed, key) => {
      scripted.take(placed, key);
      return never();
    });
    await harness.account('acc-1', 'user-1');
    const order = await one();
    await harness.replica(venue).workers.round();
    await until(() => venue.ledger.length === 1);
    await harness.expireLeases();
    await inherit(harness.db);

    const heir = harness.replica(venue);
    await heir.workers.round();
    await poll(heir);
    expect(await typesOf(order.orderId)).toEqual(['OrderPlaced', 'OrderFilled']);
    expectOnce(venue, order);
  });

  it('and wakes up after its lease passed on stores nothing', async () => {
    const venue = new ScriptedVenue();
    let wake: () => void = () => undefined;
    venue.places.push(async (scripted, placed, key) => {
      const row = scripted.take(placed, key);
      await new Promise<void>((resolve) => (wake = resolve));
      return scripted.accepted(row);
    });
    await harness.account('acc-1', 'user-1');
    const order = await one();
    const zombie = harness.replica(venue);
    await zombie.workers.round();
    await until(() => venue.ledger.length === 1);
    await harness.expireLeases();
    await inherit(harness.db);
    wake();
    await until(() => zombie.workers.inFlight === 0);
    expect(await harness.events(order.orderId)).toEqual([]);
    expect(await harness.row(order.orderId)).toMatchObject({ status: 'unknown', version: 0 });

    const heir = harness.replica(venue);
    await poll(heir);
    expect((await harness.events(order.orderId)).map(({ payload }) => payload['orderVersion'])).toEqual([1, 2]);
    expectOnce(venue, order);
  });

  it('in the transaction that claims leaves the order queued, and it is sent once', async () => {
    const venue = new ScriptedVenue();
    await harness.account('acc-1', 'user-1');
    const order = await one();
    await expect(
      harness.db.transaction(async (tx) => {
        await tx.query("update execution_tasks set status = 'executing' where task_id = $1", [order.orderId]);
        throw new Error('killed');
      }),
    ).rejects.toThrow('killed');
    await work(harness.replica(venue));
    expectOnce(venue, order);
  });

  it('after its order ended, with its task queued by mistake: the order’s own state keeps it from being sent', async () => {
    const venue = new ScriptedVenue();
    await harness.account('acc-1', 'user-1');
    const order = await one();
    const executor = harness.replica(venue);
    await work(executor);
    await harness.db.query("update execution_tasks set status = 'queued'");
    await work(executor);
    expectOnce(venue, order);
    expect(await harness.task(order.orderId)).toMatchObject({ status: 'done' });
  });

  it('does not send twice when many replicas claim at once', async () => {
    const venue = new ScriptedVenue();
    for (const user of [1, 2, 3, 4]) await harness.account(`acc-${user}`, `user-${user}`);
    const orders = await harness.route(
      ...Array.from({ length: 40 }, (_, index) => ({
        userId: `user-${(index % 4) + 1}`,
        accountId: `acc-${(index % 4) + 1}`,
        pair: `P${index % 5}-USDT` as const,
      })),
    );
    const replicas = [1, 2, 3].map(() => harness.replica(venue));
    await until(async () => {
      await Promise.all(replicas.map(work));
      const { rows } = await harness.db.query("select 1 from execution_tasks where status <> 'done'");
      return rows.length === 0;
    });
    for (const order of orders) expectOnce(venue, order);
    expect(venue.ledger).toHaveLength(40);
  });

  it('stops in order: what is under way comes home, what was not begun goes back to the queue unsent', async () => {
    const venue = new ScriptedVenue();
    await harness.account('acc-1', 'user-1');
    const orders = await harness.route({ pair: 'A-USDT' }, { pair: 'B-USDT' }, { pair: 'C-USDT' });
    let release: () => void = () => undefined;
    venue.places.push(async (scripted, placed, key) => {
      await new Promise<void>((resolve) => (release = resolve));
      return scripted.accepted(scripted.take(placed, key));
    });
    const executor = harness.replica(venue, { workers: 1 });
    await executor.workers.round();
    await until(() => venue.placeCalls === 1);
    const stopped = executor.workers.stop(5_000);
    release();
    await stopped;
    expect(venue.ledger).toHaveLength(1);
    const statuses = await Promise.all(orders.map(async ({ orderId }) => (await harness.task(orderId))['status']));
    expect(statuses.sort()).toEqual(['done', 'queued', 'queued']);
    await work(harness.replica(venue));
    for (const order of orders) expectOnce(venue, order);
  });
});

describe('the queue', () => {
  it('lets users take turns: one who floods it delays nobody', async () => {
    const venue = new ScriptedVenue();
    const order: string[] = [];
    const seen: PlaceScript = (scripted, placed, key) => {
      order.push(key);
      return Promise.resolve(scripted.accepted(scripted.take(placed, key)));
    };
    venue.places.push(...Array.from({ length: 10 }, () => seen));
    await harness.account('acc-1', 'user-1');
    await harness.account('acc-2', 'user-2');
    await harness.route(...Array.from({ length: 50 }, (_, index) => ({ pair: `P${index}-USDT` as const })));
    await one({ userId: 'user-2', accountId: 'acc-2' });
    await work(harness.replica(venue, { workers: 1, claimSize: 6, claimsPerUser: 5 }));
    expect(order.indexOf('key-of-acc-2')).toBeGreaterThanOrEqual(0);
    expect(order.indexOf('key-of-acc-2')).toBeLessThanOrEqual(1);
    expect(order.filter((key) => key === 'key-of-acc-1').length).toBeLessThanOrEqual(5);
  });

  it('sends one account’s orders of a pair in the order of their arrival', async () => {
    const venue = new ScriptedVenue();
    await harness.account('acc-1', 'user-1');
    const orders = await harness.route({}, {}, {});
    const executor = harness.replica(venue);
    for (let round = 0; round < 3; round += 1) await work(executor);
    expect(venue.ledger.map(({ order }) => order.clientOrderId)).toEqual(
      orders.map(({ orderId }) => clientOrderIdOf(orderId)),
    );
  });

  it.each<[string, Partial<OrderRouted>, string]>([
    ['of another mode than its account', { mode: 'live' }, 'MODE_MISMATCH'],
    ['that is too old', { sendBy: '2026-01-01T00:00:00.000Z' }, 'ORDER_EXPIRED_UNSENT'],
    ['of another user’s account', { userId: 'user-9' }, 'NO_ACCOUNT'],
  ])('refuses an order %s, and sends nothing', async (_, change, code) => {
    const venue = new ScriptedVenue();
    await harness.account('acc-1', 'user-1');
    const order = await one(change);
    await work(harness.replica(venue));
    expect(await harness.events(order.orderId)).toMatchObject([
      { type: 'OrderFailed', payload: { code, orderVersion: 1 } },
    ]);
    expect(venue.placeCalls).toBe(0);
    expect(await harness.task(order.orderId)).toMatchObject({ status: 'failed' });
  });

  it('refuses a live order where the deployment’s switch is off, and one of a paper account whose origin is real', async () => {
    const venue = new ScriptedVenue();
    await harness.account('acc-live', 'user-1', 'live');
    const live = await one({ accountId: 'acc-live', mode: 'live' });
    await work(harness.replica(venue));
    expect(await harness.events(live.orderId)).toMatchObject([
      { payload: { code: 'MODE_MISMATCH', facts: { reason: 'LIVE_TRADING_DISABLED' }, dryRun: false } },
    ]);
    const real = new ScriptedVenue();
    Object.assign(real.venue, { origin: 'https://api.binance.com' });
    await harness.account('acc-1', 'user-2');
    const paper = await one({ userId: 'user-2' });
    await work(harness.replica(real));
    expect(await harness.events(paper.orderId)).toMatchObject([
      { payload: { code: 'MODE_MISMATCH', facts: { reason: 'PAPER_NEEDS_SIMULATED_ORIGIN' } } },
    ]);
    expect(venue.placeCalls + real.placeCalls).toBe(0);
  });

  it('waits for an account whose policy has not come yet', async () => {
    const venue = new ScriptedVenue();
    const order = await one();
    const executor = harness.replica(venue);
    await work(executor);
    expect(await harness.task(order.orderId)).toMatchObject({ status: 'queued' });
    await harness.account('acc-1', 'user-1');
    await harness.db.query('update execution_tasks set not_before = now()');
    await work(executor);
    expectOnce(venue, order);
  });
});

describe('behind an order whose outcome stays unknown', () => {
  const lateBy = (seconds: number) => ({ sendBy: new Date(Date.now() - seconds * 1_000).toISOString() });
  const unknownHead = async (executor: Executor, venue: ScriptedVenue): Promise<void> => {
    venue.places.push(neverArrives);
    await harness.account('acc-1', 'user-1');
    await one();
    await work(executor);
  };

  it('a thousand orders hide nobody’s: another user’s, behind them in the queue, is sent at once', async () => {
    const venue = new ScriptedVenue();
    const executor = harness.replica(venue);
    await unknownHead(executor, venue);
    await harness.route(...Array.from({ length: 1_001 }, () => ({})));
    await harness.account('acc-2', 'user-2');
    const other = await one({ userId: 'user-2', accountId: 'acc-2' });
    await work(executor);
    expect(await harness.task(other.orderId)).toMatchObject({ status: 'done' });
    expect(venue.ledger).toHaveLength(1);
  });

  it('nor do a thousand behind one that is put off', async () => {
    const venue = new ScriptedVenue();
    const executor = harness.replica(venue);
    await harness.account('acc-1', 'user-1');
    await harness.route(...Array.from({ length: 1_002 }, () => ({})));
    await harness.db.query(
      "update execution_tasks set not_before = now() + interval '1 hour' where seq = (select min(seq) from execution_tasks)",
    );
    await harness.account('acc-2', 'user-2');
    const other = await one({ userId: 'user-2', accountId: 'acc-2' });
    await work(executor);
    expect(await harness.task(other.orderId)).toMatchObject({ status: 'done' });
    expect(venue.ledger).toHaveLength(1);
  });

  it('every order is refused at its sendBy, entry or exit, so that what is reserved for it is let go', async () => {
    const venue = new ScriptedVenue();
    const executor = harness.replica(venue);
    await unknownHead(executor, venue);
    const late = await harness.route(
      ...Array.from({ length: 120 }, (_, index) => ({
        ...lateBy(1),
        ...(index % 2 === 0 ? {} : { signalType: 'exit' as const, priority: 2, reduceOnly: true }),
      })),
    );
    const inTime = await one();
    for (let round = 0; round < 3; round += 1) await work(executor);
    const events = await harness.events();
    expect(events.map(({ type }) => type)).toEqual(late.map(() => 'OrderFailed'));
    expect(new Set(events.map(({ payload }) => payload['orderId']))).toEqual(
      new Set(late.map(({ orderId }) => orderId)),
    );
    expect(new Set(events.map(({ payload }) => payload['code']))).toEqual(new Set(['ORDER_EXPIRED_UNSENT']));
    expect(await harness.task(inTime.orderId)).toMatchObject({ status: 'queued' });
    expect(venue.placeCalls).toBe(1);
  });

  it('what came before an order that is put off is sent, what came after it waits', async () => {
    const venue = new ScriptedVenue();
    const executor = harness.replica(venue);
    await harness.account('acc-1', 'user-1');
    const [before, putOff, after] = await harness.route({}, {}, {});
    await harness.db.query("update execution_tasks set not_before = now() + interval '1 hour' where task_id = $1", [
      putOff!.orderId,
    ]);
    await work(executor);
    await work(executor);
    expect(await harness.task(before!.orderId)).toMatchObject({ status: 'done' });
    expect(await harness.task(after!.orderId)).toMatchObject({ status: 'queued' });
  });
});

describe('balances', () => {
  it('are told when an account first appears, and once more after its orders moved them', async () => {
    const venue = new ScriptedVenue();
    await harness.account('acc-1', 'user-1');
    const executor = harness.replica(venue);
    await executor.balances.round();
    await executor.balances.round();
    expect(venue.balanceCalls).toBe(1);
    await harness.route({ pair: 'A-USDT' }, { pair: 'B-USDT' });
    await work(executor);
    await harness.db.query('update accounts set balance_due_at = now() where balance_due_at is not null');
    await executor.balances.round();
    expect(venue.balanceCalls).toBe(2);
    const told = (await harness.events()).filter(({ type }) => type === 'BalanceUpdated');
    expect(told).toHaveLength(2);
    expect(told[0]).toMatchObject({
      key: 'user-1',
      payload: {
        accountId: 'acc-1',
        mode: 'paper',
        balances: [{ currency: 'USDT', total: '1000', free: '1000', locked: '0' }],
      },
    });
  });

  it('of many accounts are told together: the first at once, all others that answered in one append', async () => {
    const venue = new ScriptedVenue();
    const accounts = Array.from({ length: 12 }, (_, index) => `many-${index}`);
    for (const account of accounts) await harness.account(account, `user-of-${account}`);
    const append = jest.spyOn(harness.log, 'append');
    await harness.replica(venue).balances.round();
    expect(append).toHaveBeenCalledTimes(2);
    append.mockRestore();
    const told = (await harness.events()).map(({ payload }) => payload['accountId']);
    expect([...told].sort()).toEqual([...accounts].sort());
  });

  it('are asked for at most each second', async () => {
    const venue = new ScriptedVenue();
    await harness.account('acc-1', 'user-1');
    const executor = harness.replica(venue);
    await executor.balances.round();
    await one();
    await work(executor);
    const { rows } = await harness.db.query<{ wait: number }>(
      'select extract(epoch from balance_due_at - balance_asked_at)::float8 as wait from accounts',
    );
    expect(rows[0]!.wait).toBeCloseTo(1, 3);
  });
});

describe('what changes beside us', () => {
  const balance = (total: string) => [{ asset: 'USDT', total, free: total, locked: '0' }];
  const told = async () =>
    (await harness.events())
      .filter(({ type }) => type === 'BalanceUpdated')
      .map(({ payload }) => (payload['balances'] as readonly { readonly total: string }[])[0]?.total);
  /** Seconds until an account is asked about; undefined where it is not. */
  const dueIn = async (accountId = 'acc-1'): Promise<number | undefined> => {
    const { rows } = await harness.db.query<{ wait: number | null }>(
      'select extract(epoch from balance_due_at - now())::float8 as wait from accounts where account_id = $1',
      [accountId],
    );
    return rows[0]?.wait ?? undefined;
  };
  /** Lets time pass for the accounts. */
  const pass = (seconds: number) =>
    harness.db.query(
      `update accounts set balance_due_at = balance_due_at - $1::float8 * interval '1 s',
         balance_asked_at = balance_asked_at - $1::float8 * interval '1 s', funds_moved_at = funds_moved_at - $1::float8 * interval '1 s'`,
      [seconds],
    );

  it('a deposit is told within the period, although the account never trades', async () => {
    const venue = new ScriptedVenue();
    venue.balances = balance('0');
    await harness.account('acc-1', 'user-1');
    const executor = harness.replica(venue, { balanceRefreshMs: 30_000 });
    await executor.balances.round();
    venue.balances = balance('10000');
    await executor.balances.round();
    expect(await told()).toEqual(['0']);
    await pass(36);
    await executor.balances.round();
    expect(await told()).toEqual(['0', '10000']);
    await pass(36);
    await executor.balances.round();
    expect(venue.balanceCalls).toBe(3);
  });

  it('is asked about each minute by default, each account at times of its own', async () => {
    const executor = harness.replica(new ScriptedVenue());
    const accounts = Array.from({ length: 8 }, (_, index) => `idle-${index}`);
    for (const account of accounts) await harness.account(account, `user-of-${account}`);
    await executor.balances.round();
    const waits = await Promise.all(accounts.map(dueIn));
    for (const wait of waits) {
      expect(wait).toBeGreaterThan(45);
      expect(wait).toBeLessThanOrEqual(72);
    }
    expect(new Set(waits.map((wait) => Math.round(wait!))).size).toBeGreaterThan(3);
  });

  it('is not asked about for simulated accounts, whose balances only we change, nor for disabled ones', async () => {
    const executor = harness.replica(new ScriptedVenue());
    await harness.account('acc-1', 'user-1', 'simulated');
    await harness.account('acc-2', 'user-2');
    await executor.balances.round();
    await executor.simulator.round();
    expect(await dueIn('acc-1')).toBeUndefined();
    await harness.account('acc-2', 'user-2', 'paper', { enabled: false });
    await pass(80);
    await executor.balances.round();
    expect(await dueIn('acc-2')).toBeUndefined();
  });

  it('after a fill balances are asked for at once and once more 1.5 s later, when its parent order has ended', async () => {
    const venue = new ScriptedVenue();
    await harness.account('acc-1', 'user-1');
    const executor = harness.replica(venue);
    await executor.balances.round();
    await pass(5);
    await one();
    await work(executor);
    await executor.balances.round();
    expect(venue.balanceCalls).toBe(2);
    const again = await dueIn();
    expect(again).toBeGreaterThan(0.5);
    expect(again).toBeLessThanOrEqual(1.5);
    await pass(1.5);
    await executor.balances.round();
    expect(venue.balanceCalls).toBe(3);
    expect(await dueIn()).toBeGreaterThan(40);
  });
});

describe('numbers that a venue pads with zeros', () => {
  const padded = (): ScriptedVenue => {
    const venue = new ScriptedVenue();
    venue.price = '7298.67000000';
    venue.fee = { amount: '0.00003424', currency: 'BTC' };
    venue.balances = [{ asset: 'USDT', total: '1000.50000000', free: '0.00000000', locked: '1000.50000000' }];
    return venue;
  };

  it('are told plainly: quantity, price and fee of a fill, and it is the same fill when it is told again', async () => {
    const venue = padded();
    venue.fee = { amount: '0.10000000', currency: 'USDT' };
    await harness.account('acc-1', 'user-1');
    const order = await one({ orderType: 'limit', limitPrice: '7300', timeInForce: 'gtc', quantity: '0.05' });
    const executor = harness.replica(venue);
    await work(executor);
    venue.fill(venue.ledger[0]!, '0.03424000');
    await poll(executor);
    await poll(executor);
    expect((await harness.events(order.orderId)).slice(1)).toMatchObject([
      {
        type: 'OrderFilled',
        payload: {
          quantity: '0.03424',
          price: '7298.67',
          fee: { amount: '0.1', currency: 'USDT' },
          cumulativeQuantity: '0.03424',
        },
      },
    ]);
    expect(await harness.events()).toHaveLength(2);
  });

  it('are told plainly in balances and in reports of an account’s state', async () => {
    const venue = padded();
    const plainly = [{ currency: 'USDT', total: '1000.5', free: '0', locked: '1000.5' }];
    await harness.account('acc-1', 'user-1');
    const executor = harness.replica(venue);
    await executor.balances.round();
    await one({ orderType: 'limit', limitPrice: '7300', timeInForce: 'gtc', quantity: '0.05' });
    await work(executor);
    const row = venue.ledger[0]!;
    venue.ledger[0] = { ...row, order: { ...row.order, quantity: '0.05000000', limitPrice: '7300.00000000' } };
    venue.fill(venue.ledger[0], '0.01000000');
    await harness.request('req-1', 'acc-1', 'user-1');
    await work(executor);
    const events = await harness.events();
    expect(events.find(({ type }) => type === 'BalanceUpdated')!.payload['balances']).toEqual(plainly);
    expect(events.find(({ type }) => type === 'VenueStateReported')!.payload).toMatchObject({
      balances: plainly,
      openOrders: [{ quantity: '0.05', filledQuantity: '0.01', limitPrice: '7300' }],
      fills: [{ quantity: '0.01', price: '7298.67', fee: { amount: '0.00003424' } }],
    });
  });
});

describe('a request for the state of an account', () => {
  it('is answered with the venue’s open orders, balances and fills, once', async () => {
    const venue = new ScriptedVenue();
    await harness.account('acc-1', 'user-1');
    const executor = harness.replica(venue);
    const filled = await one();
    const resting = await one({ orderType: 'limit', limitPrice: '60000', timeInForce: 'gtc' });
    await work(executor);
    await work(executor);
    await harness.request('req-1', 'acc-1', 'user-1');
    await harness.request('req-1', 'acc-1', 'user-1');
    await work(executor);
    const reports = (await harness.events()).filter(({ type }) => type === 'VenueStateReported');
    expect(reports).toHaveLength(1);
    expect(reports[0]!.payload).toMatchObject({
      requestId: 'req-1',
      mode: 'paper',
      missing: [],
      balances: [{ currency: 'USDT' }],
      openOrders: [{ clientOrderId: clientOrderIdOf(resting.orderId), pair: 'BTC-USDT' }],
      fills: [{ tradeId: 't-1-1', clientOrderId: clientOrderIdOf(filled.orderId), pair: 'BTC-USDT' }],
    });
  });

  it('names what could not be asked', async () => {
    const venue = new ScriptedVenue();
    await harness.request('req-1', 'acc-unknown', 'user-1');
    await work(harness.replica(venue));
    const [report] = (await harness.events()).filter(({ type }) => type === 'VenueStateReported');
    expect(report!.payload['missing']).toMatchObject([
      { what: 'open_orders' },
      { what: 'balances' },
      { what: 'fills' },
    ]);
    expect(report!.payload['balances']).toBeUndefined();
  });

  it('has an order looked up again whose fill we have not seen', async () => {
    const venue = new ScriptedVenue();
    await harness.account('acc-1', 'user-1');
    const executor = harness.replica(venue);
    const order = await one({ orderType: 'limit', limitPrice: '60000', timeInForce: 'gtc', quantity: '1' });
    await work(executor);
    venue.fill(venue.ledger[0]!, '0.25');
    await harness.db.query("update orders set next_poll_at = now() + interval '1 hour'");
    await harness.request('req-1', 'acc-1', 'user-1');
    await work(executor);
    await executor.poller.round();
    expect(await typesOf(order.orderId)).toEqual(['OrderPlaced', 'OrderFilled']);
  });
});

describe('secrets', () => {
  it('are in no log line, no table and no event', async () => {
    const venue = new ScriptedVenue();
    await harness.account('acc-1', 'user-1');
    venue.places.push(() => Promise.reject(new Error('the client broke')));
    const executor = harness.replica(venue);
    await one();
    await work(executor);
    await poll(executor);
    await executor.balances.round();
    await harness.request('req-1', 'acc-1', 'user-1');
    await work(executor);
    const tables = await Promise.all(
      ['execution_tasks', 'orders', 'fills', 'execution_logs', 'accounts', 'test_events'].map((table) =>
        harness.db.query<{ text: string }>(`select coalesce(json_agg(t)::text, '') as text from ${table} t`),
      ),
    );
    const everything = [
      ...harness.lines,
      ...tables.flatMap(({ rows }) => rows.map(({ text }) => text)),
      JSON.stringify(harness.log.puts),
    ].join('\n');
    expect(everything).toContain('placing threw');
    expect(everything).not.toContain('planted-secret');
    expect(everything).not.toContain('key-of-acc-1');
  });
});
