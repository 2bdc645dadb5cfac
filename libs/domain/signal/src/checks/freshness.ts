import { refuse } from '@switchyard/model';
import type { Check } from './subject.js';

/** A signal is acted on only near its own time: 30 s old, 5 s ahead at most, unless the user's limits say otherwise. */
export const freshness: Check = ({ signal, limits, nowMs }) => {
  const ageS = (nowMs - Date.parse(signal.generatedAt)) / 1_000;
  const facts = { generatedAt: signal.generatedAt, receivedAt: new Date(nowMs).toISOString() };
  if (ageS > limits.maxSignalAgeS) {
    return refuse('SIGNAL_STALE', { ...facts, ageS, maxSignalAgeS: limits.maxSignalAgeS });
  }
  if (-ageS > limits.maxSignalAheadS) {
    return refuse('SIGNAL_FROM_FUTURE', { ...facts, aheadS: -ageS, maxSignalAheadS: limits.maxSignalAheadS });
  }
  return undefined;
};
