import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import type { EventLog } from '@switchyard/log';
import { LatencyProfiler, createLogger, createMetrics } from '@switchyard/observability';
import type { Database } from '@switchyard/persistence';
import { MarketPrices } from './adapters/market-prices.js';
import { riskConfig } from './config.js';
import { RiskConsumer } from './consumers/risk.consumer.js';
import { risk } from './index.js';
import { aSnapshot } from './testing/events.js';

const tail = (topic: string, onRecord: (record: never) => void): Promise<void> => {
  if (topic === 'MarketSnapshot') onRecord({ key: 'binance/BTC-USD', payload: aSnapshot() } as never);
  return Promise.resolve();
};

describe('the risk service', () => {
  it('compiles its real module and knows the prices before it decides anything', async () => {
    const context = {
      name: risk.name,
      config: riskConfig.parse({}),
      logger: createLogger({ service: 'risk', level: 'silent' }),
      metrics: createMetrics({ service: 'risk', process: false }),
      profiler: new LatencyProfiler(),
      db: {} as Database,
      log: { tail } as unknown as EventLog<never>,
    };
    const module = await Test.createTestingModule({ imports: [risk.module(context) as never] }).compile();
    await module.init();
    expect(module.get(RiskConsumer)).toBeInstanceOf(RiskConsumer);
    expect(module.get(MarketPrices).board.quotes('BTC-USD')).toHaveLength(1);
    await module.close();
  });

  it('names every bad variable at once', () => {
    const { error } = riskConfig.safeParse({
      SWITCHYARD_RISK_MARKET_COLLAR_PERCENT: 'much',
      SWITCHYARD_MARKET_FRESH_MS: '-1',
    });
    expect(error!.issues.map(({ path }) => path[0])).toEqual([
      'SWITCHYARD_MARKET_FRESH_MS',
      'SWITCHYARD_RISK_MARKET_COLLAR_PERCENT',
    ]);
  });
});
