import type { Evidence, Halt, VenueRow } from './evidence.js';
import type { Violation } from './violation.js';

/**
 * What a venue received although an executor had said that nothing of the kind leaves it any more: an order that opens a position (on spot: a
 * purchase), in the scope of a halt, after its acknowledgement and before anybody asked to go on.
 */
export const sentAfterHalt = ({ halts, ledger }: Evidence): readonly Violation[] =>
  halts.flatMap((halt) =>
    ledger
      .filter((row) => isOpening(row) && isInScope(halt, row) && isWithin(halt, row))
      .map(({ venue, clientOrderId, receivedAt }): Violation => ({
        rule: 'sentAfterHalt',
        about: clientOrderId,
        sentence: `${clientOrderId} reached ${venue} at ${receivedAt}: ${halt.scope} was halted, verified, from ${instant(halt.from)} to ${instant(halt.to)}`,
      })),
  );

const isOpening = ({ side }: VenueRow): boolean => side === 'buy';

const isInScope = ({ accountKeys, venues }: Halt, { venue, accountKey }: VenueRow): boolean =>
  venues.includes(venue) && (accountKeys === undefined || accountKeys.includes(accountKey));

const isWithin = ({ from, to }: Halt, { receivedAt }: VenueRow): boolean => {
  const at = Date.parse(receivedAt);
  return at > from && at < to;
};

const instant = (ms: number): string => new Date(ms).toISOString();
