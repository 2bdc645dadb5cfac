import { schemaParts } from '@switchyard/contracts';
import { ORDER_STATUSES, VENUES } from '@switchyard/model';
import { z } from 'zod';
import { FAILED_KINDS } from '../failed/failed-item.js';

/** What the gateway's requests may hold: checked at the door, and the source of the OpenAPI document. */

const userId = schemaParts.identifier
  .optional()
  .describe('Operators: whose. Traders get their own, whatever they leave out.');
const limit = z.coerce
  .number({ error: 'must be a whole number from 1 to 500' })
  .int()
  .min(1)
  .max(500)
  .default(100)
  .describe('Items on a page.');
const cursor = z.string().max(4_096).optional().describe('`nextCursor` of the page before.');
const instant = schemaParts.instant.optional();
const page = { userId, limit, cursor };
const span = {
  from: instant.describe('Not before this time.'),
  to: instant.describe('Before this time.'),
};
const text = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[^\0]*$/, { error: 'must not hold NUL' })
  .optional();

export const userQuery = z.object({ userId });
export type UserQuery = Readonly<z.infer<typeof userQuery>>;

export const ordersQuery = z.object({
  ...page,
  ...span,
  status: z.enum(ORDER_STATUSES).optional(),
  venue: z.enum(VENUES).optional(),
  pair: schemaParts.pair.optional(),
  signalId: text,
  parentOrderId: text.describe('Children of this order.'),
  clientOrderId: text,
  venueOrderId: text,
  level: z.enum(['parent', 'child']).optional().describe('Only parents, or only the orders at venues.'),
});
export type OrdersQuery = Readonly<z.infer<typeof ordersQuery>>;

export const executionsQuery = z.object({
  ...page,
  ...span,
  venue: z.enum(VENUES).optional(),
  pair: schemaParts.pair.optional(),
  orderId: text.describe('Of this order, or of the children of this parent.'),
});
export type ExecutionsQuery = Readonly<z.infer<typeof executionsQuery>>;

export const positionsQuery = z.object({
  ...page,
  status: z.enum(['open', 'closed']).optional(),
  pair: schemaParts.pair.optional(),
});
export type PositionsQuery = Readonly<z.infer<typeof positionsQuery>>;

export const balancesQuery = z.object({ ...page, venue: z.enum(VENUES).optional() });
export type BalancesQuery = Readonly<z.infer<typeof balancesQuery>>;

export const auditQuery = z.object({
  ...page,
  from: span.from,
  signalId: text,
  topic: text.describe('Exactly this topic, such as `SignalRejected` or `OrderRouted.binance`.'),
});
export type AuditQuery = Readonly<z.infer<typeof auditQuery>>;

export const latencyQuery = z.object({
  stage: text.describe('This stage alone, such as `risk.transaction` or `binance.acknowledgement`.'),
  minutes: z.coerce.number().int().min(1).max(60).default(15).describe('So far back; an hour is kept.'),
  by: z.enum(['process']).optional().describe('Each process for itself; else replicas are added up.'),
});
export type LatencyQuery = Readonly<z.infer<typeof latencyQuery>>;

export const failedQuery = z.object({ ...page, kind: z.enum(FAILED_KINDS).optional() });
export type FailedQuery = Readonly<z.infer<typeof failedQuery>>;

/** Everything done about failed work needs a reason: the audit trail keeps it, and the user concerned reads it. */
const reason = schemaParts.freeText.trim().min(1).max(500).describe('Why; the audit trail keeps it.');
export const failedReason = z.strictObject({ reason });
export type FailedReason = Readonly<z.infer<typeof failedReason>>;
export const failedDiscard = z.strictObject({
  reason,
  events: z
    .enum(['first', 'all'])
    .optional()
    .describe('Of a parked key: the first event, which can’t be handled (default), or all that wait.'),
});
export type FailedDiscard = Readonly<z.infer<typeof failedDiscard>>;

export const cancelQuery = z.object({
  reason: schemaParts.freeText.trim().min(1).max(500).optional().describe('Why; the order’s history shows it.'),
});
export type CancelQuery = Readonly<z.infer<typeof cancelQuery>>;

export const streamQuery = z.object({
  userId,
  topic: text.describe('Only events of this topic.'),
});
export type StreamQuery = Readonly<z.infer<typeof streamQuery>>;

/** A list, or `{"signals": [...]}`. Each signal is checked by itself. */
export const signalBatch = z.preprocess(
  (body) => (Array.isArray(body) ? { signals: body as unknown } : body),
  z.object({ signals: z.array(z.unknown()).min(1).max(500) }).transform(({ signals }) => signals),
);
