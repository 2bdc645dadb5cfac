import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLogger, createMetrics } from '@switchyard/observability';
import { testDatabase } from '@switchyard/persistence/testing';
import { openPlatform, startService, type Platform, type RunningService } from '@switchyard/runtime';
import { accounts, AccountsSetup } from './index.js';
import { accountsConfig } from './config.js';

const postgres = testDatabase();
let platform: Platform;
let service: RunningService;
let admin: string;
let ann: string;

beforeAll(async () => {
  platform = await openPlatform({
    databaseUrl: postgres.url,
    transport: 'postgres',
    partitions: 4,
    instance: 'test',
    others: false,
    poolSize: 4,
    logger: createLogger({ service: 'test', level: 'silent' }),
    metrics: createMetrics({ service: 'test', process: false }),
    traced: false,
  });
  const config = accountsConfig.parse({
    SWITCHYARD_KEY_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
    SWITCHYARD_POLICY_ACKNOWLEDGE_TIMEOUT_MS: '100',
  });
  service = await startService(accounts, config, platform, { host: '127.0.0.1', port: 0 });
  const setup = service.app.get(AccountsSetup);
  for (const userId of ['admin', 'ann']) await setup.ensureUser({ userId, enabled: true, mode: 'paper' });
  admin = await setup.ensureToken({ userId: 'admin', role: 'admin', name: 'first' });
  ann = await setup.ensureToken({ userId: 'ann', role: 'trader', name: 'first' });
}, 30_000);
afterAll(async () => {
  await service.stop();
  await platform.close();
});

interface Answer {
  readonly status: number;
  readonly body: any;
}

const call = async (method: string, path: string, body?: unknown, token = ann): Promise<Answer> => {
  const response = await fetch(`${service.url ?? ''}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
};
const asked = async (kind: '' | '/webhook', token: string): Promise<unknown> =>
  (await call('POST', `/internal/introspect${kind}`, { token })).body;

describe('the token of a webhook', () => {
  it('is made for one strategy, shown once, stored as a hash, listed and revoked', async () => {
    const made = await call('POST', '/v1/users/ann/tokens', {
      kind: 'webhook',
      strategy: 'momentum-1',
      addresses: ['tradingview', '10.0.0.0/8'],
      name: 'chart',
    });
    expect(made).toMatchObject({
      status: 201,
      body: {
        ...{ kind: 'webhook', userId: 'ann', strategy: 'momentum-1', name: 'chart', createdBy: 'ann' },
        addresses: ['tradingview', '10.0.0.0/8'],
        token: expect.stringMatching(/^syw_[\w-]{43}$/),
      },
    });
    const { token, tokenId } = made.body as { readonly token: string; readonly tokenId: string };
    const db = await postgres.open('accounts');
    const { rows } = await db.query<{ row: string }>('select to_jsonb(w)::text as row from webhook_tokens w');
    expect(rows[0]!.row).toContain(tokenId);
    expect(rows[0]!.row).not.toContain(token);
    const listed = (await call('GET', '/v1/users/ann/tokens')).body.items as readonly Record<string, unknown>[];
    expect(listed.map(({ kind, role, strategy }) => [kind, role, strategy])).toEqual([
      ['api', 'trader', undefined],
      ['webhook', undefined, 'momentum-1'],
    ]);
    expect(JSON.stringify(listed)).not.toContain(token);
    expect(await asked('/webhook', token)).toEqual({
      ...{ active: true, tokenId, userId: 'ann', strategyId: 'momentum-1' },
      addresses: ['tradingview', '10.0.0.0/8'],
    });
    expect((await call('DELETE', `/v1/users/admin/tokens/${tokenId}`, undefined, admin)).status).toBe(404);
    expect((await call('DELETE', `/v1/users/ann/tokens/${tokenId}`)).status).toBe(204);
    expect(await asked('/webhook', token)).toEqual({ active: false });
  });

  it('speaks for nobody, and a bearer token is none', async () => {
    const { token } = (await call('POST', '/v1/users/ann/tokens', { kind: 'webhook', strategy: 's' })).body as {
      readonly token: string;
    };
    expect(await asked('', token)).toEqual({ active: false });
    expect(await asked('/webhook', ann)).toEqual({ active: false });
    expect((await call('GET', '/v1/users/ann', undefined, token)).status).toBe(401);
    expect((await call('GET', '/v1/users/ann/tokens', undefined, token)).status).toBe(401);
  });

  it('expires', async () => {
    const expiresAt = new Date(Date.now() - 1_000).toISOString();
    const { token } = (await call('POST', '/v1/users/ann/tokens', { kind: 'webhook', strategy: 's', expiresAt }))
      .body as { readonly token: string };
    expect(await asked('/webhook', token)).toEqual({ active: false });
  });

  it('is made for nobody else but by an admin', async () => {
    const wanted = { kind: 'webhook', strategy: 's' };
    expect((await call('POST', '/v1/users/admin/tokens', wanted)).status).toBe(403);
    expect((await call('POST', '/v1/users/ann/tokens', wanted, admin)).status).toBe(201);
  });

  it.each<[string, object, readonly string[]]>([
    ['without a strategy', { kind: 'webhook' }, ['strategy']],
    ['with a role', { kind: 'webhook', strategy: 's', role: 'trader' }, ['role']],
    [
      'with addresses that are none',
      { kind: 'webhook', strategy: 's', addresses: ['10.0.0.0/99', 'x'] },
      ['addresses.0', 'addresses.1'],
    ],
    ['as a bearer token', { strategy: 's', addresses: ['10.0.0.1'] }, ['strategy', 'addresses']],
  ])('is not made %s', async (_, wanted, fields) => {
    const { status, body } = await call('POST', '/v1/users/ann/tokens', wanted);
    expect(status).toBe(400);
    expect((body as { errors: { path: string }[] }).errors.map(({ path }) => path)).toEqual(fields);
  });
});
