import 'reflect-metadata';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import type { AccountPolicyChanged } from '@switchyard/contracts';
import type { EventLog, OutgoingEvent } from '@switchyard/log';
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
import { executionConfig } from './config.js';
import { execution } from './index.js';
import { routedOrder, VENUE } from './testing/routed-order.js';

@Module({})
class Nothing {}

/** A service that only appends: it stands for routing, for accounts. */
const writer = (name: string): ServiceDefinition<object> => ({ name, config: z.object({}), module: () => Nothing });

const postgres = testDatabase();
const running: RunningService[] = [];
let platform: Platform;

const start = async <Config>(definition: ServiceDefinition<Config>, config: Config): Promise<RunningService> => {
  const service = await startService(definition, config, platform);
  running.push(service);
  return service;
};
const append = async (service: RunningService, events: readonly OutgoingEvent[]) => {
  const log = service.app.get<EventLog<Tx>>(EVENT_LOG);
  await service.app.get<Database>(DATABASE).transaction((tx) => log.append(tx, events));
};

beforeAll(async () => {
  platform = await openPlatform({
    databaseUrl: postgres.url,
    transport: 'postgres',
    partitions: 4,
    instance: 'test',
    others: false,
    poolSize: 5,
    logger: createLogger({ service: 'test', level: 'silent' }),
    metrics: createMetrics({ service: 'test', process: false }),
    traced: false,
  });
}, 60_000);

afterAll(async () => {
  for (const service of running.reverse()) await service.stop();
  await platform.close();
});

const USERS = 40;
const routed = (user: number, more: Parameters<typeof routedOrder>[0] = {}): OutgoingEvent => {
  const userId = `user-${user}`;
  const payload = routedOrder({ userId, accountId: `acc-${user}`, ...more });
  const topic = `OrderRouted.${VENUE}`;
  return { topic, type: 'OrderRouted', key: userId, payload, cause: { id: payload.orderId } };
};
/** The account is a simulated one: its paper orders are refused as soon as it is known, and no venue is called. */
const policy = (user: number): OutgoingEvent => {
  const userId = `user-${user}`;
  const payload: AccountPolicyChanged = {
    userId,
    version: 1,
    enabled: true,
    mode: 'simulated',
    limits: {},
    accounts: [
      {
        accountId: `acc-${user}`,
        venue: VENUE,
        mode: 'simulated',
        market: 'spot',
        enabled: true,
        usdtAsUsd: true,
        timeZone: 'UTC',
      },
    ],
    changedBy: 'admin',
    changedAt: new Date().toISOString(),
  };
  return { topic: 'AccountPolicyChanged', type: 'AccountPolicyChanged', key: userId, payload, cause: { id: userId } };
};

it('more orders than a venue’s queue holds wait in the log, seen as lag; stop-losses and policies pass; nothing is lost', async () => {
  const config = executionConfig(VENUE).parse({
    SWITCHYARD_EXECUTION_QUEUE_LIMIT: '20',
    SWITCHYARD_EXECUTION_QUEUE_SHARE: '5',
  });
  const routing = await start(writer('routing'), {});
  const accounts = await start(writer('accounts'), {});
  const executor = await start(execution(VENUE), config);
  const db = executor.app.get<Database>(DATABASE);
  const tasks = async (where = 'true') =>
    (await db.query<{ task_id: string }>(`select task_id from execution_tasks where ${where}`)).rows;

  // Of nobody the account is known yet: the orders stay in the queue.
  const users = Array.from({ length: USERS }, (_, user) => user);
  await append(
    routing,
    users.map((user) => routed(user, { orderId: `entry-${user}` })),
  );
  await until(async () => (await tasks()).length === 18);
  await append(routing, [
    routed(USERS - 1, { orderId: 'stop', priority: 1, reduceOnly: true, signalType: 'stop_loss' }),
  ]);
  await until(async () => (await tasks("task_id = 'stop'")).length === 1);
  const lag = await platform.lags.get(executor.name)?.();
  expect(lag?.get(`OrderRouted.${VENUE}`)).toBeGreaterThan(0);
  expect(await tasks("status = 'queued' and not reduces")).toHaveLength(18);
  expect(await executor.app.get<Database>(DATABASE).query('select from orders')).toMatchObject({ rowCount: 0 });

  await append(accounts, users.map(policy));
  await until(
    async () => (await tasks("status = 'failed' and last_error = 'MODE_MISMATCH'")).length === USERS + 1,
    30_000,
  );
  expect(await tasks()).toHaveLength(USERS + 1);
  await until(async () =>
    [...((await platform.lags.get(executor.name)?.()) ?? [])].every(([, behind]) => behind === 0),
  );
}, 60_000);
