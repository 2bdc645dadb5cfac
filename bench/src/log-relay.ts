import { startEmbeddedPostgres } from '@switchyard/persistence';
import type { Benchmark } from './benchmark.js';
import { cpuOf } from './cpu.js';
import { openLogStages, pushThrough } from './log-stages.js';
import { percentile, rounded } from './statistics.js';

const STAGES = 5;
const BYTES = 500;

/** The Postgres log alone, decisions left out: what it costs to carry an event. */
export const logRelay: Benchmark = {
  name: 'log-relay',
  what: 'five durable stages over the Postgres log, decisions left out: events/s, CPU per event, latency at 100/s',
  async run({ directory, log }) {
    const postgres = await startEmbeddedPostgres({ dataDir: `${directory}/postgres`, log });
    const stages = await openLogStages(postgres.url, STAGES, BYTES);
    await stages.send(500);
    await stages.drained();
    const cpu = async () => ({ worker: await cpuOf(process.pid), database: await cpuOf(postgres.pid) });
    const before = await cpu();
    const { count, seconds } = await pushThrough(stages, 10);
    const after = await cpu();

    stages.arrivals.clear();
    const sentAt = new Map<number, number>();
    const quietAt = performance.now();
    const slowEnd = quietAt + 8_000;
    const quiet = await cpu();
    while (performance.now() < slowEnd) {
      const at = performance.now();
      sentAt.set(await stages.send(1), at);
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, 10 - (performance.now() - at))));
    }
    await stages.drained();
    const waits = [...sentAt].map(([n, at]) => (stages.arrivals.get(n) ?? at) - at);
    const used = await cpu();
    const cores =
      (used.worker - quiet.worker + used.database - quiet.database) / ((performance.now() - quietAt) / 1_000);
    await stages.stop();
    await postgres.stop();
    return {
      figures: {
        eventsPerSecond: Math.round(count / seconds),
        workerMicrosecondsPerEvent: Math.round(((after.worker - before.worker) * 1e6) / count),
        databaseMicrosecondsPerEvent: Math.round(((after.database - before.database) * 1e6) / count),
        latencyP50Ms: rounded(percentile(waits, 0.5)),
        latencyP99Ms: rounded(percentile(waits, 0.99)),
        coresAt100PerSecond: rounded(cores),
      },
      goals: [],
      setting: { stages: STAGES, bytes: BYTES },
    };
  },
};
