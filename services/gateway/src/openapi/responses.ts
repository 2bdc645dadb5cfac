import { schemaParts, tradingSignalGenerated } from '@switchyard/contracts';
import { ORDER_STATUSES, SKIP_REASONS } from '@switchyard/model';
import { z } from 'zod';
import { FAILED_ACTIONS, FAILED_KINDS } from '../failed/failed-item.js';
import { marketFlow } from './market-flow.js';

/** What the gateway answers: the source of the OpenAPI document; a test holds real answers against it. */

const { decimalString, identifier, facts } = schemaParts;
const instant = z.iso.datetime();
const fees = z.record(z.string(), decimalString).describe('By currency.');
const signalId = identifier.describe('The sender’s own id of the signal.');

export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    code: z.string().describe('Stable; the list is in the reference documentation.'),
    detail: z.string().describe('A sentence for a person.'),
    instance: z.string().optional(),
    errors: z
      .array(z.object({ path: z.string(), problem: z.string() }))
      .optional()
      .describe('Every bad field.'),
    facts: facts.optional(),
  })
  .describe('RFC 9457.');

export const accepted = z.object({ signalId, eventId: z.string() });

export const batchAnswers = z.object({
  items: z
    .array(
      z.union([
        z.object({ status: z.literal(202), signalId, eventId: z.string() }),
        z.object({
          status: z.number().int(),
          signalId: z.string().optional(),
          code: z.string(),
          detail: z.string(),
          errors: problem.shape.errors,
          facts: facts.optional(),
        }),
      ]),
    )
    .describe('One answer a signal, in their order.'),
});

const refusal = z.object({ stage: z.string(), code: z.string(), message: z.string(), facts });

export const signal = z
  .object({
    ...z.object(tradingSignalGenerated.shape).partial().shape,
    signalId,
    userId: identifier,
    status: z.enum(['accepted', 'rejected', 'working', 'done']),
    orderIds: z.array(z.string()).describe('The parent order, then its children.'),
    refusals: z.array(refusal),
    held: z
      .object({ code: z.string(), message: z.string(), facts, since: instant })
      .optional()
      .describe('While an exit waits until it is known what its entry bought.'),
  })
  .describe('What was sent, and what became of it.');

const ranked = { rank: z.number().int(), userId: identifier, accountId: identifier };
export const strategySignal = z
  .object({
    ...z.object(tradingSignalGenerated.shape).partial().shape,
    signalId,
    strategyId: identifier,
    status: z.enum(['accepted', 'rejected', 'copying', 'copied']),
    refusals: z.array(refusal),
    subscribers: z.number().int().optional().describe('Accounts that followed when the fan-out began.'),
    orderSeed: z.string().optional().describe('The copies’ order is that of sha-256 over `orderSeed/accountId`.'),
    copied: z.number().int(),
    skipped: z.number().int(),
    outcomes: z
      .object({
        waiting: z.number().int(),
        refused: z.number().int(),
        working: z.number().int(),
        done: z.number().int(),
      })
      .describe('Copies by what became of them.'),
    copies: z.array(z.object({ ...ranked, signalId })).describe('The first thousand, by rank.'),
    skips: z
      .array(z.object({ ...ranked, reason: z.enum(SKIP_REASONS), facts }))
      .describe('The first thousand, by rank.'),
  })
  .describe('A strategy’s own signal, and what became of its copies.');

const orderFields = {
  orderId: z.string(),
  parentOrderId: z.string().describe('Equal to orderId for a parent.'),
  signalId,
  userId: identifier,
  accountId: identifier.optional(),
  venue: z.string().optional(),
  pair: z.string().optional(),
  venueSymbol: z.string().optional(),
  side: z.string().optional(),
  signalType: z.string().optional(),
  orderType: z.string().optional(),
  quantity: decimalString.optional(),
  limitPrice: decimalString.optional(),
  timeInForce: z.string().optional(),
  clientOrderId: z.string().optional(),
  venueOrderId: z.string().optional(),
  orderVersion: z.number().int(),
  placedAt: instant.optional(),
  mode: z.string().optional(),
  dryRun: z.boolean().optional(),
  status: z.enum(ORDER_STATUSES),
  filledQuantity: decimalString,
  averagePrice: decimalString.optional().describe('Over the fills so far.'),
  fees,
  code: z.string().optional().describe('Why it failed.'),
  message: z.string().optional(),
  createdAt: instant,
  endedAt: instant.optional(),
};
const childOrder = z.object({ ...orderFields, children: z.array(z.never()).max(0) });

export const order = z.object({
  ...orderFields,
  children: z.array(childOrder).describe('The orders at venues, for a parent.'),
});

export const orderStory = order.extend({
  history: z.array(z.object({ at: z.string(), event: z.string(), service: z.string(), reason: z.string(), facts })),
});

export const orderRequested = z.object({
  orderId: z.string(),
  requestId: z.string(),
  status: z.enum(ORDER_STATUSES).describe('As the order is shown from now on, while it lives.'),
});

export const execution = z.object({
  orderId: z.string(),
  tradeId: z.string().describe('The venue’s.'),
  parentOrderId: z.string(),
  signalId,
  userId: identifier,
  accountId: identifier,
  venue: z.string(),
  pair: z.string(),
  side: z.string(),
  quantity: decimalString,
  price: decimalString,
  fee: z.object({ amount: decimalString, currency: z.string() }),
  liquidity: z.string(),
  venueOrderId: z.string(),
  clientOrderId: z.string(),
  filledAt: instant,
  dryRun: z.boolean(),
});

export const position = z.object({
  positionId: z.string(),
  userId: identifier,
  accountId: identifier,
  venue: z.string(),
  mode: z.string(),
  pair: z.string(),
  side: z.string(),
  status: z.enum(['open', 'closed']),
  quantity: decimalString,
  averageEntryPrice: decimalString,
  fees,
  signalId,
  parentOrderId: z.string(),
  openedAt: instant,
  dryRun: z.boolean(),
  averageExitPrice: decimalString.optional(),
  realizedPnl: decimalString.optional(),
  dust: decimalString.optional(),
  closedAt: instant.optional(),
});

export const balance = z.object({
  accountId: identifier,
  userId: identifier,
  venue: z.string(),
  mode: z.string(),
  balances: z.array(
    z.object({ currency: z.string(), total: decimalString, free: decimalString, locked: decimalString }),
  ),
  askedAt: instant,
  updatedAt: instant,
});

export const auditLine = z.object({
  chain: z.number().int(),
  row: z.number().int().describe('Dense from 1 in its chain.'),
  topic: z.string(),
  key: z.string(),
  eventId: z.string(),
  type: z.string(),
  sequence: z.number().int(),
  time: z.string(),
  recordedAt: instant,
  hash: z.string().describe('sha-256 over the row, hex.'),
  userId: identifier.optional(),
  signalId: identifier.optional(),
  source: z.string().optional(),
  causationId: z.string().optional(),
  contentType: z.string().optional(),
  reason: z.string().optional().describe('Of a dead letter, why it is one.'),
  payload: z.unknown().optional(),
  base64: z.string().optional().describe('The bytes, where they can’t be read.'),
});

export const failedItem = z.object({
  id: z.string(),
  kind: z.enum(FAILED_KINDS),
  at: instant.describe('Since when.'),
  userId: identifier.optional(),
  actions: z.array(z.enum(FAILED_ACTIONS)).describe('What the caller may do with it.'),
  group: z.string().optional().describe('Parked, dead letter: the service that can’t go on with it.'),
  events: z
    .number()
    .int()
    .optional()
    .describe('Parked: how many wait, the first of them the one that can’t be handled.'),
  releasing: z.boolean().optional().describe('Parked: its release is under way.'),
  partition: z.number().int().optional(),
  key: z.string().optional(),
  reason: z.string().optional().describe('Parked: what the service said of the event.'),
  attempts: z.number().int().optional().describe('Parked: how often a release has failed.'),
  first: z
    .object({
      topic: z.string(),
      eventId: z.string(),
      source: z.string().optional(),
      sequence: z.number().int().optional(),
    })
    .optional()
    .describe('Parked: where the first event stands.'),
  topic: z.string().optional().describe('Dead letter: where it was written.'),
  code: z.string().optional(),
  message: z.string().optional(),
  eventId: z.string().optional(),
  bytes: z.number().int().optional().describe('Dead letter: its size.'),
  orderId: z.string().optional().describe('Task: the order at the venue that failed.'),
  parentOrderId: z.string().optional(),
  signalId: identifier.optional(),
  accountId: identifier.optional(),
  venue: z.string().optional(),
  pair: z.string().optional(),
});

export const acted = z.object({
  id: z.string(),
  kind: z.enum(FAILED_KINDS),
  action: z.enum(FAILED_ACTIONS),
  actId: z.string().optional().describe('Names the act in the audit trail; absent where it had been done before.'),
  detail: z.string().describe('What happens now.'),
});

export const venue = z.object({
  venue: z.string(),
  healthy: z.boolean(),
  circuitState: z.enum(['closed', 'open', 'half_open']).nullable(),
  queueDepth: z.number().nullable(),
  activeExecutions: z.number().nullable(),
  totalExecutions: z.number().nullable(),
  successRate: z.number().nullable(),
  averageLatencyMs: z.number().nullable(),
  p50LatencyMs: z.number().nullable(),
  p95LatencyMs: z.number().nullable(),
  p99LatencyMs: z.number().nullable(),
  averageShortfall: z.number().nullable(),
  fillRate: z.number().nullable(),
  fees: z.object({ maker: decimalString, taker: decimalString }).nullable(),
  pairs: z.array(z.string()),
  at: z.string().nullable(),
});

const impact = z.object({
  size: decimalString.describe('Quote currency.'),
  side: z.enum(['buy', 'sell']),
  averagePrice: decimalString.nullable().describe('Null: the book does not show that much.'),
  impactBps: z.number().nullable().describe('From the mid, half the spread included.'),
});

export const microstructure = z.object({
  venue: z.string(),
  pair: z.string(),
  receivedAt: z.string(),
  ageMs: z.number(),
  stale: z.boolean().describe('Too old to decide by.'),
  bookHash: z.string(),
  figures: z
    .object({
      mid: decimalString,
      spread: decimalString,
      spreadBps: z.number(),
      microprice: decimalString,
      depth: z
        .object({ bids: decimalString, asks: decimalString, withinBps: z.number() })
        .describe('Value within so many basis points of the mid, quote currency.'),
      imbalance: z.number().describe('-1 (only asks) to 1 (only bids), of the best ten levels.'),
      liquidityScore: z.number().describe('0 to 1; one half where the thinner side’s depth is 100,000.'),
      impact: z.array(impact),
    })
    .nullable()
    .describe('Null: the book is empty, one-sided or crossed.'),
  flow: marketFlow,
});

const microseconds = z.number().describe('Microseconds.');

export const latencies = z.object({
  stages: z
    .array(
      z.object({
        stage: z.string(),
        instance: z.string().optional().describe('The process, where each was asked for.'),
        from: instant,
        to: instant,
        processes: z.number().int().describe('How many measured it.'),
        count: z.number().int(),
        min: microseconds,
        max: microseconds,
        mean: microseconds,
        median: microseconds,
        p95: microseconds,
        p99: microseconds,
      }),
    )
    .describe('A stage’s minutes, newest first. Quantiles are true to 0.4 %.'),
  processes: z
    .array(z.object({ instance: z.string(), startedAt: instant, to: instant }))
    .describe('Whose figures these are, and when each was heard of last.'),
});

export const executionHealth = z.object({
  status: z.enum(['healthy', 'degraded', 'down']),
  venues: z.array(venue.pick({ venue: true, healthy: true, circuitState: true })),
});

const monitorRule = z.object({
  code: z.string(),
  severity: z.string(),
  raised: z.boolean(),
  message: z.string(),
  currentValue: z.number().describe('A fraction; milliseconds of HIGH_EXECUTION_LATENCY.'),
  limit: z.number(),
  samples: z.number().int().describe('How much was looked at; fewer than `minSamples` raise no alert.'),
  minSamples: z.number().int(),
  alertId: z.string().nullable(),
  since: instant.nullable(),
});

export const executionMonitor = z.object({
  status: z.enum(['ok', 'alerting', 'unknown']).describe('`unknown`: nobody has looked for half a minute.'),
  at: instant.nullable().describe('When it was looked last.'),
  windowS: z.number().int(),
  alerts: z.array(monitorRule).describe('Those that stand.'),
  rules: z.array(monitorRule),
});

export const executionStats = z.object({
  windowS: z.number().int(),
  orders: z.record(z.string(), z.number().int()).describe('Orders at venues by status, routed within the window.'),
  executions: z.number().int(),
  queueDepth: z.number().int(),
  activeExecutions: z.number().int(),
  totalExecutions: z.number().int(),
});

export const listOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().optional().describe('Absent on the last page.') });
