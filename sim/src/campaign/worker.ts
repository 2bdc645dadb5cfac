import { parentPort } from 'node:worker_threads';
import { defectNamed } from '../defects/defects.js';
import { runSeed, type RunOptions } from '../run.js';
import type { Outcome } from './summary.js';

/** Runs to be made by a worker, one after the other. A defect goes by its name: functions don't travel. */
export type Job = readonly (Omit<RunOptions, 'defect'> & { readonly without?: string | undefined })[];

export interface JobDone {
  readonly outcomes: readonly Outcome[];
  readonly cpuMs: number;
}

parentPort?.on('message', (job: Job) => {
  void work(job).then((done) => {
    parentPort?.postMessage(done);
  });
});

const work = async (job: Job): Promise<JobDone> => {
  const before = process.threadCpuUsage();
  const outcomes: Outcome[] = [];
  for (const { without, ...options } of job) {
    const defect = without === undefined ? undefined : defectNamed(without);
    outcomes.push(await runSeed({ ...options, defect }));
  }
  const { user, system } = process.threadCpuUsage(before);
  return { outcomes, cpuMs: (user + system) / 1_000 };
};
