import type { LookupOutcome } from '@switchyard/exchanges';
import type { ChildStatus, NegativeAnswer } from '@switchyard/order-domain';
import type { Alarm } from './events.js';
import { factsOfReport } from './facts-of-venue.js';
import { nonsenseAlarms } from './nonsense.js';
import type { Finding } from './recorder.js';
import type { LogLine } from '../ports/order-records.js';

/** An order that was asked about. */
export interface Asked {
  readonly orderId: string;
  readonly epoch: string;
  readonly status: ChildStatus;
  readonly askedAt: NegativeAnswer;
  readonly tookMs: number;
}

/** What follows from an answer about an order. A question that failed says nothing; it only leaves a trace. */
export const findingOfLookup = (asked: Asked, outcome: LookupOutcome): Finding => {
  const { orderId, epoch } = asked;
  const base = { orderId, epoch, looked: true, logs: worthLogging(asked, outcome) ? [logLine(asked, outcome)] : [] };
  switch (outcome.kind) {
    case 'found':
      return { ...base, facts: factsOfReport(outcome.order, outcome.fills, outcome.fillsComplete) };
    case 'notFound':
      return asked.status === 'unknown'
        ? { ...base, facts: [], negative: asked.askedAt }
        : { ...base, facts: [], alarms: isExpectedAtVenue(asked.status) ? [VANISHED] : [] };
    case 'couldNotAsk':
      return {
        ...base,
        facts: [],
        alarms: nonsenseAlarms(outcome),
        lastError: outcome.code ?? outcome.reason,
        ...(outcome.reason === 'rateLimited' && outcome.evidence === null ? { unasked: true } : {}),
      };
  }
};

const isExpectedAtVenue = (status: ChildStatus): boolean =>
  status === 'placed' || status === 'partially_filled' || status === 'cancel_pending';

const VANISHED: Alarm = {
  code: 'ORDER_VANISHED',
  message: 'The venue had this order and now says that it has none. Its state is kept until the venue tells more.',
  severity: 'high',
  facts: {},
  role: 'vanished',
};

/** A resting order is asked about for days: only what is news is kept. */
const worthLogging = ({ status }: Asked, outcome: LookupOutcome): boolean =>
  status === 'unknown' || outcome.kind !== 'found' || outcome.order.state !== status;

const logLine = ({ orderId, tookMs }: Asked, outcome: LookupOutcome): LogLine => ({
  taskId: orderId,
  attempt: 0,
  action: 'lookup',
  status: outcome.kind,
  reason:
    outcome.kind === 'found'
      ? outcome.order.state
      : outcome.kind === 'couldNotAsk'
        ? (outcome.code ?? outcome.reason)
        : undefined,
  responseCode: outcome.kind === 'couldNotAsk' ? outcome.evidence?.httpStatus : undefined,
  responseBody: outcome.kind === 'couldNotAsk' ? outcome.evidence?.body : undefined,
  tookMs,
});
