import { writeFile } from 'node:fs/promises';
import { Crew } from './campaign/crew.js';
import { tableOf } from './campaign/defects-table.js';
import { runDefects } from './campaign/defects.js';
import { enumerate } from './campaign/enumerate.js';
import { runSeeds } from './campaign/seeds.js';
import { replayOf, shrink } from './campaign/shrink.js';
import { defectNamed } from './defects/defects.js';
import { optionsOf, USAGE, type Options } from './options.js';
import { runSeed, type RunOptions } from './run.js';

/** `npm run sim`: the whole pipeline on simulated time, network, log, store and venue, seed by seed. Exits with 1 on any violation. */
const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const started = Date.now();
const progress = (line: string): void => {
  say(`${((Date.now() - started) / 1_000).toFixed(0).padStart(5)} s  ${line}`);
};

const read = (): Options => {
  try {
    return optionsOf(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}\n`);
    process.exit(2);
  }
};

const runOptionsOf = (options: Options): RunOptions => ({
  seed: options.seed,
  kinds: options.kinds,
  mostFaults: options.faults,
  signals: options.signals,
  users: options.users,
  defect: options.without === undefined ? undefined : defectNamed(options.without),
});

const oneSeed = async (options: Options): Promise<object> => {
  const run = runOptionsOf(options);
  const { story, ...result } = await runSeed({ ...run, story: options.story });
  for (const line of story) say(line);
  if (result.violations.length > 0 && !options.story) {
    say(`made smaller: ${replayOf(await shrink(run, { ...result, story }), options.without)}`);
  }
  return result;
};

const manySeeds = async (crew: Crew, options: Options): Promise<object> => {
  const { seeds, from, without } = options;
  let told = 0;
  const { summary, failed } = await runSeeds(crew, {
    seeds,
    from,
    without,
    onProgress: (done, failing) => {
      if (done - told < seeds / 20 && done < seeds) return;
      told = done;
      progress(`${done} of ${seeds} seeds, ${failing.length} with violations`);
    },
  });
  for (const { seed, violations } of failed.slice(0, 20))
    for (const { guarantee, what } of violations.slice(0, 3)) say(`VIOLATION seed ${seed}  ${guarantee}  ${what}`);
  const [first] = failed;
  if (first !== undefined) {
    const run = { ...runOptionsOf(options), seed: first.seed };
    say(`made smaller: ${replayOf(await shrink(run, first), without)}`);
  }
  return summary;
};

const allDefects = async (crew: Crew, { seeds, from, without }: Options): Promise<object> => {
  const result = await runDefects(crew, { most: seeds, from, without, progress });
  say(tableOf(result.defects));
  return result;
};

const options = read();
const crew = new Crew(options.mode === 'seed' ? 0 : options.workers);
try {
  const result =
    options.mode === 'seed'
      ? await oneSeed(options)
      : options.mode === 'defects'
        ? await allDefects(crew, options)
        : options.mode === 'enumerate'
          ? await enumerate(crew, { pairs: options.pairs, sample: options.sample, progress })
          : await manySeeds(crew, options);
  const versions = { date: new Date().toISOString(), node: process.version };
  const told = JSON.stringify({ sim: options.mode, ...result, ...versions });
  if (options.out !== undefined)
    await writeFile(options.out, `${JSON.stringify({ sim: options.mode, ...result, ...versions }, undefined, 2)}\n`);
  say(told);
  const { violations = 0 } = result as { readonly violations?: number | readonly unknown[] };
  process.exitCode = (typeof violations === 'number' ? violations : violations.length) > 0 ? 1 : 0;
} finally {
  await crew.dismiss();
}
