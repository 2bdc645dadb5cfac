import type { Evidence, PlaceOutcome } from '@switchyard/exchanges';
import { refuse, type Refusal } from '@switchyard/model';
import { decideRetry, type OrderFact, type RetryRules } from '@switchyard/order-domain';
import type { RoutedOrder } from '../tasks/task.js';
import { addUp, factsOfReport, fillFact } from './facts-of-venue.js';
import { nonsenseAlarms } from './nonsense.js';
import type { Finding } from './recorder.js';
import { isNotNow, refusalOf } from './refusal-of-venue.js';
import type { LogLine } from '../ports/order-records.js';

/** One attempt to place an order, after it. */
export interface Attempt {
  readonly routed: RoutedOrder;
  readonly epoch: string;
  /** This one included. */
  readonly attempts: number;
  readonly nowMs: number;
  readonly random: number;
  readonly tookMs: number;
}

/** What follows from the answer to a request: placed, refused, tried again, handed back, or unknown. */
export const findingOfPlacement = (attempt: Attempt, outcome: PlaceOutcome, rules: RetryRules): Finding => {
  const at = new Date(attempt.nowMs).toISOString();
  const base = {
    orderId: attempt.routed.orderId,
    epoch: attempt.epoch,
    looked: false,
    logs: [logLine(attempt, outcome)],
  };
  switch (outcome.kind) {
    case 'accepted': {
      const { order, fills, venueOrderId } = outcome;
      const reported = order === null ? fills.map(fillFact) : factsOfReport(order, fills, addUp(order, fills));
      return { ...base, facts: [{ kind: 'accepted', venueOrderId, at }, ...reported] };
    }
    case 'refused':
      return isNotNow(outcome.code)
        ? { ...base, ...tryAgain(attempt, refusalOf(outcome), outcome.retryAfterMs, rules) }
        : { ...base, facts: [{ kind: 'refused', refusal: refusalOf(outcome), at }], lastError: outcome.code };
    case 'notSent': {
      const refusal = refusalOfUnsent(outcome.reason, outcome.message);
      return isHopeless(outcome.reason)
        ? { ...base, facts: [{ kind: 'gaveUp', refusal, retriable: true, at }], lastError: outcome.reason }
        : { ...base, ...tryAgain(attempt, refusal, outcome.retryAfterMs, rules) };
    }
    case 'outcomeUnknown':
      return {
        ...base,
        facts: [{ kind: 'outcomeUnknown', at }],
        alarms: nonsenseAlarms(outcome),
        lastError: outcome.reason,
      };
  }
};

/** Nothing was sent or taken. Where routing has another venue the order is handed back at once; else it is tried again here, in time. */
const tryAgain = (
  { routed, attempts, nowMs, random }: Attempt,
  refusal: Refusal,
  retryAfterMs: number | null,
  rules: RetryRules,
): Pick<Finding, 'facts' | 'retryInMs' | 'lastError'> => {
  const at = new Date(nowMs).toISOString();
  const lastError = refusal.code;
  const decision = decideRetry({ attempts, nowMs, sendByMs: Date.parse(routed.sendBy), random, retryAfterMs }, rules);
  if (decision.again && !routed.hasAlternative) {
    return { facts: [{ kind: 'notSent', at }], retryInMs: decision.atMs - nowMs, lastError };
  }
  const gaveUp: OrderFact = {
    kind: 'gaveUp',
    refusal: { ...refusal, facts: { ...refusal.facts, attempts } },
    retriable: true,
    at,
  };
  return { facts: [gaveUp], lastError };
};

type UnsentReason = Extract<PlaceOutcome, { kind: 'notSent' }>['reason'];

/** What another attempt could not mend. */
const isHopeless = (reason: UnsentReason): boolean => reason === 'unsigned' || reason === 'foreignOrigin';

const refusalOfUnsent = (reason: UnsentReason, message: string): Refusal => {
  switch (reason) {
    case 'expired':
      return refuse('ORDER_EXPIRED_UNSENT', { reason });
    case 'unsigned':
      return refuse(
        'CREDENTIALS_REFUSED',
        { reason },
        `The request could not be signed with the account's keys: ${message}`,
      );
    case 'foreignOrigin':
      return refuse('MODE_MISMATCH', { reason }, message);
    case 'rateLimited':
      return refuse('VENUE_UNHEALTHY', { reason }, message);
    case 'withheld':
    case 'connect':
    case 'noConnection':
    case 'notReady':
      return refuse('VENUE_UNREACHABLE', { reason });
  }
};

const logLine = ({ routed, attempts, tookMs }: Attempt, outcome: PlaceOutcome): LogLine => {
  const evidence: Evidence | null = 'evidence' in outcome ? outcome.evidence : null;
  return {
    taskId: routed.orderId,
    attempt: attempts,
    action: 'place',
    status: outcome.kind,
    reason: outcome.kind === 'refused' ? outcome.code : 'reason' in outcome ? outcome.reason : undefined,
    responseCode: evidence?.httpStatus,
    responseBody: evidence?.body,
    tookMs,
  };
};
