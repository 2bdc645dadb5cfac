import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeDoor, parseEvent } from '@switchyard/contracts';
import { partitionOf } from '@switchyard/log';
import { until } from '@switchyard/testing';
import { Kafka, logLevel, type Admin, type KafkaMessage } from 'kafkajs';
import { kafkaAvailable, startKafka, type LocalKafka } from '../tools/kafka.mjs';
import { missingForPython, pythonWith } from './testing/python-environment.js';
import { manyUserIds } from './testing/user-ids.js';

/** The examples run as a newcomer runs them, against a real broker; what they published is read back. */
const PARTITIONS = 24;
const SETUP_MS = 180_000;
const NODE = join(import.meta.dirname, '../node_modules/.bin/node');

const kafkaHere = kafkaAvailable();
const noKafka = kafkaHere.available ? undefined : kafkaHere.reason;
const noPython = noKafka ?? missingForPython();
for (const [language, reason] of [
  ['TypeScript', noKafka],
  ['Python', noPython],
])
  if (reason !== undefined)
    process.stderr.write(`SKIPPED the ${String(language)} example against a broker: ${reason}\n`);

interface Stored {
  readonly partition: number;
  readonly message: KafkaMessage;
}

interface Outcome {
  readonly code: number;
  readonly output: string;
}

let local: LocalKafka | undefined;
let brokers: string;
let kafka: Kafka;
let admin: Admin;
let scratch: string;
const topics: string[] = [];

beforeAll(async () => {
  if (noKafka !== undefined) return;
  scratch = await mkdtemp(join(tmpdir(), 'switchyard-examples-'));
  const named = process.env['KAFKA_BROKERS'] ?? '';
  local = named === '' ? await startKafka() : undefined;
  brokers = local?.brokers ?? named;
  kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING });
  admin = kafka.admin();
  await admin.connect();
}, SETUP_MS);

afterAll(async () => {
  if (noKafka !== undefined) return;
  await admin.deleteTopics({ topics });
  await admin.disconnect();
  await local?.stop();
  await rm(scratch, { recursive: true, force: true });
}, SETUP_MS);

const newTopic = async (settings: Readonly<Record<string, string>> = {}): Promise<string> => {
  const topic = `examples-${randomUUID()}`;
  const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
  await admin.createTopics({ topics: [{ topic, numPartitions: PARTITIONS, configEntries }], waitForLeaders: true });
  topics.push(topic);
  // A new topic's leaders answer a little later than Kafka says.
  await until(() =>
    storedIn(topic).then(
      () => true,
      () => false,
    ),
  );
  return topic;
};

const execute = (program: string, args: readonly string[]): Promise<Outcome> =>
  new Promise((resolve) => {
    execFile(program, args, { timeout: 60_000 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, output: stdout + stderr });
    });
  });

const storedIn = async (topic: string): Promise<number> => {
  const offsets = await admin.fetchTopicOffsets(topic);
  return offsets.reduce((sum, { low, high }) => sum + Number(high) - Number(low), 0);
};

/** Everything a topic holds. */
const contentOf = async (topic: string): Promise<readonly Stored[]> => {
  const expected = await storedIn(topic);
  const records: Stored[] = [];
  const consumer = kafka.consumer({ groupId: topic, maxWaitTimeInMs: 100 });
  await consumer.connect();
  try {
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      eachBatch: ({ batch }) => {
        for (const message of batch.messages) records.push({ partition: batch.partition, message });
        return Promise.resolve();
      },
    });
    await until(() => records.length >= expected);
  } finally {
    await consumer.disconnect();
  }
  await admin.deleteGroups([topic]);
  return records;
};

const readAtTheDoor = ({ key, value, headers }: KafkaMessage) => {
  const contentType = headers?.['content-type']?.toString();
  const read = decodeDoor('TradingSignalGenerated', contentType, value ?? Buffer.alloc(0));
  const parsed = read.ok ? parseEvent('TradingSignalGenerated', read.value) : read;
  return { key: key?.toString(), parsed };
};

describe.each([
  {
    language: 'TypeScript',
    missing: noKafka,
    command: () => Promise.resolve([NODE, join(import.meta.dirname, 'typescript/strategy.ts')] as const),
  },
  {
    language: 'Python',
    missing: noPython,
    command: async () => {
      const python = await pythonWith(join(import.meta.dirname, 'python/requirements.txt'));
      return [python, join(import.meta.dirname, 'python/strategy.py')] as const;
    },
  },
])('the strategy in $language', ({ missing, command }) => {
  const run = missing === undefined ? it : it.skip;
  let program: string;
  let script: string;

  beforeAll(async () => {
    if (missing === undefined) [program, script] = await command();
  }, SETUP_MS);

  const publish = (topic: string, ...options: readonly string[]): Promise<Outcome> =>
    execute(program, [script, '--brokers', brokers, '--topic', topic, '--rate', '0', ...options]);

  run(
    'puts each of 1,000 users into the partition in which Switchyard looks for them',
    async () => {
      const users = manyUserIds(1_000);
      const file = join(scratch, 'users.json');
      await writeFile(file, JSON.stringify(users));
      const topic = await newTopic();

      const { code, output } = await publish(topic, '--user-ids-file', file, '--signals', '1000');
      expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining('1000 of 1000 signals confirmed') });

      const records = await contentOf(topic);
      const found = new Map(records.map(({ partition, message }) => [message.key?.toString(), partition]));
      expect(records).toHaveLength(1_000);
      expect(found).toEqual(new Map(users.map((user) => [user, partitionOf(user, PARTITIONS)])));
      expect(new Set(found.values()).size).toBe(PARTITIONS);
    },
    60_000,
  );

  run(
    'publishes signals that the door takes: keyed by their user, ids of their own, the users taking turns',
    async () => {
      const topic = await newTopic();
      const options = ['--users', '3', '--user-prefix', 'trader', '--pair', 'ETH-USD', '--size-quote', '12.50'];
      expect(await publish(topic, ...options, '--signals', '7')).toMatchObject({ code: 0 });

      const read = (await contentOf(topic)).map(({ message }) => readAtTheDoor(message));
      for (const { key, parsed } of read)
        expect(parsed).toMatchObject({
          ok: true,
          value: { userId: key, pair: 'ETH-USD', side: 'buy', signalType: 'entry', size: { quote: '12.50' } },
        });
      expect(read.map(({ key }) => key).sort()).toEqual([1, 1, 1, 2, 2, 3, 3].map((n) => `trader-${n}`));
      expect(
        new Set(read.map(({ parsed }) => (parsed.ok ? (parsed.value as { signalId: string }).signalId : ''))).size,
      ).toBe(7);
    },
    60_000,
  );

  run(
    'says how many the broker did not take, and fails',
    async () => {
      const topic = await newTopic({ 'max.message.bytes': '100' });
      const { code, output } = await publish(topic, '--signals', '2');
      expect(code).toBe(1);
      expect(output).toContain('0 of 2 signals confirmed');
      expect(output).toMatch(/not taken: .*(too large|larger than)/);
    },
    60_000,
  );
});
