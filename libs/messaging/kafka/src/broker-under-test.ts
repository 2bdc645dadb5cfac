import { afterAll, beforeAll, describe } from '@jest/globals';
// eslint-disable-next-line @nx/enforce-module-boundaries -- tests start brokers with the tool that people start them with
import { kafkaAvailable, kafkaStartable, startKafka, type LocalKafka } from '../../../../tools/kafka.mjs';

const kafka = kafkaAvailable();
if (!kafka.available) {
  process.stderr.write(`SKIPPED: tests over Kafka did not run. ${kafka.reason} Install it, or set KAFKA_BROKERS.\n`);
}

/** `describe` for tests that need a Kafka: skipped, and counted so, where none can be had. */
export const describeKafka = kafka.available ? describe : describe.skip;

/** `describe` for tests that need a cluster whose nodes they may kill. */
export const describeCluster = kafkaStartable() ? describe : describe.skip;

/** Brokers for the tests of a file: those of KAFKA_BROKERS, else a broker of its own. */
export const brokersUnderTest = (): { readonly list: readonly string[] } => {
  let local: LocalKafka | undefined;
  const found: { list: readonly string[] } = { list: [] };
  beforeAll(async () => {
    if (!kafka.available) return;
    const named = process.env['KAFKA_BROKERS'];
    if (named === undefined || named === '') local = await startKafka();
    found.list = (local?.brokers ?? named ?? '').split(',');
  }, 120_000);
  afterAll(async () => {
    await local?.stop();
  }, 30_000);
  return found;
};
