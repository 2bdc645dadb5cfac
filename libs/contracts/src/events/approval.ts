import { ALGORITHMS, MODES, ORDER_TYPES, SIDES, SIGNAL_TYPES, TIMES_IN_FORCE } from '@switchyard/model';
import { z } from 'zod';
import {
  count,
  currency,
  decimalString,
  facts,
  identifier,
  instant,
  mode,
  pair,
  positiveDecimal,
  venueName,
} from './primitives.js';
import { tradingSignalGenerated } from './signal.js';

/** What one account may spend for one parent order. The sum of all caps may exceed the order; each alone is a ceiling. */
export const cap = z.object({
  accountId: identifier,
  venue: venueName,
  mode,
  /** Most base quantity this account may trade. */
  quantity: positiveDecimal,
  /** What stands reserved: quote currency (fees and collar included) for a buy, base for a sell. */
  reserved: positiveDecimal,
  currency,
});

export const orderApproved = z.object({
  parentOrderId: identifier,
  signalId: identifier,
  userId: identifier,
  strategyId: identifier.optional(),
  strategy: z.string().optional(),
  tradeId: identifier.optional(),
  pair,
  side: z.enum(SIDES),
  signalType: z.enum(SIGNAL_TYPES),
  orderType: z.enum(ORDER_TYPES).optional(),
  /** Base quantity to trade. */
  quantity: positiveDecimal,
  limitPrice: positiveDecimal.optional(),
  stopPrice: positiveDecimal.optional(),
  displayQuantity: positiveDecimal.optional(),
  entryPrice: positiveDecimal.optional(),
  timeInForce: z.enum(TIMES_IN_FORCE).optional(),
  expireAt: instant.optional(),
  postOnly: z.boolean().optional(),
  reduceOnly: z.boolean(),
  mode: z.enum(MODES),
  caps: z.array(cap).min(1),
  stopLoss: positiveDecimal.optional(),
  /** `computed`: the signal had none. Recorded; watched once protective orders exist. */
  stopLossSource: z.enum(['signal', 'computed']).optional(),
  takeProfit: positiveDecimal.optional(),
  confidence: z.number().optional(),
  venues: tradingSignalGenerated.shape.venues,
  execution: tradingSignalGenerated.shape.execution,
  /** How the quantity came about: basis, balance, reference price, percent. */
  sizing: facts,
  riskScore: z.number().min(0).max(100),
  referencePrice: decimalString.optional(),
  generatedAt: instant,
  approvedAt: instant,
  dryRun: z.boolean(),
});
export type OrderApproved = Readonly<z.infer<typeof orderApproved>>;
export type Cap = Readonly<z.infer<typeof cap>>;

const venueAssessment = z.object({
  venue: venueName,
  accountId: identifier,
  chosen: z.boolean(),
  /** 0..100, the weighted sum of `figures`; absent for a venue that is not suitable. */
  score: z.number().optional(),
  /** The parts of the score, 0..100 each. */
  figures: z
    .object({
      fees: z.number(),
      success: z.number(),
      latency: z.number(),
      load: z.number(),
      history: z.number(),
    })
    .optional(),
  /** By the strategy and the signal's wish, 0 first; absent where cost alone decides. */
  rank: count.optional(),
  /** Why the venue was not suitable. */
  rejected: z.object({ code: z.string(), message: z.string(), facts }).optional(),
  /** How the venue trades; absent for one with a book that it shows. */
  kind: z.enum(['lit', 'ecn', 'dark', 'wholesaler']).optional(),
  bookHash: z.string().optional(),
  bookAgeMs: z.number().optional(),
  feeRate: decimalString.optional(),
  /** `tier`: by the account's own volume; `published`: what the venue takes of everybody; `assumed`: not known. */
  feeSource: z.enum(['tier', 'published', 'assumed']).optional(),
  /** True where the venue's fees were not known and the defaults were taken. */
  feeAssumed: z.boolean().optional(),
  /** Its part of the order; absent where it has none. */
  quantity: decimalString.optional(),
  /** The most of the order that it could have taken, and what bounds that. */
  most: decimalString.optional(),
  bound: z.enum(['order', 'cap', 'depth', 'largest_order', 'funds']).optional(),
  /** Quote currency, fees included: of its part, or of the most that it could have taken. */
  expectedCost: decimalString.optional(),
  expectedPrice: decimalString.optional(),
  /** How much dearer a unit is, all included, than the best touch of all sound venues. */
  costBps: z.number().optional(),
  impactBps: z.number().optional(),
});

/** Why an order went where it went: enough to decide again, bit for bit. */
export const routingDecision = z.object({
  method: z.enum(['market', 'limit']),
  algorithm: z.enum(ALGORITHMS),
  priority: z.number().int().min(1).max(5),
  /** What told suitable venues apart. */
  strategy: z.enum(['best_cost', 'score', 'round_robin', 'least_loaded', 'weighted', 'adaptive']).optional(),
  venues: z.array(venueAssessment),
  /** Of all parts together. */
  estimatedFees: decimalString.optional(),
  /** Of the order, what is not traded: finer than the lots, below every minimum, or more than all venues may take. */
  remainder: decimalString.optional(),
  /** False where the search for the best split was given up; absent where it was proven. */
  proven: z.boolean().optional(),
  sentence: z.string(),
  decidedAt: instant,
  /** All that was known when it was decided, books by content hash. */
  inputs: facts.optional(),
});
export type RoutingDecision = Readonly<z.infer<typeof routingDecision>>;

export const orderRouted = z.object({
  orderId: identifier,
  parentOrderId: identifier,
  signalId: identifier,
  userId: identifier,
  accountId: identifier,
  venue: venueName,
  pair,
  venueSymbol: z.string(),
  side: z.enum(SIDES),
  signalType: z.enum(SIGNAL_TYPES),
  orderType: z.enum(ORDER_TYPES),
  quantity: positiveDecimal,
  limitPrice: positiveDecimal.optional(),
  stopPrice: positiveDecimal.optional(),
  timeInForce: z.enum(TIMES_IN_FORCE),
  expireAt: instant.optional(),
  postOnly: z.boolean(),
  reduceOnly: z.boolean(),
  mode,
  /** 1 stop-loss, 2 exit, 3 entry, 4 others, 5 last. */
  priority: z.number().int().min(1).max(5),
  /** Which child of the parent, from 0. */
  child: count,
  /** After this the order must not be sent any more. */
  sendBy: instant,
  decision: routingDecision,
  routedAt: instant,
  dryRun: z.boolean(),
});
export type OrderRouted = Readonly<z.infer<typeof orderRouted>>;

export const orderCompleted = z.object({
  parentOrderId: identifier,
  signalId: identifier,
  userId: identifier,
  status: z.enum(['filled', 'partially_filled', 'cancelled', 'rejected', 'expired', 'failed']),
  filledQuantity: decimalString,
  averagePrice: decimalString.optional(),
  completedAt: instant,
});
export type OrderCompleted = Readonly<z.infer<typeof orderCompleted>>;
