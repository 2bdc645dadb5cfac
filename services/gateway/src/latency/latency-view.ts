import { LatencySketch, type LatencySummary } from '@switchyard/observability';
import type { ReportedLatency } from '@switchyard/runtime';

/** A stage's minute: of one process where it is named, else of all that measured it. */
export interface StageLatency extends LatencySummary {
  readonly instance?: string;
  /** How many processes measured it. */
  readonly processes: number;
}

export interface LatencyView {
  /** By name, newest first within a stage. */
  readonly stages: readonly StageLatency[];
  /** Whose figures these are. `to` is when each was heard of last. */
  readonly processes: readonly { readonly instance: string; readonly startedAt: string; readonly to: string }[];
}

export interface LatencyWish {
  /** This stage alone. */
  readonly stage?: string | undefined;
  /** Each process for itself; else all together. */
  readonly by?: 'process' | undefined;
}

interface Part {
  readonly report: ReportedLatency;
  readonly stage: string;
}

/**
 * What processes reported, a summary a stage and minute. Replicas are added up before a quantile is taken of them: the mean of their p99 is
 * nobody's p99.
 */
export const latencyView = (reports: readonly ReportedLatency[], { stage: only, by }: LatencyWish): LatencyView => {
  const parts = reports.flatMap((report): readonly Part[] =>
    Object.keys(report.stages).flatMap((stage) => (only === undefined || only === stage ? [{ report, stage }] : [])),
  );
  const groups = Map.groupBy(parts, ({ report: { from, instance }, stage }) =>
    JSON.stringify([stage, from, ...(by === 'process' ? [instance] : [])]),
  );
  const stages = [...groups.values()].flatMap((group) => summaryOf(group, by === 'process'));
  const newest = Map.groupBy(reports, ({ instance, startedAt }) => JSON.stringify([instance, startedAt]));
  return {
    stages: stages.toSorted(
      (a, b) => order(a.stage, b.stage) || order(b.from, a.from) || order(a.instance ?? '', b.instance ?? ''),
    ),
    processes: [...newest.values()]
      .flatMap((own) => own.toSorted((a, b) => order(b.to, a.to)).slice(0, 1))
      .map(({ instance, startedAt, to }) => ({ instance, startedAt, to }))
      .toSorted((a, b) => order(a.instance, b.instance) || order(b.startedAt, a.startedAt)),
  };
};

const summaryOf = (group: readonly Part[], named: boolean): readonly StageLatency[] => {
  const [first] = group;
  const summary = LatencySketch.of(group.flatMap(({ report: { stages }, stage }) => stages[stage] ?? [])).summary();
  if (first === undefined || summary === undefined) return [];
  const { stage, report } = first;
  const to = group.map((part) => part.report.to).reduce((a, b) => (a > b ? a : b));
  const processes = new Set(group.map((part) => `${part.report.instance} ${part.report.startedAt}`)).size;
  return [{ stage, ...(named ? { instance: report.instance } : {}), from: report.from, to, processes, ...summary }];
};

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
