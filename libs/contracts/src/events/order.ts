import { LIQUIDITY, ORDER_TYPES, SIDES, TIMES_IN_FORCE } from '@switchyard/model';
import { z } from 'zod';
import {
  currency,
  decimalString,
  facts,
  identifier,
  instant,
  nonNegativeDecimal,
  pair,
  positiveDecimal,
  venueName,
} from './primitives.js';

/** What every event of a child order carries. `orderVersion` rises by one per event of an order; folds commute. */
const childOrder = {
  orderId: identifier,
  parentOrderId: identifier,
  signalId: identifier,
  userId: identifier,
  accountId: identifier,
  venue: venueName,
  pair,
  side: z.enum(SIDES),
  clientOrderId: z.string(),
  venueOrderId: z.string().optional(),
  orderVersion: z.number().int().positive(),
  dryRun: z.boolean(),
};

export const orderPlaced = z.object({
  ...childOrder,
  venueOrderId: z.string().min(1),
  venueSymbol: z.string(),
  orderType: z.enum(ORDER_TYPES),
  quantity: positiveDecimal,
  limitPrice: positiveDecimal.optional(),
  timeInForce: z.enum(TIMES_IN_FORCE),
  placedAt: instant,
});
export type OrderPlaced = Readonly<z.infer<typeof orderPlaced>>;

export const fee = z.object({ amount: decimalString, currency });

export const orderFilled = z.object({
  ...childOrder,
  venueOrderId: z.string().min(1),
  /** The venue's id of the trade. */
  tradeId: z.string().min(1),
  quantity: positiveDecimal,
  price: positiveDecimal,
  fee,
  liquidity: z.enum(LIQUIDITY),
  cumulativeQuantity: positiveDecimal,
  leavesQuantity: nonNegativeDecimal,
  orderStatus: z.enum(['partially_filled', 'filled']),
  filledAt: instant,
});
export type OrderFilled = Readonly<z.infer<typeof orderFilled>>;

/** At stage `routing` the orderId is the parent's, and there is neither account nor venue. */
export const orderFailed = z.object({
  ...childOrder,
  accountId: identifier.optional(),
  venue: venueName.optional(),
  clientOrderId: z.string().optional(),
  stage: z.enum(['routing', 'execution']),
  code: z.string(),
  message: z.string(),
  facts,
  /** Whether the same order could be tried elsewhere: nothing of it is, or will be, at the venue. */
  retriable: z.boolean(),
  /** `rejected`: the venue said no. */
  status: z.enum(['failed', 'rejected']),
  cumulativeQuantity: nonNegativeDecimal,
  failedAt: instant,
});
export type OrderFailed = Readonly<z.infer<typeof orderFailed>>;

export const orderCancelled = z.object({
  ...childOrder,
  cumulativeQuantity: nonNegativeDecimal,
  reason: z.string(),
  cancelledAt: instant,
});
export type OrderCancelled = Readonly<z.infer<typeof orderCancelled>>;

export const orderExpired = z.object({
  ...childOrder,
  cumulativeQuantity: nonNegativeDecimal,
  reason: z.string(),
  expiredAt: instant,
});
export type OrderExpired = Readonly<z.infer<typeof orderExpired>>;
