import { ROLES } from '@switchyard/auth';
import { limits, schemaParts, subscription } from '@switchyard/contracts';
import { MARKETS, MODES, VENUES } from '@switchyard/model';
import { z } from 'zod';
import { answer, body, list, pathParameter, problems, ref, type Operation, type Paths } from './building-blocks.js';

/**
 * `/v1/users`, which accounts serves and the gateway passes on. Requests are described as accounts takes them: a test holds the two
 * against each other, field by field and route by route.
 */
const { identifier, pair, currency, decimalString, nonNegativeDecimal, instant } = schemaParts;

const sentence = z.string().trim().min(1).max(200);
const key = z.string().trim().min(1).max(8_192);
const credentials = { apiKey: key, secret: key, passphrase: key.optional() };
const pathIdentifier = identifier.regex(/^[^/]*$/);

const followed = subscription.shape;
const filterTerms = z.strictObject(followed.filter.unwrap().shape);
const someHours = followed.hours.unwrap().min(1);

export const USER_REQUESTS = {
  NewUser: z.strictObject({
    userId: pathIdentifier,
    enabled: z.boolean().default(true),
    mode: z.enum(MODES).default('paper'),
  }),
  UserChange: z.strictObject({
    enabled: z.boolean().optional(),
    mode: z.enum(MODES).optional(),
    pairs: z.array(pair).min(1).max(1_000).nullable().optional(),
    reason: sentence.optional(),
  }),
  LimitsChange: limits,
  NewToken: z.strictObject({
    kind: z.enum(['api', 'webhook']).default('api'),
    role: z.enum(ROLES).optional(),
    strategy: identifier.optional(),
    addresses: z.array(z.string()).min(1).max(32).optional(),
    publishes: identifier.optional(),
    name: sentence.default('token'),
    expiresAt: instant.optional(),
  }),
  NewAccount: z.strictObject({
    accountId: pathIdentifier.optional(),
    venue: z.enum(VENUES),
    apiKey: key.optional(),
    secret: key.optional(),
    passphrase: key.optional(),
    mode: z.enum(MODES),
    market: z.enum(MARKETS).default('spot'),
    testnet: z.boolean().optional(),
    marginMode: z.enum(['cross', 'isolated']).optional(),
    leverage: z.number().positive().max(200).optional(),
    timeZone: z.string().default('UTC'),
    usdtAsUsd: z.boolean().default(false),
    startingBalances: z.record(currency, nonNegativeDecimal).optional(),
  }),
  Rotation: z.strictObject(credentials),
  NewSubscription: z.strictObject({
    strategyId: followed.strategyId,
    accountId: followed.accountId,
    scaling: followed.scaling,
    filter: filterTerms.optional(),
    maxQuote: followed.maxQuote,
    maxQuantity: followed.maxQuantity,
    hours: someHours.optional(),
    paused: z.boolean().default(false),
  }),
  SubscriptionChange: z.strictObject({
    scaling: followed.scaling.optional(),
    filter: filterTerms.nullable().optional(),
    maxQuote: followed.maxQuote.nullable(),
    maxQuantity: followed.maxQuantity.nullable(),
    hours: someHours.nullable().optional(),
    paused: z.boolean().optional(),
  }),
} as const;

const usersQuery = z.object({
  userId: identifier.optional().describe('Only this user.'),
  limit: z.coerce.number().int().min(1).max(500).default(100).describe('Items on a page.'),
  cursor: z.string().max(256).optional().describe('`nextCursor` of the page before.'),
});

const version = z.number().int().describe('Rises with every change of the user.');
const pendingAt = z
  .array(z.string())
  .optional()
  .describe('With 202: services that have not stored the change yet. It is committed, and reaches them.');

const accountFields = {
  accountId: identifier,
  venue: z.string(),
  mode: z.enum(MODES),
  market: z.enum(MARKETS),
  status: z
    .enum(['connected', 'pending_approval', 'removed'])
    .describe('`pending_approval`: it waits for a second person, and can not be used.'),
  approvalId: z.string().optional(),
  testnet: z.boolean().optional(),
  usdtAsUsd: z.boolean(),
  timeZone: z.string(),
  startingBalances: z.record(currency, decimalString).optional(),
  keyVersion: z.number().int().describe('Rises with every rotation; the keys themselves are never given back.'),
  createdAt: instant,
};
const account = z.object(accountFields);
const user = z.object({
  userId: identifier,
  version,
  enabled: z.boolean(),
  mode: z.enum(MODES),
  pairs: z.array(pair).optional().describe('Absent: every listed pair.'),
  accounts: z.array(account),
  createdAt: instant,
  updatedAt: instant,
  pendingAt,
});
const token = z.object({
  tokenId: z.string(),
  userId: identifier,
  kind: z.enum(['api', 'webhook']),
  role: z.enum(ROLES).optional().describe('Of kind `api`.'),
  strategy: identifier.optional().describe('Of kind `webhook`: the one strategy whose signals it is good for.'),
  addresses: z
    .array(z.string())
    .optional()
    .describe('Of kind `webhook`: where requests may come from. Absent: from anywhere.'),
  publishes: identifier.optional().describe('Of kind `api`: the strategy whose own signals it may send.'),
  name: z.string(),
  token: z.string().optional().describe('In the answer that makes it, and nowhere else.'),
  createdBy: identifier,
  createdAt: instant.optional(),
  expiresAt: instant.optional(),
  pendingAt,
});
const subscriptionFields = { ...followed, createdAt: instant, updatedAt: instant };
const allOf = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item), nextCursor: z.string().nullable() });

export const USER_ANSWERS = {
  User: user,
  Users: allOf(user),
  Limits: limits,
  Token: token,
  Tokens: allOf(token),
  Account: account.extend({
    userId: identifier,
    version,
    pendingAt,
    code: z.literal('APPROVAL_REQUIRED').optional().describe('With 202: a second person has to approve it.'),
    detail: z.string().optional(),
    expiresAt: instant.optional(),
  }),
  Accounts: allOf(account),
  Subscription: z.object({ ...subscriptionFields, userId: identifier, version, pendingAt }),
  Subscriptions: allOf(z.object(subscriptionFields)),
} as const;

const userId = pathParameter('userId', 'Whose.');
const CHANGED = '202 while some service has not stored it yet.';

const change = (
  operationId: string,
  summary: string,
  parameters: Operation['parameters'],
  request: keyof typeof USER_REQUESTS | undefined,
  response: keyof typeof USER_ANSWERS,
  status: 200 | 201 = 200,
): Operation => ({
  operationId,
  summary,
  ...(parameters === undefined ? {} : { parameters }),
  ...(request === undefined ? {} : { requestBody: body(request) }),
  responses: {
    [String(status)]: answer('Every service has stored it.', ref(response)),
    '202': answer(CHANGED, ref(response)),
    ...problems(400, 401, 403, 404, 409, 503),
  },
});

const read = (operationId: string, summary: string, response: keyof typeof USER_ANSWERS): Operation => ({
  operationId,
  summary,
  parameters: [userId],
  responses: { '200': answer('As it stands.', ref(response)), ...problems(401, 403, 404, 503) },
});

const accountId = pathParameter('accountId', 'The exchange account.');
const strategyId = pathParameter('strategyId', 'The strategy.');
const nothing = { '204': { description: 'Done.' }, ...problems(401, 403, 404, 503) };

export const USER_PATHS: Paths = {
  '/v1/users': {
    post: change('createUser', 'Create a user.', undefined, 'NewUser', 'User', 201),
    get: list('listUsers', 'Users.', usersQuery, 'Users'),
  },
  '/v1/users/{userId}': {
    get: read('findUser', 'A user and their exchange accounts.', 'User'),
    patch: change(
      'changeUser',
      'Enable or disable, set the mode or the allowed pairs.',
      [userId],
      'UserChange',
      'User',
    ),
  },
  '/v1/users/{userId}/limits': {
    get: read('findLimits', 'Every limit in force: their own, the defaults for the rest.', 'Limits'),
    put: change(
      'replaceLimits',
      'Replace all limits; what is absent has its default.',
      [userId],
      'LimitsChange',
      'Limits',
    ),
  },
  '/v1/users/{userId}/tokens': {
    post: change(
      'issueToken',
      'Issue a bearer token, or the token of a webhook for one strategy.',
      [userId],
      'NewToken',
      'Token',
      201,
    ),
    get: read('listTokens', 'Tokens, without their secrets.', 'Tokens'),
  },
  '/v1/users/{userId}/tokens/{tokenId}': {
    delete: {
      operationId: 'revokeToken',
      summary: 'Revoke a token.',
      parameters: [userId, pathParameter('tokenId', 'The token’s id, not the token.')],
      responses: nothing,
    },
  },
  '/v1/users/{userId}/accounts': {
    post: change('connectAccount', 'Connect an exchange account.', [userId], 'NewAccount', 'Account', 201),
    get: read('listAccounts', 'Exchange accounts, without their keys.', 'Accounts'),
  },
  '/v1/users/{userId}/accounts/{accountId}': {
    delete: change('removeAccount', 'Remove an exchange account.', [userId, accountId], undefined, 'Account'),
  },
  '/v1/users/{userId}/accounts/{accountId}/rotate': {
    post: change('rotateKeys', 'Give an account new keys.', [userId, accountId], 'Rotation', 'Account'),
  },
  '/v1/users/{userId}/subscriptions': {
    post: change('subscribe', 'Have an account follow a strategy.', [userId], 'NewSubscription', 'Subscription', 201),
    get: read('listSubscriptions', 'Strategies that the user’s accounts follow.', 'Subscriptions'),
  },
  '/v1/users/{userId}/subscriptions/{strategyId}/{accountId}': {
    patch: change(
      'changeSubscription',
      'Change scaling, filter, caps or hours, pause or resume. Null takes a term away.',
      [userId, strategyId, accountId],
      'SubscriptionChange',
      'Subscription',
    ),
    delete: change(
      'unsubscribe',
      'Follow no more: from now on nothing is copied, exits neither.',
      [userId, strategyId, accountId],
      undefined,
      'Subscription',
    ),
  },
};
