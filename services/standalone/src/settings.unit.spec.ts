import { describe, expect, it } from '@jest/globals';
import { parseConfig } from '@switchyard/config';
import { processSettings } from '@switchyard/runtime';
import { standaloneSettings } from './settings.js';

const KAFKA = { SWITCHYARD_TRANSPORT: 'kafka', KAFKA_BROKERS: 'a:1,b:2' };

/** What `npm start` makes of these variables, and what a service as a process of its own does. */
const both = (env: Readonly<Record<string, string>>) => ({
  alone: parseConfig(standaloneSettings, env),
  apart: parseConfig(processSettings, { ...env, DATABASE_URL: 'postgres://127.0.0.1/switchyard' }),
});

describe('npm start', () => {
  it('reads of the log whatever a service does that is a process of its own', () => {
    const { alone, apart } = both({
      ...KAFKA,
      SWITCHYARD_KAFKA_SESSION_MS: '45000',
      SWITCHYARD_KAFKA_HEARTBEAT_MS: '3000',
      SWITCHYARD_PARTITIONS: '12',
    });
    const log = {
      transport: 'kafka',
      kafkaBrokers: ['a:1', 'b:2'],
      kafkaReading: { sessionMs: 45_000, heartbeatMs: 3_000, maxWaitMs: 3_000 },
      partitions: 12,
    };
    expect(alone).toMatchObject({ ok: true, config: { log } });
    expect(apart).toMatchObject({ ok: true, config: log });
  });

  it.each([
    ['no brokers for Kafka', { SWITCHYARD_TRANSPORT: 'kafka' }, 'KAFKA_BROKERS'],
    [
      'a session of less than three heartbeats',
      { SWITCHYARD_KAFKA_SESSION_MS: '4000' },
      'SWITCHYARD_KAFKA_HEARTBEAT_MS',
    ],
    ['a session that is no number', { ...KAFKA, SWITCHYARD_KAFKA_SESSION_MS: 'long' }, 'SWITCHYARD_KAFKA_SESSION_MS'],
    ['another transport', { SWITCHYARD_TRANSPORT: 'pigeon' }, 'SWITCHYARD_TRANSPORT'],
  ])('refuses %s in the words in which a service does', (_, env, variable) => {
    const { alone, apart } = both(env);
    expect(alone).toEqual(apart);
    expect(alone).toMatchObject({ ok: false, problems: [{ variable }] });
  });
});
