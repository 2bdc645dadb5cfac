import {
  ALGORITHMS,
  MODES,
  ORDER_TYPES,
  SIDES,
  SIGNAL_TYPES,
  SKIP_REASONS,
  TIMES_IN_FORCE,
  type SignalSize,
} from '@switchyard/model';
import { z } from 'zod';
import {
  count,
  decimalString,
  facts,
  fraction,
  freeForm,
  freeText,
  identifier,
  instant,
  pair,
  positiveDecimal,
  venueName,
} from './primitives.js';

const venueList = z.array(venueName).max(32);

const size = z
  .object({
    quote: positiveDecimal.optional(),
    base: positiveDecimal.optional(),
    balancePercent: z.number().positive().max(100).optional(),
  })
  .refine((wish) => Object.values(wish).filter((part) => part !== undefined).length === 1, {
    error: 'must be one of {"quote": "250.00"}, {"base": "0.01"}, {"balancePercent": 2}',
  })
  .transform((wish) => wish as SignalSize);

/** A strategy's wish, as it comes through any door. */
export const tradingSignalGenerated = z
  .object({
    signalId: identifier,
    userId: identifier.optional(),
    strategyId: identifier.optional(),
    strategy: freeText.max(128).optional(),
    tradeId: identifier.optional(),
    accountId: identifier.optional(),
    mode: z.enum(MODES).optional(),
    pair,
    side: z.enum(SIDES),
    signalType: z.enum(SIGNAL_TYPES),
    reduceOnly: z.boolean().optional(),
    size: size.optional(),
    maxSize: z.object({ quote: positiveDecimal.optional(), base: positiveDecimal.optional() }).optional(),
    strength: z.number().optional(),
    confluenceScore: z.number().optional(),
    confidence: fraction.optional(),
    entryPrice: positiveDecimal.optional(),
    stopLoss: positiveDecimal.optional(),
    takeProfit: positiveDecimal.optional(),
    orderType: z.enum(ORDER_TYPES).optional(),
    limitPrice: positiveDecimal.optional(),
    stopPrice: positiveDecimal.optional(),
    displayQuantity: positiveDecimal.optional(),
    timeInForce: z.enum(TIMES_IN_FORCE).optional(),
    expireAt: instant.optional(),
    postOnly: z.boolean().optional(),
    venues: z
      .object({ prefer: venueList.optional(), only: venueList.optional(), exclude: venueList.optional() })
      .optional(),
    execution: z
      .object({
        algorithm: z.enum(ALGORITHMS).optional(),
        urgency: fraction.optional(),
        durationS: z.number().int().positive().max(604_800).optional(),
        sliceS: z.number().int().positive().max(86_400).optional(),
        randomization: fraction.optional(),
        participation: fraction.optional(),
        maxDeviation: fraction.optional(),
        riskAversion: fraction.optional(),
      })
      .optional(),
    generatedAt: instant,
    metadata: freeForm.optional(),
    copyOf: identifier.optional(),
    defaulted: z.array(z.string()).max(8).optional(),
  })
  .refine((signal) => signal.userId !== undefined || signal.strategyId !== undefined, {
    path: ['userId'],
    error: 'userId or strategyId must be given',
  });
export type TradingSignalGenerated = Readonly<z.infer<typeof tradingSignalGenerated>>;

export const signalValidated = z.object({
  signal: tradingSignalGenerated,
  signalId: identifier,
  userId: identifier,
  contentHash: z.string(),
  /** The version of the user's policy that the checks were made against. */
  policyVersion: count,
  /** Half way between best bid and ask, where a fresh book was known. */
  mid: decimalString.optional(),
  receivedAt: instant,
  validatedAt: instant,
});
export type SignalValidated = Readonly<z.infer<typeof signalValidated>>;

export const refusal = z.object({ code: z.string(), message: z.string(), facts });

/** An exit waits until what its entry bought is known: told when it begins to wait, and when its entry came to rest with nothing bought. */
export const signalHeld = z.object({
  signalId: identifier,
  userId: identifier,
  /** The order that the exit will be. */
  parentOrderId: identifier,
  code: z.string(),
  message: z.string(),
  /** `waitsFor`: the parent orders of its entries; `looksAgainAt`: when, though nothing is heard of them. */
  facts,
  heldAt: instant,
});
export type SignalHeld = Readonly<z.infer<typeof signalHeld>>;

/** Risk tells itself that it is time to look at an exit again: nothing was heard of its entries. */
export const heldExitDue = z.object({
  userId: identifier,
  signalId: identifier,
  parentOrderId: identifier,
  dueAt: instant,
});
export type HeldExitDue = Readonly<z.infer<typeof heldExitDue>>;

export const signalRejected = z.object({
  signalId: identifier,
  userId: identifier,
  stage: z.enum(['validation', 'risk']),
  code: z.string(),
  message: z.string(),
  facts,
  /** Every failed check, where there were several; the first is the one named above. */
  failedChecks: z.array(refusal).optional(),
  rejectedAt: instant,
});
export type SignalRejected = Readonly<z.infer<typeof signalRejected>>;

/**
 * What became of a strategy's own signal, keyed by the strategy: it was refused, or a page of its copies was appended, one signal for each
 * account that follows the strategy, in the order of sha-256 over `orderSeed/accountId`. The pages of a signal name every account once.
 */
export const strategySignalDecided = z.object({
  strategyId: identifier,
  signalId: identifier,
  contentHash: z.string().optional(),
  outcome: z.enum(['rejected', 'copied']),
  /** Every failed check; the first is the main one. */
  failedChecks: z.array(refusal).optional(),
  orderSeed: z.string().optional(),
  /** Accounts that followed the strategy when the fan-out began. */
  subscribers: count,
  /** From 1; 0 where the signal was refused. */
  page: count,
  /** No page comes after it. */
  last: z.boolean(),
  copies: z.array(z.object({ rank: count, userId: identifier, accountId: identifier, signalId: identifier })),
  skipped: z.array(
    z.object({ rank: count, userId: identifier, accountId: identifier, reason: z.enum(SKIP_REASONS), facts }),
  ),
  decidedAt: instant,
});
export type StrategySignalDecided = Readonly<z.infer<typeof strategySignalDecided>>;
