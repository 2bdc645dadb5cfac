import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import type { EventLog } from '@switchyard/log';
import { LatencyProfiler, createLogger, createMetrics } from '@switchyard/observability';
import type { Database } from '@switchyard/persistence';
import { MarketBoard } from './adapters/market-board.js';
import { routingConfig } from './config.js';
import { OrdersConsumer } from './consumers/orders.consumer.js';
import { routing } from './index.js';
import { routingModule } from './routing.module.js';
import { snapshot } from './testing/given.js';

const tail = (topic: string, onRecord: (record: never) => void): Promise<void> => {
  if (topic === 'MarketSnapshot') onRecord({ key: 'binance/BTC-USD', payload: snapshot('binance') } as never);
  return Promise.resolve();
};
const context = () => ({
  name: routing.name,
  config: routingConfig.parse({}),
  logger: createLogger({ service: 'routing', level: 'silent' }),
  metrics: createMetrics({ service: 'routing', process: false }),
  profiler: new LatencyProfiler(),
  db: {} as Database,
  log: { tail } as unknown as EventLog<never>,
});

describe('the routing service', () => {
  it('compiles its real module and knows the books before it handles anything', async () => {
    const module = await Test.createTestingModule({ imports: [routingModule(context()) as never] }).compile();
    await module.init();
    expect(module.get(OrdersConsumer)).toBeInstanceOf(OrdersConsumer);
    expect(module.get(MarketBoard).factsOf('binance', 'BTC-USD').market?.view.bookHash).toBe('hash-binance');
    await module.close();
  });

  it('keeps books by one shelf for its handlers and its transactions', () => {
    const made = context();
    expect(routing.effects!(made)).toBe(routing.effects!(made));
    expect(routing.effects!(made)).not.toBe(routing.effects!(context()));
  });

  it('names every bad variable at once', () => {
    const { error } = routingConfig.safeParse({
      SWITCHYARD_ROUTING_COLLAR_BPS: '1.5',
      SWITCHYARD_ROUTING_TWAP_ABOVE_USD: 'much',
    });
    expect(error!.issues.map(({ path }) => path[0])).toEqual([
      'SWITCHYARD_ROUTING_COLLAR_BPS',
      'SWITCHYARD_ROUTING_TWAP_ABOVE_USD',
    ]);
  });
});
