// A strategy that buys for the same amount turn after turn (dollar-cost averaging), for one user or for many.
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Kafka, Partitioners, logLevel } from 'kafkajs';

const options = readOptions();
const [userCount, signals, rate] = [Number(options.users), Number(options.signals), Number(options.rate)];
const prefix = options['user-prefix'];
const numbered = userCount === 1 ? [prefix] : Array.from({ length: userCount }, (_, n) => `${prefix}-${n + 1}`);
const file = options['user-ids-file'];
const users = file === undefined ? numbered : (JSON.parse(await readFile(file, 'utf8')) as readonly string[]);
if (options.brokers === '') fail('Name the brokers in --brokers or KAFKA_BROKERS.');
if (![userCount, signals].every((n) => Number.isInteger(n) && n >= 1) || users.length === 0 || !(rate >= 0))
  fail('--users and --signals are whole numbers from 1, --rate is not below 0.');

const kafka = new Kafka({ clientId: 'dca', brokers: options.brokers.split(','), logLevel: logLevel.NOTHING });
// Java's murmur2, as Switchyard has it: the default since kafkajs 2, and named so that nobody takes another by accident.
const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });

const run = `dca-${Date.now()}`;
let confirmed = 0;
try {
  await producer.connect();
  const start = performance.now();
  for (let turn = 0; turn < signals; turn += 1) {
    if (rate > 0) await pause(Math.max(0, start + (turn * 1_000) / rate - performance.now()));
    const userId = users[turn % users.length] ?? '';
    const signal = {
      signalId: `${run}-${turn + 1}`, // the same id and content again is the same signal
      userId,
      strategy: 'dollar-cost-averaging',
      pair: options.pair,
      side: 'buy',
      signalType: 'entry',
      size: { quote: options['size-quote'] }, // money is a decimal in a string
      orderType: 'market',
      generatedAt: new Date().toISOString(),
    };
    const headers = { 'content-type': 'application/json' };
    const messages = [{ key: userId, value: JSON.stringify(signal), headers }];
    const answer = await producer.send({ topic: options.topic, messages, acks: -1 });
    // A send can resolve without having sent, when a partition's leader moves: then the answer is empty.
    if (answer.length === 0) throw new Error(`the broker did not confirm ${signal.signalId}`);
    confirmed += 1;
  }
} catch (error) {
  console.error(`not taken: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  await producer.disconnect();
}
console.log(`${confirmed} of ${signals} signals confirmed by the broker (${run}-1 to ${run}-${signals})`);

function readOptions() {
  try {
    return parseArgs({
      options: {
        brokers: { type: 'string', default: process.env['KAFKA_BROKERS'] ?? '' },
        users: { type: 'string', default: '1' }, // trade for PREFIX-1 to PREFIX-N; 1 is PREFIX itself
        'user-prefix': { type: 'string', default: 'demo' },
        'user-ids-file': { type: 'string' }, // trade for these instead: a JSON list of user ids
        signals: { type: 'string', default: '10' }, // how many in all, the users taking turns
        pair: { type: 'string', default: 'BTC-USD' },
        'size-quote': { type: 'string', default: '50.00' }, // what each one spends, in the pair's second currency
        rate: { type: 'string', default: '1' }, // signals a second in all; 0: without a pause
        topic: { type: 'string', default: 'TradingSignalGenerated' },
      },
    }).values;
  } catch (error) {
    return fail(String(error));
  }
}

function fail(problem: string): never {
  console.error(problem);
  process.exit(2);
}
