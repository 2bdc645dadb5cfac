import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { makeDeploymentTopics, tieDeployment, type DeploymentLogAt } from '@switchyard/runtime';
import type { StandaloneSettings } from './settings.js';

interface KafkaTool {
  startKafka(options: {
    readonly dir: string;
    readonly log: (line: string) => void;
  }): Promise<{ readonly brokers: string; stop(): Promise<void> }>;
}

/** The brokers named in KAFKA_BROKERS, or one of our own. @returns their addresses, with commas between them */
export async function brokersHere(
  root: string,
  { dataDir }: Pick<StandaloneSettings, 'dataDir'>,
  stops: (() => Promise<void>)[],
): Promise<string> {
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

/**
 * Puts every topic on its way, once the database is found to belong to these brokers: nine services that each make their own, at the same
 * time and on a broker that has just started, take far longer. @returns the brokers
 */
export async function topicsHere(brokers: string, log: DeploymentLogAt, venues: readonly string[]): Promise<string> {
  const kafkaBrokers = brokers.split(',');
  await tieDeployment({ ...log, kafkaBrokers });
  await makeDeploymentTopics({ brokers: kafkaBrokers, partitions: log.partitions, venues });
  return brokers;
}
