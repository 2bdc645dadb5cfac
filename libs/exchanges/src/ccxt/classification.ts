import type { CouldNotAsk, NotSent, NotSentReason, OutcomeUnknown, Refused, UnknownReason } from '../outcomes.js';
import { REFUSALS, type RefusalCode } from '../refusals.js';
import type { Blot } from './blot.js';
import type { CallResult, Reply } from './call.js';

/** What one of a venue's error codes means. Everything that no row matches is unknown. */
export interface ErrorRow {
  readonly venueCode: string;
  /** Where one code stands for many things: what the venue's message must say. Rows are tried in order. */
  readonly message?: RegExp;
  readonly meaning:
    | { readonly refused: RefusalCode }
    /** The venue says itself that it does not know, or that it knows this client order id already. */
    | { readonly unknown: 'duplicate' | 'serverError' }
    /** No such order, or none that is open. */
    | { readonly notFound: true };
  /** The venue's own words, for the docs and for the test of the row. */
  readonly example: string;
}

/**
 * How the outcome of a request is told, first match wins. The order matters: a 5xx is unknown whatever its body says, and a success is
 * one only with a readable body.
 */
export const OUTCOME_RULES = [
  { id: 'C1', when: 'sendBy had passed when the socket was ready', then: 'notSent expired' },
  { id: 'C2', when: 'the caller withheld the write', then: 'notSent withheld' },
  { id: 'C3', when: 'connection refused, no such host, TLS failure, connect timeout', then: 'notSent connect' },
  { id: 'C4', when: 'no free connection within the deadline', then: 'notSent noConnection' },
  { id: 'C5', when: 'a 429 or 418 told this address to wait, and the wait is not over', then: 'notSent rateLimited' },
  { id: 'C6', when: 'the request could not be signed', then: 'notSent unsigned' },
  { id: 'C7', when: 'the request was made for another origin', then: 'notSent foreignOrigin' },
  { id: 'C8', when: 'no complete answer within the deadline after the write', then: 'outcomeUnknown timeout' },
  {
    id: 'C9',
    when: 'connection reset or closed after the write, or in mid-answer',
    then: 'outcomeUnknown connectionLost',
  },
  { id: 'C10', when: 'HTTP 5xx', then: 'outcomeUnknown serverError' },
  { id: 'C11', when: 'an error on the venue’s explicit list', then: 'as the list says' },
  { id: 'C12', when: 'any other error, any other status than 2xx', then: 'outcomeUnknown unlisted' },
  { id: 'C13', when: '2xx whose body is empty, HTML or cut off', then: 'outcomeUnknown unreadable' },
  { id: 'C14', when: '2xx that contradicts itself or the request', then: 'outcomeUnknown nonsense' },
  { id: 'C15', when: '2xx that fits the request, with a venue order id', then: 'accepted' },
] as const;

export interface Good {
  readonly kind: 'good';
  readonly value: unknown;
  readonly evidence: () => ReturnType<Blot>;
}

export type Classified = Good | Refused | NotSent | OutcomeUnknown | { readonly kind: 'notFound' };

/** Rules C1 to C13; C14 and C15 need to know the request, so the venue's mapping decides them. */
export const classify = (result: CallResult, rows: readonly ErrorRow[], blot: Blot): Classified => {
  switch (result.kind) {
    case 'notSent':
      return notSent(result.reason, result.retryAfterMs);
    case 'lost': {
      const { status, body } = result;
      return unknown(result.reason, status === null ? null : blot(status, body.toString('utf8')));
    }
    case 'answered':
      return classifyReply(result, rows, blot);
  }
};

const classifyReply = (reply: Reply, rows: readonly ErrorRow[], blot: Blot): Classified => {
  const evidence = () => blot(reply.status, reply.body);
  if (reply.status >= 500) return unknown('serverError', evidence());
  const { error } = reply;
  if (error !== null) {
    const row = rows.find(
      ({ venueCode, message }) => venueCode === error.code && (message?.test(error.message) ?? true),
    );
    return row === undefined ? unknown('unlisted', evidence()) : classifyError(row, reply, evidence());
  }
  if (reply.status < 200 || reply.status > 299) return unknown('unlisted', evidence());
  // "No content" says by its status alone that all went well; where an order was to come, its reader finds nothing.
  if (reply.status === 204 && reply.body === '') return { kind: 'good', value: null, evidence };
  if (typeof reply.value !== 'object' || reply.value === null) return unknown('unreadable', evidence());
  return { kind: 'good', value: reply.value, evidence };
};

const classifyError = (row: ErrorRow, reply: Reply, evidence: ReturnType<Blot>): Classified => {
  if ('notFound' in row.meaning) return { kind: 'notFound' };
  if ('unknown' in row.meaning) return unknown(row.meaning.unknown, evidence);
  const code = row.meaning.refused;
  return {
    kind: 'refused',
    code,
    message: REFUSALS[code].cause,
    facts: { venueCode: row.venueCode },
    venueCode: row.venueCode,
    retryAfterMs: reply.retryAfterMs,
    evidence,
  };
};

const NOT_SENT: Readonly<Record<NotSentReason, string>> = {
  expired: 'The moment to send by had passed before a connection was ready.',
  withheld: 'The order was held back right before the write.',
  connect: 'No connection to the venue could be made.',
  noConnection: 'No connection to the venue became free in time.',
  rateLimited: 'The venue told us to wait, and the wait is not over.',
  notReady: 'The venue’s instruments could not be loaded.',
  unsigned: 'The request could not be built or signed.',
  foreignOrigin: 'The request would have left for another origin than the venue’s.',
};

const UNKNOWN: Readonly<Record<UnknownReason, string>> = {
  timeout: 'The venue did not answer in time.',
  connectionLost: 'The connection broke after the request was written.',
  serverError: 'The venue failed, and does not know itself what became of the request.',
  unreadable: 'The venue’s answer cannot be read.',
  nonsense: 'The venue’s answer contradicts itself or the request.',
  duplicate: 'The venue knows this client order id already: an earlier copy may live.',
  unlisted: 'The venue answered with an error that is not on the list of certain refusals.',
};

export const notSent = (reason: NotSentReason, retryAfterMs: number | null = null): NotSent => ({
  kind: 'notSent',
  reason,
  message: NOT_SENT[reason],
  retryAfterMs,
});

export const unknown = (
  reason: UnknownReason,
  evidence: OutcomeUnknown['evidence'],
  detail?: string,
): OutcomeUnknown => ({
  kind: 'outcomeUnknown',
  reason,
  message: detail === undefined ? UNKNOWN[reason] : `${UNKNOWN[reason]} (${detail})`,
  evidence,
});

/** The same failure where a question was asked: nothing changed at the venue, and nothing was learnt. */
export const couldNotAsk = (failure: Exclude<Classified, Good>): CouldNotAsk => {
  switch (failure.kind) {
    case 'notSent':
      return { ...failure, kind: 'couldNotAsk', code: null, evidence: null };
    case 'outcomeUnknown':
      return { ...failure, kind: 'couldNotAsk', code: null, retryAfterMs: null };
    case 'refused': {
      const { code, message, retryAfterMs, evidence } = failure;
      return { kind: 'couldNotAsk', reason: 'refused', code, message, retryAfterMs, evidence };
    }
    case 'notFound':
      // Said of a question that is not about one order.
      return couldNotAsk(unknown('unlisted', null));
  }
};
