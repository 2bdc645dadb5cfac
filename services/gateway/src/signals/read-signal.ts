import { parseEvent, type BadField } from '@switchyard/contracts';
import type { Signal } from '@switchyard/model';

export type SignalReading =
  | { readonly ok: true; readonly signal: Signal; readonly userId: string }
  | { readonly ok: false; readonly errors: readonly BadField[] };

/**
 * A request's body as a signal. What REST may leave out is filled in and named in `defaulted`, so that the content hash covers only
 * what was sent; a `defaulted` or `copyOf` of the sender's own is dropped.
 */
export const readSignal = (body: unknown, callerId: string, now: Date): SignalReading => {
  const reading = read(body, { userId: callerId, generatedAt: now.toISOString() });
  return reading.ok ? { ok: true, signal: reading.signal, userId: reading.signal.userId ?? callerId } : reading;
};

export type StrategySignalReading =
  { readonly ok: true; readonly signal: Signal } | { readonly ok: false; readonly errors: readonly BadField[] };

/** A request's body as a strategy's own signal, which is of no user and no account. */
export const readStrategySignal = (body: unknown, strategyId: string, now: Date): StrategySignalReading => {
  const reading = read(body, { strategyId, generatedAt: now.toISOString() });
  if (!reading.ok) return reading;
  const { signal } = reading;
  const errors = [
    ...(signal.userId === undefined
      ? []
      : [{ path: 'userId', problem: 'must not be given: those who follow are meant' }]),
    ...(signal.strategyId === strategyId ? [] : [{ path: 'strategyId', problem: 'must be that of the path' }]),
  ];
  return errors.length === 0 ? reading : { ok: false, errors };
};

const read = (body: unknown, defaults: Readonly<Record<string, string>>): StrategySignalReading => {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return { ok: false, errors: [{ path: '', problem: 'must be an object' }] };
  const sent = body as Readonly<Record<string, unknown>>;
  const defaulted = Object.keys(defaults).filter((field) => sent[field] === undefined || sent[field] === null);
  const whole: Record<string, unknown> = { ...sent };
  delete whole['defaulted'];
  delete whole['copyOf'];
  for (const field of defaulted) whole[field] = defaults[field];
  if (defaulted.length > 0) whole['defaulted'] = defaulted;
  const parsed = parseEvent('TradingSignalGenerated', whole);
  return parsed.ok ? { ok: true, signal: parsed.value } : { ok: false, errors: parsed.problems };
};
