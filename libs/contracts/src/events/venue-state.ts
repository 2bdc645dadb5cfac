import { LIQUIDITY, MODES, SIDES } from '@switchyard/model';
import { z } from 'zod';
import {
  count,
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
import { fee } from './order.js';

export const venueStateRequested = z.object({
  requestId: identifier,
  userId: identifier,
  accountId: identifier,
  venue: venueName,
  /** Fills from this moment on. */
  since: instant.optional(),
  pairs: z.array(pair),
  requestedAt: instant,
});
export type VenueStateRequested = Readonly<z.infer<typeof venueStateRequested>>;

export const balance = z.object({ currency, total: decimalString, free: decimalString, locked: decimalString });

export const openOrder = z.object({
  venueOrderId: z.string(),
  clientOrderId: z.string().optional(),
  venueSymbol: z.string(),
  pair: pair.optional(),
  side: z.enum(SIDES),
  quantity: positiveDecimal,
  filledQuantity: nonNegativeDecimal,
  limitPrice: positiveDecimal.optional(),
});

export const venueFill = z.object({
  tradeId: z.string(),
  venueOrderId: z.string(),
  clientOrderId: z.string().optional(),
  venueSymbol: z.string(),
  pair: pair.optional(),
  side: z.enum(SIDES),
  quantity: positiveDecimal,
  price: positiveDecimal,
  fee: fee.optional(),
  liquidity: z.enum(LIQUIDITY).optional(),
  at: instant,
});

/** The venue's own word on an account. What could not be asked is named in `missing`, never left out in silence. */
export const venueStateReported = z.object({
  requestId: identifier,
  userId: identifier,
  accountId: identifier,
  venue: venueName,
  mode: z.enum(MODES),
  openOrders: z.array(openOrder).optional(),
  balances: z.array(balance).optional(),
  fills: z.array(venueFill).optional(),
  missing: z.array(z.object({ what: z.enum(['open_orders', 'balances', 'fills']), reason: z.string() })),
  requestedAt: instant,
  reportedAt: instant,
});
export type VenueStateReported = Readonly<z.infer<typeof venueStateReported>>;

export const balanceUpdated = z.object({
  userId: identifier,
  accountId: identifier,
  venue: venueName,
  mode: z.enum(MODES),
  balances: z.array(balance),
  /** When the venue was asked: nothing that happened there later is in the figures. */
  askedAt: instant,
  updatedAt: instant,
});
export type BalanceUpdated = Readonly<z.infer<typeof balanceUpdated>>;

export const reconciliationDrift = z.object({
  driftId: identifier,
  userId: identifier,
  accountId: identifier,
  venue: venueName,
  kind: z.enum([
    'balance',
    'open_order_missing',
    'open_order_unexpected',
    'fill_missing',
    'fill_unexpected',
    'position',
  ]),
  expected: z.string(),
  actual: z.string(),
  facts,
  detectedAt: instant,
});
export type ReconciliationDrift = Readonly<z.infer<typeof reconciliationDrift>>;

export const venueStatus = z.object({
  venue: venueName,
  healthy: z.boolean(),
  circuitState: z.enum(['closed', 'open', 'half_open']),
  queueDepth: count,
  activeExecutions: count,
  totalExecutions: count,
  successRate: z.number(),
  averageLatencyMs: z.number(),
  /** Of the last calls that were answered; absent while none was. */
  p50LatencyMs: z.number().optional(),
  p95LatencyMs: z.number().optional(),
  p99LatencyMs: z.number().optional(),
  version: count,
  at: instant,
});
export type VenueStatus = Readonly<z.infer<typeof venueStatus>>;
