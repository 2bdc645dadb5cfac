import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import type { EventLog } from '@switchyard/log';
import { LatencyProfiler, createLogger, createMetrics } from '@switchyard/observability';
import type { Database } from '@switchyard/persistence';
import { Inquirer } from './adapters/inquirer.js';
import { TermsBoard } from './adapters/terms-board.js';
import { reconciliationConfig } from './config.js';
import { AccountsConsumer } from './consumers/accounts.consumer.js';
import { reconciliation } from './index.js';
import { reconciliationModule } from './reconciliation.module.js';
import { snapshot } from './testing/given.js';

const tail = (_topic: string, onRecord: (record: never) => void): Promise<void> => {
  onRecord({ key: 'binance/BTC-USD', payload: snapshot } as never);
  return Promise.resolve();
};
const context = () => ({
  name: reconciliation.name,
  config: reconciliationConfig.parse({}),
  logger: createLogger({ service: 'reconciliation', level: 'silent' }),
  metrics: createMetrics({ service: 'reconciliation', process: false }),
  profiler: new LatencyProfiler(),
  db: {} as Database,
  log: { tail } as unknown as EventLog<never>,
});

describe('the reconciliation service', () => {
  it('compiles its real module, knows the terms of every pair first, and stops', async () => {
    const module = await Test.createTestingModule({ imports: [reconciliationModule(context()) as never] }).compile();
    await module.init();
    expect(module.get(AccountsConsumer)).toBeInstanceOf(AccountsConsumer);
    expect(module.get(Inquirer)).toBeInstanceOf(Inquirer);
    expect(module.get(TermsBoard).termsOf('binance', 'BTC-USD')).toEqual({
      venueSymbol: 'BTCUSDT',
      base: 'BTC',
      quote: 'USDT',
      smallest: '0.0001',
    });
    await module.close();
  });

  it('names every bad variable at once', () => {
    const { error } = reconciliationConfig.safeParse({
      SWITCHYARD_VENUES: 'nowhere',
      SWITCHYARD_RECONCILE_INTERVAL_S: '0',
    });
    expect(error!.issues.map(({ path }) => path[0])).toEqual(['SWITCHYARD_VENUES', 'SWITCHYARD_RECONCILE_INTERVAL_S']);
  });
});
