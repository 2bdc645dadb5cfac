import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { makeDeploymentTopics } from '@switchyard/runtime';
import { VENUES } from './services.js';
import type { StandaloneSettings } from './settings.js';

interface KafkaTool {
  startKafka(options: {
    readonly dir: string;
    readonly log: (line: string) => void;
  }): Promise<{ readonly brokers: string; stop(): Promise<void> }>;
}

/**
 * The brokers named in KAFKA_BROKERS, or one of our own, with every topic on its way: nine services that each make their own, at the same
 * time and on a broker that has just started, take far longer. @returns their addresses, with commas between them
 */
export async function kafkaHere(
  root: string,
  { dataDir, partitions }: Pick<StandaloneSettings, 'dataDir' | 'partitions'>,
  stops: (() => Promise<void>)[],
): Promise<string> {
  const brokers = await brokersHere(root, dataDir, stops);
  await makeDeploymentTopics({ brokers: brokers.split(','), partitions, venues: VENUES });
  return brokers;
}

async function brokersHere(root: string, dataDir: string, stops: (() => Promise<void>)[]): Promise<string> {
  const named = process.env['KAFKA_BROKERS'];
  if (named !== undefined && named !== '') return named;
  const tool = (await import(pathToFileURL(join(root, 'tools/kafka.mjs')).href)) as KafkaTool;
  const kafka = await tool.startKafka({
    dir: join(dataDir, 'kafka'),
    log: (line) => process.stdout.write(`\n    ${line}`),
  });
  stops.push(() => kafka.stop());
  return kafka.brokers;
}
