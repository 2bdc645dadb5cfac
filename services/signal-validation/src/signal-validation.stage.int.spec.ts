import 'reflect-metadata';
import { expect, it } from '@jest/globals';
import { hash } from 'node:crypto';
import { encodeRecord, partitionOf } from '@switchyard/log';
import { createLogger, createMetrics } from '@switchyard/observability';
import { testDatabase } from '@switchyard/persistence/testing';
import { announcer, openPlatform, startService, type ServiceDefinition } from '@switchyard/runtime';
import { canonicalContent } from '@switchyard/signal';
import { until } from '@switchyard/testing';
import type { ValidationConfig } from './config.js';
import { signalValidation } from './index.js';
import { aSignal, aSnapshot } from './testing/records.js';

const postgres = testDatabase();

it('a signal that REST admits is decided by the stage, and remembered as undecided no longer', async () => {
  const metrics = createMetrics({ service: 'spec', process: false });
  const platform = await openPlatform({
    databaseUrl: postgres.url,
    transport: 'postgres',
    partitions: 2,
    instance: 'spec',
    others: false,
    poolSize: 4,
    logger: createLogger({ service: 'spec', level: 'silent' }),
    metrics,
    traced: false,
  });
  await platform.compacted.put([{ topic: 'MarketSnapshot', key: 'binance/BTC-USD', version: 1, payload: aSnapshot() }]);
  let wake = (): void => undefined;
  const observed: ServiceDefinition<ValidationConfig> = {
    ...signalValidation,
    module: (context) => {
      const announce = announcer(context.log);
      wake = () => {
        announce('signal-validation', ['TradingSignalGenerated']);
      };
      return signalValidation.module(context);
    },
  };
  const config = signalValidation.config.parse({ SWITCHYARD_UNDECIDED_AFTER_MS: '100' });
  const service = await startService(observed, config, platform);
  const db = await postgres.open('signal_validation');

  const signal = { ...aSignal(), generatedAt: new Date().toISOString() };
  const frame = encodeRecord({
    key: signal.userId,
    id: 'id',
    type: 'TradingSignalGenerated',
    time: signal.generatedAt,
    correlationId: signal.signalId,
    value: Buffer.from(JSON.stringify(signal)),
  });
  const identity = `${signal.userId}|${signal.signalId}`;
  await db.query('SELECT * FROM admit($1, $2, $3, $4, $5, $6, $7)', [
    [identity],
    [hash('sha256', canonicalContent(signal as never), 'hex')],
    [partitionOf(signal.userId, 2)],
    [0],
    [frame.length],
    frame,
    1_000,
  ]);
  wake();
  await until(async () => {
    const { rows } = await db.query<{ doc: string }>("SELECT doc FROM documents WHERE kind = 'identity'");
    return JSON.parse(rows[0]!.doc).status === 'decided';
  });
  await until(async () => (await db.query('SELECT FROM admissions')).rowCount === 0);
  const told = await metrics.metrics();
  expect(told).toMatch(/^switchyard_signals_undecided\{.*\} 0$/m);
  expect(told).toMatch(/^switchyard_signals_appended_again_total\{.*\} 0$/m);
  await service.stop();
  await platform.close();
});
