import { spawn, type ChildProcess } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@switchyard/testing';

const PROGRAM = join(import.meta.dirname, '../dist/main.js');
/** Of a whole run, on a machine that has other work too. */
const DEADLINE_MS = 300_000;

/** One `npm run chaos`, as a person runs it. */
class ChaosProcess {
  output = '';
  code: number | null | undefined;
  private readonly child: ChildProcess;

  constructor(args: readonly string[]) {
    this.child = spawn(process.execPath, ['--enable-source-maps', PROGRAM, ...args], {
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout!, this.child.stderr!]) {
      stream.setEncoding('utf8');
      stream.on('data', (text: string) => (this.output += text));
    }
    this.child.once('close', (code) => (this.code = code));
  }

  get hasEnded(): boolean {
    return this.code !== undefined;
  }

  get lastLine(): string {
    return this.output.trimEnd().split('\n').at(-1) ?? '';
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await until(() => this.hasEnded);
  }
}

describe('a short chaos run at six venues over the Postgres log', () => {
  let dir: string;
  const runs: ChaosProcess[] = [];
  const start = (...args: readonly string[]): ChaosProcess => {
    const run = new ChaosProcess(args);
    runs.push(run);
    return run;
  };

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'switchyard-chaos-'));
    await chmod(dir, 0o755);
  });
  afterAll(async () => {
    for (const run of runs) if (!run.hasEnded) await run.kill();
    await rm(dir, { recursive: true, force: true, maxRetries: 5 });
  }, 60_000);

  it(
    'loses nothing and doubles nothing, and goes on from its file when it is itself cut off',
    async () => {
      // Seed 2569: executors and stages killed one by one and several at once, Postgres killed, a stage that stands still, one that is cut off
      // from Postgres with what it wrote arriving late, an executor cut off from its venue, a venue that is down, replies lost at another.
      const first = start(
        ...['--transport', 'postgres', '--kills', '8', '--seed', '2569', '--dir', join(dir, 'run')],
        ...['--venues', 'binance,kraken,coinbase,bybit,okx,alpaca'],
        ...['--replicas', '1', '--users', '8', '--rate', '12', '--seconds-between', '1.5'],
        ...['--longest-fault-seconds', '6', '--patience-seconds', '150'],
        ...['--halt-seconds', '4', '--resting-seconds', '1.5', '--strategy-seconds', '6'],
      );
      await until(() => first.hasEnded || first.output.includes('kill -9 Postgres'), DEADLINE_MS);
      expect(first).toMatchObject({ code: undefined, output: expect.stringContaining('kill -9 Postgres') });
      await first.kill();

      const second = start('--resume', join(dir, 'run/run.jsonl'), '--out', join(dir, 'result.json'));
      await until(() => second.hasEnded, DEADLINE_MS);

      expect(second).toMatchObject({ code: 0, output: expect.not.stringContaining('VIOLATION') });
      const result = JSON.parse(second.lastLine) as Record<string, unknown>;
      expect(result).toMatchObject({
        ...{ chaos: 'postgres', seed: 2569, kills: 8, parts: 2 },
        ...{ lost: 0, doubled: 0, outOfOrder: 0, stuck: 0, booksDiffer: 0, auditBroken: 0, sentAfterHalt: 0 },
      });
      expect(result['accepted']).toBe(Number(result['executed']) + Number(result['refused']));
      expect(result['executed']).toBeGreaterThan(20);
      // The strategy's first signal alone is one for each of the eight.
      expect((result['fanOut'] as { copies: number }).copies).toBeGreaterThanOrEqual(8);
      expect(JSON.parse(await readFile(join(dir, 'result.json'), 'utf8'))).toEqual(result);
    },
    2 * DEADLINE_MS + 60_000,
  );

  it('says what it does not understand, and does nothing', async () => {
    const run = start('--transport', 'pigeon');
    await until(() => run.hasEnded, 60_000);
    expect(run).toMatchObject({
      code: 2,
      output: expect.stringMatching(/--transport takes postgres or kafka\n\nnpm run/),
    });
  }, 70_000);
});
