import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Benchmark } from './benchmark.js';
import { logRelay } from './log-relay.js';

const BENCHMARKS: readonly Benchmark[] = [logRelay];

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
const log = {
  info: (message: string) => process.stderr.write(`${message}\n`),
  warn: (message: string) => process.stderr.write(`${message}\n`),
};
try {
  const { figures, goals } = await benchmark.run({ directory, arguments: rest, log });
  for (const [figure, value] of Object.entries(figures)) console.log(`${figure.padEnd(44)} ${String(value)}`);
  for (const goal of goals)
    console.log(
      `${goal.name.padEnd(44)} ${String(goal.value)} ${goal.unit}, goal ${String(goal.goal)}: ${goal.met ? 'met' : 'NOT MET'}`,
    );
  console.log(
    JSON.stringify({ bench: name, commit: commit(), node: process.version, cores: cpus().length, figures, goals }),
  );
} finally {
  await rm(directory, { recursive: true, force: true });
}
process.exit(0);

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return 'unknown';
  }
}
