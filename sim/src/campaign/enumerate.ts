import type { ListedEffect, PlannedCrash } from '../faults/climate.js';
import type { RunResult } from '../run.js';
import type { Crew } from './crew.js';
import type { Outcome } from './summary.js';
import type { Job } from './worker.js';

/** The seed whose durations the enumerated order has; any other is another order of the same effects. */
export const ENUMERATED_SEED = 1;

/** Looks that find nothing, or note what is known anyway: a crash there is a crash between two effects of the order. */
const IDLE = /inherit|depths|guard\.|next\w+InMs|takeDue|published|fetch/;

const WHEN = ['before', 'after'] as const;

/** A crash before and after each effect of the order's way, from its signal to its position. */
export const singleCrashes = (undisturbed: Pick<RunResult, 'listed'>, isEvery = true): readonly PlannedCrash[] =>
  effectsAfter(undisturbed.listed ?? [], SIGNAL_AT_MS, 0, isEvery).flatMap((effect) =>
    WHEN.map((when) => ({ effect, when })),
  );

/** To each crash a second one, before and after each effect of what follows it. */
export const secondCrashes = (
  first: PlannedCrash,
  { listed = [] }: Pick<RunResult, 'listed'>,
): readonly (readonly PlannedCrash[])[] =>
  effectsAfter(listed, SIGNAL_AT_MS, first.effect, false).flatMap((effect) =>
    WHEN.map((when) => [first, { effect, when }]),
  );

const effectsAfter = (
  listed: readonly ListedEffect[],
  fromMs: number,
  after: number,
  isEvery: boolean,
): readonly number[] =>
  listed.flatMap(({ name, at }, index) =>
    at >= fromMs && index + 1 > after && (isEvery || !IDLE.test(name)) ? [index + 1] : [],
  );

/** When the one signal is sent. */
const SIGNAL_AT_MS = 6_000;
const JOB = 25;

export interface Enumerated {
  readonly effects: number;
  readonly runs: number;
  readonly failed: readonly { readonly crashes: readonly PlannedCrash[]; readonly violations: Outcome['violations'] }[];
}

/** Runs each of these plans. */
export const runPlans = async (
  crew: Crew,
  plans: readonly (readonly PlannedCrash[])[],
  onDone: (plan: readonly PlannedCrash[], outcome: Outcome) => void,
): Promise<void> => {
  let given = 0;
  const waiting = new Map<string, readonly PlannedCrash[]>();
  const keyOf = (crashes: readonly PlannedCrash[] | undefined): string => JSON.stringify(crashes);
  const next = (): Job | undefined => {
    if (given >= plans.length) return undefined;
    const part = plans.slice(given, given + JOB);
    given += part.length;
    for (const plan of part) waiting.set(keyOf(plan), plan);
    return part.map((crashes) => ({ seed: ENUMERATED_SEED, crashes }));
  };
  await crew.run(next, ({ outcomes }) => {
    for (const outcome of outcomes) {
      const plan = waiting.get(keyOf(outcome.crashed));
      if (plan !== undefined) onDone(plan, outcome);
    }
    return true;
  });
};

export interface EnumerateOptions {
  readonly pairs: boolean;
  /** Of the pairs only each so manieth, spread over all of them; 1: every one. */
  readonly sample: number;
  readonly progress: (line: string) => void;
}

/** One order, whole: undisturbed, then with each crash of its way, then with a second crash at each effect of each recovery. */
export const enumerate = async (crew: Crew, { pairs, sample, progress }: EnumerateOptions): Promise<object> => {
  let undisturbed: Outcome | undefined;
  await runPlans(crew, [[]], (_, outcome) => {
    undisturbed = outcome;
  });
  if (undisturbed === undefined || undisturbed.violations.length > 0) throw new Error('the order fails undisturbed');
  const violations: { readonly crashes: readonly PlannedCrash[]; readonly violation: string }[] = [];
  const judge = (crashes: readonly PlannedCrash[], { violations: found }: Outcome): void => {
    const [first] = found;
    if (first === undefined) return;
    violations.push({ crashes, violation: `${first.guarantee}: ${first.what}` });
    progress(`VIOLATION after crashes ${JSON.stringify(crashes)}: ${first.guarantee} ${first.what}`);
  };
  const singles = singleCrashes(undisturbed);
  const ofOrder = new Set(singleCrashes(undisturbed, false).map(({ effect }) => effect));
  progress(`${singles.length / 2} effects from the signal on, ${ofOrder.size} of them the order's own`);
  const secondOf = new Map<string, readonly (readonly PlannedCrash[])[]>();
  await runPlans(
    crew,
    singles.map((crash) => [crash]),
    (plan, outcome) => {
      judge(plan, outcome);
      const [first] = plan;
      if (pairs && first !== undefined && ofOrder.has(first.effect))
        secondOf.set(JSON.stringify(first), secondCrashes(first, outcome));
    },
  );
  progress(`${singles.length} single crashes, ${violations.length} violations`);
  // In their own order, not in that in which threads came back: a sample is the same each time.
  const all = singles.flatMap((crash) => secondOf.get(JSON.stringify(crash)) ?? []);
  const second = all.filter((_, index) => index % sample === 0);
  if (pairs) progress(`${all.length} pairs, of which ${second.length} are run`);
  let done = 0;
  await runPlans(crew, second, (plan, outcome) => {
    judge(plan, outcome);
    done += 1;
    if (done % 1_000 === 0) progress(`${done} of ${second.length} pairs, ${violations.length} violations`);
  });
  return {
    effects: singles.length / 2,
    ofOrder: ofOrder.size,
    singles: singles.length,
    pairs: done,
    ...(pairs ? { allPairs: all.length, sample } : {}),
    violations,
  };
};
