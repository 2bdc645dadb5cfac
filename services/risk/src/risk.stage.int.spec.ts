import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Module, type Type } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import type { OrderApproved, SignalHeld, SignalRejected } from '@switchyard/contracts';
import { deriveId, type Batch, type EventLog, type OutgoingEvent } from '@switchyard/log';
import { StageEventLog } from '@switchyard/log-postgres';
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
import { z } from 'zod';
import { HeldExitAlarm } from './adapters/held-exit-alarm.js';
import { riskConfig } from './config.js';
import { risk } from './index.js';
import {
  aSnapshot,
  balanceUpdated,
  orderCompleted,
  orderFilled,
  policyChanged,
  signalValidated,
} from './testing/events.js';

const heard: { readonly topic: string; readonly payload: { readonly signalId: string; readonly userId: string } }[] =
  [];
const of = <T>(topic: string, userId: string): readonly T[] =>
  heard.filter((event) => event.topic === topic && event.payload.userId === userId).map(({ payload }) => payload as T);

@Controller()
class Ear {
  @Consume({ topic: 'OrderApproved' })
  onApproved(@Payload() batch: Batch): void {
    this.hear(batch);
  }

  @Consume({ topic: 'SignalRejected' })
  onRejected(@Payload() batch: Batch): void {
    this.hear(batch);
  }

  @Consume({ topic: 'SignalHeld' })
  onHeld(@Payload() batch: Batch): void {
    this.hear(batch);
  }

  @Consume({ topic: 'HeldExitDue' })
  onDue(@Payload() batch: Batch): void {
    this.hear(batch);
  }

  private hear(batch: Batch): void {
    batch.each(({ topic, payload }) => {
      heard.push({ topic, payload: payload as never });
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

const PARTITIONS = 4;
const postgres = testDatabase();
const running: RunningService[] = [];
let platform: Platform;
let db: Database;

const start = async <Config>(definition: ServiceDefinition<Config>, config: Config): Promise<RunningService> => {
  const service = await startService(definition, config, platform);
  running.push(service);
  return service;
};
const stop = async (service: RunningService): Promise<void> => {
  running.splice(running.indexOf(service), 1);
  await service.stop();
};
/** Entries rest after so long without a fill: never while a test runs, or at once. */
const NEVER = 3_600_000;
const startRisk = (restsAfterMs: number) =>
  start(risk, riskConfig.parse({ SWITCHYARD_RISK_ENTRY_RESTS_AFTER_MS: String(restsAfterMs) }));
const append = (service: RunningService, ...events: readonly OutgoingEvent[]) =>
  service.app.get<Database>(DATABASE).transaction((tx) => service.app.get<EventLog<Tx>>(EVENT_LOG).append(tx, events));
const event = (type: string, userId: string, payload: object, cause: string): OutgoingEvent => ({
  topic: type,
  type,
  key: userId,
  payload: { ...payload, userId },
  cause: { id: deriveId('test', userId, cause) },
});
const held = async (): Promise<readonly string[]> =>
  (await db.query<{ user_id: string }>('SELECT user_id FROM held_exits ORDER BY 1')).rows.map((row) => row.user_id);

let accounts: RunningService;
let validation: RunningService;
let routing: RunningService;
let executor: RunningService;

/** A user who is known, with money, and whose limit entry is under way. */
const entered = async (userId: string): Promise<string> => {
  const accountId = `${userId}-acc`;
  const policy = policyChanged();
  const entry = signalValidated({ signalId: 'in', userId, tradeId: 't', orderType: 'limit', limitPrice: '50000' });
  await append(
    accounts,
    event('AccountPolicyChanged', userId, { ...policy, accounts: [{ ...policy.accounts[0], accountId }] }, 'policy'),
  );
  await until(
    async () => (await db.query("SELECT FROM documents WHERE kind = 'policy' AND key = $1", [userId])).rowCount === 1,
  );
  await append(executor, event('BalanceUpdated', userId, { ...balanceUpdated(), accountId }, 'balance'));
  await until(
    async () =>
      (await db.query("SELECT FROM documents WHERE kind = 'user' AND key = $1 AND doc LIKE '%snapshot%'", [userId]))
        .rowCount === 1,
  );
  await append(validation, event('SignalValidated', userId, entry, 'in'));
  await until(() => of('OrderApproved', userId).length === 1);
  return of<OrderApproved>('OrderApproved', userId)[0]!.parentOrderId;
};
const bought = (userId: string, parentOrderId: string, quantity: string) =>
  append(
    executor,
    event('OrderFilled', userId, { ...orderFilled(parentOrderId, quantity), accountId: `${userId}-acc` }, 'fill'),
  );
const exits = async (userId: string): Promise<void> => {
  const closing = { size: undefined, stopLoss: undefined, takeProfit: undefined };
  const exit = { signalId: 'out', userId, tradeId: 't', side: 'sell', signalType: 'exit', ...closing } as const;
  await append(validation, event('SignalValidated', userId, signalValidated(exit), 'out'));
  await until(() => of('SignalHeld', userId).length === 1);
};

beforeAll(async () => {
  platform = await openPlatform({
    databaseUrl: postgres.url,
    transport: 'postgres',
    partitions: PARTITIONS,
    instance: 'test',
    others: false,
    poolSize: 3,
    logger: createLogger({ service: 'test', level: 'silent' }),
    metrics: createMetrics({ service: 'test', process: false }),
    traced: false,
  });
  const market = await start(stub('market-data'), {});
  const snapshot = { ...aSnapshot(), receivedAt: '2099-01-01T00:00:00.000Z' };
  await market.app
    .get<EventLog<Tx>>(EVENT_LOG)
    .put([{ topic: 'MarketSnapshot', key: 'binance/BTC-USD', version: 1, payload: snapshot }]);
  await start(stub('ear', Listening), {});
  accounts = await start(stub('accounts'), {});
  validation = await start(stub('signal-validation'), {});
  routing = await start(stub('routing'), {});
  executor = await start(stub('execution-binance'), {});
  db = await postgres.open('risk', { folder: risk.migrations! });
}, 60_000);

afterAll(async () => {
  for (const service of running.reverse()) await service.stop();
  await platform.close();
});

describe('an exit that waits for its entry, on a real log', () => {
  it('is said to wait, and decided by the clock alone once its entry rests: what was bought is sold', async () => {
    const service = await startRisk(NEVER);
    const entry = await entered('ann');
    await bought('ann', entry, '0.002');
    await exits('ann');
    expect(of<SignalHeld>('SignalHeld', 'ann')).toMatchObject([
      { signalId: 'out', code: 'ENTRY_UNDER_WAY', facts: { waitsFor: [entry], looksAgainAt: expect.any(String) } },
    ]);
    await stop(service);
    // As if the time had passed: nothing but the clock is heard from here on.
    await db.query("UPDATE held_exits SET due_at = now() - interval '1 second'");
    const next = await startRisk(1);
    await until(() => of('OrderApproved', 'ann').length === 2);
    expect(of<OrderApproved>('OrderApproved', 'ann')[1]).toMatchObject({
      signalId: 'out',
      quantity: '0.002',
      reduceOnly: true,
    });
    await until(async () => (await held()).length === 0);
    await stop(next);
  }, 60_000);

  it('is decided once where everything stops between the clock and the decision, and where it is woken twice', async () => {
    const service = await startRisk(NEVER);
    await bought('bob', await entered('bob'), '0.002');
    await exits('bob');
    await stop(service);
    // A replica rings while no stage runs, and dies; its claim is taken for lost by another.
    const log = new StageEventLog(db, 'risk', PARTITIONS, platform.hub, platform.compacted);
    const replica = new HeldExitAlarm({ db, log, logger: { warn: () => undefined } });
    expect(await replica.ring(new Date(Date.now() + 2 * NEVER))).toBe(1);
    await db.query("UPDATE held_exits SET due_at = now() - interval '1 second'");
    expect(await replica.ring(new Date())).toBe(1);
    await until(() => of('HeldExitDue', 'bob').length === 2);
    expect(of('OrderApproved', 'bob')).toHaveLength(1);

    const next = await startRisk(1);
    await until(async () => (await held()).length === 0);
    await until(() => of('OrderApproved', 'bob').length >= 2);
    await append(routing, event('OrderCompleted', 'bob', orderCompleted('of-nobody', '0'), 'last'));
    await bought('bob', 'of-nobody', '0.001');
    await until(async () => {
      const { rows } = await db.query<{ doc: string }>("SELECT doc FROM documents WHERE kind = 'user' AND key = 'bob'");
      return rows[0]!.doc.includes('of-nobody');
    });
    expect(of<OrderApproved>('OrderApproved', 'bob').map(({ signalId }) => signalId)).toEqual(['in', 'out']);
    await stop(next);
  }, 60_000);

  it('of an entry that rests and bought nothing is told so, waits on, and is refused when the entry ends empty', async () => {
    const service = await startRisk(NEVER);
    const entry = await entered('cid');
    await exits('cid');
    await stop(service);
    await db.query("UPDATE held_exits SET due_at = now() - interval '1 second'");
    const next = await startRisk(1);
    await until(() => of('SignalHeld', 'cid').length === 2);
    expect(of<SignalHeld>('SignalHeld', 'cid')[1]).toMatchObject({ code: 'ENTRY_RESTS', facts: { waitsFor: [entry] } });
    expect(await held()).toEqual(['cid']);
    await append(routing, event('OrderCompleted', 'cid', orderCompleted(entry, '0'), 'over'));
    await until(() => of('SignalRejected', 'cid').length === 1);
    expect(of<SignalRejected>('SignalRejected', 'cid')).toMatchObject([{ signalId: 'out', code: 'NOTHING_TO_CLOSE' }]);
    await until(async () => (await held()).length === 0);
    await stop(next);
  }, 60_000);
});
