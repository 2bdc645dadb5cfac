import { createHash } from 'node:crypto';
import type { RunResult } from '../run.js';

/** What is kept of a run. */
export type Outcome = RunResult;

/** The sums of many runs. */
export interface Summary {
  readonly seeds: number;
  readonly violations: number;
  readonly failed: readonly number[];
  readonly signals: number;
  readonly completed: number;
  readonly orders: number;
  readonly trades: number;
  readonly effects: number;
  readonly faults: number;
  readonly crashes: number;
  readonly simulatedHours: number;
  readonly faultsPerSimulatedHour: number;
  readonly wallSeconds: number;
  readonly cpuMsPerSeed: number;
  readonly simulatedHoursPerWallHour: number;
  /** Of all histories, in the order of their seeds. */
  readonly digest: string;
}

export const summaryOf = (outcomes: readonly Outcome[], wallMs: number, cpuMs: number): Summary => {
  const sorted = [...outcomes].sort((a, b) => a.seed - b.seed);
  const sum = (of: (outcome: Outcome) => number): number => sorted.reduce((all, outcome) => all + of(outcome), 0);
  const simulatedHours = sum(({ simulatedMs }) => simulatedMs) / 3_600_000;
  const failed = sorted.filter(({ violations }) => violations.length > 0);
  const digest = createHash('sha256');
  for (const outcome of sorted) digest.update(outcome.digest);
  return {
    seeds: sorted.length,
    violations: sum(({ violations }) => violations.length),
    failed: failed.map(({ seed }) => seed),
    signals: sum(({ signals }) => signals),
    completed: sum(({ completed }) => completed),
    orders: sum(({ orders }) => orders),
    trades: sum(({ trades }) => trades),
    effects: sum(({ effects }) => effects),
    faults: sum(({ faults }) => faults),
    crashes: sum(({ crashes }) => crashes),
    simulatedHours: round(simulatedHours),
    faultsPerSimulatedHour: round(sum(({ faults }) => faults) / simulatedHours),
    wallSeconds: round(wallMs / 1_000),
    cpuMsPerSeed: round(cpuMs / sorted.length),
    simulatedHoursPerWallHour: round(simulatedHours / (wallMs / 3_600_000)),
    digest: digest.digest('hex').slice(0, 32),
  };
};

const round = (value: number): number => Math.round(value * 10) / 10;
