/**
 * What must not be, whatever was killed.
 *
 * `lost`: accepted, without an end, and nobody has it. `stuck`: without an end, and still to be seen somewhere. `doubled`: traded, or
 * decided, more than once. `outOfOrder`: numbers or a user's signals out of order, missing or repeated. `booksDiffer`: we and the venue
 * say different things. `auditBroken`: the trail is not what its hashes were made from. `sentAfterHalt`: an order that opens a position came to a
 * venue after its executor had said that none would.
 */
export const RULES = ['lost', 'doubled', 'outOfOrder', 'stuck', 'booksDiffer', 'auditBroken', 'sentAfterHalt'] as const;
export type Rule = (typeof RULES)[number];

export interface Violation {
  readonly rule: Rule;
  /** What it is about: a signal, an order, an account, a source. */
  readonly about: string;
  readonly sentence: string;
}
