import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import type { EventLog } from '@switchyard/log';
import { LatencyProfiler, createLogger, createMetrics } from '@switchyard/observability';
import type { Database } from '@switchyard/persistence';
import { ListedMarkets } from './adapters/listed-markets.js';
import { validationConfig } from './config.js';
import { SignalsConsumer } from './consumers/signals.consumer.js';
import { signalValidation } from './index.js';
import { aSnapshot } from './testing/records.js';

const tail = (topic: string, onRecord: (record: never) => void): Promise<void> => {
  if (topic === 'MarketSnapshot') onRecord({ key: 'binance/BTC-USD', payload: aSnapshot() } as never);
  return Promise.resolve();
};

describe('the signal-validation service', () => {
  it('compiles its real module and knows what is listed before it decides anything', async () => {
    const context = {
      name: signalValidation.name,
      config: validationConfig.parse({}),
      logger: createLogger({ service: 'signal-validation', level: 'silent' }),
      metrics: createMetrics({ service: 'signal-validation', process: false }),
      profiler: new LatencyProfiler(),
      db: {} as Database,
      log: { tail } as unknown as EventLog<never>,
    };
    const module = await Test.createTestingModule({ imports: [signalValidation.module(context) as never] }).compile();
    await module.init();
    expect(module.get(SignalsConsumer)).toBeInstanceOf(SignalsConsumer);
    expect(module.get(ListedMarkets).board.quotes('BTC-USD')).toHaveLength(1);
    await module.close();
  });

  it('names every bad variable at once', () => {
    const { error } = validationConfig.safeParse({ SWITCHYARD_VENUES: 'nowhere', SWITCHYARD_SIGNAL_MAX_BYTES: 'x' });
    expect(error!.issues.map(({ path }) => path[0])).toEqual(['SWITCHYARD_VENUES', 'SWITCHYARD_SIGNAL_MAX_BYTES']);
  });
});
