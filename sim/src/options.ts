import { parseArgs } from 'node:util';
import { FAULT_KINDS, type FaultKind } from './faults/climate.js';

export const USAGE = `npm run sim -- [options]

  --seeds N            so many runs (default 1000), each of a seed of its own
  --from N             first seed (default 1)
  --seed N             one run; with --story, every line of it
  --kinds a,b          only these kinds of faults: ${FAULT_KINDS.join(', ')}
  --faults N           no fault after the Nth
  --signals N          so many signals
  --users N            so many users
  --without NAME       with a planted defect (see --defects)
  --defects            every planted defect, until each is noticed
  --enumerate          one order, and a crash before and after each effect of its way
  --pairs              with --enumerate: a second crash at each effect of each recovery, too
  --sample N           with --pairs: only each Nth pair, the same ones each time
  --workers N          threads (default 2)
  --out FILE           writes the result there`;

export interface Options {
  readonly mode: 'seeds' | 'seed' | 'defects' | 'enumerate';
  readonly seeds: number;
  readonly from: number;
  readonly seed: number;
  readonly story: boolean;
  readonly kinds: readonly FaultKind[] | undefined;
  readonly faults: number | undefined;
  readonly signals: number | undefined;
  readonly users: number | undefined;
  readonly without: string | undefined;
  readonly pairs: boolean;
  readonly sample: number;
  readonly workers: number;
  readonly out: string | undefined;
}

/** Throws a sentence where they can't be read. */
export const optionsOf = (args: readonly string[]): Options => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: 'string' },
      from: { type: 'string' },
      seed: { type: 'string' },
      story: { type: 'boolean' },
      kinds: { type: 'string' },
      faults: { type: 'string' },
      signals: { type: 'string' },
      users: { type: 'string' },
      without: { type: 'string' },
      defects: { type: 'boolean' },
      enumerate: { type: 'boolean' },
      pairs: { type: 'boolean' },
      sample: { type: 'string' },
      workers: { type: 'string' },
      out: { type: 'string' },
    },
  });
  const mode = values.defects
    ? 'defects'
    : values.enumerate
      ? 'enumerate'
      : values.seed !== undefined
        ? 'seed'
        : 'seeds';
  return {
    mode,
    seeds: whole('seeds', values.seeds, 1) ?? (mode === 'defects' ? 2_000 : 1_000),
    from: whole('from', values.from, 0) ?? 1,
    seed: whole('seed', values.seed, 0) ?? 1,
    story: values.story ?? false,
    kinds: values.kinds
      ?.split(',')
      .filter((kind) => kind !== '')
      .map(kindOf),
    faults: whole('faults', values.faults, 0),
    signals: whole('signals', values.signals, 1),
    users: whole('users', values.users, 1),
    without: values.without,
    pairs: values.pairs ?? false,
    sample: whole('sample', values.sample, 1) ?? 1,
    workers: whole('workers', values.workers, 1) ?? 2,
    out: values.out,
  };
};

const whole = (name: string, text: string | undefined, least: number): number | undefined => {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least)
    throw new Error(`--${name} must be a whole number from ${least} on.`);
  return value;
};

const kindOf = (name: string): FaultKind => {
  const kind = FAULT_KINDS.find((one) => one === name);
  if (kind === undefined) throw new Error(`There are no faults of the kind "${name}".`);
  return kind;
};
