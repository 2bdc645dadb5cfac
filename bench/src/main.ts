import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Benchmark } from './benchmark.js';
import { contamination } from './contamination/contamination.js';
import { exchangeCall } from './exchange-call/exchange-call.js';
import { failover } from './failover/failover.js';
import { load } from './fairness/load.js';
import { noisyNeighbour } from './fairness/noisy-neighbour.js';
import { users } from './fairness/users.js';
import { fanOut } from './fan-out/fan-out.js';
import { idle } from './idle.js';
import { latencyProfiler } from './latency-profiler.js';
import { logRelay } from './log-relay.js';
import { marketData } from './market-data/market-data.js';
import { pipeline } from './pipeline/pipeline.js';
import { risk } from './risk/risk.js';
import { routing } from './routing/routing.js';

const BENCHMARKS: readonly Benchmark[] = [
  pipeline,
  idle,
  logRelay,
  latencyProfiler,
  exchangeCall,
  routing,
  risk,
  failover,
  marketData,
  fanOut,
  noisyNeighbour,
  users,
  load,
  contamination,
];
const RESULTS = join(import.meta.dirname, '../results');

const [name, ...rest] = process.argv.slice(2);
if (name === undefined || name === '--list') {
  for (const benchmark of BENCHMARKS) console.log(`${benchmark.name.padEnd(20)} ${benchmark.what}`);
  process.exit(0);
}
const benchmark = BENCHMARKS.find((one) => one.name === name);
if (benchmark === undefined) {
  console.error(`There is no benchmark named ${name}; npm run bench -- --list names them.`);
  process.exit(1);
}

const directory = await mkdtemp(join(tmpdir(), 'switchyard-bench-'));
await chmod(directory, 0o755);
const say = (message: string): void => {
  process.stderr.write(`${message}\n`);
};
// What was started ends with this process: the database and the broker at its exit, the other programs when their line to it is cut.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
process.once('exit', () => {
  rmSync(directory, { recursive: true, force: true });
});
let exitCode = 0;
try {
  const outcome = await benchmark.run({ directory, arguments: rest, log: { info: say, warn: say } });
  const { figures, goals, setting = {}, variant, kept = true, summary = {} } = outcome;
  for (const [figure, value] of Object.entries(figures)) console.log(`${figure.padEnd(48)} ${value}`);
  for (const goal of goals)
    console.log(
      `${goal.name.padEnd(48)} ${goal.value} ${goal.unit}, goal ${goal.goal}: ${goal.met ? 'met' : 'NOT MET'}`,
    );
  const machine = { commit: commit(), node: process.version, cores: cpus().length };
  if (kept) {
    const file = await keep(variant === undefined ? name : `${name}-${variant}`, {
      bench: name,
      ...machine,
      at: new Date().toISOString(),
      cpu: cpus()[0]?.model ?? 'unknown',
      setting,
      figures,
      goals,
    });
    say(`kept in ${file}`);
  }
  console.log(JSON.stringify({ bench: name, ...machine, ...summary, figures, goals }));
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  exitCode = 1;
} finally {
  await rm(directory, { recursive: true, force: true });
}
process.exit(exitCode);

/** The last result of a day is the one that stays. */
async function keep(label: string, result: object): Promise<string> {
  await mkdir(RESULTS, { recursive: true });
  const file = join(RESULTS, `${label}-${new Date().toISOString().slice(0, 10)}.json`);
  await writeFile(file, `${JSON.stringify(result, null, 2)}\n`);
  return file;
}

function commit(): string {
  const git = (...args: readonly string[]): string =>
    execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', '--untracked-files=no') === '' ? '' : '+changes'}`;
  } catch {
    return 'unknown';
  }
}
