import { beforeAll, expect, it } from '@jest/globals';
import type { Database, Tx } from '@switchyard/persistence';
import { testDatabase } from '@switchyard/persistence/testing';
import { until } from '@switchyard/testing';
import type { Executor } from '../executor.js';
import { openHarness, type Harness } from '../testing/harness.js';
import { ScriptedVenue, unknownOutcome } from '../testing/scripted-venue.js';

/**
 * Three replicas work off what four users keep sending, and at random moments a scope is halted. From the moment at which anybody could read
 * that nothing of it is unresolved, until it is resumed, no order that opens may come to the venue: by the venue's own ledger.
 */
const postgres = testDatabase();
const USERS = ['ann', 'bob', 'cyd', 'dan'] as const;
const SCOPES = ['global', 'venue:binance', ...USERS.map((user) => `user:${user}`)] as const;
const HALTS = Number(process.env['HALTS'] ?? 10);

let harness: Harness;
beforeAll(async () => {
  harness = await openHarness(postgres);
}, 30_000);

/** Numerical Recipes' generator: a seed that is printed gives the same run again, as far as the machine does. */
const randomOf = (seed: number) => {
  let state = seed >>> 0;
  return (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
};

/** The database of a replica whose claims take their time between the look at the trading states and the intents that follow from it. */
const slow = (db: Database, pauseMs: () => number): Database => ({
  schema: db.schema,
  query: db.query.bind(db),
  listen: db.listen.bind(db),
  notify: db.notify.bind(db),
  close: db.close.bind(db),
  transaction: (work) =>
    db.transaction((tx) => {
      const query: Tx['query'] = async (statement, parameters) => {
        if (typeof statement !== 'string' && statement.name === 'execution-intend')
          await new Promise((resolve) => setTimeout(resolve, pauseMs()));
        return tx.query(statement, parameters);
      };
      return work({ ...tx, transaction: true, query, afterCommit: tx.afterCommit.bind(tx) });
    }),
});

it('no order that opens leaves in the scope of a halt after its acknowledgement, whenever it comes and whoever claims', async () => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
  const random = randomOf(seed);
  const received: { readonly user: string; readonly isOpening: boolean; readonly at: number }[] = [];
  const venue = new ScriptedVenue();
  const client = venue.venue.client;
  const watched: ScriptedVenue = Object.assign(Object.create(ScriptedVenue.prototype) as ScriptedVenue, venue, {
    venue: {
      ...venue.venue,
      client: (...[credentials, ...rest]: Parameters<typeof client>) => {
        const inner = client(credentials, ...rest);
        const user = credentials.apiKey.replace('key-of-acc-', '');
        return {
          ...inner,
          place: async (...[order, limits]: Parameters<typeof inner.place>) => {
            received.push({ user, isOpening: order.side === 'buy', at: performance.now() });
            await new Promise((resolve) => setTimeout(resolve, random(12)));
            const outcome = await inner.place(order, limits);
            return random(60) === 0 ? unknownOutcome() : outcome;
          },
        };
      },
    },
  });
  for (const user of USERS) await harness.account(`acc-${user}`, user);
  const replicas: readonly Executor[] = [1, 2, 3].map(() =>
    harness.replica(
      watched,
      { balanceIntervalMs: 60_000 },
      { pace: { pollMs: 10_000 }, db: slow(harness.db, () => random(70)) },
    ),
  );
  for (const executor of replicas) await executor.start();

  const load = { isOver: false };
  let routed = 0;
  const loading = (async () => {
    while (!load.isOver) {
      await harness.route(
        ...USERS.map((user) => {
          routed += 1;
          const exit = { side: 'sell', signalType: 'exit', reduceOnly: true, priority: 2 } as const;
          return {
            ...{
              userId: user,
              accountId: `acc-${user}`,
              orderId: `o-${routed}`,
              pair: `P${routed % 97}-USDT` as const,
            },
            ...(random(4) === 0 ? exit : {}),
          };
        }),
      );
      for (const executor of replicas) executor.ring({ venue: true, simulator: false, accounts: false });
      await new Promise((resolve) => setTimeout(resolve, 4));
    }
  })();

  const verified = async (scope: string, version: number): Promise<boolean> => {
    const { rowCount } = await harness.db.query(
      `select from test_events where event ->> 'type' = 'TradingStateApplied' and event -> 'payload' ->> 'scope' = $1
         and (event -> 'payload' ->> 'version')::int = $2 and (event -> 'payload' ->> 'unresolved')::int = 0`,
      [scope, version],
    );
    return rowCount > 0;
  };
  try {
    for (let halt = 0; halt < HALTS; halt += 1) {
      await new Promise((resolve) => setTimeout(resolve, random(40)));
      const scope = SCOPES[random(SCOPES.length)] ?? 'global';
      const { version } = await harness.state(scope, { state: random(2) === 0 ? 'halted' : 'reducing' });
      // The others hear of it only by what they read: the memory by which an executor is sooner is no part of the promise.
      replicas[halt % replicas.length]?.ring({ venue: false, simulator: false, accounts: false, states: true });
      await until(() => verified(scope, version));
      const from = performance.now();
      await new Promise((resolve) => setTimeout(resolve, 80 + random(30)));
      const to = performance.now();
      await harness.state(scope, { state: 'active' });
      const isIn = (user: string): boolean => !scope.startsWith('user:') || scope === `user:${user}`;
      const late = received.filter(({ user, isOpening, at }) => isOpening && isIn(user) && at > from && at < to);
      expect({ seed, halt, scope, late }).toEqual({ seed, halt, scope, late: [] });
    }
  } finally {
    load.isOver = true;
    await loading;
    await Promise.all(replicas.map((executor) => executor.stop()));
  }
  // It was a load: orders of everybody came through before, between and after, and exits during the halts.
  for (const user of USERS) expect(received.filter((order) => order.user === user).length).toBeGreaterThan(20);
}, 60_000);
