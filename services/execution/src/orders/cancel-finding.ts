import type { CancelOutcome } from '@switchyard/exchanges';
import { retryDelayMs, type OrderFact } from '@switchyard/order-domain';
import type { LogLine } from '../ports/order-records.js';
import type { Alarm } from './events.js';
import { nonsenseAlarms } from './nonsense.js';
import type { Finding } from './recorder.js';

/** A cancel that the venue was asked for. */
export interface AskedCancel {
  readonly orderId: string;
  readonly epoch: string;
  /** This one included. */
  readonly attempts: number;
  readonly nowMs: number;
  readonly random: number;
  readonly tookMs: number;
}

/** From this attempt on, about half a minute after the first, a person is called: somebody believes the order to be gone. */
const CALLS_FROM_ATTEMPT = 6;

/** After what was not even sent: the venue's circuit, its wish that we stay away, or our budget. */
const NOT_SENT_AGAIN_MS = 500;

/**
 * What follows from the answer to a cancel: never that the order is gone. "Cancelled" may have been filled before, a lost answer may have
 * cancelled it, and an order that is not open has ended in a way that only a lookup tells. So the order is looked up, and the venue asked
 * again, less and less often, until it says how the order ended.
 */
export const findingOfCancel = (asked: AskedCancel, outcome: CancelOutcome): Finding => {
  const { orderId, epoch, attempts, random, nowMs } = asked;
  const at = new Date(nowMs).toISOString();
  const base = {
    ...{ orderId, epoch, looked: false, logs: [logLine(asked, outcome)] },
    cancelAgainInMs: retryDelayMs(attempts, random),
    alarms: attempts >= CALLS_FROM_ATTEMPT ? [UNCONFIRMED] : [],
  };
  const requested: readonly OrderFact[] = [{ kind: 'cancelRequested', at }];
  switch (outcome.kind) {
    case 'cancelled':
      return { ...base, facts: requested, looksSoon: true };
    case 'notOpen':
      return { ...base, facts: [], looksSoon: true };
    case 'refused': {
      const cancelAgainInMs = Math.max(base.cancelAgainInMs, outcome.retryAfterMs ?? 0);
      // Looked up all the same: asking again and again must not put off what tells of its fills.
      return {
        ...base,
        facts: [{ kind: 'cancelRefused', at }],
        cancelAgainInMs,
        looksSoon: true,
        lastError: outcome.code,
      };
    }
    case 'notSent':
      return {
        ...base,
        facts: [],
        cancelAgainInMs: Math.max(NOT_SENT_AGAIN_MS, outcome.retryAfterMs ?? 0),
        lastError: outcome.reason,
      };
    case 'outcomeUnknown':
      return {
        ...base,
        facts: requested,
        looksSoon: true,
        lastError: outcome.reason,
        alarms: [...base.alarms, ...nonsenseAlarms(outcome)],
      };
  }
};

const UNCONFIRMED: Alarm = {
  code: 'CANCEL_UNCONFIRMED',
  message:
    'Somebody wants this order gone, and the venue was asked again and again without its order ending. It may still be filled.',
  severity: 'high',
  facts: {},
  role: 'cancel',
};

const logLine = ({ orderId, attempts, tookMs }: AskedCancel, outcome: CancelOutcome): LogLine => {
  const evidence = 'evidence' in outcome ? outcome.evidence : null;
  return {
    taskId: orderId,
    attempt: attempts,
    action: 'cancel',
    status: outcome.kind,
    reason: outcome.kind === 'refused' ? outcome.code : 'reason' in outcome ? outcome.reason : undefined,
    responseCode: evidence?.httpStatus,
    responseBody: evidence?.body,
    tookMs,
  };
};
