import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { OrderRouted } from '@switchyard/contracts';
import type { Database } from '@switchyard/persistence';
import { testDatabase } from '@switchyard/persistence/testing';
import { until } from '@switchyard/testing';
import { openHarness, type Harness } from '../testing/harness.js';
import { ScriptedVenue, type PlaceScript } from '../testing/scripted-venue.js';

const postgres = testDatabase();
let harness: Harness;

beforeAll(async () => {
  harness = await openHarness(postgres);
});
afterEach(() => harness.reset());

/** The harness's database, whose commits of what was learned can be held up. */
const heldUp = () => {
  const { db } = harness;
  let release: () => void = () => undefined;
  let gate: Promise<void> | undefined;
  const held: Database = {
    schema: db.schema,
    query: (statement, parameters) => db.query(statement, parameters),
    transaction: async (work) => {
      await gate;
      return db.transaction(work);
    },
    listen: db.listen.bind(db),
    notify: db.notify.bind(db),
    close: () => Promise.resolve(),
  };
  const hold = (): void => {
    gate = new Promise((resolve) => (release = resolve));
  };
  return { held, hold, release: () => (release(), (gate = undefined)) };
};

const orders = async (count: number, more: Partial<OrderRouted> = {}): Promise<void> => {
  for (let i = 0; i < count; i += 1) {
    made += 1;
    await harness.account(`acc-${made}`, `user-${made}`);
    await harness.route({ userId: `user-${made}`, accountId: `acc-${made}`, ...more });
  }
};
let made = 0;

/** Orders stay out until they are let go. */
const hanging = () => {
  const out: (() => void)[] = [];
  const script: PlaceScript = async (venue, order, key) => {
    await new Promise<void>((resolve) => out.push(resolve));
    return venue.accepted(venue.take(order, key));
  };
  return { out, script };
};

describe('an order’s place', () => {
  it('is free again when the venue has answered, while the answer is being stored', async () => {
    const venue = new ScriptedVenue();
    const { held, hold, release } = heldUp();
    const executor = harness.replica(venue, { workers: 2 }, { db: held });
    await orders(6);
    // All are claimed at once, then nothing can be stored any more.
    const { out, script } = hanging();
    venue.places.push(script, script);
    await executor.workers.round();
    await until(() => out.length === 2);
    hold();
    for (const go of out) go();
    await until(() => venue.ledger.length === 6);
    expect(executor.workers.inFlight).toBe(6);
    release();
    await until(() => executor.workers.inFlight === 0);
    expect((await harness.db.query("select from orders where status = 'filled'")).rowCount).toBe(6);
  });

  it('is not taken any more once too many answers wait to be stored', async () => {
    const venue = new ScriptedVenue();
    const { held, hold, release } = heldUp();
    const executor = harness.replica(venue, { workers: 1, claimSize: 30, claimsPerUser: 30 }, { db: held });
    await orders(16);
    const { out, script } = hanging();
    venue.places.push(script);
    await executor.workers.round();
    await until(() => out.length === 1);
    hold();
    out[0]?.();
    await until(() => venue.ledger.length === 10);
    expect(executor.workers.inFlight).toBe(16);
    release();
    await until(() => executor.workers.inFlight === 0);
    expect(venue.ledger).toHaveLength(16);
  });

  it('goes to a stop-loss before entries that were claimed earlier', async () => {
    const venue = new ScriptedVenue();
    const executor = harness.replica(venue, { workers: 1, claimSize: 8 });
    const { out, script } = hanging();
    venue.places.push(script);
    await orders(3);
    await executor.workers.round();
    await until(() => out.length === 1);
    await orders(1, { signalType: 'stop_loss', priority: 1, reduceOnly: true, side: 'sell' });
    await until(async () => {
      await executor.workers.round();
      return executor.workers.inFlight === 4;
    });
    out[0]?.();
    await until(() => executor.workers.inFlight === 0);
    expect(venue.ledger.map(({ order }) => order.side)).toEqual(['buy', 'sell', 'buy', 'buy']);
  });
});

describe('requests for the state of accounts', () => {
  it('have a few places of their own: a sweep over all accounts holds up no order', async () => {
    const venue = new ScriptedVenue();
    const answers: (() => void)[] = [];
    venue.onBalances = () => new Promise<void>((resolve) => answers.push(resolve));
    const executor = harness.replica(venue, { workers: 4 });
    for (let i = 0; i < 6; i += 1) {
      await harness.account(`swept-${i}`, `swept-user-${i}`);
      await harness.request(`request-${i}`, `swept-${i}`, `swept-user-${i}`);
    }
    const round = await executor.workers.round();
    await until(() => answers.length === 1);
    // The others are in the queue, under nobody's lease, and looked at again soon.
    expect((await harness.db.query("select from execution_tasks where status = 'executing'")).rowCount).toBe(1);
    expect(round.nextInMs).toBe(500);
    await orders(4);
    await until(async () => {
      await executor.workers.round();
      return venue.ledger.length === 4;
    });
    expect(answers).toHaveLength(1);
    const rest = until(async () => {
      await executor.workers.round();
      for (const answer of answers.splice(0)) answer();
      return (await harness.events()).filter(({ type }) => type === 'VenueStateReported').length === 6;
    });
    await rest;
  });
});
