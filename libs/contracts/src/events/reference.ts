import { MARKETS, MODES, SIDES, type Limits, type Subscription } from '@switchyard/model';
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
  side,
  venueName,
} from './primitives.js';

const percent = z.number().positive().max(100);
/** Of equity: beyond 100 where positions may be worth more than it. */
const sharePercent = z.number().nonnegative().max(1_000);
const lossPercent = z.number().nonnegative().max(100);
const pairName = z
  .string()
  .regex(/^[A-Z0-9]{1,12}-[A-Z0-9]{1,12}$/, { error: 'must be a canonical pair, such as "BTC-USD"' });
const sectorName = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,31}$/, { error: 'must be a sector in lower case, such as "defi"' });
/** A user's policy stays small: it is read with every decision. */
const MOST_ENTRIES = 200;
const byKey = <Key extends z.core.$ZodRecordKey, Value extends z.ZodType>(key: Key, value: Value) =>
  z.record(key, value).refine((entries) => Object.keys(entries).length <= MOST_ENTRIES, {
    error: `must not have more than ${MOST_ENTRIES} entries`,
  });
const restrictedPairs = z.array(pairName).max(MOST_ENTRIES);

/** Limits of one account, or of a user's accounts at one venue. Absent means none. */
export const scopedLimits = z.strictObject({
  restrictedPairs: restrictedPairs.optional().describe('Pairs in which nothing may be opened here.'),
  maxChildNotional: positiveDecimal.optional().describe('Most that may be traded here for one order, USD.'),
  maxExposure: nonNegativeDecimal
    .optional()
    .describe('Most that positions and entries under way may be worth here, USD.'),
  maxNotionalPerDay: nonNegativeDecimal.optional().describe('Most that may be traded here a trading day, USD.'),
  maxLossPerDay: nonNegativeDecimal.optional().describe('No entry after so much was lost on the trading day, USD.'),
  maxLossPerDayPercent: lossPercent.optional().describe('The same, percent of the equity when the day began.'),
  maxDrawdownPercent: lossPercent.optional().describe('No entry while profit and loss lie so far below their high.'),
  minEquity: nonNegativeDecimal.optional().describe('No entry while what is held is worth less, USD.'),
});

/** Absent means the default; where there is none, no limit. Zero means nothing at all. */
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
  positionQuantities: byKey(pairName, nonNegativeDecimal)
    .optional()
    .describe('Most to be held of a pair, by pair, where it differs from maxPositionQuantity.'),
  maxParentNotional: positiveDecimal.optional().describe('Most that one order may be worth, USD.'),
  maxChildNotional: positiveDecimal.optional().describe('Most that one account may trade of one order, USD.'),
  maxOrdersPerDay: count.max(1_000_000_000).optional(),
  maxNotionalPerDay: nonNegativeDecimal.optional().describe('Most that may be traded a trading day, USD; exits count.'),
  maxLossPerDay: nonNegativeDecimal
    .optional()
    .describe('No entry after so much was lost on the trading day, realised and marked, USD.'),
  maxLossPerDayPercent: lossPercent.optional().describe('The same, percent of the equity when the day began.'),
  maxDrawdownPercent: lossPercent
    .optional()
    .describe('No entry while profit and loss lie so far below their high, percent of the equity at that high.'),
  minEquity: nonNegativeDecimal.optional().describe('No entry while all that is held is worth less, USD.'),
  maxSectorPercent: sharePercent
    .optional()
    .describe('Most to be held of one sector, percent of equity, where the sector has none of its own.'),
  sectorPercents: byKey(sectorName, sharePercent).optional().describe('The same, by sector.'),
  maxConcentrationPercent: sharePercent.optional().describe('Most to be held of one asset, percent of equity.'),
  maxLeverage: z
    .number()
    .positive()
    .max(200)
    .optional()
    .describe('Most that positions and entries under way may be worth, as a multiple of equity.'),
  restrictedPairs: restrictedPairs.optional().describe('Pairs in which nothing may be opened.'),
  targetVolatilityPercent: percent
    .optional()
    .describe('Sizes an order that names no size by its volatility: percent of balance a year.'),
  maxPortfolioVolatilityPercent: percent
    .optional()
    .describe('Cuts an order that names no size by the volatility of all positions: percent of equity a year.'),
  accounts: byKey(identifier, scopedLimits).optional().describe('Limits of single accounts, by accountId.'),
  venues: byKey(venueName, scopedLimits).optional().describe('Limits of the accounts at a venue, by venue.'),
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

const timeOfDay = z
  .string()
  .regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$/, { error: 'must be a time of day, such as "09:30"' });

/** A strategy that one account follows. See `Subscription` of the model. */
export const subscription = z.object({
  strategyId: identifier,
  accountId: identifier,
  paused: z.boolean(),
  scaling: z
    .object({
      kind: z.enum(['multiplier', 'fixed', 'equity']),
      factor: positiveDecimal.optional(),
      quote: positiveDecimal.optional(),
      referenceEquity: positiveDecimal.optional(),
    })
    .refine(isScaling, {
      error:
        'must be {"kind": "multiplier", "factor": "0.5"}, {"kind": "fixed", "quote": "250"} or {"kind": "equity", "referenceEquity": "100000"}',
    })
    .transform((given) => given as Subscription['scaling']),
  filter: z
    .object({
      pairs: z.array(pairName).max(MOST_ENTRIES).optional(),
      sides: z.array(z.enum(SIDES)).max(SIDES.length).optional(),
      minStrength: z.number().optional(),
      minConfluence: z.number().optional(),
      minConfidence: z.number().min(0).max(1).optional(),
    })
    .optional(),
  maxQuote: positiveDecimal.optional(),
  maxQuantity: positiveDecimal.optional(),
  hours: z
    .array(z.object({ days: z.array(z.number().int().min(1).max(7)).min(1).max(7), from: timeOfDay, to: timeOfDay }))
    .max(14)
    .optional(),
});

function isScaling(given: { kind: string; factor?: unknown; quote?: unknown; referenceEquity?: unknown }): boolean {
  const has = (name: 'factor' | 'quote' | 'referenceEquity'): boolean => given[name] !== undefined;
  if (given.kind === 'fixed') return has('quote') && !has('factor') && !has('referenceEquity');
  if (given.kind === 'multiplier') return has('factor') && !has('quote') && !has('referenceEquity');
  return has('referenceEquity') && !has('quote');
}

/** A user as the stages need it, whole at each version. Keys and tokens are not in it. */
export const accountPolicyChanged = z.object({
  userId: identifier,
  version: z.number().int().positive(),
  enabled: z.boolean(),
  mode: z.enum(MODES),
  limits,
  pairs: z.array(pair).optional(),
  accounts: z.array(accountPolicy),
  subscriptions: z.array(subscription).max(MOST_ENTRIES).optional(),
  changedBy: identifier,
  reason: z.string().optional(),
  changedAt: instant,
});
export type AccountPolicyChanged = Readonly<z.infer<typeof accountPolicyChanged>>;

const level = z.tuple([positiveDecimal, positiveDecimal]);

const signedShare = z.number().min(-1).max(1);
const flowFigures = { effectiveSpreadBps: z.number().nonnegative().optional(), imbalance: signedShare.optional() };

/** What traded lately in a pair at a venue. See `Flow` of the model. */
export const marketFlow = z.object({
  /** When the venue was last heard on its trades, with or without new ones. */
  heardAt: instant,
  watchedSince: instant,
  /** How often trades were missed since then, and how many, where their numbers tell. */
  gaps: count,
  missed: count,
  lastTrade: z
    .object({ price: positiveDecimal, quantity: positiveDecimal, takerSide: side.optional(), tradedAt: instant })
    .optional(),
  /** What the venue says of the last 24 hours: the last price, and the base currency traded where it tells it. */
  day: z
    .object({ last: positiveDecimal.optional(), volume: nonNegativeDecimal.optional(), toldAt: instant })
    .optional(),
  lookBacks: z.array(z.object({ trades: count, counted: count, ...flowFigures })),
  windows: z.array(
    z.object({
      minutes: count,
      coveredS: count,
      trades: count,
      volumePerMinute: nonNegativeDecimal,
      turnover: nonNegativeDecimal,
      ...flowFigures,
      impactBps: z.number().nonnegative().optional(),
    }),
  ),
  toxicity: z.object({ vpin: z.number().min(0).max(1), buckets: count, bucketVolume: positiveDecimal }).optional(),
});
export type MarketFlow = Readonly<z.infer<typeof marketFlow>>;

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
  flow: marketFlow.optional(),
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

/** What a person did about failed work, or about what waits for a second person. Keyed by the user concerned, by the one who acted where it concerns no user. */
export const operatorActed = z.object({
  actId: identifier,
  action: z.enum(['release', 'discard', 'retry', 'request', 'approve', 'reject']),
  /** What it was done to, as `GET /v1/failed` and `GET /v1/approvals` name it. */
  itemKind: z.enum(['parked', 'dead_letter', 'task', 'approval']),
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
