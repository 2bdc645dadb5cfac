import type { Code, Signal } from '@switchyard/model';

/**
 * What is remembered for good of a signal's id: the document `identity` of signal validation, one per (user, signal) or (strategy, signal).
 * `admitted`: a door answered "accepted", the checks have not run yet. `decided`: they have, with this outcome.
 */
export type SignalIdentity =
  | { readonly status: 'admitted'; readonly hash: string }
  | {
      readonly status: 'decided';
      readonly hash: string;
      readonly outcome: 'validated' | 'rejected';
      readonly code?: Code;
    };

/** What a record that carries an id means, given what is remembered of that id. */
export type Recognition = 'first' | 'repeat' | 'reused';

/** `hash` is undefined for content that has no canonical form because its fields are wrong: that is never what was admitted. */
export const recognise = (known: SignalIdentity | undefined, hash: string | undefined): Recognition => {
  if (known === undefined) return 'first';
  if (known.hash !== hash) return 'reused';
  return known.status === 'admitted' ? 'first' : 'repeat';
};

/** Whose a signal is: its user's; a strategy's own until it is fanned out. */
export const ownerOf = (signal: Pick<Signal, 'userId' | 'strategyId'>): string =>
  signal.userId ?? signal.strategyId ?? '';

/**
 * The key of the identity document. Ids never hold `|`, so ids of different users can't meet, nor a user's and a strategy's of the same name.
 */
export const identityKey = (signal: Pick<Signal, 'userId' | 'strategyId' | 'signalId'>): string =>
  signal.userId === undefined
    ? `strategy|${signal.strategyId ?? ''}|${signal.signalId}`
    : `${signal.userId}|${signal.signalId}`;
