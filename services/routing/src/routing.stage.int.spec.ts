import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import { deriveId, type EventLog, type OutgoingEvent } from '@switchyard/log';
import { createLogger, createMetrics } from '@switchyard/observability';
import type { Database, Tx } from '@switchyard/persistence';
import { testDatabase } from '@switchyard/persistence/testing';
import {
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
import { routing } from './index.js';
import { routingConfig } from './config.js';
import { approval, failed, filled, snapshot } from './testing/given.js';

@Module({})
class Nothing {}

/** A service that only appends: it stands for risk, for an executor, for market-data. */
const writer = (name: string): ServiceDefinition<object> => ({ name, config: z.object({}), module: () => Nothing });

const postgres = testDatabase();
const running: RunningService[] = [];
let platform: Platform;
let db: Database;

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
const documents = async () =>
  (await db.query<{ key: string; doc: string }>("SELECT key, doc FROM documents WHERE kind = 'parent' ORDER BY key"))
    .rows;
const fresh = (venue: string) => snapshot(venue, { version: Date.now(), receivedAt: new Date().toISOString() });

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

describe('routing on a real log', () => {
  it('follows parents from approval to completion, over a restart', async () => {
    const market = await start(writer('market-data'), {});
    await market.app.get<EventLog<Tx>>(EVENT_LOG).put(
      ['binance', 'kraken'].map((venue) => ({
        topic: 'MarketSnapshot',
        key: `${venue}/BTC-USD`,
        version: 1,
        payload: fresh(venue),
      })),
    );
    let service = await start(routing, routingConfig.parse({}));
    db = service.app.get<Database>(DATABASE);
    const risk = await start(writer('risk'), {});
    const executor = await start(writer('execution-binance'), {});

    const parents = Array.from({ length: 20 }, (_, index) => `parent-${String(index).padStart(2, '0')}`);
    const approvals = parents.map((parentOrderId, index) =>
      event(
        'OrderApproved',
        approval({ parentOrderId, userId: `user-${index % 5}`, approvedAt: new Date().toISOString() }),
        parentOrderId,
      ),
    );
    await append(risk, ...approvals);
    await until(async () => (await documents()).length === parents.length);

    await service.stop();
    running.splice(running.indexOf(service), 1);
    service = await start(routing, routingConfig.parse({}));
    db = service.app.get<Database>(DATABASE);

    const ends = parents.map((parentOrderId, index) => {
      const ids = { parentOrderId, userId: `user-${index % 5}` };
      const orderId = deriveId('child-order', parentOrderId, '0');
      return index % 4 === 0
        ? event('OrderFailed', { ...failed(orderId), ...ids }, `end-${index}`)
        : event('OrderFilled', { ...filled(orderId), ...ids }, `end-${index}`);
    });
    await append(executor, ...ends);
    const finished = async () => (await documents()).filter(({ doc }) => doc.startsWith('{"completedAt":'));
    await until(async () => (await finished()).length === 15);

    const rest = (await documents()).filter(({ doc }) => !doc.startsWith('{"completedAt":'));
    expect(rest.map(({ key }) => key)).toEqual(parents.filter((_, index) => index % 4 === 0));
    for (const { doc } of rest)
      expect(JSON.parse(doc)).toMatchObject({
        order: { children: [{ venue: 'binance', replaced: true }, { venue: 'kraken' }] },
      });
    const kept = await db.query<{ hash: string }>('SELECT hash FROM books ORDER BY hash');
    expect(kept.rows.map(({ hash }) => hash)).toEqual(['hash-binance', 'hash-kraken']);
  }, 60_000);
});
