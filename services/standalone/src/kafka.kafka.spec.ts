import { randomUUID } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  allTopics,
  encodeProtobuf,
  type OrderCompleted,
  type SignalRejected,
  type TradingStateApplied,
  type TradingStateChanged,
} from '@switchyard/contracts';
import { partitionOf } from '@switchyard/log';
import { until } from '@switchyard/testing';
import { Kafka, Partitioners, logLevel, type Producer } from 'kafkajs';

import { missingForPython } from '../../../examples/testing/python-environment.js';

import { kafkaAvailable, kafkaStartable } from '../../../tools/kafka.mjs';
import { boughtByAccount } from './kafka-testing/bought.js';
import { Deployment, newDataFolder } from './kafka-testing/deployment.js';
import { brokenNumbering, brokenVersions, keysInSeveralPartitions, repeated } from './kafka-testing/log-rules.js';
import { accountKeyOf, makeUsers } from './kafka-testing/many-users.js';
import { preparePython, publishFromPython } from './kafka-testing/python-strategy.js';
import { TopicLog } from './kafka-testing/topic-log.js';
import { PaperVenue, doubled } from './testing/paper-venue.js';
import type { RestClient } from './testing/rest-client.js';
import { StandaloneProcess, cleanUp, runToItsEnd } from './testing/standalone-process.js';

/**
 * `npm run start:kafka`, every service a process of its own over a real Kafka, seen from outside: what the Python example publishes, what
 * lies on the topics, what the venue's ledger says, and what REST answers.
 */
const PARTITIONS = 24;
const SIGNALS = 'TradingSignalGenerated';
const DEAD_LETTERS = 'TradingSignalGenerated.signal-validation.dlt';
const TOPICS = allTopics(['binance']).filter(
  (topic) => !['MarketSnapshot', 'VenueStatus', 'AuditRecorded'].includes(topic),
);
const ORDER_TOPICS = ['OrderPlaced', 'OrderFilled', 'OrderFailed', 'OrderCancelled', 'OrderExpired'];

const kafkaHere = kafkaAvailable();
const missing = kafkaHere.available
  ? kafkaStartable()
    ? missingForPython()
    : 'KAFKA_BROKERS is set, and this test stops and starts a broker of its own, for which Java and Maven are missing.'
  : kafkaHere.reason;
if (missing !== undefined) process.stderr.write(`SKIPPED: the deployment over Kafka was not tested. ${missing}\n`);

(missing === undefined ? describe : describe.skip)('a deployment over Kafka', () => {
  const folders: { remove(): Promise<void> }[] = [];
  const ends: (() => Promise<unknown>)[] = [];
  let dataDir: string;
  let deployment: Deployment;
  let admin: RestClient;
  let venue: PaperVenue;
  let topics: TopicLog;
  let producer: Producer;

  const start = async (): Promise<void> => {
    deployment = await Deployment.start('kafka', dataDir);
    ends.push(() => deployment.end());
    admin = await deployment.as('admin');
    venue = new PaperVenue(deployment.venueUrl);
    topics = await TopicLog.open(deployment.brokers, [...TOPICS, DEAD_LETTERS]);
    ends.push(() => topics.close());
    const kafka = new Kafka({ brokers: [...deployment.brokers], clientId: 'stranger', logLevel: logLevel.NOTHING });
    producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await producer.connect();
    ends.push(() => producer.disconnect());
  };
  const stop = async (): Promise<void> => {
    for (const end of ends.splice(0).reverse()) await end();
  };

  beforeAll(async () => {
    await preparePython();
    const folder = await newDataFolder();
    dataDir = folder.path;
    folders.push(folder);
    await start();
  }, 240_000);

  afterAll(async () => {
    await stop();
    await cleanUp();
    for (const folder of folders) await folder.remove();
  }, 60_000);

  /** How each of these signals ended, as the topics say; waits until all have. */
  const endings = async (signalIds: readonly string[], deadlineMs: number) => {
    const asked = new Set(signalIds);
    const found = (): readonly (OrderCompleted | SignalRejected)[] =>
      [...topics.events<OrderCompleted>('OrderCompleted'), ...topics.events<SignalRejected>('SignalRejected')].filter(
        ({ signalId }) => asked.has(signalId),
      );
    await until(() => found().length >= asked.size, deadlineMs).catch((error: unknown) => {
      throw new Error(`${found().length} of ${asked.size} signals have ended\n${deployment.complaints.join('\n')}`, {
        cause: error,
      });
    });
    const all = found();
    const filled = all.filter((one) => 'status' in one && one.status === 'filled');
    return { all, filled, others: all.filter((one) => !filled.includes(one)) };
  };

  /** The positions that REST shows, and those of the venue's ledger, once they agree. */
  const books = async (userIds: readonly string[]) => {
    const look = async () => {
      const [ledger, positions] = await Promise.all([venue.ledger(), admin.all('/v1/positions?status=open&limit=500')]);
      const shown = new Map(positions.map(({ userId, quantity }) => [accountKeyOf(String(userId)), String(quantity)]));
      const held = boughtByAccount(ledger);
      const of = (all: ReadonlyMap<string, string>) => userIds.map((id) => [id, all.get(accountKeyOf(id)) ?? '0']);
      return { ledger, shown: of(shown), held: of(held) };
    };
    await until(async () => {
      const { shown, held } = await look();
      return JSON.stringify(shown) === JSON.stringify(held);
    }).catch(() => undefined);
    return look();
  };

  const orderEvents = () =>
    ORDER_TOPICS.flatMap((topic) => topics.events<{ orderId: string; orderVersion?: number }>(topic));

  it('fills what 50 users’ Python strategies publish, in order, and its books are the venue’s', async () => {
    const users = await makeUsers(admin, deployment.venueUrl, 'trader', 50);
    const startedAt = performance.now();
    const { signalIds } = await publishFromPython(deployment.brokers, {
      ...{ prefix: 'trader', users: 50, signals: 1_000, perSecond: 80 },
    });
    const { all, filled, others } = await endings(signalIds, 90_000);
    const seconds = (performance.now() - startedAt) / 1_000;
    process.stdout.write(
      `1,000 paper orders over Kafka: ${filled.length} filled in ${seconds.toFixed(1)} s, ${(1_000 / seconds).toFixed(0)} a second\n`,
    );

    expect(new Set(all.map(({ signalId }) => signalId)).size).toBe(1_000);
    expect(all).toHaveLength(1_000);
    expect(filled.length).toBeGreaterThanOrEqual(950);
    const reasons = [
      ...topics.events<SignalRejected>('SignalRejected'),
      ...topics.events<SignalRejected>('OrderFailed'),
    ];
    for (const { signalId } of others)
      expect(reasons.find((one) => one.signalId === signalId)?.code).toMatch(/^[A-Z_]+$/);

    const { ledger, shown, held } = await books(users);
    expect(shown).toEqual(held);
    expect(doubled(ledger)).toEqual([]);
    expect(ledger.flatMap(({ fills }) => fills).length).toBeGreaterThanOrEqual(950);

    const mine = topics.records.filter(({ key }) => key.startsWith('trader-'));
    expect(new Set(mine.map(({ topic }) => topic)).size).toBeGreaterThanOrEqual(9);
    expect(keysInSeveralPartitions(mine)).toEqual([]);
    expect(mine.filter(({ key, partition }) => partition !== partitionOf(key, PARTITIONS))).toEqual([]);
    expect(brokenNumbering(topics.records)).toEqual([]);
    expect(repeated(topics.records)).toBe(0);
    expect(brokenVersions(orderEvents())).toEqual([]);
    expect(deployment.complaints).toEqual([]);
  }, 150_000);

  it('halts a venue when the executor’s own process has said so, and tells the global state again and again', async () => {
    const put = (state: string) => admin.put('/v1/trading-state/venue:binance', { state, reason: 'seen over Kafka' });
    const verified = { status: 200, body: { verified: true, notAcknowledged: [], executors: [{ venue: 'binance' }] } };
    expect(await put('halted')).toMatchObject(verified);
    const said = () => topics.events<TradingStateApplied>('TradingStateApplied');
    await until(() => said().some(({ scope, version }) => scope === 'venue:binance' && version === 1));
    expect(await put('active')).toMatchObject(verified);
    const told = () =>
      topics.events<TradingStateChanged>('TradingStateChanged').filter(({ scope }) => scope === 'global');
    const times = new Set(told().map(({ repeatedAt }) => repeatedAt)).size;
    await until(() => new Set(told().map(({ repeatedAt }) => repeatedAt)).size > times + 1);
    expect(new Set(told().map(({ version, state }) => `${state} ${String(version)}`))).toEqual(new Set(['active 1']));
  }, 60_000);

  it('loses nothing and doubles nothing when the executor is killed in mid-run', async () => {
    const users = await makeUsers(admin, deployment.venueUrl, 'survivor', 20);
    const before = (await venue.ledger()).length;
    const publishing = publishFromPython(deployment.brokers, {
      ...{ prefix: 'survivor', users: 20, signals: 200, perSecond: 40 },
    });
    await until(async () => (await venue.ledger()).length >= before + 40, 60_000);
    deployment.killService('execution');
    const { signalIds } = await publishing;
    const { all } = await endings(signalIds, 90_000);

    expect(new Set(all.map(({ signalId }) => signalId)).size).toBe(200);
    expect(all).toHaveLength(200);
    const { ledger, shown, held } = await books(users);
    expect(shown).toEqual(held);
    expect(doubled(ledger)).toEqual([]);
    expect(brokenNumbering(topics.records)).toEqual([]);
    expect(brokenVersions(orderEvents())).toEqual([]);
    expect(deployment.output).toMatch(/a service ended; it is started again\s+part=execution-binance/);
  }, 180_000);

  describe('at the door', () => {
    const userId = 'visitor-1';
    beforeAll(async () => {
      await makeUsers(admin, deployment.venueUrl, 'visitor', 1);
    }, 60_000);

    const tomorrow = () => new Date(Date.now() + 86_400_000).toISOString();
    const elsewhere = (partitionOf(userId, PARTITIONS) + 1) % PARTITIONS;

    const send = (value: string | Buffer, message: { key?: string; partition?: number; contentType?: string } = {}) =>
      producer.send({
        topic: SIGNALS,
        messages: [
          {
            key: message.key ?? userId,
            value,
            headers: { 'content-type': message.contentType ?? 'application/json' },
            ...(message.partition === undefined ? {} : { partition: message.partition }),
          },
        ],
      });

    it.each([
      ['lacks a field', { pair: undefined }, 'MALFORMED'],
      ['has a number where a decimal string belongs', { size: { quote: 50 } }, 'MALFORMED'],
      ['has an unknown enum value', { side: 'hold' }, 'MALFORMED'],
      ['is from tomorrow', { generatedAt: tomorrow() }, 'SIGNAL_FROM_FUTURE'],
      ['names a pair that nobody lists', { pair: 'NO-PAIR' }, 'UNKNOWN_PAIR'],
    ])('a signal that %s is refused, and the refusal audited', async (_, parts, code) => {
      const signal = aSignal(parts);
      await send(JSON.stringify(signal));
      const refusal = (): SignalRejected | undefined =>
        topics.events<SignalRejected>('SignalRejected').find(({ signalId }) => signalId === signal.signalId);
      await until(() => refusal() !== undefined);
      expect(refusal()).toMatchObject({ stage: 'validation', userId, code });
      const audited = () => admin.all(`/v1/audit?signalId=${signal.signalId}&topic=SignalRejected`);
      await until(async () => (await audited()).length > 0);
      expect(await audited()).toMatchObject([{ userId, payload: { code } }]);
    });

    it.each([
      ['is not JSON', () => '{"signalId": ', {}, 'UNREADABLE'],
      ['has no signalId', () => JSON.stringify(aSignal({ signalId: undefined })), {}, 'UNREADABLE'],
      ['is keyed by another user', () => JSON.stringify(aSignal()), { key: 'trader-1' }, 'KEY_MISMATCH'],
      ['lies in a partition not its key’s', () => JSON.stringify(aSignal()), { partition: elsewhere }, 'KEY_MISMATCH'],
    ])('a record that %s is a dead letter, shown in the audit trail', async (_, value, message, code) => {
      const bytes = value();
      const [sent] = await send(bytes, message);
      const letters = () =>
        topics
          .on(DEAD_LETTERS)
          .filter(({ headers }) => headers['dlt_partition'] === String(sent?.partition))
          .filter((letter) => letter.value.toString() === bytes);
      await until(() => letters().length > 0);
      expect(letters()[0]?.headers).toMatchObject({ dlt_code: code, dlt_topic: SIGNALS });
      for (const user of ['admin', 'operator'] as const) {
        const rest = await deployment.as(user);
        const audited = async () =>
          (await rest.all(`/v1/audit?topic=${DEAD_LETTERS}&limit=500`)).filter(
            ({ eventId }) => eventId === letters()[0]?.headers['ce_id'],
          );
        await until(async () => (await audited()).length > 0);
        expect(await audited()).toMatchObject([{ reason: expect.stringContaining(code) }]);
      }
    });

    it('a signal in protobuf trades like any other, and so does the next one in JSON', async () => {
      const inProtobuf = aSignal();
      const inJson = aSignal();
      const bytes = encodeProtobuf(SIGNALS, inProtobuf as Parameters<typeof encodeProtobuf<typeof SIGNALS>>[1]);
      await send(Buffer.from(bytes), { contentType: 'application/protobuf' });
      await send(JSON.stringify(inJson));
      const { filled } = await endings([inProtobuf.signalId, inJson.signalId], 30_000);
      expect(filled).toHaveLength(2);
    }, 60_000);
  });

  it('leaves no process behind at Ctrl-C, and goes on where it stopped at the next start', async () => {
    const before = await admin.all('/v1/positions?status=open&limit=500');
    await Promise.all([topics.close(), producer.disconnect()]);
    const { code, tookMs, output } = await deployment.stop();
    expect({ code, output }).toMatchObject({ code: 0, output: expect.stringMatching(/\nstopped\n$/) });
    expect(tookMs).toBeLessThan(20_000);

    ends.splice(0);
    await start();
    expect(await admin.all('/v1/positions?status=open&limit=500')).toEqual(before);
    await makeUsers(admin, deployment.venueUrl, 'second-day', 1);
    const sent = aSignal({ userId: 'second-day-1' });
    expect((await admin.post('/v1/signals', sent)).status).toBe(202);
    expect((await endings([sent.signalId], 30_000)).filled).toHaveLength(1);
    expect(deployment.complaints).toEqual([]);
  }, 180_000);

  it('shares its brokers with no second deployment, and its database with no other cluster', async () => {
    // `npm start` with a folder of its own, whose new database would take this one's events for its own.
    const KAFKA_BROKERS = deployment.brokers.join(',');
    const second = await runToItsEnd({ env: { SWITCHYARD_TRANSPORT: 'kafka', KAFKA_BROKERS } });
    expect(second).toMatchObject({ code: 78, output: expect.stringContaining('\nLOG_TOPICS_IN_USE: ') });

    await stop();
    await rm(join(dataDir, 'kafka'), { recursive: true });
    const emptied = await Deployment.fails('kafka', dataDir, {});
    expect(emptied).toMatchObject({ code: 78, output: expect.stringContaining('\nLOG_CLUSTER_DIFFERS: ') });

    // The other transport has a database and venues of its own in the same folder, and the same tokens.
    const { admin: token } = JSON.parse(await readFile(join(dataDir, 'tokens.json'), 'utf8'));
    const alone = await StandaloneProcess.start({ dataDir, args: ['--no-demo'] });
    ends.push(() => alone.stop());
    expect(alone.tokenOf('admin')).toBe(token);
    expect(await alone.as('admin').all('/v1/users')).not.toContainEqual(
      expect.objectContaining({ userId: 'trader-1' }),
    );
    expect(await new PaperVenue(alone.venueUrl).ledger()).toEqual([]);
  }, 180_000);
});

/** An entry that trades at once; what a test is about is laid over it. */
const aSignal = (parts: Readonly<Record<string, unknown>> = {}) => ({
  signalId: `door-${randomUUID()}`,
  userId: 'visitor-1',
  pair: 'BTC-USD',
  side: 'buy',
  signalType: 'entry',
  size: { quote: '50.00' },
  generatedAt: new Date().toISOString(),
  ...parts,
});
