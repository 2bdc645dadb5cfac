import { describe, expect, it } from '@jest/globals';
import { Global, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { parseConfig } from '@switchyard/config';
import { createLogger, createMetrics } from '@switchyard/observability';
import { CONFIG, EVENT_LOG, Health, LOGGER, METRICS, type ServiceContext } from '@switchyard/runtime';
import { marketDataConfig, type MarketDataConfig } from './config.js';
import { marketData } from './index.js';
import { MarketData } from './market-data.js';

const health = new Health();
const parsed = marketDataConfig.parse({
  SWITCHYARD_VENUES: 'binance',
  SWITCHYARD_VENUE_BINANCE_URL: 'http://127.0.0.1:1',
});
const given = new Map<symbol | typeof Health, unknown>([
  [CONFIG, parsed],
  [EVENT_LOG, { put: () => Promise.resolve() }],
  [LOGGER, createLogger({ service: 'market-data', level: 'silent' })],
  [METRICS, createMetrics({ service: 'market-data', process: false })],
  [Health, health],
]);

@Global()
@Module({
  providers: [...given].map(([provide, useValue]) => ({ provide, useValue })),
  exports: [...given.keys()],
})
class Runtime {}

describe('the market-data service', () => {
  it('compiles its real module and starts without its venue, which /ready names', async () => {
    const imports = [Runtime, marketData.module({} as ServiceContext<MarketDataConfig>)];
    const module = await Test.createTestingModule({ imports }).compile();
    await module.init();
    expect(module.get(MarketData)).toBeInstanceOf(MarketData);
    expect(await health.report()).toMatchObject({
      status: 'degraded',
      problems: { 'books of binance': expect.stringMatching(/^binance: no listings/) },
    });
    await module.close();
  });

  it('names every bad variable at once', () => {
    const result = parseConfig(marketDataConfig, {
      SWITCHYARD_VENUES: 'mtgox',
      SWITCHYARD_MARKET_PAIRS: 'bitcoin',
      SWITCHYARD_MARKET_POLL_MS: '1',
      SWITCHYARD_MARKET_STREAMS: 'binance,coinbase',
      SWITCHYARD_VENUE_BINANCE_URL: 'ftp://x',
    });
    expect(result.ok ? [] : result.problems.map(({ variable }) => variable).sort()).toEqual([
      'SWITCHYARD_MARKET_PAIRS',
      'SWITCHYARD_MARKET_POLL_MS',
      'SWITCHYARD_MARKET_STREAMS',
      'SWITCHYARD_VENUES',
      'SWITCHYARD_VENUE_BINANCE_URL',
    ]);
  });
});
