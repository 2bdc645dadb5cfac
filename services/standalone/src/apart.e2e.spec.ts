import { createServer, type Server } from 'node:net';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@switchyard/testing';
import { Deployment, newDataFolder } from './kafka-testing/deployment.js';
import { makeUsers } from './kafka-testing/many-users.js';
import { PaperVenue } from './testing/paper-venue.js';

/** `npm run start:postgres`: every service a process of its own, over the database alone. */
describe('a deployment over Postgres', () => {
  const ends: (() => Promise<void>)[] = [];
  let deployment: Deployment;

  beforeAll(async () => {
    const folder = await newDataFolder();
    ends.push(() => folder.remove());
    deployment = await Deployment.start('postgres', folder.path);
    ends.push(() => deployment.end());
  }, 150_000);

  afterAll(async () => {
    for (const end of ends.reverse()) await end();
  }, 60_000);

  it('fills a signal, says nothing while all is well, and leaves no process behind at Ctrl-C', async () => {
    const admin = await deployment.as('admin');
    const [userId = ''] = await makeUsers(admin, deployment.venueUrl, 'trader', 1);
    const signalId = `apart-${randomUUID()}`;
    const sent = { signalId, userId, pair: 'BTC-USD', side: 'buy', signalType: 'entry', size: { quote: '50.00' } };
    expect((await admin.post('/v1/signals', sent)).status).toBe(202);
    await until(async () => (await admin.get(`/v1/signals/${signalId}?userId=${userId}`)).body.status === 'done');

    const [row] = await new PaperVenue(deployment.venueUrl).ledger();
    expect(row).toMatchObject({ status: 'filled', side: 'buy' });
    // Routing says that the signal is done, reconciliation what is held: topics promise no order between each other.
    await until(async () => (await admin.all('/v1/positions?status=open')).length > 0);
    expect(await admin.all('/v1/positions?status=open')).toMatchObject([{ userId, pair: 'BTC-USD' }]);
    expect(deployment.processes().size).toBeGreaterThanOrEqual(10);
    await until(async () => {
      const { stages, processes } = (await admin.get('/v1/latency')).body;
      const told = new Set(stages.map(({ stage }: any) => stage));
      const wanted = ['risk.transaction', 'routing.transaction', 'binance.submission', 'binance.execution'];
      return wanted.every((stage) => told.has(stage)) && processes.length >= 5;
    });
    expect(deployment.complaints).toEqual([]);

    const { code, tookMs } = await deployment.stop();
    expect(code).toBe(0);
    expect(tookMs).toBeLessThan(20_000);
  }, 90_000);
});

describe('a deployment that cannot start', () => {
  let folder: Awaited<ReturnType<typeof newDataFolder>>;
  let taken: Server | undefined;

  beforeAll(async () => {
    folder = await newDataFolder();
  });
  afterAll(async () => {
    taken?.close();
    await folder.remove();
  });

  it('says which brokers do not answer, and what to do', async () => {
    const { code, output, tookMs } = await Deployment.fails('kafka', folder.path, { KAFKA_BROKERS: '127.0.0.1:1' });
    expect(code).toBe(1);
    expect(output).toContain(
      '\nKafka does not answer at 127.0.0.1:1. Start it (npm run kafka), or name its brokers in KAFKA_BROKERS.\n',
    );
    expect(output).not.toMatch(/^ +at /m);
    expect(tookMs).toBeLessThan(40_000);
  }, 60_000);

  it('names the port that is in use, and whose it would be, before it starts anything', async () => {
    const server = createServer();
    taken = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    const { code, output } = await Deployment.fails('postgres', folder.path, { PORT: String(port) });
    expect(code).toBe(1);
    expect(output).toContain(`\nPort ${port}, for gateway, is in use: stop what listens there`);
    expect(output).not.toContain('database');
  }, 60_000);
});
