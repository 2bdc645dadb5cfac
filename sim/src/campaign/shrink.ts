import { FAULT_KINDS } from '../faults/climate.js';
import { runSeed, type RunOptions, type RunResult } from '../run.js';

/** A failing run, made as small as it goes while it still fails: fewer kinds of faults, fewer faults, fewer signals, fewer users. */
export const shrink = async (failing: RunOptions, first: RunResult): Promise<RunOptions> => {
  let smallest: RunOptions = {
    ...failing,
    kinds: failing.kinds ?? FAULT_KINDS,
    mostFaults: Math.min(failing.mostFaults ?? Infinity, first.faults),
    signals: first.signals,
    users: first.users,
  };
  const stillFails = async (smaller: RunOptions): Promise<boolean> => {
    const { violations } = await runSeed(smaller);
    if (violations.length > 0) smallest = smaller;
    return violations.length > 0;
  };
  for (const kind of FAULT_KINDS)
    await stillFails({ ...smallest, kinds: (smallest.kinds ?? []).filter((one) => one !== kind) });
  for (const what of ['mostFaults', 'signals', 'users'] as const) {
    const least = what === 'mostFaults' ? 0 : 1;
    // By halves first, then one by one.
    while (
      (smallest[what] ?? 0) > least &&
      (await stillFails({ ...smallest, [what]: Math.max(least, Math.floor((smallest[what] ?? 0) / 2)) }))
    );
    for (let tries = 0; tries < 8 && (smallest[what] ?? 0) > least; tries += 1)
      if (!(await stillFails({ ...smallest, [what]: (smallest[what] ?? 0) - 1 }))) break;
  }
  return smallest;
};

/** How to see it again. */
export const replayOf = (
  { seed, kinds, mostFaults, signals, users }: RunOptions,
  without: string | undefined,
): string =>
  [
    `npm run sim -- --seed ${seed} --story`,
    `--kinds ${(kinds ?? []).join(',')}`,
    mostFaults === undefined || mostFaults === Infinity ? '' : `--faults ${mostFaults}`,
    signals === undefined ? '' : `--signals ${signals}`,
    users === undefined ? '' : `--users ${users}`,
    without === undefined ? '' : `--without ${without}`,
  ]
    .filter((part) => part !== '')
    .join(' ');
