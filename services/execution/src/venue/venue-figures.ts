/** What one replica's last calls came to. */
export interface ReplicaCalls {
  /** Orders that it was to place since it started. */
  readonly placed: number;
  readonly calls: number;
  /** How many of them got no answer that says that the venue works; each counts half as much for every half-life that passed since. */
  readonly failures: number;
  /** Times of those that were answered, whole milliseconds. */
  readonly tookMs: readonly number[];
}

/** What the last calls of all replicas say of the venue. */
export interface VenueFigures {
  readonly totalExecutions: number;
  /** 0..1; 1 while nothing is known. */
  readonly successRate: number;
  readonly averageLatencyMs: number;
  /** Undefined while nothing was answered. */
  readonly quantiles: { readonly p50: number; readonly p95: number; readonly p99: number } | undefined;
}

/** A failure of so long ago counts half. */
export const FAILURE_HALF_LIFE_MS = 5 * 60_000;

/** What was told so long ago, as it would be told now. */
export const agedCalls = (calls: ReplicaCalls, ageMs: number): ReplicaCalls => ({
  ...calls,
  failures: Number((calls.failures * 0.5 ** (Math.max(0, ageMs) / FAILURE_HALF_LIFE_MS)).toFixed(3)),
});

/** All replicas' calls together, so that it is the same whichever of them tells it. */
export const venueFigures = (replicas: readonly ReplicaCalls[]): VenueFigures => {
  const total = (of: (replica: ReplicaCalls) => number): number => replicas.reduce((sum, each) => sum + of(each), 0);
  const calls = total((replica) => replica.calls);
  const tookMs = replicas.flatMap((replica) => replica.tookMs).sort((a, b) => a - b);
  const at = (part: number): number => tookMs[Math.ceil(part * tookMs.length) - 1] ?? 0;
  return {
    totalExecutions: total(({ placed }) => placed),
    successRate: calls === 0 ? 1 : Number((1 - total(({ failures }) => failures) / calls).toFixed(3)),
    averageLatencyMs: tookMs.length === 0 ? 0 : Math.round(tookMs.reduce((sum, took) => sum + took, 0) / tookMs.length),
    quantiles: tookMs.length === 0 ? undefined : { p50: at(0.5), p95: at(0.95), p99: at(0.99) },
  };
};
