import { describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { LatencyProfiler, createMetrics } from '@switchyard/observability';
import { pino } from 'pino';
import { ExecutionConsumer } from './consumers/execution.consumer.js';
import { ExecutorLifecycle } from './execution.module.js';
import { execution } from './index.js';

const never = (): never => {
  throw new Error('nothing is asked before the start');
};

const contextOf = (definition: ReturnType<typeof execution>) => ({
  name: definition.name,
  config: definition.config.parse({}),
  logger: pino({ enabled: false }),
  metrics: createMetrics({ service: definition.name, process: false }),
  profiler: new LatencyProfiler(),
  db: { schema: 'execution_binance', query: never, transaction: never, listen: never, notify: never, close: never },
  log: { append: never, put: never, tail: never, readByAll: never },
});

describe('the execution service', () => {
  it('compiles its module, with a consumer and a life of its own', async () => {
    const definition = execution('binance');
    const module = await Test.createTestingModule({ imports: [definition.module(contextOf(definition))] }).compile();
    expect(module.get(ExecutionConsumer)).toBeInstanceOf(ExecutionConsumer);
    expect(module.get(ExecutorLifecycle)).toBeInstanceOf(ExecutorLifecycle);
    expect(definition).toMatchObject({ name: 'execution-binance', topicParameters: { venue: 'binance' } });
  });

  it('shares a registry with the executors of other venues', () => {
    const metrics = createMetrics({ service: 'standalone', process: false });
    for (const venue of ['binance', 'kraken']) {
      const definition = execution(venue);
      expect(() => definition.module({ ...contextOf(definition), metrics })).not.toThrow();
    }
  });

  it('names every bad variable at once', () => {
    const parsed = execution('binance').config.safeParse({
      SWITCHYARD_VENUE_BINANCE_URL: 'nowhere',
      SWITCHYARD_EXECUTION_WORKERS: '0',
      SWITCHYARD_LIVE_TRADING: 'maybe',
    });
    expect(parsed.error?.issues.map(({ path }) => path[0]).sort()).toEqual([
      'SWITCHYARD_EXECUTION_WORKERS',
      'SWITCHYARD_LIVE_TRADING',
      'SWITCHYARD_VENUE_BINANCE_URL',
    ]);
  });

  it('sends no real orders unless told so', () => {
    expect(execution('binance').config.parse({})).toMatchObject({ liveTradingEnabled: false, origin: undefined });
  });
});
