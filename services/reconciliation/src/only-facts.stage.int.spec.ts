import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Module, type Type } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import type {
  OrderFilled,
  OrderPlaced,
  ReconciliationDrift,
  VenueStateReported,
  VenueStateRequested,
} from '@switchyard/contracts';
import { deriveId, type Batch, type EventLog, type OutgoingEvent } from '@switchyard/log';
import { createLogger, createMetrics } from '@switchyard/observability';
import type { Database, Tx } from '@switchyard/persistence';
import { testDatabase } from '@switchyard/persistence/testing';
import {
  Consume,
  DATABASE,
  EVENT_LOG,
  openPlatform,
  startService,
  type Platform,
  type RunningService,
  type ServiceDefinition,
} from '@switchyard/runtime';
import { until } from '@switchyard/testing';
import fc from 'fast-check';
import { z } from 'zod';
import { reconciliationConfig } from './config.js';
import type { AccountDocument } from './handlers/account-document.js';
import { reconciliation } from './index.js';
import { account, failed, filled, placed, policy, report, snapshot } from './testing/given.js';

const heard: { readonly topic: string; readonly payload: unknown }[] = [];
const of = <T>(topic: string): readonly T[] =>
  heard.filter((event) => event.topic === topic).map(({ payload }) => payload as T);

@Controller()
class Ear {
  @Consume({ topic: 'ReconciliationDrift' })
  onDrift(@Payload() batch: Batch): void {
    this.hear(batch);
  }

  @Consume({ topic: 'VenueStateRequested.binance' })
  onRequest(@Payload() batch: Batch): void {
    this.hear(batch);
  }

  private hear(batch: Batch): void {
    batch.each(({ topic, payload }) => {
      heard.push({ topic, payload });
    });
  }
}

@Module({ controllers: [Ear] })
class Listening {}
@Module({})
class Nothing {}

/** A service that stands for another: it only appends, or only listens. */
const stub = (name: string, module: Type = Nothing): ServiceDefinition<object> => ({
  name,
  config: z.object({}),
  module: () => module,
});

const postgres = testDatabase();
const running: RunningService[] = [];
let platform: Platform;
let db: Database;
let accounts: RunningService;
let executor: RunningService;

const start = async <Config>(definition: ServiceDefinition<Config>, config: Config): Promise<RunningService> => {
  const service = await startService(definition, config, platform);
  running.push(service);
  return service;
};
let service: RunningService;
const startReconciliation = async (): Promise<void> => {
  service = await start(reconciliation, reconciliationConfig.parse({ SWITCHYARD_RECONCILE_SETTLE_S: '5' }));
};
const restart = async (): Promise<void> => {
  running.splice(running.indexOf(service), 1);
  await service.stop();
  await startReconciliation();
};
const append = (from: RunningService, events: readonly OutgoingEvent[]) =>
  from.app.get<Database>(DATABASE).transaction((tx) => from.app.get<EventLog<Tx>>(EVENT_LOG).append(tx, events));
let causes = 0;
const event = (type: string, payload: { readonly userId: string }): OutgoingEvent => {
  causes += 1;
  return { topic: type, type, key: payload.userId, payload, cause: { id: deriveId('test', String(causes)) } };
};
const documents = async (): Promise<ReadonlyMap<string, AccountDocument>> => {
  const { rows } = await db.query<{ key: string; doc: string }>(
    "SELECT key, doc FROM documents WHERE kind = 'account'",
  );
  return new Map(rows.map(({ key, doc }) => [key, JSON.parse(doc) as AccountDocument]));
};
const known = async (userId: string, accountId: string): Promise<void> => {
  await append(accounts, [event('AccountPolicyChanged', policy({ userId, accounts: [account(accountId)] }))]);
};

beforeAll(async () => {
  platform = await openPlatform({
    databaseUrl: postgres.url,
    transport: 'postgres',
    partitions: 4,
    instance: 'test',
    others: false,
    poolSize: 3,
    logger: createLogger({ service: 'test', level: 'silent' }),
    metrics: createMetrics({ service: 'test', process: false }),
    traced: false,
  });
  const market = await start(stub('market-data'), {});
  await market.app
    .get<EventLog<Tx>>(EVENT_LOG)
    .put([{ topic: 'MarketSnapshot', key: 'binance/BTC-USD', version: 1, payload: snapshot }]);
  await start(stub('ear', Listening), {});
  accounts = await start(stub('accounts'), {});
  executor = await start(stub('execution-binance'), {});
  db = await postgres.open('reconciliation', { folder: reconciliation.migrations! });
  await startReconciliation();
}, 60_000);

afterAll(async () => {
  for (const one of running.reverse()) await one.stop();
  await platform.close();
});

/** Times of the venues: ahead of when these accounts were first heard of, so that all of it is judged. Seconds. */
const BASE = Math.ceil(Date.now() / 1_000) + 60;
const at = (seconds: number): string => new Date((BASE + seconds) * 1_000).toISOString();

describe('the books of many accounts, on a real log', () => {
  /** All that is awkward about orders: early and late fills, a cancel and a rejection that fills follow, an end without an order. */
  const story = (userId: string): readonly OutgoingEvent[] => {
    const mine = (orderId: string) => ({ userId, accountId: `${userId}-acc`, orderId: `${userId}-${orderId}` });
    const acknowledged = (orderId: string, change: Partial<OrderPlaced> = {}) =>
      event('OrderPlaced', placed({ ...mine(orderId), venueOrderId: `v-${orderId}`, placedAt: at(0), ...change }));
    const bought = (orderId: string, trade: string, quantity: string, change: Partial<OrderFilled> = {}) =>
      event(
        'OrderFilled',
        filled({
          ...mine(orderId),
          tradeId: trade,
          quantity,
          orderStatus: 'partially_filled',
          filledAt: at(1),
          ...change,
        }),
      );
    const ended = (orderId: string, cumulativeQuantity: string) => ({
      ...failed({ ...mine(orderId), cumulativeQuantity }),
      reason: 'cancelled',
      cancelledAt: at(2),
      failedAt: at(2),
      expiredAt: at(2),
    });
    return [
      acknowledged('cancelled'),
      bought('cancelled', 't1', '0.01'),
      bought('cancelled', 't2', '0.02'),
      event('OrderCancelled', ended('cancelled', '0.03')),
      acknowledged('filled'),
      bought('filled', 't3', '0.04'),
      bought('filled', 't4', '0.06', { orderStatus: 'filled', fee: { amount: '0.0001', currency: 'BTC' } }),
      event('OrderFailed', ended('rejected', '0')),
      bought('rejected', 't5', '0.05'),
      acknowledged('resting', { quantity: '1' }),
      bought('resting', 't6', '0.1'),
      acknowledged('exit', { side: 'sell' }),
      bought('exit', 't7', '0.07', { side: 'sell', orderStatus: 'filled' }),
      event('OrderExpired', ended('never-acknowledged', '0')),
    ];
  };
  const essence = (userId: string, { books }: AccountDocument) => ({
    quantity: books.positions['BTC-USD']?.quantity,
    open: Object.entries(books.orders).map(([id, { filled: amount, placed: at_ }]) => [
      id.replace(`${userId}-`, ''),
      amount,
      at_?.venueOrderId,
    ]),
    ended: books.ended.map((id) => id.replace(`${userId}-`, '')).sort(),
    trades: [...books.trades].sort(),
  });

  it('come to the same however the events of orders arrive, twice and in any order, over a restart', async () => {
    const users = Array.from({ length: 20 }, (_, index) => `mixed-${String(index).padStart(2, '0')}`);
    for (const userId of users) await known(userId, `${userId}-acc`);
    const seed = Date.now() % 2 ** 31;
    // The first in the order in which it happened; each other in one of its own, with every event twice.
    const arrivals = users.map((userId, index) => {
      const events = story(userId);
      if (index === 0) return events;
      const twice = [...events, ...story(userId)];
      const shuffled = fc.shuffledSubarray(twice, { minLength: twice.length, maxLength: twice.length });
      return fc.sample(shuffled, { seed: seed + index, numRuns: 1 })[0]!;
    });
    const longest = Math.max(...arrivals.map(({ length }) => length));
    for (let place = 0; place < longest; place += 1) {
      await append(
        executor,
        arrivals.flatMap((events) => events[place] ?? []),
      );
      if (place === Math.floor(longest / 2)) await restart();
    }
    const essences = async () => {
      const all = await documents();
      return users.map((userId) => all.get(`${userId}-acc`)).map((one, index) => one && essence(users[index]!, one));
    };
    const expected = {
      quantity: '0.2099',
      open: [['resting', '0.1', 'v-resting']],
      ended: ['cancelled', 'exit', 'filled', 'never-acknowledged', 'rejected'],
      trades: expect.any(Array),
    };
    const same = async () => (await essences()).every((one) => one?.trades.length === 7 && one.ended.length === 5);
    await until(same).catch(() => undefined);
    const [first, ...others] = await essences();
    expect(first).toEqual(expected);
    for (const [index, other] of others.entries()) expect([seed, index, other]).toEqual([seed, index, first]);
  }, 60_000);
});

describe('what the venue says of an account', () => {
  const usdt = (total: string) => ({ currency: 'USDT', total, free: total, locked: '0' });
  const btc = (total: string) => ({ currency: 'BTC', total, free: total, locked: '0' });
  const strange = {
    venueOrderId: 'v-strange',
    clientOrderId: 'by-hand',
    venueSymbol: 'BTCUSDT',
    side: 'buy' as const,
    quantity: '1',
    filledQuantity: '0',
  };
  const mine = (userId: string) => ({ userId, accountId: `${userId}-acc`, orderId: `${userId}-o1` });
  const order = (userId: string) =>
    event('OrderPlaced', placed({ ...mine(userId), venueOrderId: 'v1', placedAt: at(20) }));
  const fill = (userId: string) => event('OrderFilled', filled({ ...mine(userId), filledAt: at(20) }));
  const atVenue = { ...strange, tradeId: 't1', venueOrderId: 'v1', quantity: '0.1', price: '50000', at: at(20) };
  /** What happened after books and venue agreed, by the kind of drift that is to be found: our events, and the venue's word. */
  const CASES: Readonly<
    Record<
      ReconciliationDrift['kind'] | 'none',
      readonly [events: (userId: string) => readonly OutgoingEvent[], Partial<VenueStateReported>]
    >
  > = {
    none: [(userId) => [order(userId), fill(userId)], { balances: [usdt('4995'), btc('0.1')], fills: [atVenue] }],
    open_order_unexpected: [() => [], { openOrders: [strange] }],
    open_order_missing: [(userId) => [order(userId)], { balances: undefined }],
    fill_unexpected: [() => [], { fills: [{ ...atVenue, tradeId: 't9' }] }],
    fill_missing: [(userId) => [order(userId), fill(userId)], { balances: [usdt('4995'), btc('0.1')] }],
    balance: [() => [], { balances: [usdt('9000')] }],
    position: [(userId) => [order(userId), fill(userId)], { balances: [usdt('4995')], fills: [atVenue] }],
  };
  const kinds = Object.keys(CASES) as (keyof typeof CASES)[];
  const compared = async (seconds: number): Promise<void> => {
    const events = kinds.map((userId) => {
      const parts = CASES[userId][1];
      const missing =
        'balances' in parts && parts.balances === undefined ? [{ what: 'balances' as const, reason: 'timeout' }] : [];
      const agreed = seconds <= 10 ? {} : { ...parts, balances: parts.balances ?? [usdt('10000')], missing };
      const whole = report(0, {
        userId,
        accountId: `${userId}-acc`,
        ...agreed,
        requestedAt: at(seconds),
        requestId: `${userId}-${seconds}`,
      });
      return event('VenueStateReported', whole);
    });
    await append(executor, events);
    await until(async () => {
      const all = await documents();
      return kinds.every((userId) => all.get(`${userId}-acc`)?.books.comparedMs === (BASE + seconds) * 1_000);
    });
  };
  const told = (): readonly (readonly [string, string])[] =>
    of<ReconciliationDrift>('ReconciliationDrift')
      .map(({ userId, kind }) => [userId, kind] as const)
      .sort();

  it('is told where it differs and stands, once: not by a second run right after, nor after a restart; nothing is adopted', async () => {
    for (const userId of kinds) await known(userId, `${userId}-acc`);
    await compared(10);
    await append(
      executor,
      kinds.flatMap((userId) => CASES[userId][0](userId)),
    );
    await until(async () => (await documents()).get('position-acc')?.books.positions['BTC-USD']?.quantity === '0.1');
    await compared(100);
    expect(told()).toEqual([]);
    const before = await documents();

    await compared(106);
    // A position that the venue has no base for is a balance that differs, too.
    const expected = [
      ...kinds.filter((kind) => kind !== 'none').map((kind) => [kind, kind]),
      ['position', 'balance'],
    ].sort();
    await until(() => told().length >= expected.length);
    expect(told()).toEqual(expected);
    for (const drift of of<ReconciliationDrift>('ReconciliationDrift'))
      expect(drift).toMatchObject({ expected: expect.any(String), actual: expect.any(String), venue: 'binance' });

    await compared(107);
    await restart();
    await compared(113);
    await compared(120);
    expect(told()).toEqual(expected);
    const after = await documents();
    for (const userId of kinds) {
      const { positions, orders, trades } = after.get(`${userId}-acc`)!.books;
      const then = before.get(`${userId}-acc`)!.books;
      expect([userId, positions, orders, trades]).toEqual([userId, then.positions, then.orders, then.trades]);
    }
    expect(after.get('open_order_unexpected-acc')?.books.orders).toEqual({});
    expect(after.get('fill_unexpected-acc')?.books.positions).toEqual({});
    const { rows } = await db.query('SELECT account_id FROM accounts WHERE drifts > 0 ORDER BY 1');
    expect(rows.map((row) => row['account_id'])).toEqual(
      ['fill_missing', 'fill_unexpected', 'open_order_missing', 'open_order_unexpected', 'position'].map(
        (id) => `${id}-acc`,
      ),
    );
  }, 60_000);

  it('is asked for after a start, of every enabled account, whether it trades or not', async () => {
    await append(accounts, [
      event('AccountPolicyChanged', policy({ userId: 'off', accounts: [account('off-acc', { enabled: false })] })),
    ]);
    await until(async () => (await documents()).has('off-acc'));
    const { rows } = await db.query<{ account_id: string }>('SELECT account_id FROM accounts WHERE enabled ORDER BY 1');
    const enabled = rows.map(({ account_id: accountId }) => accountId);
    expect(enabled.length).toBeGreaterThan(kinds.length);
    // All have been asked about, and none is due for a while.
    const soon = "SELECT FROM accounts WHERE enabled AND next_request_at < now() + interval '20 seconds'";
    await until(async () => (await db.query(soon)).rowCount === 0);
    const from = of('VenueStateRequested.binance').length;
    await restart();
    const asked = () =>
      [
        ...new Set(
          of<VenueStateRequested>('VenueStateRequested.binance')
            .slice(from)
            .map(({ accountId }) => accountId),
        ),
      ].sort();
    await until(() => asked().length >= enabled.length);
    expect(asked()).toEqual(enabled);
  }, 60_000);
});
