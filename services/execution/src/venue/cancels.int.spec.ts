import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { OrderRouted } from '@switchyard/contracts';
import type { CancelOutcome } from '@switchyard/exchanges';
import { testDatabase } from '@switchyard/persistence/testing';
import { until } from '@switchyard/testing';
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
const one = async (order: Partial<OrderRouted> = {}): Promise<OrderRouted> => {
  const [routed] = await harness.route({ ...LIMIT, ...order });
  return routed!;
};
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
const typesOf = async (orderId: string) => (await harness.events(orderId)).map(({ type }) => type);
const statusOf = async (orderId: string) => (await harness.row(orderId))['status'];
const rowOf = (venue: ScriptedVenue, { orderId }: OrderRouted) => venue.rowsOf(clientOrderIdOf(orderId))[0]!;

/** An order that rests at the venue. */
const resting = async (order: Partial<OrderRouted> = {}) => {
  const venue = new ScriptedVenue();
  await harness.account('acc-1', 'user-1');
  const executor = harness.replica(venue);
  const routed = await one(order);
  await work(executor);
  expect(await statusOf(routed.orderId)).toBe('placed');
  return { venue, executor, routed };
};

const lost: CancelOutcome = { kind: 'outcomeUnknown', reason: 'connectionLost', message: 'gone', evidence: null };
const notSent: CancelOutcome = { kind: 'notSent', reason: 'connect', message: 'refused', retryAfterMs: null };

describe('an order that somebody wants gone', () => {
  it('ends unsent where it waits, though its account and pair are blocked by another whose outcome is unknown', async () => {
    const venue = new ScriptedVenue();
    await harness.account('acc-1', 'user-1');
    const executor = harness.replica(venue);
    const blocking = await one();
    venue.places.push(() => Promise.resolve(unknownOutcome()));
    await work(executor);
    const waiting = await one();
    await work(executor);
    await harness.cancel(waiting.orderId);
    await executor.canceller.round();
    const [event, ...more] = await harness.events(waiting.orderId);
    expect(more).toEqual([]);
    expect(event).toMatchObject({
      type: 'OrderCancelled',
      key: 'user-1',
      payload: { orderVersion: 1, cumulativeQuantity: '0', reason: 'cancelled as its user asked: changed my mind' },
    });
    expect(await statusOf(blocking.orderId)).toBe('unknown');
    expect(await harness.task(waiting.orderId)).toMatchObject({ status: 'done', attempts: 0 });
    expect(venue.placeCalls).toBe(1);
  });

  it('is cancelled at the venue where it rests, and has ended when a lookup says so, once', async () => {
    const { venue, executor, routed } = await resting();
    await harness.cancel(routed.orderId);
    await executor.canceller.round();
    // The venue's "cancelled" ends nothing.
    expect(await statusOf(routed.orderId)).toBe('cancel_pending');
    expect(await typesOf(routed.orderId)).toEqual(['OrderPlaced']);
    await poll(executor);
    const events = await harness.events(routed.orderId);
    expect(events.map(({ type }) => type)).toEqual(['OrderPlaced', 'OrderCancelled']);
    expect(events[1]!.payload).toMatchObject({ cumulativeQuantity: '0', reason: expect.stringContaining('asked') });
    await cancels(executor);
    await poll(executor);
    expect(venue.cancelCalls).toBe(1);
    expect(await typesOf(routed.orderId)).toHaveLength(2);
  });

  it('is filled where the venue says “cancelled” and fills it', async () => {
    const { venue, executor, routed } = await resting();
    venue.cancels.push((scripted) => {
      scripted.fill(rowOf(scripted, routed), '0.01');
      return Promise.resolve({ kind: 'cancelled', order: null });
    });
    await harness.cancel(routed.orderId);
    await executor.canceller.round();
    await poll(executor);
    expect(await typesOf(routed.orderId)).toEqual(['OrderPlaced', 'OrderFilled']);
    expect(await statusOf(routed.orderId)).toBe('filled');
    expect((await harness.store.cancelWork()).dueInMs).toBeUndefined();
  });

  it('keeps what was filled of it before, and a fill that the venue tells after its end', async () => {
    const { venue, executor, routed } = await resting();
    venue.fill(rowOf(venue, routed), '0.004');
    await poll(executor);
    await harness.cancel(routed.orderId);
    await executor.canceller.round();
    await poll(executor);
    venue.fill(rowOf(venue, routed), '0.006');
    await poll(executor);
    const events = await harness.events(routed.orderId);
    expect(events.map(({ type, payload }) => [type, payload['cumulativeQuantity']])).toEqual([
      ['OrderPlaced', undefined],
      ['OrderFilled', '0.004'],
      ['OrderCancelled', '0.004'],
      ['OrderFilled', '0.01'],
    ]);
  });

  it('is looked up where the cancel’s answer is lost, and asked for again until it is gone', async () => {
    const { venue, executor, routed } = await resting();
    venue.cancels.push(
      () => Promise.resolve(lost),
      (scripted, ref, key) => {
        scripted.cancel(ref, key);
        return Promise.resolve(lost);
      },
    );
    await harness.cancel(routed.orderId);
    await executor.canceller.round();
    await poll(executor);
    expect(await statusOf(routed.orderId)).toBe('cancel_pending');
    await cancels(executor);
    await poll(executor);
    expect(await typesOf(routed.orderId)).toEqual(['OrderPlaced', 'OrderCancelled']);
    expect(venue.cancelCalls).toBe(2);
  });

  it('stays wanted gone while the venue is away, and goes when it is back', async () => {
    const { venue, executor, routed } = await resting();
    venue.cancels.push(() => Promise.resolve(notSent));
    venue.lookups.push(() => Promise.resolve(couldNotAsk));
    await harness.cancel(routed.orderId);
    await executor.canceller.round();
    await poll(executor);
    // Nothing was asked of the venue yet.
    expect(await statusOf(routed.orderId)).toBe('placed');
    await cancels(executor);
    await poll(executor);
    expect(await typesOf(routed.orderId)).toEqual(['OrderPlaced', 'OrderCancelled']);
  });

  it('is as it was where the venue refuses the cancel; a person is called once it refused again and again', async () => {
    const { venue, executor, routed } = await resting();
    await harness.cancel(routed.orderId);
    await executor.canceller.round();
    rowOf(venue, routed).state = 'placed';
    for (let attempt = 2; attempt <= 8; attempt += 1) {
      venue.cancels.push(() =>
        Promise.resolve({
          ...{ kind: 'refused', code: 'VENUE_REFUSED', message: 'no', facts: {}, venueCode: '1', retryAfterMs: null },
          evidence: null,
        }),
      );
      await cancels(executor);
    }
    expect(await statusOf(routed.orderId)).toBe('placed');
    const alarms = (await harness.events()).filter(({ type }) => type === 'SystemError');
    expect(alarms.map(({ payload }) => payload['code'])).toEqual(['CANCEL_UNCONFIRMED']);
    await cancels(executor);
    await poll(executor);
    expect(await statusOf(routed.orderId)).toBe('cancelled');
  });

  it('is cancelled as soon as it is known to be at the venue, where it was being sent', async () => {
    const venue = new ScriptedVenue();
    await harness.account('acc-1', 'user-1');
    const executor = harness.replica(venue);
    const routed = await one();
    venue.places.push(async (scripted, order, key) => {
      await harness.cancel(routed.orderId);
      await executor.canceller.round();
      return scripted.accepted(scripted.take(order, key));
    });
    await work(executor);
    expect(await statusOf(routed.orderId)).toBe('placed');
    await executor.canceller.round();
    await poll(executor);
    expect(await typesOf(routed.orderId)).toEqual(['OrderPlaced', 'OrderCancelled']);
    expect(venue.cancelCalls).toBe(1);
  });

  it('is looked up while it is unknown, and cancelled once it is found', async () => {
    const venue = new ScriptedVenue();
    await harness.account('acc-1', 'user-1');
    const executor = harness.replica(venue);
    const routed = await one();
    venue.places.push((scripted, order, key) => {
      scripted.take(order, key);
      return Promise.resolve(unknownOutcome());
    });
    await work(executor);
    await harness.cancel(routed.orderId);
    await executor.canceller.round();
    expect(await statusOf(routed.orderId)).toBe('unknown');
    expect(venue.cancelCalls).toBe(0);
    await poll(executor);
    await executor.canceller.round();
    await poll(executor);
    expect(await typesOf(routed.orderId)).toEqual(['OrderPlaced', 'OrderCancelled']);
  });

  it('is not tried again where its request was never sent: it ends', async () => {
    const venue = new ScriptedVenue();
    await harness.account('acc-1', 'user-1');
    const executor = harness.replica(venue);
    const routed = await one();
    venue.places.push(async () => {
      await harness.cancel(routed.orderId);
      await executor.canceller.round();
      return { kind: 'notSent', reason: 'connect', message: 'refused', retryAfterMs: null };
    });
    await work(executor);
    expect(await typesOf(routed.orderId)).toEqual(['OrderCancelled']);
    expect(await harness.task(routed.orderId)).toMatchObject({ status: 'done' });
    await executor.canceller.round();
    await work(executor);
    expect(venue.placeCalls).toBe(1);
    expect(await typesOf(routed.orderId)).toHaveLength(1);
  });

  it('is never sent where its cancel came first, by its own id or its parent’s', async () => {
    const venue = new ScriptedVenue();
    await harness.account('acc-1', 'user-1');
    const executor = harness.replica(venue);
    await harness.cancel('own-id');
    await harness.cancel('parent-id');
    await executor.canceller.round();
    await harness.route({ ...LIMIT, orderId: 'own-id' }, { ...LIMIT, orderId: 'a-child', parentOrderId: 'parent-id' });
    // Whoever comes to them first.
    await work(executor);
    await executor.canceller.round();
    expect(await typesOf('own-id')).toEqual(['OrderCancelled']);
    expect(await typesOf('a-child')).toEqual(['OrderCancelled']);
    expect(venue.placeCalls).toBe(0);
  });

  it('goes though the queue is so full that orders stay in the log', async () => {
    const { executor, routed } = await resting();
    await one();
    const waitsInLog = harness.routeInto({ orders: 1, entriesPerUser: 100 });
    await expect(waitsInLog({ ...LIMIT, orderId: 'left-out', accountId: 'acc-2' })).rejects.toThrow(/full/);
    await harness.cancelInto({ orders: 1, entriesPerUser: 100 }, routed.orderId, { ...LIMIT, orderId: 'left-out' });
    await until(async () => (await harness.store.cancelWork()).toMark);
    await executor.canceller.round();
    await poll(executor);
    expect(await statusOf(routed.orderId)).toBe('cancelled');
  });

  it('goes on being cancelled by another replica, where the first died before it heard the venue’s answer', async () => {
    const { venue, executor, routed } = await resting();
    let answer: (outcome: CancelOutcome) => void = () => undefined;
    venue.cancels.push((scripted, ref, key) => {
      scripted.cancel(ref, key);
      return new Promise((resolve) => (answer = resolve));
    });
    await harness.cancel(routed.orderId);
    const { asked } = await executor.canceller.begin();
    await until(() => venue.cancelCalls === 1);
    const other = harness.replica(venue);
    await cancels(other);
    await poll(other);
    expect(await typesOf(routed.orderId)).toEqual(['OrderPlaced', 'OrderCancelled']);
    // A late answer changes nothing any more.
    answer({ kind: 'cancelled', order: null });
    await asked;
    expect(await statusOf(routed.orderId)).toBe('cancelled');
    expect(venue.cancelCalls).toBe(2);
  });

  it('is one of its parent’s children, all of which go; those of others stay', async () => {
    const venue = new ScriptedVenue();
    await harness.account('acc-1', 'user-1');
    await harness.account('acc-2', 'user-2');
    const executor = harness.replica(venue);
    const parentOrderId = 'the-parent';
    const [first, second] = [await one({ parentOrderId }), await one({ parentOrderId, pair: 'ETH-USDT' })];
    const others = await one({ parentOrderId, userId: 'user-2', accountId: 'acc-2' });
    await work(executor);
    await harness.cancel(parentOrderId);
    await executor.canceller.round();
    await poll(executor);
    expect(await statusOf(first.orderId)).toBe('cancelled');
    expect(await statusOf(second.orderId)).toBe('cancelled');
    expect(await statusOf(others.orderId)).toBe('placed');
  });
});
