import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Module } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import type { Batch, EventLog } from '@switchyard/log';
import { listParked, releaseParked } from '@switchyard/log-postgres';
import { createLogger, createMetrics } from '@switchyard/observability';
import type { Database, Tx } from '@switchyard/persistence';
import { testDatabase } from '@switchyard/persistence/testing';
import { until } from '@switchyard/testing';
import { z } from 'zod';
import { Consume } from './consume.js';
import type { ServiceContext, ServiceDefinition } from './definition.js';
import { openPlatform, type Platform } from './platform.js';
import { startService, type RunningService } from './start-service.js';

interface Item {
  readonly n: number;
}

const handled: string[] = [];
let broken = true;

@Controller()
class Items {
  @Consume<Item>({ topic: 'Item' })
  onItem(@Payload() batch: Batch<Item>): void {
    batch.each(({ key, payload: { n } }) => {
      if (broken && key === 'ann' && n === 1) throw new Error('cannot read this');
      handled.push(`${key} ${n}`);
    });
  }
}

@Module({ controllers: [Items] })
class ReaderModule {}
@Module({})
class WriterModule {}

let writing: ServiceContext;
const reader: ServiceDefinition = { name: 'reader', config: z.object({}), module: () => ReaderModule };
const writer: ServiceDefinition = {
  name: 'writer',
  config: z.object({}),
  module: (context) => {
    writing = context;
    return WriterModule;
  },
};

const postgres = testDatabase();
let platform: Platform;
let services: readonly RunningService[] = [];
let operator: Database;
let url = '';

beforeAll(async () => {
  platform = await openPlatform({
    databaseUrl: postgres.url,
    transport: 'postgres',
    partitions: 2,
    instance: 'spec',
    others: false,
    poolSize: 4,
    logger: createLogger({ service: 'spec', level: 'silent' }),
    metrics: createMetrics({ service: 'spec', process: false }),
    traced: false,
  });
  const first = await startService(reader, {}, platform, { host: '127.0.0.1', port: 0 });
  services = [first, await startService(writer, {}, platform)];
  url = first.url ?? '';
  operator = await postgres.open('operator');
});
afterAll(async () => {
  for (const service of services) await service.stop();
  await platform.close();
});

const append = (key: string, n: number): Promise<void> =>
  writing.db.transaction((tx) =>
    (writing.log as EventLog<Tx>).append(tx, [
      { topic: 'Item', type: 'Item', key, payload: { n }, cause: { id: `${key}-${n}` } },
    ]),
  );
const ready = async () => {
  const answer = await fetch(`${url}/ready`);
  return { status: answer.status, body: (await answer.json()) as { readonly details: unknown } };
};
const metric = async (name: string): Promise<readonly string[]> =>
  (await (await fetch(`${url}/metrics`)).text()).split('\n').filter((line) => line.startsWith(`switchyard_${name}{`));

describe('work that waits for an operator', () => {
  it('is told by /ready and /metrics of its service, which stays ready for everybody else', async () => {
    expect((await ready()).body.details).toEqual({});
    expect(await metric('parked_events')).toEqual([
      'switchyard_parked_events{service="reader"} 0',
      'switchyard_parked_events{service="writer"} 0',
    ]);
    for (const n of [1, 2, 3]) await append('ann', n);
    await append('bob', 1);
    await until(() => handled.includes('bob 1'));
    await until(async () => (await listParked(operator, { limit: 1 }))[0]?.events === 3);
    expect(await ready()).toMatchObject({
      status: 200,
      body: { status: 'ok', problems: {}, details: { parked: { reader: { keys: 1, events: 3 } } } },
    });
    expect(await metric('parked_events')).toContain('switchyard_parked_events{service="reader"} 3');
    expect(await metric('parked_keys')).toContain('switchyard_parked_keys{service="reader"} 1');
  });

  it('goes on in its order once it is mended and released', async () => {
    broken = false;
    const [parked] = await listParked(operator, { limit: 1 });
    await operator.transaction((tx) => releaseParked(tx, parked!));
    platform.hub.wakeOwner('reader');
    await until(() => handled.includes('ann 3'));
    expect(handled.filter((item) => item.startsWith('ann'))).toEqual(['ann 1', 'ann 2', 'ann 3']);
    expect((await ready()).body.details).toEqual({});
  });
});
