// Makes a fresh clone runnable: installs what package-lock.json names, compiles what changed. Plain Node 20, no dependencies.
import { createHash } from 'node:crypto';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { root } from './packages.mjs';

/** The project's own Node: the version that everything is tested with, whatever the machine has. */
export const node = join(root, 'node_modules/.bin/node');

const lockHash = () =>
  createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
const stamp = join(root, 'node_modules/.switchyard-installed');

/** Installs dependencies if they are missing or the lock file has changed since. Exits with a sentence if that fails. */
export async function ensureInstalled() {
  const wanted = lockHash();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted && existsSync(node)) return;
  const startedAt = Date.now();
  const done = progress('installing dependencies (once; about a minute)');
  const { status, output } = await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  if (status !== 0) {
    done('failed');
    console.error(
      `${output}\nThe dependencies could not be installed: see above. Mend that (is the npm registry reachable?) and run it again.`,
    );
    process.exit(1);
  }
  writeFileSync(stamp, wanted);
  done(`done in ${((Date.now() - startedAt) / 1000).toFixed(0)} s`);
}

/** Compiles what changed since the last time. */
export async function ensureBuilt() {
  const { build } = await import('./build.mjs');
  const count = await build();
  if (count > 0) console.log(`compiled ${count} files`);
}

/** A line that shows that something is going on: dots on a terminal, one line elsewhere. */
function progress(what) {
  process.stdout.write(what);
  const timer = setInterval(() => process.stdout.write('.'), 3_000);
  return (end) => {
    clearInterval(timer);
    process.stdout.write(` ${end}\n`);
  };
}

/** Runs a command, keeping what it prints; at another priority than ours, if one is given. */
export function run(command, args, { priority, ...options } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], ...options });
    if (priority !== undefined && child.pid !== undefined) setPriority(child.pid, priority);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => resolve({ status: 127, output: String(error) }));
    child.on('close', (status) => resolve({ status: status ?? 1, output }));
  });
}

/** Runs a script of ours under the project's Node and ends as it ends; Ctrl-C reaches it through the terminal, SIGTERM through us. */
export function exec(script, args, options = {}) {
  const child = spawn(node, ['--enable-source-maps', script, ...args], { cwd: root, stdio: 'inherit', ...options });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('close', (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)));
  return child;
}

/** Runs a command in the foreground. @returns its exit code */
export function foreground(command, args, options = {}) {
  return spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options }).status ?? 1;
}
