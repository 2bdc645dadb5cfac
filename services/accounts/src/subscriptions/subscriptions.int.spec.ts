import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EVENTS, type AccountPolicyChanged } from '@switchyard/contracts';
import { decodeRecords } from '@switchyard/log';
import { createLogger, createMetrics } from '@switchyard/observability';
import { openDatabase, type Database } from '@switchyard/persistence';
import { testDatabase } from '@switchyard/persistence/testing';
import { openPlatform, startService, type Platform, type RunningService } from '@switchyard/runtime';
import { accountsConfig } from '../config.js';
import { accounts, AccountsSetup } from '../index.js';

const postgres = testDatabase();
let platform: Platform;
let service: RunningService;
let root: Database;
const tokens: Record<string, string> = {};

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
  root = await openDatabase({ url: postgres.url, schema: 'accounts', applicationName: 'test' });
  const setup = service.app.get(AccountsSetup);
  for (const [userId, role] of [
    ['ann', 'trader'],
    ['bob', 'trader'],
    ['operator', 'operator'],
  ] as const) {
    await setup.ensureUser({ userId, enabled: true, mode: 'simulated' });
    tokens[userId] = await setup.ensureToken({ userId, role, name: 'spec' });
  }
  for (const accountId of ['ann-1', 'ann-2', 'a'.repeat(64)])
    await setup.ensureAccount('ann', {
      accountId,
      venue: 'binance',
      mode: 'simulated',
      market: 'spot',
      testnet: undefined,
      usdtAsUsd: true,
      timeZone: 'UTC',
      startingBalances: { USDT: '1000' },
    });
}, 30_000);
afterAll(async () => {
  await service.stop();
  await platform.close();
  await root.close();
});

const call = async (as: string, method: string, path: string, body?: unknown) => {
  const response = await fetch(`${service.url ?? ''}/v1/users/${path}`, {
    method,
    headers: {
      authorization: `Bearer ${tokens[as] ?? ''}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, any> };
};
const ANN = 'ann/subscriptions';
const half = { kind: 'multiplier', factor: '0.5' };
const momentum = { strategyId: 'momentum-1', accountId: 'ann-1', scaling: half, maxQuote: '250' };

const lastPolicy = async (): Promise<AccountPolicyChanged> => {
  const { rows } = await root.query<{ records: Buffer }>(
    "select records from log.batches where topic = 'AccountPolicyChanged' order by batch",
  );
  const last = rows
    .flatMap(({ records }) => decodeRecords(records))
    .filter(({ key }) => key === 'ann')
    .map(({ value }) => EVENTS.AccountPolicyChanged.schema.parse(JSON.parse(Buffer.from(value).toString())))
    .sort((a, b) => a.version - b.version)
    .at(-1);
  return last!;
};

describe('a subscription', () => {
  it('is made, changed, paused and taken away, each a version that every stage is told, whole', async () => {
    const made = await call('ann', 'POST', ANN, momentum);
    expect(made).toMatchObject({ status: 201, body: { ...momentum, paused: false, userId: 'ann' } });
    expect((await lastPolicy()).subscriptions).toEqual([{ ...momentum, paused: false }]);

    const again = await call('ann', 'POST', ANN, momentum);
    expect(again).toMatchObject({ status: 201, body: { version: made.body['version'] } });
    expect(await call('ann', 'POST', ANN, { ...momentum, maxQuote: '9' })).toMatchObject({
      status: 409,
      body: { code: 'CONFLICT' },
    });

    const place = `${ANN}/momentum-1/ann-1`;
    const changed = await call('ann', 'PATCH', place, {
      paused: true,
      maxQuote: null,
      hours: [{ days: [1], from: '09:00', to: '17:00' }],
    });
    expect(changed).toMatchObject({ status: 200, body: { paused: true, scaling: half } });
    expect(changed.body).not.toHaveProperty('maxQuote');
    expect((await lastPolicy()).subscriptions).toEqual([
      {
        strategyId: 'momentum-1',
        accountId: 'ann-1',
        paused: true,
        scaling: half,
        hours: [{ days: [1], from: '09:00', to: '17:00' }],
      },
    ]);
    expect(await call('ann', 'PATCH', place, { paused: true })).toMatchObject({
      status: 200,
      body: { version: changed.body['version'] },
    });

    expect(await call('operator', 'DELETE', place)).toMatchObject({ status: 200 });
    expect(await lastPolicy()).not.toHaveProperty('subscriptions');
    expect((await call('ann', 'GET', ANN)).body).toEqual({ items: [] });
    for (const [method, body] of [
      ['DELETE', undefined],
      ['PATCH', { paused: false }],
    ] as const)
      expect(await call('ann', method, place, body)).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
  });

  it('goes with its account, and takes an id of a strategy that holds a slash', async () => {
    await call('ann', 'POST', ANN, { ...momentum, strategyId: 'desk/one', accountId: 'ann-2' });
    const place = `${ANN}/${encodeURIComponent('desk/one')}/ann-2`;
    expect(await call('ann', 'PATCH', place, { paused: true })).toMatchObject({ status: 200 });
    expect(await call('ann', 'DELETE', 'ann/accounts/ann-2')).toMatchObject({ status: 200 });
    expect((await call('ann', 'GET', ANN)).body).toEqual({ items: [] });
    expect(await lastPolicy()).not.toHaveProperty('subscriptions');
  });

  it.each([
    ['an account of nobody', { accountId: 'gone' }, 404],
    ['an account that was removed', { accountId: 'ann-2' }, 404],
    ['an account whose id leaves no room', { accountId: 'a'.repeat(64) }, 400],
    ['a scaling of no kind', { scaling: { kind: 'much' } }, 400],
    ['a factor that is missing', { scaling: { kind: 'multiplier' } }, 400],
    ['a negative factor', { scaling: { kind: 'multiplier', factor: '-1' } }, 400],
    ['a number for a decimal', { maxQuote: 250 }, 400],
    ['a misspelt cap', { maxQoute: '250' }, 400],
    ['a misspelt filter', { filter: { pair: ['BTC-USD'] } }, 400],
    ['no hours at all', { hours: [] }, 400],
    ['an hour that is none', { hours: [{ days: [1], from: '9:00', to: '24:00' }] }, 400],
  ])('of %s is refused with a code, and nobody is told', async (_, change, status) => {
    const before = (await lastPolicy()).version;
    const answer = await call('ann', 'POST', ANN, { ...momentum, ...change });
    expect(answer).toMatchObject({ status, body: { code: status === 404 ? 'NOT_FOUND' : 'MALFORMED' } });
    expect((await lastPolicy()).version).toBe(before);
  });

  it("is its user's own, and an operator's to change", async () => {
    for (const method of ['GET', 'POST'])
      expect(await call('bob', method, ANN, method === 'GET' ? undefined : momentum)).toMatchObject({ status: 403 });
    expect(await call('bob', 'POST', 'bob/subscriptions', momentum)).toMatchObject({ status: 404 });
    expect(await call('operator', 'POST', ANN, momentum)).toMatchObject({ status: 201 });
  });
});
