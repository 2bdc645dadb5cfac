import { SIDES, TRADING_STATES } from '@switchyard/model';
import { z } from 'zod';
import {
  count,
  decimalString,
  facts,
  freeText,
  identifier,
  instant,
  pair,
  positiveDecimal,
  venueName,
} from './primitives.js';

/** `global`, `venue:kraken` or `user:user-42`. */
export const scope = z
  .string()
  .regex(/^(global|venue:[a-z][a-z0-9_-]{0,31}|user:[A-Za-z0-9][A-Za-z0-9._:@/+-]{0,127})$/, {
    error: 'must be "global", "venue:<venue>" or "user:<userId>"',
  });

/** Who asked for an act, as the audit keeps it. */
const author = {
  requestedBy: identifier,
  role: z.string(),
  reason: freeText.max(500).optional(),
  requestedAt: instant,
};

/** Somebody wants an order gone: a parent with all that is live of it, or one child. Keyed by the order's user, whoever asked. */
export const orderCancelRequested = z.object({
  requestId: identifier,
  /** The parent's or a child's id. */
  orderId: identifier,
  parentOrderId: identifier,
  signalId: identifier,
  userId: identifier,
  ...author,
});
export type OrderCancelRequested = Readonly<z.infer<typeof orderCancelRequested>>;

/** Somebody wants another price or quantity for what is left of an order at its venue. */
export const orderAmendRequested = z.object({
  requestId: identifier,
  orderId: identifier,
  parentOrderId: identifier,
  signalId: identifier,
  userId: identifier,
  /** Of the whole order, what is filled included. */
  quantity: positiveDecimal.optional(),
  limitPrice: positiveDecimal.optional(),
  ...author,
});
export type OrderAmendRequested = Readonly<z.infer<typeof orderAmendRequested>>;

/** What came of a request to amend: the venue's yes with the terms that hold now, or a no with its code; then nothing changed. */
export const orderAmended = z.object({
  requestId: identifier,
  orderId: identifier,
  parentOrderId: identifier,
  signalId: identifier,
  userId: identifier,
  accountId: identifier,
  venue: venueName,
  pair,
  side: z.enum(SIDES),
  orderVersion: z.number().int().positive(),
  dryRun: z.boolean(),
  outcome: z.enum(['amended', 'refused']),
  quantity: positiveDecimal,
  limitPrice: positiveDecimal.optional(),
  code: z.string().optional(),
  message: z.string().optional(),
  facts: facts.optional(),
  amendedAt: instant,
});
export type OrderAmended = Readonly<z.infer<typeof orderAmended>>;

/**
 * What may be traded in a scope from now on. Compacted, keyed by scope; readers keep the highest version. The global state is repeated each
 * second with a new `repeatedAt`: who has not heard it for a while sends only cancels and reducing orders.
 */
export const tradingStateChanged = z.object({
  scope,
  state: z.enum(TRADING_STATES),
  /** Rises at each change of this scope. */
  version: z.number().int().positive(),
  reason: freeText.max(500),
  /** Whether everything open in the scope is to be cancelled, too. */
  cancelOpen: z.boolean(),
  changedBy: identifier,
  role: z.string(),
  changedAt: instant,
  repeatedAt: instant,
});
export type TradingStateChanged = Readonly<z.infer<typeof tradingStateChanged>>;

/** An order in the scope of a halt of which an executor can't say yet that nothing more comes of it. */
const unverifiedOrder = z.object({
  orderId: identifier,
  userId: identifier,
  accountId: identifier,
  pair,
  /** As the executor knows it: `executing`, `unknown`, `placed`, `cancel_pending`, ... */
  status: z.string(),
  /** Why it can't be verified yet, a sentence. */
  why: z.string(),
});

/**
 * An executor's word that it keeps a state of a scope: nothing that the state forbids leaves it any more. Said at once, and again whenever
 * what is unverified changes, until nothing is.
 */
export const tradingStateApplied = z.object({
  scope,
  version: z.number().int().positive(),
  venue: venueName,
  /** Requests that left before the state was kept and whose end is not known. */
  unresolved: count,
  /** Orders still open at the venue, where the state asks for everything to be cancelled. */
  open: count,
  /** Cancelled because of it, verified with the venue. */
  cancelled: count,
  /** Up to 100 of those that are unresolved or open. */
  orders: z.array(unverifiedOrder).max(100),
  /** Rises with each word of this venue about this version. */
  report: z.number().int().positive(),
  appliedAt: instant,
});
export type TradingStateApplied = Readonly<z.infer<typeof tradingStateApplied>>;

/** The live monitor raised or cleared an alert. */
export const riskAlert = z.object({
  alertId: identifier,
  /** `HIGH_REJECTION_RATE`, `HIGH_EXECUTION_LATENCY` or `HIGH_IMPLEMENTATION_SHORTFALL`. */
  code: z.string(),
  severity: z.enum(['warning', 'medium', 'high']),
  state: z.enum(['raised', 'cleared']),
  message: z.string(),
  /** Of the unit that the code's name says: a fraction, milliseconds, a fraction. */
  currentValue: decimalString,
  limit: decimalString,
  /** How much was looked at. */
  samples: count,
  windowS: count,
  at: instant,
});
export type RiskAlert = Readonly<z.infer<typeof riskAlert>>;
