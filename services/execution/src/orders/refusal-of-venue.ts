import { REFUSALS, type Refused, type RefusalCode } from '@switchyard/exchanges';
import { refuse, type Code, type Refusal } from '@switchyard/model';

/** Which of our codes a venue's refusal carries outside; the venue's own stays in the facts. */
const CODE_OF: Readonly<Partial<Record<RefusalCode, Code>>> = {
  INSUFFICIENT_FUNDS: 'INSUFFICIENT_FUNDS',
  BELOW_MIN_QUANTITY: 'BELOW_MINIMUM',
  BELOW_MIN_NOTIONAL: 'BELOW_MINIMUM',
  ABOVE_MAX_QUANTITY: 'ORDER_TOO_LARGE',
  ABOVE_MAX_NOTIONAL: 'ORDER_TOO_LARGE',
  BAD_CREDENTIALS: 'CREDENTIALS_REFUSED',
  UNSUPPORTED_ORDER_TYPE: 'UNSUPPORTED',
  UNSUPPORTED_TIME_IN_FORCE: 'UNSUPPORTED',
  UNSUPPORTED_OPTION: 'UNSUPPORTED',
  RATE_LIMITED: 'VENUE_UNHEALTHY',
  CLOCK_SKEW: 'VENUE_UNHEALTHY',
};

export const refusalOf = ({
  code,
  message,
  facts,
  venueCode,
}: Pick<Refused, 'code' | 'message' | 'facts' | 'venueCode'>): Refusal =>
  refuse(
    CODE_OF[code] ?? 'VENUE_REFUSED',
    { reason: code, ...(venueCode === null ? {} : { venueCode }), ...facts },
    `${message} ${REFUSALS[code].remedy}`,
  );

/** Refusals that say "not now": the same order may be sent again, since none of it was taken. */
export const isNotNow = (code: RefusalCode): boolean => code === 'RATE_LIMITED' || code === 'CLOCK_SKEW';
