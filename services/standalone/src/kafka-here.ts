import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

interface KafkaTool {
  startKafka(options: {
    readonly dir: string;
    readonly log: (line: string) => void;
  }): Promise<{ readonly brokers: string; stop(): Promise<void> }>;
}

/** The brokers named in KAFKA_BROKERS, or one of our own. @returns their addresses, with commas between them */
export async function startKafkaHere(root: string, dataDir: string, stops: (() => Promise<void>)[]): Promise<string> {
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
