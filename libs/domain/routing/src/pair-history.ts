import type { PairHistory } from './score.js';

/** What one order of a pair came to at a venue. */
export interface Execution {
  readonly succeeded: boolean;
  /** From our decision to the venue's answer. */
  readonly latencyMs: number;
  /** How much worse than expected it was filled, a fraction; better is negative. Absent where nothing was filled. */
  readonly slippage?: number;
}

/** Executions that count. */
export const REMEMBERED_EXECUTIONS = 100;

/** The last executions of a pair at a venue, oldest first. */
export type Executions = readonly Execution[];

export const withExecution = (executions: Executions, execution: Execution): Executions => [
  ...executions.slice(executions.length >= REMEMBERED_EXECUTIONS ? 1 - REMEMBERED_EXECUTIONS : 0),
  execution,
];

/** Undefined where there were none. */
export const historyOf = (executions: Executions): PairHistory | undefined => {
  if (executions.length === 0) return undefined;
  const slips = executions.flatMap(({ slippage }) => (slippage === undefined ? [] : [slippage]));
  return {
    executions: executions.length,
    successRate: executions.filter(({ succeeded }) => succeeded).length / executions.length,
    latencyMs: mean(executions.map(({ latencyMs }) => latencyMs)),
    slippage: slips.length === 0 ? 0 : mean(slips),
  };
};

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
