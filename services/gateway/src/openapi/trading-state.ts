import { schemaParts, scope } from '@switchyard/contracts';
import { TRADING_STATES } from '@switchyard/model';
import { z } from 'zod';
import { answer, body, list, pathParameter, problems, ref, type Paths } from './building-blocks.js';

/** `/v1/trading-state`, which accounts serves; the gateway adds the closing of positions. */
const { count, instant } = schemaParts;

export const STATE_REQUESTS = {
  TradingStateWish: z.strictObject({
    state: z.enum(TRADING_STATES),
    reason: z.string().trim().min(1).max(500).describe('Why: the audit keeps it, and refusals name it.'),
    cancelOpen: z
      .boolean()
      .default(false)
      .describe('Cancel everything open in the scope, and verify it with the venues.'),
    flatten: z.boolean().default(false).describe('Then close every position in the scope. Implies cancelOpen.'),
  }),
} as const;

const stateQuery = z.object({
  cursor: z.string().max(256).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

const leftOrder = z.object({
  orderId: z.string(),
  userId: z.string(),
  accountId: z.string(),
  pair: z.string(),
  status: z.string(),
  why: z.string(),
});

const tradingState = z.object({
  scope,
  state: z.enum(TRADING_STATES),
  version: z.number().int(),
  reason: z.string().optional(),
  cancelOpen: z.boolean().optional(),
  changedBy: z.string().optional(),
  role: z.string().optional(),
  changedAt: instant.optional(),
  heldByOperator: z
    .object({ state: z.enum(TRADING_STATES), reason: z.string() })
    .optional()
    .describe('What an operator ordered for a user: nobody but an operator lifts it.'),
  verified: z
    .boolean()
    .describe('Every executor keeps the state, and nothing is unresolved or open that should not be.'),
  executors: z.array(
    z.object({
      venue: z.string(),
      verified: z.boolean(),
      unresolved: count,
      open: count,
      cancelled: count,
      orders: z.array(leftOrder),
      appliedAt: instant,
    }),
  ),
  notAcknowledged: z.array(z.string()).describe('Venues whose executors have not said that they keep it.'),
  code: z.literal('APPROVAL_REQUIRED').optional().describe('Positions are closed once a second person approved it.'),
  detail: z.string().optional(),
  approvalId: z.string().optional(),
  expiresAt: instant.optional(),
  flatten: z
    .object({
      version: z.number().int(),
      requestedBy: z.string(),
      requestedAt: instant,
      finishedAt: instant.optional(),
      outcome: z.enum(['flat', 'resumed', 'given_up']).optional(),
      positions: z.array(
        z.object({
          userId: z.string(),
          accountId: z.string(),
          venue: z.string(),
          mode: z.string(),
          pair: z.string(),
          quantity: z.string(),
          signalId: z.string().optional(),
          exits: count,
        }),
      ),
    })
    .optional()
    .describe('How far the closing of positions has come, where somebody asked for it.'),
});

export const STATE_ANSWERS = {
  TradingState: tradingState,
  TradingStates: z.object({ items: z.array(tradingState), nextCursor: z.string().optional() }),
} as const;

const SCOPE = '`global`, `venue:kraken` or `user:user-42`. A trader has the own user scope only.';

export const STATE_PATHS: Paths = {
  '/v1/trading-state': {
    get: list(
      'listTradingStates',
      'What may be traded in every scope that was ever changed.',
      stateQuery,
      'TradingStates',
    ),
  },
  '/v1/trading-state/{scope}': {
    get: {
      operationId: 'findTradingState',
      summary: 'What may be traded in a scope, and what the executors verified of it until now.',
      parameters: [pathParameter('scope', SCOPE)],
      responses: { '200': answer('The state.', ref('TradingState')), ...problems(400, 401, 403, 404, 503) },
    },
    put: {
      operationId: 'changeTradingState',
      summary:
        'Halt, reduce or resume a scope. The same again joins what is under way; what an operator ordered for a user, no trader lifts.',
      parameters: [pathParameter('scope', SCOPE)],
      requestBody: body('TradingStateWish'),
      responses: {
        '200': answer('It holds, and everything is verified.', ref('TradingState')),
        '202': answer(
          'It holds, and some of it is not verified yet: the answer says what, and by whom.',
          ref('TradingState'),
        ),
        ...problems(400, 401, 403, 404, 503),
      },
    },
  },
};
