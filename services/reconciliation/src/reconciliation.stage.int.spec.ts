import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Module, type Type } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import type { VenueStateReported, VenueStateRequested } from '@switchyard/contracts';
import type { Batch, EventLog, OutgoingEvent } from '@switchyard/log';
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
import { reconciliationConfig } from './config.js';
import { reconciliation } from './index.js';
import { filled, placed, policy, report, snapshot } from './testing/given.js';

const heard: { readonly topic: string; readonly payload: unknown }[] = [];
const of = <T>(topic: string): readonly T[] =>
  heard.filter((event) => event.topic === topic).map(({ payload }) => payload as T);

@Controller()
class Ear {
  @Consume({ topic: 'PositionOpened' })
  onOpened(@Payload() batch: Batch): void {
    this.hear(batch);
  }

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

const start = async <Config>(definition: ServiceDefinition<Config>, config: Config): Promise<RunningService> => {
  const service = await startService(definition, config, platform);
  running.push(service);
  return service;
};
const append = async (service: RunningService, ...events: readonly OutgoingEvent[]) => {
  const log = service.app.get<EventLog<Tx>>(EVENT_LOG);
  await service.app.get<Database>(DATABASE).transaction((tx) => log.append(tx, events));
};
const event = (type: string, payload: { readonly userId: string }, cause: string): OutgoingEvent => ({
  topic: type,
  type,
  key: payload.userId,
  payload,
  cause: { id: cause },
});

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
}, 60_000);

afterAll(async () => {
  for (const service of running.reverse()) await service.stop();
  await platform.close();
});

describe('reconciliation on a real log', () => {
  it('asks about a new account, opens a position, and reports a difference that stands', async () => {
    const market = await start(stub('market-data'), {});
    await market.app
      .get<EventLog<Tx>>(EVENT_LOG)
      .put([{ topic: 'MarketSnapshot', key: 'binance/BTC-USD', version: 1, payload: snapshot }]);
    await start(stub('ear', Listening), {});
    await start(reconciliation, reconciliationConfig.parse({ SWITCHYARD_RECONCILE_SETTLE_S: '0.1' }));
    const accounts = await start(stub('accounts'), {});
    const executor = await start(stub('execution-binance'), {});

    await append(accounts, event('AccountPolicyChanged', policy(), 'policy-1'));
    const requests = () => of<VenueStateRequested>('VenueStateRequested.binance');
    await until(() => requests().length > 0);
    expect(requests()[0]).toMatchObject({ accountId: 'acc-1', userId: 'user-1', venue: 'binance' });

    const now = (change: Partial<VenueStateReported> = {}) =>
      report(0, { requestedAt: new Date().toISOString(), ...change });
    await append(executor, event('VenueStateReported', now(), 'report-1'));
    await append(executor, event('OrderPlaced', placed(), 'placed'), event('OrderFilled', filled(), 'filled'));
    await until(() => of('PositionOpened').length === 1);
    expect(of('PositionOpened')).toMatchObject([{ accountId: 'acc-1', mode: 'paper', quantity: '0.1' }]);

    const openOrders = [
      { venueOrderId: 'v9', venueSymbol: 'BTCUSDT', side: 'buy' as const, quantity: '1', filledQuantity: '0' },
    ];
    await append(executor, event('VenueStateReported', now({ openOrders, balances: undefined }), 'report-2'));
    // The difference waits for a second look, which is asked for soon: not after a minute.
    await until(() => requests().length > 1);
    await append(executor, event('VenueStateReported', now({ openOrders, balances: undefined }), 'report-3'));
    await append(executor, event('VenueStateReported', now({ openOrders, balances: undefined }), 'report-4'));
    await until(() => of('ReconciliationDrift').length > 0);
    expect(of('ReconciliationDrift')).toMatchObject([{ kind: 'open_order_unexpected', facts: { venueOrderId: 'v9' } }]);
  }, 60_000);
});
