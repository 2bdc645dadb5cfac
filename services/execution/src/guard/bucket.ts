/**
 * Token buckets that replicas share. Pure: times come in, milliseconds of the database's clock.
 *
 *  1. In any stretch of t seconds no more than `burst + t * perSecond` tokens go out, and what one call may owe (6).
 *  2. Each class leaves tokens to those above it: cancel and lookup > stop-loss > exit > entry.
 *  3. Polls and sweeps have a share of their own, and no other: they can't starve orders, nor orders them.
 *  4. What one of the two shares can't hold goes to the other, so that nothing is lost while one of them rests.
 *  5. What the venue itself says is left in its window bounds everything, polls first.
 *  6. A call that costs more than its class can ever have is let through when the share is as full as can be, and owed for.
 */
export type CallClass = 'cancel' | 'lookup' | 'stop_loss' | 'exit' | 'entry' | 'poll';

export interface BucketRules {
  readonly perSecond: number;
  /** Tokens at most; more than 0. */
  readonly burst: number;
}

export interface Bucket {
  readonly common: number;
  readonly polls: number;
  /** When the two were right. */
  readonly atMs: number;
  readonly room?: Room;
}

/** What the venue's own count leaves until its window ends. */
export interface Room {
  readonly left: number;
  readonly untilMs: number;
}

/** Of the whole, what belongs to polls and sweeps. */
const POLL_SHARE = 0.3;

/** What a class leaves to those above it, of the common tokens' most; for polls, of the venue's room alone. */
const LEAVES: Readonly<Record<CallClass, number>> = {
  cancel: 0,
  lookup: 0,
  stop_loss: 0.1,
  exit: 0.2,
  entry: 0.35,
  poll: 0.6,
};

/** Who goes first where several want tokens. */
export const RANK: Readonly<Record<CallClass, number>> = {
  cancel: 0,
  lookup: 0,
  stop_loss: 1,
  exit: 2,
  entry: 3,
  poll: 4,
};

const mostOf = ({ burst }: BucketRules) => ({ common: burst * (1 - POLL_SHARE), polls: burst * POLL_SHARE });

export const fullBucket = (rules: BucketRules, nowMs: number): Bucket => ({ ...mostOf(rules), atMs: nowMs });

/** The bucket as it is now. A clock that went back adds nothing. */
export const refilled = (bucket: Bucket, rules: BucketRules, nowMs: number): Bucket => {
  const tokens = (Math.max(0, nowMs - bucket.atMs) / 1_000) * rules.perSecond;
  const filled = poured(bucket, rules, tokens * (1 - POLL_SHARE), tokens * POLL_SHARE);
  const room = bucket.room !== undefined && bucket.room.untilMs > nowMs ? { room: bucket.room } : {};
  return { ...filled, atMs: Math.max(bucket.atMs, nowMs), ...room };
};

/** Adds to both shares; what one can't hold goes to the other. */
const poured = (
  bucket: Bucket,
  rules: BucketRules,
  common: number,
  polls: number,
): Pick<Bucket, 'common' | 'polls'> => {
  const most = mostOf(rules);
  const [toCommon, toPolls] = [bucket.common + common, bucket.polls + polls];
  return {
    common: Math.min(most.common, toCommon + Math.max(0, toPolls - most.polls)),
    polls: Math.min(most.polls, toPolls + Math.max(0, toCommon - most.common)),
  };
};

/** Tokens that were drawn and not used come back, to a bucket as it is now. */
export const givenBack = (bucket: Bucket, rules: BucketRules, of: CallClass, tokens: number): Bucket => ({
  ...bucket,
  ...(of === 'poll' ? poured(bucket, rules, 0, tokens) : poured(bucket, rules, tokens, 0)),
  ...(bucket.room && { room: { ...bucket.room, left: bucket.room.left + tokens } }),
});

/** The bucket after a call of this class, `undefined` where it may not go yet. The bucket is as it is now. */
export const drawn = (bucket: Bucket, rules: BucketRules, of: CallClass, cost: number): Bucket | undefined => {
  if (missing(bucket, rules, of, cost) > 0 || lacksRoom(bucket, rules, of, cost)) return undefined;
  const share = shareOf(of);
  return {
    ...bucket,
    [share]: bucket[share] - cost,
    ...(bucket.room && { room: { ...bucket.room, left: bucket.room.left - cost } }),
  };
};

/** How many tokens of this class could be drawn without owing any. */
export const spare = (bucket: Bucket, rules: BucketRules, of: CallClass): number => {
  const left = of === 'poll' ? bucket.polls : bucket.common - LEAVES[of] * mostOf(rules).common;
  const room = bucket.room === undefined ? Number.POSITIVE_INFINITY : bucket.room.left - roomLeft(rules, of);
  return Math.max(0, Math.min(left, room));
};

/** How long at most until `drawn` says yes if nobody else draws, milliseconds; 0 where it does now. */
export const waitOf = (bucket: Bucket, rules: BucketRules, of: CallClass, cost: number): number => {
  const tokens = Math.max(0, earnedIn(rules, of, missing(bucket, rules, of, cost)));
  const room = lacksRoom(bucket, rules, of, cost) ? Math.max(0, (bucket.room?.untilMs ?? 0) - bucket.atMs) : 0;
  return Math.ceil(Math.max(tokens, room));
};

/** How long the class's share needs for so many tokens, milliseconds. */
export const earnedIn = (rules: BucketRules, of: CallClass, tokens: number): number =>
  (tokens / (rules.perSecond * (of === 'poll' ? POLL_SHARE : 1 - POLL_SHARE))) * 1_000;

/** The bucket under what the venue says of its window. Within one window the least that was said holds; what an older one had does not. */
export const corrected = (bucket: Bucket, said: Room, windowMs: number): Bucket => {
  const known = bucket.room;
  if (known === undefined || said.untilMs > known.untilMs + windowMs / 2) return { ...bucket, room: said };
  if (said.untilMs < known.untilMs - windowMs / 2) return bucket;
  return { ...bucket, room: { left: Math.min(known.left, said.left), untilMs: known.untilMs } };
};

const shareOf = (of: CallClass): 'polls' | 'common' => (of === 'poll' ? 'polls' : 'common');

const missing = (bucket: Bucket, rules: BucketRules, of: CallClass, cost: number): number => {
  const most = mostOf(rules);
  const leaves = of === 'poll' ? 0 : LEAVES[of] * most.common;
  const share = shareOf(of);
  return Math.min(cost, most[share] - leaves) - (bucket[share] - leaves);
};

const roomLeft = (rules: BucketRules, of: CallClass): number => LEAVES[of] * mostOf(rules).common;

const lacksRoom = ({ room }: Bucket, rules: BucketRules, of: CallClass, cost: number): boolean =>
  room !== undefined && room.left - roomLeft(rules, of) < cost;
