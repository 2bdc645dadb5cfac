import type { Decimal } from '@switchyard/money';
import type { Facts, Signal, SkipReason } from '@switchyard/model';
import { closes } from '../closes.js';
import type { Follower } from './follower.js';
import { scaledSize } from './scaled-size.js';
import { isWithinHours } from './trading-hours.js';

/** What one account gets of a strategy's signal. */
export type Copy =
  | { readonly type: 'copy'; readonly signal: Signal }
  | { readonly type: 'skipped'; readonly reason: SkipReason; readonly facts: Facts };

export interface CopyContext {
  readonly now: Date;
  /** What a base quantity is worth: the signal's entry or limit price, else mid; undefined where none is known. */
  readonly price: Decimal | undefined;
  /** Whether the account was ever sent an entry of this strategy in this pair: what it did not open it does not close. */
  readonly entered: boolean;
}

/** The id of an account's copy: the strategy's own and the account's, so that a repeat is the same signal. */
export const copyIdOf = (signalId: string, accountId: string): string => `${signalId}/${accountId}`;

/** Longest ids of a strategy's signal and of an account that follows one: the copy's id has to be an id. */
export const MAX_STRATEGY_SIGNAL_ID = 64;
export const MAX_FOLLOWING_ACCOUNT_ID = 63;

/**
 * The copy of a strategy's signal for an account, or why there is none. It decides what the subscription says and nothing else: what the
 * user's own policy says (enabled, pairs, limits, age) is decided when the copy is, as for any signal of that user.
 */
export const copySignal = (signal: Signal, follower: Follower, context: CopyContext): Copy => {
  const { userId, accountId, mode } = follower;
  const skip = closes(signal) ? unsentExit(context) : unwantedEntry(signal, follower, context);
  if (skip !== undefined) return skip;
  if (signal.mode !== undefined && signal.mode !== mode) {
    return skipped('another_mode', { mode: signal.mode, accountMode: mode });
  }
  const scaled = scaledSize(signal, follower, context.price);
  if (!scaled.ok) return skipped(scaled.reason, { size: signal.size ?? null, scaling: follower.subscription.scaling });
  const { size, maxSize, displayQuantity } = scaled;
  const copy: Signal = {
    ...signal,
    signalId: copyIdOf(signal.signalId, accountId),
    userId,
    accountId,
    mode,
    size,
    maxSize,
    displayQuantity,
    copyOf: signal.signalId,
    defaulted: undefined,
  };
  return { type: 'copy', signal: copy };
};

const skipped = (reason: SkipReason, facts: Facts = {}): Copy => ({ type: 'skipped', reason, facts });

const unsentExit = ({ entered }: CopyContext): Copy | undefined => (entered ? undefined : skipped('nothing_entered'));

const unwantedEntry = (
  signal: Signal,
  { subscription, timeZone }: Follower,
  { now }: CopyContext,
): Copy | undefined => {
  if (subscription.paused) return skipped('paused');
  const { filter = {}, hours } = subscription;
  const { pair, side, strength, confluenceScore, confidence } = signal;
  if (filter.pairs?.includes(pair) === false) return skipped('pair_filtered', { pair });
  if (filter.sides?.includes(side) === false) return skipped('side_filtered', { side });
  if (isBelow(strength, filter.minStrength))
    return skipped('strength_filtered', { strength: strength ?? null, minStrength: filter.minStrength });
  if (isBelow(confluenceScore, filter.minConfluence))
    return skipped('confluence_filtered', {
      confluenceScore: confluenceScore ?? null,
      minConfluence: filter.minConfluence,
    });
  if (isBelow(confidence, filter.minConfidence))
    return skipped('confidence_filtered', { confidence: confidence ?? null, minConfidence: filter.minConfidence });
  if (hours !== undefined && hours.length > 0 && !isWithinHours(hours, timeZone, now))
    return skipped('outside_hours', { at: now.toISOString(), timeZone });
  return undefined;
};

/** Who asks for a least value gets nothing that names none. */
const isBelow = (value: number | undefined, least: number | undefined): boolean =>
  least !== undefined && (value === undefined || value < least);
