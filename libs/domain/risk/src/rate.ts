import type { Limits } from '@switchyard/model';
import type { RateBucket } from './state.js';

/** A token bucket: holds `burst`, refills at `tradesPerSecond`, an approved entry takes one. A clock that goes back refills nothing. */
export const refilled = (bucket: RateBucket | undefined, limits: Limits, nowMs: number): RateBucket => {
  if (bucket === undefined) return { tokens: limits.burst, atMs: nowMs };
  const elapsedMs = Math.max(0, nowMs - bucket.atMs);
  return {
    tokens: Math.min(limits.burst, bucket.tokens + (elapsedMs * limits.tradesPerSecond) / 1_000),
    atMs: Math.max(bucket.atMs, nowMs),
  };
};

/** Refills add up fractions of a token; this much short of one is one. */
const ROUNDING = 1e-9;

export const hasToken = ({ tokens }: RateBucket): boolean => tokens >= 1 - ROUNDING;

export const taken = ({ tokens, atMs }: RateBucket): RateBucket => ({ tokens: Math.max(0, tokens - 1), atMs });

/** How long until the next token, in ms. */
export const waitMs = ({ tokens }: RateBucket, limits: Limits): number =>
  Math.ceil(((1 - ROUNDING - tokens) * 1_000) / limits.tradesPerSecond);
