import { schemaParts } from '@switchyard/contracts';
import { z } from 'zod';
import {
  answer,
  body,
  pathParameter,
  problems,
  queryParameters,
  ref,
  type Operation,
  type Paths,
} from './building-blocks.js';

/** `/v1/approvals`, which accounts serves and the gateway passes on; described as accounts takes them, which a test holds against it. */
const { identifier } = schemaParts;
const instant = z.iso.datetime();
const STATUSES = ['pending', 'approved', 'rejected', 'withdrawn', 'expired'] as const;

export const APPROVAL_REQUESTS = {
  Verdict: z.strictObject({ reason: z.string().trim().min(1).max(500).optional() }),
} as const;

const approval = z.object({
  approvalId: z.string(),
  kind: z.enum(['live_account', 'flatten_all']),
  status: z.enum(STATUSES),
  userId: identifier.optional().describe('Of `live_account`: whom it concerns.'),
  accountId: identifier.optional(),
  scope: z
    .string()
    .optional()
    .describe('Of `flatten_all`, with the version of the trading state under which positions are closed.'),
  version: z.number().int().optional(),
  requestedBy: identifier,
  requestedAt: instant,
  expiresAt: instant,
  decidedBy: identifier.optional(),
  decidedAt: instant.optional(),
  reason: z.string().optional(),
  pendingAt: z.array(z.string()).optional().describe('With 202: services that have not stored it yet.'),
});

export const APPROVAL_ANSWERS = {
  Approval: approval,
  Approvals: z.object({ items: z.array(approval) }),
} as const;

const approvalsQuery = z.object({
  status: z.enum(STATUSES).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

const decide = (operationId: string, summary: string): Operation => ({
  operationId,
  summary,
  parameters: [pathParameter('approvalId', 'The request.')],
  requestBody: body('Verdict'),
  responses: {
    '200': answer('Decided, and every service has stored what follows.', ref('Approval')),
    '202': answer('Decided, while some service has not stored it yet.', ref('Approval')),
    ...problems(400, 401, 403, 404, 409, 503),
  },
});

export const APPROVAL_PATHS: Paths = {
  '/v1/approvals': {
    get: {
      operationId: 'listApprovals',
      summary:
        'What waits for a second person, or did: newest first. Traders see what they asked for, and what concerns them.',
      parameters: queryParameters(approvalsQuery),
      responses: { '200': answer('Requests.', ref('Approvals')), ...problems(400, 401, 503) },
    },
  },
  '/v1/approvals/{approvalId}/approve': {
    post: decide(
      'approve',
      'Be the second person: what was asked for has its effect. Never for what one asked for oneself.',
    ),
  },
  '/v1/approvals/{approvalId}/reject': { post: decide('reject', 'Refuse it: it has no effect.') },
};
