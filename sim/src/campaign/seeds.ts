import type { Crew } from './crew.js';
import { summaryOf, type Outcome, type Summary } from './summary.js';
import type { Job } from './worker.js';

export interface SeedsOptions {
  readonly from: number;
  readonly seeds: number;
  readonly without?: string | undefined;
  /** Ends with the first seed that fails. */
  readonly stopAtFirst?: boolean;
  readonly onProgress?: (done: number, failed: readonly Outcome[]) => void;
}

const JOB = 10;

/** Many seeds, on all of a crew's threads. */
export const runSeeds = async (
  crew: Crew,
  options: SeedsOptions,
): Promise<{ readonly summary: Summary; readonly failed: readonly Outcome[] }> => {
  const { from, seeds, without, stopAtFirst = false, onProgress } = options;
  const startedAt = Date.now();
  const outcomes: Outcome[] = [];
  const failed: Outcome[] = [];
  let cpuMs = 0;
  let given = 0;
  const next = (): Job | undefined => {
    if (given >= seeds) return undefined;
    const size = Math.min(stopAtFirst ? 1 + Math.floor(given / 8) : JOB, JOB, seeds - given);
    const job = Array.from({ length: size }, (_, index) => ({ seed: from + given + index, without }));
    given += size;
    return job;
  };
  await crew.run(next, (done) => {
    cpuMs += done.cpuMs;
    outcomes.push(...done.outcomes);
    failed.push(...done.outcomes.filter(({ violations }) => violations.length > 0));
    onProgress?.(outcomes.length, failed);
    return !(stopAtFirst && failed.length > 0);
  });
  return {
    summary: summaryOf(outcomes, Date.now() - startedAt, cpuMs),
    failed: failed.sort((a, b) => a.seed - b.seed),
  };
};
