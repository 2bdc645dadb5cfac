import { parseEvent, type BadField } from '@switchyard/contracts';
import type { Signal } from '@switchyard/model';

export type SignalReading =
  | { readonly ok: true; readonly signal: Signal; readonly userId: string }
  | { readonly ok: false; readonly errors: readonly BadField[] };

/**
 * A request's body as a signal. What REST may leave out is filled in and named in `defaulted`, so that the content hash covers only
 * what was sent; a `defaulted` of the sender's own is dropped.
 */
export const readSignal = (body: unknown, callerId: string, now: Date): SignalReading => {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return { ok: false, errors: [{ path: '', problem: 'must be an object' }] };
  const sent = body as Readonly<Record<string, unknown>>;
  const defaults: Readonly<Record<string, string>> = { userId: callerId, generatedAt: now.toISOString() };
  const defaulted = Object.keys(defaults).filter((field) => sent[field] === undefined || sent[field] === null);
  const whole: Record<string, unknown> = { ...sent };
  delete whole['defaulted'];
  for (const field of defaulted) whole[field] = defaults[field];
  if (defaulted.length > 0) whole['defaulted'] = defaulted;
  const parsed = parseEvent('TradingSignalGenerated', whole);
  if (!parsed.ok) return { ok: false, errors: parsed.problems };
  const signal: Signal = parsed.value;
  return { ok: true, signal, userId: signal.userId ?? callerId };
};
