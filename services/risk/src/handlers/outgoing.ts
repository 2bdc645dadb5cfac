import type { SignalHeld, SignalRejected } from '@switchyard/contracts';
import type { LogEvent, OutgoingEvent } from '@switchyard/log';
import { refuse } from '@switchyard/model';
import type { Approved, Held, Rejected } from '@switchyard/risk-domain';

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
  { signalId, failed, riskScore, recommended, trace }: Rejected,
  now: Date,
): OutgoingEvent => {
  const [{ code, message, facts }] = failed;
  const payload: SignalRejected = {
    signalId,
    userId: event.key,
    stage: 'risk',
    code,
    message,
    facts: { ...facts, riskScore, ...(recommended === undefined ? {} : { recommended }) },
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

const WHY = { moving: 'ENTRY_UNDER_WAY', resting: 'ENTRY_RESTS' } as const;

export const signalHeld = (
  event: LogEvent,
  { signalId, parentOrderId, entries, waitsFor, dueMs, trace }: Held,
  now: Date,
): OutgoingEvent => {
  const looksAgainAt = dueMs === undefined ? {} : { looksAgainAt: new Date(dueMs).toISOString() };
  const payload: SignalHeld = {
    signalId,
    userId: event.key,
    parentOrderId,
    ...refuse(WHY[entries], { waitsFor, ...looksAgainAt }),
    heldAt: now.toISOString(),
  };
  const role = `${signalId}/${entries}`;
  const topic = { topic: 'SignalHeld', type: 'SignalHeld', key: event.key };
  return { ...topic, payload, role, ...correlated(event, signalId, trace) };
};

/** An exit that waited is decided by the end of another signal's order: it keeps its own correlation and trace. */
const correlated = (
  { id, correlationId }: LogEvent,
  signalId: string,
  trace: string | undefined,
): Pick<OutgoingEvent, 'cause'> =>
  correlationId === signalId ? {} : { cause: { id, correlationId: signalId, traceparent: trace } };
