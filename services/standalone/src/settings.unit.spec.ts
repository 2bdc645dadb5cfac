import { describe, expect, it } from '@jest/globals';
import { parseConfig } from '@switchyard/config';
import { processSettings } from '@switchyard/runtime';
import { STANDARD_VENUES } from '@switchyard/model';
import { DOORS, stagesOf } from './services.js';
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

describe('the venues of a deployment', () => {
  const programs = [...stagesOf([]), ...Object.values(DOORS)];
  const venuesOf = (config: unknown): unknown =>
    (config as { readonly venues?: readonly (string | { readonly name: string })[] }).venues?.map((venue) =>
      typeof venue === 'string' ? venue : venue.name,
    );
  const read = (env: Readonly<Record<string, string>>) =>
    programs.flatMap(({ name, config }) => {
      const parsed = parseConfig(config, { SWITCHYARD_ACCOUNTS_URL: 'http://127.0.0.1', ...env });
      const venues =
        parsed.ok && Array.isArray((parsed.config as { venues?: unknown }).venues) ? venuesOf(parsed.config) : [];
      return parsed.ok && (venues as readonly string[]).length > 0 ? [[name, venues] as const] : [];
    });

  it('are the same to every process that is started by hand and told of none', () => {
    const told = read({});
    expect(told.map(([name]) => name)).toEqual(
      expect.arrayContaining(['market-data', 'journal', 'reconciliation', 'signal-validation', 'gateway']),
    );
    for (const [name, venues] of told) expect([name, venues]).toEqual([name, [...STANDARD_VENUES]]);
    expect(parseConfig(standaloneSettings, {})).toMatchObject({ ok: true, config: { venues: [...STANDARD_VENUES] } });
  });

  it('are those that it is told, in all of them', () => {
    for (const [name, venues] of read({ SWITCHYARD_VENUES: 'kraken, okx' }))
      expect([name, venues]).toEqual([name, ['kraken', 'okx']]);
    expect(read({ SWITCHYARD_VENUES: 'mtgox' })).toEqual([]);
  });
});
