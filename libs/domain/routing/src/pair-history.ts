import type { PairHistory } from './score.js';

/** What one order of a pair came to at a venue. */
export interface Execution {
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  /** The venue took it, and filled some of it. */
  readonly succeeded: boolean;
  /** From our decision to the venue's answer. */
  readonly latencyMs: number;
  /** How much worse than expected it was filled, a fraction; better is negative. Absent where nothing was filled. */
  readonly slippage?: number;
}

/** Executions that count. */
export const REMEMBERED_EXECUTIONS = 100;

/** What happened so long before counts half. */
export const HISTORY_HALF_LIFE_MS = 30 * 60_000;

/** The last executions of a pair at a venue, oldest first. */
export type Executions = readonly Execution[];

export const withExecution = (executions: Executions, execution: Execution): Executions => [
  ...executions.slice(executions.length >= REMEMBERED_EXECUTIONS ? 1 - REMEMBERED_EXECUTIONS : 0),
  execution,
];

/**
 * Means over the executions, each weighing half as much for each half-life that it is older than the newest: what they are does not change
 * by waiting, only how much they are worth ({@link weightOf}). Undefined where there were none.
 */
export const historyOf = (executions: Executions): PairHistory | undefined => {
  const newest = executions.at(-1);
  if (newest === undefined) return undefined;
  let all = 0;
  let succeeded = 0;
  let latency = 0;
  let filled = 0;
  let slip = 0;
  for (const { atMs, latencyMs, slippage, ...execution } of executions) {
    const weight = weightOf(atMs, newest.atMs);
    all += weight;
    if (execution.succeeded) succeeded += weight;
    latency += weight * latencyMs;
    if (slippage === undefined) continue;
    filled += weight;
    slip += weight * slippage;
  }
  return {
    executions: executions.length,
    successRate: succeeded / all,
    latencyMs: latency / all,
    slippage: filled === 0 ? 0 : slip / filled,
  };
};

/** What an execution of then counts now, from 1 down to 0. */
export const weightOf = (atMs: number, nowMs: number): number =>
  0.5 ** (Math.max(0, nowMs - atMs) / HISTORY_HALF_LIFE_MS);
