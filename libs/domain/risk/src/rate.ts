import type { Limits, Signal } from '@switchyard/model';
import type { RateBucket } from './state.js';

/** A token bucket: holds `burst`, refills at `tradesPerSecond`, an approved entry takes one. A clock that goes back refills nothing. */
export const refilled = (bucket: RateBucket | undefined, limits: Limits, nowMs: number): RateBucket => {
  if (bucket === undefined) return { tokens: limits.burst, atMs: nowMs };
  const elapsedMs = Math.max(0, nowMs - bucket.atMs);
  return {
    ...bucket,
    tokens: Math.min(limits.burst, bucket.tokens + (elapsedMs * limits.tradesPerSecond) / 1_000),
    atMs: Math.max(bucket.atMs, nowMs),
  };
};

/** Refills add up fractions of a token; this much short of one is one. */
const ROUNDING = 1e-9;

export const hasToken = ({ tokens }: RateBucket): boolean => tokens >= 1 - ROUNDING;

/**
 * Takes one for an approved entry. A strategy's signal is one trade of a user, however many accounts of that user follow it: the first
 * copy that is approved takes a token, the others none.
 */
export const taken = (bucket: RateBucket, signal: Signal): RateBucket => {
  const trade = tradeOf(signal);
  if (trade === undefined) return { ...bucket, tokens: Math.max(0, bucket.tokens - 1) };
  const { copied = [] } = bucket;
  if (copied.includes(trade)) return bucket;
  return { ...bucket, tokens: Math.max(0, bucket.tokens - 1), copied: [...copied.slice(1 - REMEMBERED), trade] };
};

/** Whether a copy belongs to a trade that took its token. */
export const isCounted = (bucket: RateBucket | undefined, signal: Signal): boolean => {
  const trade = tradeOf(signal);
  return trade !== undefined && bucket?.copied?.includes(trade) === true;
};

const tradeOf = ({ strategyId, copyOf }: Signal): string | undefined =>
  copyOf === undefined ? undefined : `${strategyId ?? ''}|${copyOf}`;

/** Trades whose copies may still come in between each other. */
const REMEMBERED = 8;

/** How long until the next token, in ms. */
export const waitMs = ({ tokens }: RateBucket, limits: Limits): number =>
  Math.ceil(((1 - ROUNDING - tokens) * 1_000) / limits.tradesPerSecond);
