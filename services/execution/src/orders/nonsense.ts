import type { CouldNotAsk, OutcomeUnknown } from '@switchyard/exchanges';
import type { Alarm } from './events.js';

/**
 * A venue that says what cannot be (E7 of the exchange port) calls a person, once for an order: no part of its answer was used, the answer
 * itself is in `execution_logs`, and the order's state is what it was.
 */
export const nonsenseAlarms = ({ reason, message }: OutcomeUnknown | CouldNotAsk): readonly Alarm[] =>
  reason === 'nonsense'
    ? [
        {
          code: 'VENUE_NONSENSE',
          message:
            'The venue answered what cannot be true. Nothing of it was believed; the answer is kept in execution_logs, and the order is looked up.',
          severity: 'high',
          // Our own words of what is wrong with it.
          facts: { detail: message },
          role: 'nonsense',
        },
      ]
    : [];
