import { schemaParts } from '@switchyard/contracts';
import { z } from 'zod';
import { answer, body, problems, ref, type Operation, type Paths } from './building-blocks.js';

/** `/v1/keys`, which accounts serves and the gateway passes on; described as accounts takes them, which a test holds against it. */
const { identifier, instant } = schemaParts;

const atOnce = z.number().int().min(1).max(500).default(100);

export const KEY_REQUESTS = {
  Rewrapping: z.strictObject({ after: z.string().max(256).default(''), limit: atOnce }),
  DataKeyRotation: z.strictObject({
    userId: identifier.regex(/^[^/]*$/).optional(),
    madeBefore: instant.optional(),
    limit: atOnce,
  }),
} as const;

const current = z.string().describe('Names the key-encryption key that seals now.');
const unreadable = z.array(identifier).describe('Users whose keys do not open with what is given: left as they are.');

export const KEY_ANSWERS = {
  KeyFigures: z.object({
    current,
    users: z.number().int(),
    toRewrap: z.number().int().describe('Data keys that another key-encryption key sealed.'),
    oldestDataKeyAt: instant.optional(),
  }),
  Rewrapped: z.object({
    current,
    rewrapped: z.number().int(),
    unreadable,
    next: z.string().optional().describe('`after` of the next call; absent: all were seen.'),
  }),
  Rotated: z.object({ rotated: z.number().int(), unreadable, remaining: z.number().int() }),
} as const;

const part = (
  operationId: string,
  summary: string,
  request: keyof typeof KEY_REQUESTS,
  response: keyof typeof KEY_ANSWERS,
): Operation => ({
  operationId,
  summary,
  requestBody: body(request),
  responses: { '200': answer('What was done, and what is left.', ref(response)), ...problems(400, 401, 403, 404, 503) },
});

export const KEY_PATHS: Paths = {
  '/v1/keys': {
    get: {
      operationId: 'keyFigures',
      summary: 'What seals users’ API keys.',
      responses: { '200': answer('As it stands.', ref('KeyFigures')), ...problems(401, 403, 503) },
    },
  },
  '/v1/keys/rewrap': {
    post: part(
      'rewrapDataKeys',
      'Seal the next data keys under the current key-encryption key.',
      'Rewrapping',
      'Rewrapped',
    ),
  },
  '/v1/keys/rotate': {
    post: part('rotateDataKeys', 'Give users new data keys, the oldest first.', 'DataKeyRotation', 'Rotated'),
  },
};
