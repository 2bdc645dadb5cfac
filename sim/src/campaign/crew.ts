import { Worker } from 'node:worker_threads';
import type { Job, JobDone } from './worker.js';

/** Threads that run jobs, each one job at a time. */
export class Crew {
  readonly #workers: readonly Worker[];

  constructor(size: number) {
    this.#workers = Array.from({ length: size }, () => new Worker(new URL('./worker.js', import.meta.url)));
  }

  /** Hands out jobs until there are none left, or `onDone` says that it is enough. */
  async run(next: () => Job | undefined, onDone: (done: JobDone) => boolean): Promise<void> {
    let enough = false;
    await Promise.all(
      this.#workers.map(async (worker) => {
        for (let job = next(); job !== undefined && !enough; job = next())
          if (!onDone(await this.#give(worker, job))) enough = true;
      }),
    );
  }

  async dismiss(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #give(worker: Worker, job: Job): Promise<JobDone> {
    return new Promise((resolve, reject) => {
      const answered = (done: JobDone): void => {
        worker.off('error', failed);
        resolve(done);
      };
      const failed = (error: unknown): void => {
        worker.off('message', answered);
        reject(error instanceof Error ? error : new Error(String(error)));
      };
      worker.once('message', answered);
      worker.once('error', failed);
      worker.postMessage(job);
    });
  }
}
