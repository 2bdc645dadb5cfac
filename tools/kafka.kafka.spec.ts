import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { kafkaStartable, startKafka } from './kafka.mjs';

const TOOL = join(import.meta.dirname, 'kafka.mjs');

if (!kafkaStartable())
  process.stderr.write('SKIPPED: no Kafka can be started here, so none was left behind by a kill.\n');

(kafkaStartable() ? describe : describe.skip)('npm run kafka', () => {
  it('starts over the data of one whose owner was killed, and whose broker still runs', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'switchyard-kafka-tool-'));
    const owner = spawn(process.execPath, [TOOL, '--data-dir', dir], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = new Promise((resolve) => owner.once('close', resolve));
    try {
      await new Promise<void>((resolve, reject) => {
        owner.stdout.on('data', (text: Buffer) => {
          if (text.includes('KAFKA_BROKERS=')) resolve();
        });
        owner.once('close', () => {
          reject(new Error('it ended at its start'));
        });
      });
      owner.kill('SIGKILL');
      await ended;
      const orphan = Number(await readFile(join(dir, 'node-1/kafka.pid'), 'utf8'));
      expect(isAlive(orphan)).toBe(true);
      const kafka = await startKafka({ dir });
      expect(isAlive(orphan)).toBe(false);
      expect(kafka.brokers).toMatch(/^127\.0\.0\.1:\d+$/);
      await kafka.stop();
    } finally {
      owner.kill('SIGKILL');
      await rm(dir, { recursive: true, force: true, maxRetries: 5 });
    }
  }, 120_000);
});

/** What has ended, and that nobody has asked for its exit code yet, is not alive. */
const isAlive = (pid: number): boolean => {
  const { stdout } = spawnSync('ps', ['-p', String(pid), '-o', 'stat='], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.trim().startsWith('Z');
};
