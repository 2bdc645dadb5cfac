/** When to try, ask and poll again. Pure: the time and the random number come in. */

export interface RetryRules {
  /** Attempts after the first. */
  readonly retries: number;
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
  /** Fraction by which a delay is moved up or down, so that many orders don't come back at once. */
  readonly jitter: number;
}

/** Three retries after 1 s, 2 s and 4 s, +-25 %, never more than 30 s apart. */
export const DEFAULT_RETRIES: RetryRules = { retries: 3, firstDelayMs: 1_000, maxDelayMs: 30_000, jitter: 0.25 };

/** Delay before retry number `retry` (from 1); `random` in [0, 1). */
export const retryDelayMs = (retry: number, random: number, rules: RetryRules = DEFAULT_RETRIES): number => {
  const plain = Math.min(rules.maxDelayMs, rules.firstDelayMs * 2 ** (retry - 1));
  return Math.min(rules.maxDelayMs, Math.round(plain * (1 + rules.jitter * (2 * random - 1))));
};

export type RetryDecision =
  { readonly again: true; readonly atMs: number } | { readonly again: false; readonly because: 'attempts' | 'sendBy' };

/** Whether what was proven not to have happened is tried again here. It never is when it would be sent after `sendBy`. */
export const decideRetry = (
  attempt: {
    /** Attempts made so far. */
    readonly attempts: number;
    readonly nowMs: number;
    readonly sendByMs: number;
    readonly random: number;
    /** How long the venue asked us to stay away. */
    readonly retryAfterMs?: number | null;
  },
  rules: RetryRules = DEFAULT_RETRIES,
): RetryDecision => {
  if (attempt.attempts > rules.retries) return { again: false, because: 'attempts' };
  const delayMs = Math.max(retryDelayMs(attempt.attempts, attempt.random, rules), attempt.retryAfterMs ?? 0);
  const atMs = attempt.nowMs + delayMs;
  return atMs >= attempt.sendByMs ? { again: false, because: 'sendBy' } : { again: true, atMs };
};

const EAGER_MS = 500;
const EAGER_FOR_MS = 10_000;
const PATIENT_MAX_MS = 60_000;

/**
 * How long until an order is asked about again: each 0.5 s for its first 10 s, then after a tenth of its age, at most 60 s. `ageMs`
 * counts from the moment the present uncertainty began: the placement, or the outcome that was not known.
 */
export const pollDelayMs = (ageMs: number): number =>
  ageMs < EAGER_FOR_MS ? EAGER_MS : Math.min(PATIENT_MAX_MS, Math.round(ageMs / 10));

/** Delays of the lookups after an order ended with something unfilled: a venue may tell a fill late. `done` from 0. */
export const settleDelayMs = (done: number): number | undefined => SETTLE_MS[done];
const SETTLE_MS = [2_000, 10_000, 60_000] as const;

/** An order whose outcome is unknown this long calls a person. */
export const UNKNOWN_ALERT_MS = 30_000;
