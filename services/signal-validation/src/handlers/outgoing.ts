import type { SignalRejected, SignalValidated } from '@switchyard/contracts';
import type { LogEvent, OutgoingEvent } from '@switchyard/log';
import type { Signal } from '@switchyard/model';
import { plain } from '@switchyard/money';
import { referencePrice, type SignalDecision } from '@switchyard/signal';
import { refusedSignal } from '../fan-out/fan-out-page.js';
import { orderSeedOf, type FanOut } from '../fan-out/fan-out.js';

type Decided<Type> = SignalDecision & { readonly type: Type };

/** The events of a decision. The correlation is the signal, whatever a stranger's headers said. */
export const signalValidated = (event: LogEvent, decision: Decided<'validated'>, now: Date): OutgoingEvent => {
  const { signal, identity, mid, policyVersion } = decision;
  const { signalId } = signal;
  const userId = signal.userId ?? event.key;
  const at = now.toISOString();
  const payload: Omit<SignalValidated, 'signal'> & { readonly signal: Signal } = {
    signal,
    signalId,
    userId,
    contentHash: identity.hash,
    policyVersion,
    ...(mid === undefined ? {} : { mid: plain(mid) }),
    receivedAt: event.time,
    validatedAt: at,
  };
  return { topic: 'SignalValidated', type: 'SignalValidated', key: userId, payload, correlationId: signalId };
};

export const signalRejected = (
  event: LogEvent,
  signalId: string,
  { failed }: Decided<'rejected'>,
  now: Date,
): OutgoingEvent => {
  const [{ code, message, facts }] = failed;
  const payload: SignalRejected = {
    signalId,
    userId: event.key,
    stage: 'validation',
    code,
    message,
    facts,
    ...(failed.length > 1 ? { failedChecks: [...failed] } : {}),
    rejectedAt: now.toISOString(),
  };
  return { topic: 'SignalRejected', type: 'SignalRejected', key: event.key, payload, correlationId: signalId };
};

/** A strategy's signal that is to be copied. The trace goes on in its copies. */
export const fanOutOf = (event: LogEvent, { signal, identity, mid }: Decided<'validated'>, now: Date): FanOut => {
  const { key: strategyId, id, traceparent } = event;
  const decidedAt = now.toISOString();
  const price = referencePrice(signal, mid);
  return {
    strategyId,
    signal,
    contentHash: identity.hash,
    ...(price === undefined ? {} : { price: plain(price) }),
    orderSeed: orderSeedOf(strategyId, signal.signalId, decidedAt),
    decidedAt,
    cause: { id, ...(traceparent === undefined ? {} : { traceparent }) },
  };
};

/** Keyed by the strategy, and nobody's in particular. */
export const strategySignalRejected = (
  { key: strategyId }: LogEvent,
  signalId: string,
  { failed, identity }: Decided<'rejected'>,
  now: Date,
): OutgoingEvent => ({
  topic: 'StrategySignalDecided',
  type: 'StrategySignalDecided',
  key: strategyId,
  payload: refusedSignal({
    strategyId,
    signalId,
    ...(identity === undefined ? {} : { contentHash: identity.hash }),
    failed,
    decidedAt: now.toISOString(),
  }),
  correlationId: signalId,
});
