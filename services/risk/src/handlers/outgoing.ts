import type { SignalRejected } from '@switchyard/contracts';
import type { LogEvent, OutgoingEvent } from '@switchyard/log';
import type { Approved, Rejected } from '@switchyard/risk-domain';

/** The approval itself is the event: only risk can make one. */
export const orderApproved = (event: LogEvent, { approval, trace }: Approved): OutgoingEvent => ({
  topic: 'OrderApproved',
  type: 'OrderApproved',
  key: event.key,
  payload: approval,
  role: approval.parentOrderId,
  ...correlated(event, approval.signalId, trace),
});

export const signalRejected = (
  event: LogEvent,
  { signalId, failed, riskScore, trace }: Rejected,
  now: Date,
): OutgoingEvent => {
  const [{ code, message, facts }] = failed;
  const payload: SignalRejected = {
    signalId,
    userId: event.key,
    stage: 'risk',
    code,
    message,
    facts: { ...facts, riskScore },
    ...(failed.length > 1 ? { failedChecks: [...failed] } : {}),
    rejectedAt: now.toISOString(),
  };
  return {
    topic: 'SignalRejected',
    type: 'SignalRejected',
    key: event.key,
    payload,
    role: signalId,
    ...correlated(event, signalId, trace),
  };
};

/** An exit that waited is decided by the end of another signal's order: it keeps its own correlation and trace. */
const correlated = (
  { id, correlationId }: LogEvent,
  signalId: string,
  trace: string | undefined,
): Pick<OutgoingEvent, 'cause'> =>
  correlationId === signalId ? {} : { cause: { id, correlationId: signalId, traceparent: trace } };
