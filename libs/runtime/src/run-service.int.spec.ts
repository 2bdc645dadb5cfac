import 'reflect-metadata';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Inject, Injectable, Module } from '@nestjs/common';
import { BAD_CONFIG_EXIT_CODE } from '@switchyard/config';
import { storedLog } from '@switchyard/log-postgres';
import { testDatabase } from '@switchyard/persistence/testing';
import { z } from 'zod';
import type { ServiceDefinition } from './definition.js';
import { Health } from './health.js';
import { runService } from './run-service.js';
import { tieDeployment } from './tie-deployment.js';

let brokenFor: string | undefined;

/** A part of a service that says what kafkajs makes a consumer say when it gives up for good. */
@Injectable()
class Part {
  constructor(@Inject(Health) health: Health) {
    health.add({ name: 'log', problem: () => brokenFor, fatal: () => brokenFor !== undefined });
  }
}

@Module({ providers: [Part] })
class PartModule {}

const service: ServiceDefinition = { name: 'part', config: z.object({}), module: () => PartModule };

describe('a process of a service', () => {
  const postgres = testDatabase();

  afterEach(() => {
    jest.restoreAllMocks();
    brokenFor = undefined;
  });

  it.each([
    ['with 1 when only a restart can mend it, so that whoever watches starts it again', 'the consumer ended', 1],
    ['with 0 when it was asked to', undefined, 0],
  ])('ends %s', async (_, problem, code) => {
    const codes: unknown[] = [];
    const exit = jest.spyOn(process, 'exit').mockImplementation((given) => {
      codes.push(given);
      return undefined as never;
    });
    const env = { DATABASE_URL: postgres.url, PORT: '0', SWITCHYARD_LOG_LEVEL: 'fatal', SWITCHYARD_INSTANCE: 'one' };
    const running = runService(service, env);
    if (problem === undefined) setTimeout(() => process.emit('SIGTERM', 'SIGTERM'), 1_500);
    else brokenFor = problem;
    await running;
    expect(codes).toEqual([code]);
    exit.mockRestore();
    expect((await storedLog(await postgres.open('log')))?.transport).toBe('postgres');
  });

  it('ends as with any wrong setting where its database belongs to another log: a restart would not help', async () => {
    const codes: unknown[] = [];
    const said: string[] = [];
    jest.spyOn(process, 'exit').mockImplementation((code) => {
      codes.push(code);
      return undefined as never;
    });
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
    const databaseUrl = postgres.url;
    await tieDeployment({ databaseUrl, transport: 'postgres', partitions: 24 });
    const env = { DATABASE_URL: databaseUrl, PORT: '0', SWITCHYARD_LOG_LEVEL: 'silent' };
    await runService(service, { ...env, SWITCHYARD_TRANSPORT: 'kafka', KAFKA_BROKERS: '127.0.0.1:1' });
    await runService(service, { ...env, SWITCHYARD_PARTITIONS: '8' });
    expect(codes).toEqual([BAD_CONFIG_EXIT_CODE, BAD_CONFIG_EXIT_CODE]);
    expect(said.map((text) => text.slice(0, text.indexOf(':')))).toEqual([
      'LOG_TRANSPORT_DIFFERS',
      'LOG_PARTITIONS_DIFFER',
    ]);
  });
});
