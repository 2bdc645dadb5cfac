import { writeFile } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { commandOf, USAGE, type Command } from './run/options.js';
import { RunFile } from './run/run-file.js';
import { runChaos } from './run/run.js';
import type { Deployment } from './system/deployment.js';

/** `npm run chaos`: kills processes at random moments under load, and judges what became of every signal. Exits with 1 on any violation. */
const startedAt = Date.now();
const say = (line: string): void => {
  process.stdout.write(`${((Date.now() - startedAt) / 1_000).toFixed(0).padStart(5)} s  ${line}\n`);
};

const fail = (message: string): never => {
  process.stderr.write(`${message}\n`);
  process.exit(2);
};

const sentence = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const read = (): Command => {
  try {
    return commandOf(process.argv.slice(2));
  } catch (error) {
    return fail(`${sentence(error)}\n\n${USAGE}`);
  }
};

const fileOf = ({ options, resume, dir }: Command): RunFile => {
  try {
    if (options === undefined) return RunFile.resume(resolve(resume ?? ''));
    const given =
      dir ?? join(process.env['SWITCHYARD_DATA_DIR'] ?? '.switchyard', 'chaos', `${options.transport}-${options.seed}`);
    const folder = isAbsolute(given) ? given : resolve(given);
    return RunFile.begin(join(folder, 'run.jsonl'), folder, options);
  } catch (error) {
    return fail(sentence(error));
  }
};

const END_WITHIN_MS = 15_000;
const command = read();
const run = fileOf(command);
let deployment: Deployment | undefined;
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    // As if the machine were switched off: what happens from here on is not part of the run, and nothing is left to do it.
    run.close();
    say(`broken off; go on with: npm run chaos -- --resume ${run.path}`);
    void Promise.race([deployment?.end(), new Promise((resolve) => setTimeout(resolve, END_WITHIN_MS))]).then(() =>
      process.exit(130),
    );
  });

try {
  const { transport, kills, seed } = run.options;
  say(`${kills} kills over ${transport}, seed ${seed}; kept in ${run.dir}`);
  const { result, complaints } = await runChaos({
    run,
    keep: command.keep,
    say,
    onStarted: (started) => (deployment = started),
  });
  if (command.out !== undefined) await writeFile(resolve(command.out), `${JSON.stringify(result, null, 2)}\n`);
  for (const complaint of complaints) process.stdout.write(`VIOLATION ${complaint}\n`);
  process.stdout.write(`${JSON.stringify(result)}\n`);
  process.exit(complaints.length === 0 ? 0 : 1);
} catch (error) {
  process.stderr.write(`${sentence(error)}\nGo on with: npm run chaos -- --resume ${run.path}\n`);
  await deployment?.stop().catch(() => undefined);
  process.exit(2);
}
