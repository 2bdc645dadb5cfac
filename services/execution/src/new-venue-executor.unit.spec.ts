import { describe, expect, it } from '@jest/globals';
import type { AccountPolicyChanged, OrderRouted } from '@switchyard/contracts';
import { createMetrics } from '@switchyard/observability';
import { pino } from 'pino';
import { memoryAccountKeys } from './adapters/memory/memory-account-keys.js';
import { MemoryExecutionDatabase, type StoreFaults } from './adapters/memory/memory-database.js';
import { executionConfig } from './config.js';
import { ExecutionMetrics } from './metrics.js';
import { newVenueExecutor } from './new-venue-executor.js';
import type { ExecutionEffect } from './tasks/effects.js';
import { clientOrderIdOf, taskOfOrder } from './tasks/task.js';
import { accessTo } from './testing/harness.js';
import { eventOf, routedOrder, VENUE } from './testing/routed-order.js';
import { ScriptedVenue, unknownOutcome } from './testing/scripted-venue.js';
import { VirtualClock } from './testing/virtual-clock.js';

const silent = pino({ level: 'silent' });
const metrics = new ExecutionMetrics(createMetrics({ service: 'test', process: false }), VENUE);
const policy: AccountPolicyChanged = {
  userId: 'user-1',
  version: 1,
  enabled: true,
  mode: 'paper',
  limits: {},
  accounts: [
    {
      accountId: 'acc-1',
      venue: VENUE,
      mode: 'paper',
      market: 'spot',
      enabled: true,
      usdtAsUsd: true,
      timeZone: 'UTC',
    },
  ],
  changedBy: 'admin',
  changedAt: new Date(0).toISOString(),
};

/** A venue, a store and a clock; replicas come and go. */
const world = (faults: StoreFaults = {}) => {
  const clock = new VirtualClock(Date.now());
  const venue = new ScriptedVenue();
  const database = new MemoryExecutionDatabase({ venue: VENUE, now: clock.now, faults });
  const replica = (owner: string) => {
    const store = database.client(owner);
    const made = newVenueExecutor({
      ...{ store, owner, clock, metrics, logger: silent },
      config: executionConfig(VENUE).parse({}),
      unitOf: store.unitOf,
      guardStore: store.guard,
      access: accessTo(venue),
      keys: memoryAccountKeys(
        new Map([['acc-1', { userId: 'user-1', credentials: { apiKey: 'key', secret: 'secret' } }]]),
      ),
      log: { put: () => Promise.resolve() },
    });
    /** What the stage does with an event. */
    const take = async (effect: ExecutionEffect): Promise<void> => {
      const tx = store.begin();
      await made.intake.apply(tx, [effect]);
      await tx.commit();
    };
    return { ...made, store, take };
  };
  const route = async (to: ReturnType<typeof replica>, order: Partial<OrderRouted> = {}): Promise<OrderRouted> => {
    const routed = routedOrder({ sendBy: new Date(clock.now() + 30_000).toISOString(), ...order });
    await to.take({ kind: 'policy', policy });
    await to.take({ kind: 'enqueue', task: taskOfOrder(eventOf(routed, `routed-${routed.orderId}`)) });
    return routed;
  };
  const told = (orderId: string): readonly string[] =>
    database.events
      .filter(({ payload }) => (payload as { orderId?: string }).orderId === orderId)
      .map(({ type }) => type);
  return { clock, venue, database, replica, route, told };
};

describe('an executor over a store in memory and a clock that is told', () => {
  it('sends an order, and tells what came of it', async () => {
    const { clock, venue, replica, route, told } = world();
    const one = replica('one');
    await one.executor.start();
    const order = await route(one);
    await clock.pass(100);
    expect(venue.rowsOf(clientOrderIdOf(order.orderId))).toHaveLength(1);
    expect(told(order.orderId)).toEqual(['OrderPlaced', 'OrderFilled']);
    const stopping = one.executor.stop();
    await clock.pass(20_000);
    await stopping;
  });

  it('looks up an order whose answer was lost, and never sends it again', async () => {
    const { clock, venue, replica, route, told } = world();
    const one = replica('one');
    await one.executor.start();
    venue.places.push((at, order, key) => {
      at.take(order, key);
      return Promise.resolve(unknownOutcome());
    });
    const order = await route(one);
    await clock.pass(60_000);
    expect(venue.placeCalls).toBe(1);
    expect(told(order.orderId)).toEqual(['OrderPlaced', 'OrderFilled']);
  });

  it.each(['take', 'lease', 'intend', 'lockHeld', 'saveTasks', 'saveOrders', 'saveFills', 'append', 'commit'])(
    'is outlived by its work, whether it dies before or after its first %s',
    async (name) => {
      for (const when of ['before', 'after'] as const) {
        const death: { comes?: () => void } = {};
        const { clock, venue, replica, route, told } = world({
          [when]: (step: { readonly client: string; readonly name: string }) => {
            if (step.client === 'one' && step.name === name) death.comes?.();
          },
        });
        const one = replica('one');
        const order = await route(one);
        death.comes = () => {
          one.store.crash();
        };
        await one.executor.start();
        await clock.pass(1_000);
        const two = replica('two');
        await two.executor.start();
        await clock.pass(120_000);
        // Stored, and its worker dead before it knew: it was not sent, and never will be.
        const isUnsent = name === 'commit' && when === 'after';
        const sent = venue.rowsOf(clientOrderIdOf(order.orderId)).length;
        expect([name, when, sent]).toEqual([name, when, isUnsent ? 0 : 1]);
        expect(told(order.orderId)).toEqual(isUnsent ? ['OrderFailed'] : ['OrderPlaced', 'OrderFilled']);
      }
    },
  );
});
