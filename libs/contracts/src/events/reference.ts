import { MARKETS, MODES, type Limits } from '@switchyard/model';
import { z } from 'zod';
import {
  count,
  currency,
  decimalString,
  facts,
  freeText,
  identifier,
  instant,
  nonNegativeDecimal,
  pair,
  positiveDecimal,
  venueName,
} from './primitives.js';

const percent = z.number().positive().max(100);

/** Absent means the default. */
export const limits = z.strictObject({
  defaultBalancePercent: percent.optional(),
  maxBalancePercent: percent.optional(),
  maxOpenPositions: count.max(100_000).optional(),
  minRewardRisk: z.number().nonnegative().max(1_000).optional(),
  maxStopDistancePercent: percent.optional(),
  tradesPerSecond: z.number().positive().max(1_000_000).optional(),
  burst: z.number().int().positive().max(1_000_000).optional(),
  maxOrderQuantity: positiveDecimal.optional(),
  maxPositionQuantity: positiveDecimal.optional(),
  maxOrdersPerDay: count.max(1_000_000_000).optional(),
  minStrength: z.number().optional(),
  minConfluence: z.number().optional(),
  maxSignalAgeS: z.number().positive().max(86_400).optional(),
  maxSignalAheadS: z.number().nonnegative().max(86_400).optional(),
  maxPriceDeviationPercent: percent.optional(),
});
export type LimitsChange = Readonly<z.infer<typeof limits>>;
limits.keyof().options satisfies readonly (keyof Limits)[];

export const accountPolicy = z.object({
  accountId: identifier,
  venue: venueName,
  mode: z.enum(MODES),
  market: z.enum(MARKETS),
  enabled: z.boolean(),
  testnet: z.boolean().optional(),
  usdtAsUsd: z.boolean(),
  timeZone: z.string(),
  startingBalances: z.record(currency, nonNegativeDecimal).optional(),
});

/** A user as the stages need it, whole at each version. Keys and tokens are not in it. */
export const accountPolicyChanged = z.object({
  userId: identifier,
  version: z.number().int().positive(),
  enabled: z.boolean(),
  mode: z.enum(MODES),
  limits,
  pairs: z.array(pair).optional(),
  accounts: z.array(accountPolicy),
  changedBy: identifier,
  reason: z.string().optional(),
  changedAt: instant,
});
export type AccountPolicyChanged = Readonly<z.infer<typeof accountPolicyChanged>>;

const level = z.tuple([positiveDecimal, positiveDecimal]);

export const marketSnapshot = z.object({
  venue: venueName,
  pair,
  instrument: z.object({
    venueSymbol: z.string(),
    base: currency,
    quote: currency,
    tickSize: positiveDecimal,
    lotSize: positiveDecimal,
    minQuantity: nonNegativeDecimal,
    minNotional: nonNegativeDecimal,
  }),
  fees: z.object({ maker: decimalString, taker: decimalString }).optional(),
  bids: z.array(level),
  asks: z.array(level),
  bookHash: z.string(),
  /** Rises with each snapshot of this venue and pair; readers keep the highest. */
  version: count,
  receivedAt: instant,
});
export type MarketSnapshot = Readonly<z.infer<typeof marketSnapshot>>;

export const systemError = z.object({
  service: z.string(),
  code: z.string(),
  message: z.string(),
  severity: z.enum(['warning', 'high', 'critical']),
  facts,
  at: instant,
});
export type SystemError = Readonly<z.infer<typeof systemError>>;

/** What a person did about failed work. Keyed by the user concerned, by the one who acted where it concerns no user. */
export const operatorActed = z.object({
  actId: identifier,
  action: z.enum(['release', 'discard', 'retry']),
  /** What it was done to, as `GET /v1/failed` names it. */
  itemKind: z.enum(['parked', 'dead_letter', 'task']),
  itemId: identifier,
  /** Whom it concerns; absent for what is nobody's. */
  userId: identifier.optional(),
  actedBy: identifier,
  role: z.string(),
  /** The token it was done with, by its id. */
  tokenId: z.string(),
  reason: freeText,
  /** What was released, dropped or put back: places and ids, no content. */
  facts,
  actedAt: instant,
});
export type OperatorActed = Readonly<z.infer<typeof operatorActed>>;

/** One sealed batch of the audit trail. */
export const auditRecorded = z.object({
  chain: count,
  batch: count,
  firstRow: count,
  lastRow: count,
  merkleRoot: z.string(),
  previousHash: z.string(),
  hash: z.string(),
  sealedAt: instant,
});
export type AuditRecorded = Readonly<z.infer<typeof auditRecorded>>;
