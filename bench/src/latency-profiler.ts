import { LatencyProfiler } from '@switchyard/observability';
import { below, type Benchmark } from './benchmark.js';
import { median, rounded, spreadPercent } from './statistics.js';

const ROUNDS = 9;
const TIMES = 1_000_000;

/** What the profiler costs where it stays on: CPU time of a stage's begin and end, less that of an empty loop, in turns. */
export const latencyProfiler: Benchmark = {
  name: 'latency-profiler',
  what: 'what it costs to measure a stage: CPU time of a begin and an end',
  run: () => {
    const stage = new LatencyProfiler().stage('bench');
    const measured: number[] = [];
    // The first rounds are compiled during their run.
    for (let round = -2; round < ROUNDS; round += 1) {
      const empty = cpuOf(() => undefined);
      const whole = cpuOf(() => {
        stage.end(stage.begin());
      });
      if (round >= 0) measured.push(whole - empty);
    }
    const nanoseconds = rounded(median(measured), 0);
    return Promise.resolve({
      figures: { nanosecondsPerStage: nanoseconds, spreadPercent: rounded(spreadPercent(measured), 0) },
      goals: [below('one stage', nanoseconds, 'ns', 200)],
      setting: { rounds: ROUNDS, timesPerRound: TIMES },
    });
  },
};

/** Nanoseconds of CPU time of one call. */
const cpuOf = (call: () => void): number => {
  const before = process.cpuUsage();
  for (let time = 0; time < TIMES; time += 1) call();
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1_000) / TIMES;
};
