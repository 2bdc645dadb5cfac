import { describe, expect, it } from '@jest/globals';
import { Global, Module } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { parseConfig } from '@switchyard/config';
import type { EventLog } from '@switchyard/log';
import { LatencyProfiler, createLogger, createMetrics } from '@switchyard/observability';
import type { Database } from '@switchyard/persistence';
import { Health, METRICS } from '@switchyard/runtime';
import { gatewayConfig } from './config.js';
import { gatewayModule } from './gateway.module.js';
import { gateway } from './index.js';

const health = new Health();
const metrics = createMetrics({ service: 'gateway', process: false });

@Global()
@Module({
  providers: [
    { provide: Health, useValue: health },
    { provide: METRICS, useValue: metrics },
  ],
  exports: [Health, METRICS],
})
class RuntimeModule {}

describe('the gateway service', () => {
  it('compiles its real module, serves, and says that it knows no market yet', async () => {
    const context = {
      name: gateway.name,
      config: gatewayConfig.parse({ SWITCHYARD_ACCOUNTS_URL: 'http://127.0.0.1:9' }),
      logger: createLogger({ service: 'gateway', level: 'fatal' }),
      metrics,
      profiler: new LatencyProfiler(),
      db: {} as Database,
      log: { tail: () => Promise.resolve() } as unknown as EventLog<never>,
    };
    const module = await Test.createTestingModule({ imports: [RuntimeModule, gatewayModule(context)] }).compile();
    const app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger: false });
    await app.init();
    const document = await app.inject({ method: 'GET', url: '/v1/openapi.json' });
    expect(document.json()).toMatchObject({ openapi: '3.1.0' });
    expect((await app.inject({ method: 'GET', url: '/' })).json()).toMatchObject({
      name: 'switchyard',
      links: { openapi: '/v1/openapi.json' },
    });
    expect((await app.inject({ method: 'GET', url: '/v1/orders' })).json()).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect((await app.inject({ method: 'GET', url: '/nowhere' })).json()).toMatchObject({ code: 'NOT_FOUND' });
    expect((await health.report()).problems).toEqual({
      'gateway market data': 'No market data has been received yet.',
    });
    const users = await app.inject({ method: 'GET', url: '/v1/users/u-1' });
    expect(users.json()).toMatchObject({ code: 'UNAVAILABLE' });
    await app.close();
  });

  it('names every bad variable at once', () => {
    const parsed = parseConfig(gatewayConfig, { SWITCHYARD_VENUES: 'nowhere', SWITCHYARD_PARTITIONS: '0' });
    expect(parsed.ok ? [] : parsed.problems.map(({ variable }) => variable)).toEqual([
      'SWITCHYARD_ACCOUNTS_URL',
      'SWITCHYARD_PARTITIONS',
      'SWITCHYARD_VENUES',
    ]);
  });
});
