import 'reflect-metadata';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Inject, Injectable, Module } from '@nestjs/common';
import { testDatabase } from '@switchyard/persistence/testing';
import { z } from 'zod';
import type { ServiceDefinition } from './definition.js';
import { Health } from './health.js';
import { runService } from './run-service.js';

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
  });
});
