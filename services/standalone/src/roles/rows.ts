import type { Row, Subject } from './row.js';

const user = ({ userId }: Subject): string => `/v1/users/${userId}`;
const narrowed = (path: string) => (subject: Subject) => ({ path: `${path}?userId=${subject.userId}` });
/** A list of what belongs to users, narrowed to one: of nobody it is empty. */
const list = (path: string, permission: Row['permission']): Row => ({
  permission,
  about: 'user',
  request: narrowed(path),
  allowed: 200,
  nobody: 200,
});
const publicly = (path: string): Row => ({
  permission: 'public',
  about: 'everybody',
  request: () => ({ path }),
  allowed: 200,
});
const toAnyone = (path: string): Row => ({ ...publicly(path), permission: 'anyone' });
const failed = (act: string): Row => ({
  permission: 'failed.change',
  about: 'everybody',
  request: () => ({ path: `/v1/failed/task:nothing/${act}`, body: { reason: 'seen to' } }),
  allowed: 404,
});
const signal = ({ userId, n }: Subject) => ({
  signalId: `matrix-${n}`,
  userId,
  pair: 'BTC-USD',
  side: 'buy',
  signalType: 'entry',
});

/** Every route of the gateway and of accounts, and who may use it for whom. A route without a row turns the test red. */
export const ROWS: Readonly<Record<string, Row>> = {
  'GET /': publicly('/'),
  'GET /health': publicly('/health'),
  'GET /ready': publicly('/ready'),
  'GET /metrics': publicly('/metrics'),
  'GET /latency': publicly('/latency'),
  'GET /v1/openapi.json': publicly('/v1/openapi.json'),
  'GET /execution/health': publicly('/execution/health'),
  'GET /execution/venues': toAnyone('/execution/venues'),
  'GET /execution/stats': toAnyone('/execution/stats'),
  'GET /execution/monitor': toAnyone('/execution/monitor'),
  'GET /v1/microstructure/:venue/:pair': toAnyone('/v1/microstructure/binance/BTC-USD'),
  'GET /v1/latency': {
    permission: 'latency.read',
    about: 'everybody',
    request: () => ({ path: '/v1/latency' }),
    allowed: 200,
  },

  // The token of a webhook stands in the path; a bearer token is none.
  'POST /v1/webhooks/tradingview/:token': {
    permission: 'public',
    about: 'everybody',
    request: () => ({ path: `/v1/webhooks/tradingview/sy_${'x'.repeat(43)}`, body: { symbol: 'BTCUSD' } }),
    allowed: 401,
  },

  // For whom a signal is taken is checked before whether there is such a user: that is validation's, after the 202.
  'POST /v1/signals': {
    permission: 'signals.send',
    about: 'user',
    request: (subject) => ({ path: '/v1/signals', body: signal(subject) }),
    allowed: 202,
    nobody: 202,
  },
  // Each signal of a batch has its own answer within; here: the door to it.
  'POST /v1/signals/batch': {
    permission: 'anyone',
    about: 'everybody',
    request: (subject) => ({ path: '/v1/signals/batch', body: [signal(subject)] }),
    allowed: 200,
  },
  'GET /v1/signals/:id': {
    permission: 'trading.read',
    about: 'thing',
    request: ({ signalId }) => ({ path: `/v1/signals/${signalId}` }),
    allowed: 200,
  },
  'POST /v1/strategies/:strategyId/signals': {
    permission: 'strategies.publish',
    about: 'everybody',
    request: (subject) => ({
      path: '/v1/strategies/matrix/signals',
      body: { ...signal(subject), userId: undefined },
    }),
    allowed: 202,
  },
  'GET /v1/strategies/:strategyId/signals/:id': {
    permission: 'trading.read',
    about: 'everybody',
    request: () => ({ path: '/v1/strategies/matrix/signals/none' }),
    allowed: 404,
  },
  'GET /v1/orders': list('/v1/orders', 'trading.read'),
  'GET /v1/orders/:id': {
    permission: 'trading.read',
    about: 'thing',
    request: ({ orderId }) => ({ path: `/v1/orders/${orderId}` }),
    allowed: 200,
  },
  'DELETE /v1/orders/:id': {
    permission: 'orders.change',
    about: 'thing',
    request: ({ orderId }) => ({ path: `/v1/orders/${orderId}` }),
    allowed: 202,
  },
  'GET /v1/positions': list('/v1/positions', 'trading.read'),
  'GET /v1/balances': list('/v1/balances', 'trading.read'),
  'GET /v1/executions': list('/v1/executions', 'trading.read'),
  'GET /v1/stream': list('/v1/stream', 'trading.read'),
  'GET /v1/audit': list('/v1/audit', 'audit.read'),
  'GET /v1/failed': list('/v1/failed', 'failed.read'),
  'POST /v1/failed/:id/retry': failed('retry'),
  'POST /v1/failed/:id/discard': failed('discard'),
  'POST /v1/failed/:id/release': failed('release'),

  'POST /v1/users': {
    permission: 'users.create',
    about: 'everybody',
    request: ({ n }) => ({ path: '/v1/users', body: { userId: `made-${n}` } }),
    allowed: 201,
  },
  'GET /v1/users': { permission: 'users.read', about: 'user', request: narrowed('/v1/users'), allowed: 200 },
  'GET /v1/users/:userId': {
    permission: 'users.read',
    about: 'user',
    request: (subject) => ({ path: user(subject) }),
    allowed: 200,
  },
  // Changing `enabled` or `pairs` asks for users.enable besides: below, as if it were a route of its own.
  'PATCH /v1/users/:userId': {
    permission: 'users.change',
    about: 'user',
    request: (subject) => ({ path: user(subject), body: { mode: 'paper' } }),
    allowed: 200,
  },
  'PATCH /v1/users/:userId (enable)': {
    permission: 'users.enable',
    about: 'user',
    request: (subject) => ({ path: user(subject), body: { enabled: true } }),
    allowed: 200,
  },
  'GET /v1/users/:userId/limits': {
    permission: 'users.read',
    about: 'user',
    request: (subject) => ({ path: `${user(subject)}/limits` }),
    allowed: 200,
  },
  'PUT /v1/users/:userId/limits': {
    permission: 'limits.change',
    about: 'user',
    request: (subject) => ({ path: `${user(subject)}/limits`, body: { burst: 1 + (subject.n % 50) } }),
    allowed: 200,
  },
  'GET /v1/users/:userId/tokens': {
    permission: 'tokens.read',
    about: 'user',
    request: (subject) => ({ path: `${user(subject)}/tokens` }),
    allowed: 200,
    nobody: 200,
  },
  'POST /v1/users/:userId/tokens': {
    permission: 'tokens.issue',
    about: 'user',
    request: (subject) => ({ path: `${user(subject)}/tokens`, body: { role: 'trader', name: `matrix ${subject.n}` } }),
    allowed: 201,
  },
  'DELETE /v1/users/:userId/tokens/:tokenId': {
    permission: 'tokens.revoke',
    about: 'user',
    request: async (subject) => ({ path: `${user(subject)}/tokens/${await subject.tokenId()}` }),
    allowed: 204,
  },
  'GET /v1/users/:userId/accounts': {
    permission: 'users.read',
    about: 'user',
    request: (subject) => ({ path: `${user(subject)}/accounts` }),
    allowed: 200,
    nobody: 200,
  },
  'POST /v1/users/:userId/accounts': {
    permission: 'accounts.change',
    about: 'user',
    request: (subject) => ({ path: `${user(subject)}/accounts`, body: { venue: 'kraken', mode: 'simulated' } }),
    allowed: 201,
  },
  'POST /v1/users/:userId/accounts (with keys)': {
    permission: 'accounts.keys',
    about: 'user',
    request: (subject) => ({
      path: `${user(subject)}/accounts`,
      body: { venue: 'kraken', mode: 'paper', apiKey: `matrix-key-${subject.n}`, secret: `matrix-${subject.n}` },
    }),
    allowed: 201,
  },
  'POST /v1/users/:userId/accounts/:accountId/rotate': {
    permission: 'accounts.keys',
    about: 'user',
    request: async (subject) => ({
      path: `${user(subject)}/accounts/${await subject.accountId()}/rotate`,
      body: { apiKey: `matrix-key-${subject.n}`, secret: `matrix-${subject.n}` },
    }),
    allowed: 200,
  },
  'DELETE /v1/users/:userId/accounts/:accountId': {
    permission: 'accounts.change',
    about: 'user',
    request: async (subject) => ({ path: `${user(subject)}/accounts/${await subject.accountId()}` }),
    allowed: 200,
  },

  'GET /v1/users/:userId/subscriptions': {
    permission: 'users.read',
    about: 'user',
    request: (subject) => ({ path: `${user(subject)}/subscriptions` }),
    allowed: 200,
    nobody: 200,
  },
  'POST /v1/users/:userId/subscriptions': {
    permission: 'subscriptions.change',
    about: 'user',
    request: async (subject) => ({
      path: `${user(subject)}/subscriptions`,
      body: { strategyId: 'matrix', accountId: await subject.accountId(), scaling: { kind: 'fixed', quote: '5' } },
    }),
    allowed: 201,
  },
  'PATCH /v1/users/:userId/subscriptions/:strategyId/:accountId': {
    permission: 'subscriptions.change',
    about: 'user',
    request: (subject) => ({ path: `${user(subject)}/subscriptions/none/none`, body: { paused: true } }),
    allowed: 404,
  },
  'DELETE /v1/users/:userId/subscriptions/:strategyId/:accountId': {
    permission: 'subscriptions.change',
    about: 'user',
    request: (subject) => ({ path: `${user(subject)}/subscriptions/none/none` }),
    allowed: 404,
  },

  'GET /v1/keys': {
    permission: 'keys.change',
    about: 'everybody',
    request: () => ({ path: '/v1/keys' }),
    allowed: 200,
  },
  'POST /v1/keys/rewrap': {
    permission: 'keys.change',
    about: 'everybody',
    request: () => ({ path: '/v1/keys/rewrap', body: { limit: 1 } }),
    allowed: 200,
  },
  'POST /v1/keys/rotate': {
    permission: 'keys.change',
    about: 'everybody',
    request: () => ({ path: '/v1/keys/rotate', body: { madeBefore: '2020-01-01T00:00:00Z' } }),
    allowed: 200,
  },

  // All requests at once: whoever may not see them all gets the own ones.
  'GET /v1/approvals': toAnyone('/v1/approvals'),
  ...Object.fromEntries(
    ['approve', 'reject'].map((verdict): readonly [string, Row] => [
      `POST /v1/approvals/:approvalId/${verdict}`,
      {
        permission: 'approvals.decide',
        about: 'everybody',
        request: () => ({ path: `/v1/approvals/apr-none/${verdict}`, body: {} }),
        allowed: 404,
      },
    ]),
  ),

  // All scopes at once: whoever may not see them all gets the own one.
  'GET /v1/trading-state': toAnyone('/v1/trading-state'),
  'GET /v1/trading-state/:scope': {
    permission: 'state.read',
    about: 'user',
    request: ({ userId }) => ({ path: `/v1/trading-state/user:${userId}` }),
    allowed: 200,
  },
  'PUT /v1/trading-state/:scope': {
    permission: 'state.change',
    about: 'user',
    request: ({ userId }) => ({
      path: `/v1/trading-state/user:${userId}`,
      body: { state: 'halted', reason: 'the matrix' },
    }),
    allowed: 202,
  },
};

/** Routes of accounts that the gateway does not pass on, and of the gateway that only pass on. */
export const NOT_OUTSIDE: readonly string[] = [
  'POST /internal/introspect',
  'POST /internal/introspect/webhook',
  'POST /internal/approvals/flatten',
  'ALL /v1/users',
  'ALL /v1/users/*',
  'ALL /v1/keys',
  'ALL /v1/keys/*',
  'ALL /v1/approvals',
  'ALL /v1/approvals/*',
  'ALL /v1/trading-state',
  'ALL /v1/trading-state/*',
];
