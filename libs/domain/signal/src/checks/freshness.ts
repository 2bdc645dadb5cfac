import { refuse } from '@switchyard/model';
import type { Check } from './subject.js';

/** A signal is acted on only near its own time: 30 s old, 5 s ahead at most, unless the user's limits say otherwise. */
export const freshness: Check = ({ signal, limits, nowMs }) => {
  const ageS = (nowMs - Date.parse(signal.generatedAt)) / 1_000;
  if (ageS <= limits.maxSignalAgeS && -ageS <= limits.maxSignalAheadS) return undefined;
  const facts = { generatedAt: signal.generatedAt, receivedAt: new Date(nowMs).toISOString() };
  return ageS > 0
    ? refuse('SIGNAL_STALE', { ...facts, ageS, maxSignalAgeS: limits.maxSignalAgeS })
    : refuse('SIGNAL_FROM_FUTURE', { ...facts, aheadS: -ageS, maxSignalAheadS: limits.maxSignalAheadS });
};
