import { describe, expect, it } from '@jest/globals';
import { LOG_MIGRATIONS, OtherLog, storedLog } from '@switchyard/log-postgres';
import { createLogger, createMetrics } from '@switchyard/observability';
import type { Database } from '@switchyard/persistence';
import { testDatabase } from '@switchyard/persistence/testing';
import { openPlatform, type PlatformOptions } from './platform.js';
import { checkDeployment, isOurs, tieDeployment } from './tie-deployment.js';

const postgres = testDatabase();
const PARTITIONS = 4;

const open = (part: Partial<PlatformOptions>) =>
  openPlatform({
    databaseUrl: postgres.url,
    transport: 'postgres',
    partitions: PARTITIONS,
    instance: 'spec',
    others: false,
    poolSize: 2,
    logger: createLogger({ service: 'spec', level: 'fatal' }),
    metrics: createMetrics({ service: 'spec', process: false }),
    traced: false,
    ...part,
  });
const log = (transport: 'postgres' | 'kafka') => ({ databaseUrl: postgres.url, transport, partitions: PARTITIONS });
/** Nobody answers there: who gets to ask it fails with another error, seconds later. */
const NO_BROKER = { transport: 'kafka', kafkaBrokers: ['127.0.0.1:1'] } as const;

const connections = async (db: Database): Promise<number> => {
  const { rows } = await db.query<{ n: number }>(
    "SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'switchyard spec log'",
  );
  return rows[0]?.n ?? 0;
};

it.each([
  ['OrderPlaced', true],
  ['OrderRouted.binance', true],
  ['AccountPolicyChanged', true],
  ['TradingSignalGenerated', false],
  ['TradingSignalGenerated.signal-validation.dlt', false],
  ['orders-of-somebody-else', false],
])('what lies on %s before the first start is of another deployment: %s', (topic, ours) => {
  expect(isOurs(topic)).toBe(ours);
});

describe('what a process opens first', () => {
  it('is tied to the log of its deployment, where it is not a setup’s', async () => {
    const db = await postgres.open('log', { folder: LOG_MIGRATIONS });
    await (await open({})).close();
    expect(await storedLog(db)).toEqual({ partitions: PARTITIONS, transport: null, clusterId: null });
    await checkDeployment(log('kafka'));

    await (await open({ tied: true })).close();
    expect(await storedLog(db)).toEqual({ partitions: PARTITIONS, transport: 'postgres', clusterId: null });
    await expect(open(NO_BROKER)).rejects.toThrow(OtherLog);
    await expect(tieDeployment({ ...log('kafka'), ...NO_BROKER })).rejects.toThrow('LOG_TRANSPORT_DIFFERS');
    await expect(checkDeployment(log('kafka'))).rejects.toThrow('LOG_TRANSPORT_DIFFERS');
    await expect(checkDeployment({ ...log('postgres'), partitions: 8 })).rejects.toThrow('LOG_PARTITIONS_DIFFER');
    await tieDeployment(log('postgres'));
    await checkDeployment(log('postgres'));
    // Nothing runs on, and no connection is left, of who was refused.
    expect(await connections(db)).toBe(0);
  });
});
