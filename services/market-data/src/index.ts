import { Module } from '@nestjs/common';
import type { ServiceDefinition } from '@switchyard/runtime';
import { marketDataConfig, type MarketDataConfig } from './config.js';
import { MarketData } from './market-data.js';

@Module({ providers: [MarketData] })
class MarketDataModule {}

/** Fetches the venues' books and publishes them as `MarketSnapshot`. */
export const marketData: ServiceDefinition<MarketDataConfig> = {
  name: 'market-data',
  config: marketDataConfig,
  module: () => MarketDataModule,
};

/** One venue's books: for benchmarks, which run it without a deployment around it. */
export { BookPoller, type BookPollerOptions } from './book-poller.js';
