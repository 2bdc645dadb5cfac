import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeyRing, LocalKeys, newToken, openKeyRing, SealError, VaultTransit } from '@switchyard/auth';
import { EVENTS, type AccountPolicyChanged } from '@switchyard/contracts';
import { decodeRecords } from '@switchyard/log';
import { VENUES } from '@switchyard/model';
import { createLogger, createMetrics } from '@switchyard/observability';
import { openDatabase, type Database } from '@switchyard/persistence';
import { testDatabase } from '@switchyard/persistence/testing';
import { openPlatform, startService, type Platform, type RunningService } from '@switchyard/runtime';
import { TransitStandIn } from '../../../libs/platform/auth/src/testing/transit-stand-in.js';
import { accounts, AccountsSetup } from './index.js';
import { accountsConfig } from './config.js';
import { RemovedAccounts } from './removed-accounts.js';

const postgres = testDatabase();
const kek = Buffer.alloc(32, 7);
const config = (keys: string = kek.toString('base64')) =>
  accountsConfig.parse({
    SWITCHYARD_KEY_ENCRYPTION_KEY: keys,
    SWITCHYARD_REMOVED_KEYS_RETENTION_S: '0',
    SWITCHYARD_POLICY_ACKNOWLEDGE_TIMEOUT_MS: '100',
  });

let platform: Platform;
let service: RunningService;
let adminToken: string;
/** The deployment's own user, who sees everything. */
let root: Database;

const start = () => startService(accounts, config(), platform, { host: '127.0.0.1', port: 0 });

beforeAll(async () => {
  const logger = createLogger({ service: 'test', level: 'silent' });
  platform = await openPlatform({
    databaseUrl: postgres.url,
    transport: 'postgres',
    partitions: 4,
    instance: 'test',
    others: false,
    poolSize: 4,
    logger,
    metrics: createMetrics({ service: 'test', process: false }),
    traced: false,
  });
  service = await start();
  root = await openDatabase({ url: postgres.url, schema: 'accounts', applicationName: 'test' });
  const setup = service.app.get(AccountsSetup);
  await setup.ensureUser({ userId: 'admin', enabled: true, mode: 'paper' });
  adminToken = await setup.ensureToken({ userId: 'admin', role: 'admin', name: 'first' });
}, 30_000);
afterAll(async () => {
  await service.stop();
  await platform.close();
  await root.close();
});

interface Answer {
  readonly status: number;
  readonly body: any;
}

const call = async (method: string, path: string, body?: unknown, token: string = adminToken): Promise<Answer> => {
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

/** What the stages were told of a user, oldest first. */
const policiesOf = async (userId: string): Promise<readonly AccountPolicyChanged[]> => {
  const { rows } = await root.query<{ records: Buffer }>(
    "select records from log.batches where topic = 'AccountPolicyChanged' order by partition, batch",
  );
  return rows
    .flatMap(({ records }) => [...decodeRecords(records)])
    .filter(({ key }) => key === userId)
    .map(({ value }) => EVENTS.AccountPolicyChanged.schema.parse(JSON.parse(Buffer.from(value).toString())));
};

/** Times are of the database's clock, in whose milliseconds an instant must lie before what follows. */
const delayUntil = (instant: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, Math.max(0, instant - Date.now())));

let users = 0;
const newUser = async (): Promise<string> => {
  const userId = `user-${++users}`;
  expect(await call('POST', '/v1/users', { userId })).toMatchObject({ status: 201 });
  return userId;
};
const tokenOf = async (userId: string, role = 'trader'): Promise<string> =>
  (await call('POST', `/v1/users/${userId}/tokens`, { role })).body.token as string;
const keysOf = (name: string) => ({ apiKey: `key-${name}`, secret: `hidden-${name}` });
const paper = (name: string) => ({ venue: 'binance', mode: 'paper', usdtAsUsd: true, ...keysOf(name) });

describe('a user', () => {
  it('is created, changed and told to every stage, whole at each version', async () => {
    const created = await call('POST', '/v1/users', { userId: 'ann', mode: 'simulated' });
    expect(created).toMatchObject({
      status: 201,
      body: { userId: 'ann', enabled: true, mode: 'simulated', version: 1 },
    });
    await call('PATCH', '/v1/users/ann', { enabled: false, pairs: ['BTC-USD'], reason: 'on leave' });
    await call('PUT', '/v1/users/ann/limits', { maxOpenPositions: 5, maxOrderQuantity: '2.5' });
    await call('POST', '/v1/users/ann/accounts', { ...paper('ann'), accountId: 'ann-1', timeZone: 'Europe/Berlin' });
    const told = await policiesOf('ann');
    expect(told.map(({ version, reason }) => [version, reason])).toEqual([
      [1, 'user created'],
      [2, 'on leave'],
      [3, 'limits replaced'],
      [4, 'account ann-1 connected'],
    ]);
    expect(told.at(-1)).toMatchObject({
      userId: 'ann',
      enabled: false,
      pairs: ['BTC-USD'],
      limits: { maxOpenPositions: 5, maxOrderQuantity: '2.5' },
      accounts: [
        {
          accountId: 'ann-1',
          venue: 'binance',
          mode: 'paper',
          market: 'spot',
          enabled: true,
          usdtAsUsd: true,
          timeZone: 'Europe/Berlin',
        },
      ],
      changedBy: 'admin',
    });
    expect((await call('GET', '/v1/users/ann')).body).toMatchObject({ version: 4, accounts: [{ accountId: 'ann-1' }] });
  });

  it('that exists is not created again, one that does not exist is not found', async () => {
    const userId = await newUser();
    expect(await call('POST', '/v1/users', { userId })).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
    expect(await call('GET', '/v1/users/nobody')).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    expect(await call('PATCH', '/v1/users/nobody', { enabled: true })).toMatchObject({ status: 404 });
  });

  it('keeps its version when nothing changes', async () => {
    const userId = await newUser();
    await call('PUT', `/v1/users/${userId}/limits`, { burst: 3, tradesPerSecond: 2 });
    await call('PUT', `/v1/users/${userId}/limits`, { tradesPerSecond: 2, burst: 3 });
    await call('PATCH', `/v1/users/${userId}`, { enabled: true });
    expect(await policiesOf(userId)).toHaveLength(2);
  });

  it('changed by many at once has one version for each change, in order, and loses none', async () => {
    const userId = await newUser();
    await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        call('POST', `/v1/users/${userId}/accounts`, { ...paper(`${userId}-${n}`), accountId: `${userId}-${n}` }),
      ),
    );
    const told = await policiesOf(userId);
    expect(told.map(({ version }) => version)).toEqual(Array.from({ length: 13 }, (_, n) => n + 1));
    expect(told.map(({ accounts: known }) => known.length)).toEqual(Array.from({ length: 13 }, (_, n) => n));
  });

  it('keeps every one of several changes made at the same moment', async () => {
    const userId = await newUser();
    for (let round = 1; round <= 5; round++) {
      const mode = round % 2 === 0 ? 'paper' : 'simulated';
      await Promise.all([
        call('PUT', `/v1/users/${userId}/limits`, { burst: round }),
        call('PATCH', `/v1/users/${userId}`, { mode }),
        call('PATCH', `/v1/users/${userId}`, { pairs: [`P${round}-USD`] }),
      ]);
      expect((await policiesOf(userId)).at(-1)).toMatchObject({
        version: 1 + 3 * round,
        limits: { burst: round },
        mode,
        pairs: [`P${round}-USD`],
      });
    }
  });

  it('has the default of every limit that is absent', async () => {
    const userId = await newUser();
    expect((await call('GET', `/v1/users/${userId}/limits`)).body).toMatchObject({
      maxOpenPositions: 3,
      minRewardRisk: 1.5,
    });
    expect((await call('PUT', `/v1/users/${userId}/limits`, { maxOpenPositions: 7 })).body).toMatchObject({
      maxOpenPositions: 7,
      maxBalancePercent: 5,
    });
    await call('PUT', `/v1/users/${userId}/limits`, { burst: 4 });
    expect((await call('GET', `/v1/users/${userId}/limits`)).body).toMatchObject({ maxOpenPositions: 3, burst: 4 });
  });

  it('is told to every stage with each limit that was set, zero included, and with none that was not', async () => {
    const userId = await newUser();
    const accountId = `${userId}-prop`;
    await call('POST', `/v1/users/${userId}/accounts`, { ...paper(accountId), accountId });
    const limits = {
      maxNotionalPerDay: '0',
      maxLossPerDayPercent: 5,
      sectorPercents: { defi: 0 },
      positionQuantities: { 'BTC-USD': '0.5' },
      restrictedPairs: ['LTC-USD'],
      accounts: { [accountId]: { maxDrawdownPercent: 10, minEquity: '90000' } },
      venues: { kraken: { maxExposure: '1000' } },
    };
    expect(await call('PUT', `/v1/users/${userId}/limits`, limits)).toMatchObject({
      body: { ...limits, maxOpenPositions: 3 },
    });
    expect((await policiesOf(userId)).at(-1)?.limits).toEqual(limits);
    const again = await call('PUT', `/v1/users/${userId}/limits`, Object.fromEntries(Object.entries(limits).reverse()));
    expect(again.status).toBeLessThan(300);
    expect(await policiesOf(userId)).toHaveLength(3);
    const refused = await call('PUT', `/v1/users/${userId}/limits`, { accounts: { 'not-mine': { minEquity: '1' } } });
    expect(refused).toMatchObject({
      status: 400,
      body: { code: 'MALFORMED', errors: [{ path: 'accounts.not-mine' }] },
    });
  });

  it('lists are cut into pages, each user with their accounts; the last page names no next one', async () => {
    const userId = await newUser();
    await call('POST', `/v1/users/${userId}/accounts`, { ...paper(userId), accountId: `${userId}-listed` });
    const all = (await call('GET', '/v1/users?limit=500')).body as { items: { userId: string }[] };
    expect(all).not.toHaveProperty('nextCursor');
    const paged: { userId: string; accounts: { accountId: string }[] }[] = [];
    const half = Math.ceil(all.items.length / 2);
    let cursor: string | undefined = '';
    for (let pages = 0; cursor !== undefined; pages += 1) {
      expect(pages).toBeLessThan(2);
      const { body } = await call('GET', `/v1/users?limit=${half}&cursor=${cursor}`);
      paged.push(...body.items);
      cursor = body.nextCursor as string | undefined;
    }
    expect(paged).toEqual(all.items);
    expect(paged.find((user) => user.userId === userId)?.accounts).toMatchObject([{ accountId: `${userId}-listed` }]);
    for (const list of ['tokens', 'accounts'])
      expect((await call('GET', `/v1/users/${userId}/${list}`)).body).not.toHaveProperty('nextCursor');
  });

  it.each([
    ['POST', '/v1/users', { userId: 'a/b', mode: 'dry' }, ['userId', 'mode']],
    ['PATCH', '/v1/users/admin', {}, ['']],
    [
      'PUT',
      '/v1/users/admin/limits',
      { maxOpenPositons: 3, maxOrderQuantity: 5 },
      ['maxOrderQuantity', 'maxOpenPositons'],
    ],
    ['POST', '/v1/users/admin/accounts', { venue: 'mtgox', mode: 'paper', timeZone: 'Mars' }, ['venue', 'timeZone']],
    ['POST', '/v1/users/admin/accounts', { venue: 'binance', mode: 'paper' }, ['apiKey', 'secret']],
    ['POST', '/v1/users/admin/accounts', { venue: 'binance', mode: 'simulated', ...keysOf('x') }, ['apiKey', 'secret']],
    ['POST', '/v1/users/admin/tokens', { role: 'king' }, ['role']],
  ])('%s %s with bad fields names each of them', async (method, path, body, fields) => {
    const answer = await call(method, path, body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'MALFORMED' } });
    expect((answer.body.errors as { path: string }[]).map(({ path: field }) => field)).toEqual(fields);
  });
});

describe('a trader', () => {
  it('sees and changes only their own, and cannot enable themselves', async () => {
    const [mine, other] = [await newUser(), await newUser()];
    const token = await tokenOf(mine);
    expect(await call('GET', `/v1/users/${mine}`, undefined, token)).toMatchObject({ status: 200 });
    expect(await call('PUT', `/v1/users/${mine}/limits`, { burst: 3 }, token)).toMatchObject({ status: 200 });
    const refused: readonly [string, string, unknown][] = [
      ['GET', `/v1/users/${other}`, undefined],
      ['GET', '/v1/users/nobody', undefined],
      ['GET', '/v1/users', undefined],
      ['POST', '/v1/users', { userId: 'mine-too' }],
      ['PUT', `/v1/users/${other}/limits`, {}],
      ['GET', `/v1/users/${other}/tokens`, undefined],
      ['POST', `/v1/users/${other}/tokens`, {}],
      ['POST', `/v1/users/${mine}/tokens`, { role: 'operator' }],
      ['POST', `/v1/users/${other}/accounts`, paper('theft')],
      ['DELETE', `/v1/users/${other}/accounts/x`, undefined],
      ['POST', `/v1/users/${other}/accounts/x/rotate`, keysOf('theft')],
      ['PATCH', `/v1/users/${mine}`, { enabled: true }],
    ];
    for (const [method, path, body] of refused)
      expect([method, path, (await call(method, path, body, token)).body.code]).toEqual([method, path, 'FORBIDDEN']);
  });
});

describe('an operator', () => {
  it('lists and revokes the tokens of others, and makes none by which to trade as them', async () => {
    const [trader, operator] = [await newUser(), await newUser()];
    const theirs = (await call('POST', `/v1/users/${trader}/tokens`, {})).body as { token: string; tokenId: string };
    const token = await tokenOf(operator, 'operator');
    const refused = await call('POST', `/v1/users/${trader}/tokens`, { role: 'trader' }, token);
    expect(refused).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
    expect((await call('GET', `/v1/users/${trader}/tokens`, undefined, token)).body.items).toMatchObject([
      { tokenId: theirs.tokenId },
    ]);
    expect(await call('DELETE', `/v1/users/${trader}/tokens/${theirs.tokenId}`, undefined, token)).toMatchObject({
      status: 204,
    });
    expect(await call('GET', `/v1/users/${trader}`, undefined, theirs.token)).toMatchObject({ status: 401 });
  });

  it('removes accounts of others, and gives them no keys', async () => {
    const [trader, operator] = [await newUser(), await newUser()];
    const token = await tokenOf(operator, 'operator');
    const account = `/v1/users/${trader}/accounts`;
    await call('POST', account, { ...paper(trader), accountId: `${trader}-a` });
    expect(await call('POST', account, paper('theirs'), token)).toMatchObject({ status: 403 });
    expect(await call('POST', `${account}/${trader}-a/rotate`, keysOf('theirs'), token)).toMatchObject({ status: 403 });
    expect(await call('POST', account, { venue: 'kraken', mode: 'simulated' }, token)).toMatchObject({ status: 201 });
    expect(await call('DELETE', `${account}/${trader}-a`, undefined, token)).toMatchObject({ status: 200 });
  });

  it('makes tokens of their own, and an admin makes them for everybody', async () => {
    const operator = await newUser();
    const token = await tokenOf(operator, 'operator');
    for (const role of ['trader', 'operator'])
      expect(await call('POST', `/v1/users/${operator}/tokens`, { role }, token)).toMatchObject({ status: 201 });
    expect(await call('POST', `/v1/users/${operator}/tokens`, { role: 'admin' }, token)).toMatchObject({ status: 403 });
  });
});

describe('a token', () => {
  it('is shown once, stored as a hash, and works until it is revoked', async () => {
    const userId = await newUser();
    const issued = await call('POST', `/v1/users/${userId}/tokens`, { name: 'bot' });
    const { token, tokenId } = issued.body as { token: string; tokenId: string };
    expect(issued).toMatchObject({
      status: 201,
      body: { role: 'trader', name: 'bot', token: expect.stringMatching(/^sy_/) },
    });
    const introspect = () => call('POST', '/internal/introspect', { token });
    expect((await introspect()).body).toEqual({ active: true, userId, role: 'trader', tokenId });
    const listed = await call('GET', `/v1/users/${userId}/tokens`);
    expect(JSON.stringify(listed.body)).not.toContain(token);
    expect(listed.body.items).toMatchObject([{ tokenId, name: 'bot' }]);
    expect(JSON.stringify((await root.query('select * from tokens')).rows)).not.toContain(token);
    expect(await call('DELETE', `/v1/users/${userId}/tokens/${tokenId}`)).toEqual({ status: 204, body: undefined });
    expect((await introspect()).body).toEqual({ active: false });
    expect(await call('GET', `/v1/users/${userId}`, undefined, token)).toMatchObject({ status: 401 });
  });

  it('that has expired, or is anything else, is not active', async () => {
    const userId = await newUser();
    const { body } = await call('POST', `/v1/users/${userId}/tokens`, { expiresAt: '2020-01-01T00:00:00Z' });
    for (const token of [body.token as string, newToken(), '', 'x'.repeat(3_000)])
      expect(await call('POST', '/internal/introspect', { token })).toEqual({ status: 200, body: { active: false } });
  });
});

describe("an exchange account's keys", () => {
  const ring = KeyRing.of([kek]);
  const executor = async (venue: string) =>
    postgres.open(`execution_${venue}`).then((db) => ({
      read: async (accountId: string, from = venue) =>
        (
          await db.query<{ user_id: string; key_version: number; sealed_data_key: Buffer; sealed: Buffer }>(
            `select user_id, key_version, sealed_data_key, sealed from accounts.sealed_keys_${from} where account_id = $1`,
            [accountId],
          )
        ).rows[0],
      db,
    }));

  it.each(VENUES)('at %s can be asked for by that venue’s executor', async (venue) => {
    expect(await (await executor(venue)).read('nobody')).toBeUndefined();
  });

  it("are opened by their venue's executor alone, and by nobody who lacks the key-encryption key", async () => {
    const userId = await newUser();
    const accountId = `${userId}-binance`;
    const connected = await call('POST', `/v1/users/${userId}/accounts`, {
      ...paper(userId),
      accountId,
      passphrase: 'hidden-p',
    });
    expect(connected).toMatchObject({ status: 201, body: { accountId, userId, keyVersion: 1, status: 'connected' } });
    const binance = await executor('binance');
    const row = await binance.read(accountId);
    expect(row).toMatchObject({ user_id: userId, key_version: 1 });
    expect(
      await ring.openCredentials({ userId, accountId, venue: 'binance' }, row!.sealed_data_key, row!.sealed),
    ).toEqual({
      ...keysOf(userId),
      passphrase: 'hidden-p',
    });
    await expect(binance.db.query('select * from accounts.exchange_accounts')).rejects.toThrow(/permission denied/);
    await expect(binance.db.query('select * from accounts.tokens')).rejects.toThrow(/permission denied/);
    await expect(binance.read(accountId, 'kraken')).rejects.toThrow(/permission denied/);
    const kraken = await executor('kraken');
    await expect(kraken.read(accountId, 'binance')).rejects.toThrow(/permission denied/);
    expect(await kraken.read(accountId)).toBeUndefined();
  });

  it('appear in no answer, no event and no table in the clear', async () => {
    const userId = await newUser();
    const accountId = `${userId}-a`;
    const answers = [
      await call('POST', `/v1/users/${userId}/accounts`, { ...paper(userId), accountId }),
      await call('POST', `/v1/users/${userId}/accounts/${accountId}/rotate`, {
        ...keysOf(`${userId}-b`),
        passphrase: 'hidden',
      }),
      await call('GET', `/v1/users/${userId}/accounts`),
      await call('GET', `/v1/users/${userId}`),
      await call('DELETE', `/v1/users/${userId}/accounts/${accountId}`),
      await call('POST', `/v1/users/${userId}/accounts`, { ...paper(userId), mode: 'hidden?' }),
    ];
    const { rows } = await root.query('select encode(sealed, $1) as sealed, key_fingerprint from exchange_accounts', [
      'escape',
    ]);
    expect(JSON.stringify([answers, rows, await policiesOf(userId)])).not.toMatch(/hidden-|"hidden"|key-user/);
  });

  it('are replaced by rotation, which raises their version', async () => {
    const userId = await newUser();
    const accountId = `${userId}-r`;
    await call('POST', `/v1/users/${userId}/accounts`, { ...paper(userId), accountId });
    const rotated = await call('POST', `/v1/users/${userId}/accounts/${accountId}/rotate`, keysOf(`${userId}-new`));
    expect(rotated).toMatchObject({ status: 200, body: { keyVersion: 2, version: 3 } });
    const row = await (await executor('binance')).read(accountId);
    expect(
      await ring.openCredentials({ userId, accountId, venue: 'binance' }, row!.sealed_data_key, row!.sealed),
    ).toEqual(keysOf(`${userId}-new`));
  });

  it('belong to one account in use: another with the same key would count its funds twice', async () => {
    const [first, second] = [await newUser(), await newUser()];
    await call('POST', `/v1/users/${first}/accounts`, { ...paper('shared'), accountId: `${first}-s` });
    const again = await call('POST', `/v1/users/${second}/accounts`, paper('shared'));
    expect(again).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
    expect(await call('POST', `/v1/users/${second}/accounts`, { ...paper('shared'), venue: 'kraken' })).toMatchObject({
      status: 201,
    });
    await call('DELETE', `/v1/users/${first}/accounts/${first}-s`);
    expect(await call('POST', `/v1/users/${second}/accounts`, paper('shared'))).toMatchObject({ status: 201 });
  });

  it('of a removed account stay until they are erased, so that what is open can be cancelled', async () => {
    const userId = await newUser();
    const accountId = `${userId}-gone`;
    await call('POST', `/v1/users/${userId}/accounts`, { ...paper(userId), accountId });
    expect(await call('DELETE', `/v1/users/${userId}/accounts/${accountId}`)).toMatchObject({
      status: 200,
      body: { status: 'removed' },
    });
    expect(await call('DELETE', `/v1/users/${userId}/accounts/${accountId}`)).toMatchObject({ status: 404 });
    expect((await call('GET', `/v1/users/${userId}/accounts`)).body.items).toEqual([]);
    expect((await policiesOf(userId)).at(-1)?.accounts).toMatchObject([{ accountId, enabled: false }]);
    const { read } = await executor('binance');
    expect(await read(accountId)).toBeDefined();
    await service.app.get(RemovedAccounts).eraseDue();
    expect(await read(accountId)).toBeUndefined();
    expect((await policiesOf(userId)).at(-1)).toMatchObject({ version: 4, accounts: [] });
  });

  it('at one venue do not open for another’s executor, whatever row it is given', async () => {
    const userId = await newUser();
    const accountId = `${userId}-b`;
    await call('POST', `/v1/users/${userId}/accounts`, { ...paper(userId), accountId });
    const row = (await (await executor('binance')).read(accountId))!;
    const asKraken = { userId, accountId, venue: 'kraken' };
    await expect(ring.openCredentials(asKraken, row.sealed_data_key, row.sealed)).rejects.toMatchObject({
      reason: 'tampered',
    });
  });

  it('are readable at every moment while their data key is replaced, and are the same afterwards', async () => {
    const userId = await newUser();
    const accountIds = Array.from({ length: 3 }, (_, n) => `${userId}-${n}`);
    for (const accountId of accountIds)
      await call('POST', `/v1/users/${userId}/accounts`, { ...paper(accountId), accountId });
    const { read } = await executor('binance');
    const opened = async (accountId: string) => {
      const row = (await read(accountId))!;
      const place = { userId, accountId, venue: 'binance' };
      return { version: row.key_version, ...(await ring.openCredentials(place, row.sealed_data_key, row.sealed)) };
    };
    const before = (await read(accountIds[0]!))!;
    let isDone = false as boolean;
    const reader = (async () => {
      for (let reads = 0; ; reads += 1) {
        for (const accountId of accountIds) expect(await opened(accountId)).toMatchObject(keysOf(accountId));
        if (isDone && reads > 3) return;
      }
    })();
    for (let round = 0; round < 5; round += 1)
      expect(await call('POST', '/v1/keys/rotate', { userId })).toEqual({
        status: 200,
        body: { rotated: 1, unreadable: [], remaining: 0 },
      });
    isDone = true;
    await reader;
    const after = (await read(accountIds[0]!))!;
    expect(after.sealed_data_key.equals(before.sealed_data_key)).toBe(false);
    expect(after.key_version).toBe(before.key_version);
    // What was copied from the database before opens under nothing that is there now.
    const place = { userId, accountId: accountIds[0]!, venue: 'binance' };
    await expect(ring.openCredentials(place, after.sealed_data_key, before.sealed)).rejects.toThrow(SealError);
    expect((await policiesOf(userId)).at(-1)).toMatchObject({ reason: 'data key rotated', changedBy: 'admin' });
  });

  it('of many get new data keys part by part: broken off, it goes on with those that are left, each once', async () => {
    const made = [await newUser(), await newUser(), await newUser()];
    const madeBefore = new Date(Date.now() + 1).toISOString();
    await delayUntil(Date.parse(madeBefore) + 1);
    const { body: first } = await call('POST', '/v1/keys/rotate', { madeBefore, limit: 2 });
    expect(first).toMatchObject({ rotated: 2, unreadable: [] });
    let { remaining } = first as { remaining: number };
    for (; remaining > 0;) {
      const { body } = await call('POST', '/v1/keys/rotate', { madeBefore, limit: 500 });
      expect(body.rotated).toBe(remaining);
      remaining = body.remaining as number;
    }
    for (const userId of made)
      expect((await policiesOf(userId)).filter(({ reason }) => reason === 'data key rotated')).toHaveLength(1);
  });

  it('are nobody’s to reseal but an admin’s', async () => {
    const userId = await newUser();
    const operator = await tokenOf(userId, 'operator');
    for (const [method, path] of [
      ['GET', '/v1/keys'],
      ['POST', '/v1/keys/rewrap'],
      ['POST', '/v1/keys/rotate'],
    ] as const)
      expect(await call(method, path, method === 'GET' ? undefined : {}, operator)).toMatchObject({ status: 403 });
    expect(await call('GET', '/v1/keys')).toMatchObject({
      status: 200,
      body: { current: await ring.currentName(), toRewrap: 0, users: expect.any(Number) },
    });
  });

  it('of a simulated account do not exist', async () => {
    const userId = await newUser();
    const simulated = { venue: 'binance', mode: 'simulated', startingBalances: { USDT: '5000' } };
    expect(await call('POST', `/v1/users/${userId}/accounts`, simulated)).toMatchObject({
      status: 201,
      body: { keyVersion: 0, startingBalances: { USDT: '5000' } },
    });
  });
});

describe('an exchange account', () => {
  it.each([
    [{ market: 'futures' }, ['market']],
    [{ testnet: true }, ['testnet']],
    [{ testnet: true, mode: 'live' }, ['testnet']],
    [{ marginMode: 'isolated' }, ['marginMode']],
    [{ leverage: 3 }, ['leverage']],
    [{ market: 'futures', leverage: 0.5, marginMode: 'cross' }, ['market', 'marginMode', 'leverage']],
  ])('that asks for %j is refused, since it would have no effect', async (wish, fields) => {
    const userId = await newUser();
    const answer = await call('POST', `/v1/users/${userId}/accounts`, { ...paper(userId), ...wish });
    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'UNSUPPORTED', detail: expect.stringMatching(/spot/), facts: { fields } },
    });
    expect((await call('GET', `/v1/users/${userId}/accounts`)).body.items).toEqual([]);
  });

  it('may say that it wants nothing special', async () => {
    const userId = await newUser();
    const plain = { ...paper(userId), market: 'spot', testnet: false, leverage: 1 };
    expect(await call('POST', `/v1/users/${userId}/accounts`, plain)).toMatchObject({ status: 201 });
  });
});

describe('a change', () => {
  it('is answered when every stage has stored it, or with 202 and the stages that have not', async () => {
    const userId = await newUser();
    await root.query("insert into log.subscriptions (group_name, topic) values ('risk', 'AccountPolicyChanged')");
    const change = (burst: number) => call('PUT', `/v1/users/${userId}/limits`, { burst });
    expect(await change(3)).toMatchObject({ status: 202, body: { burst: 3, pendingAt: ['risk'] } });
    expect(await call('POST', '/v1/users', { userId: `${userId}-b` })).toMatchObject({ status: 202 });
    const connected = await call('POST', `/v1/users/${userId}/accounts`, paper(userId));
    expect(connected).toMatchObject({ status: 202, body: { pendingAt: ['risk'] } });
    // What the stage stores when it has handled everything up to now.
    await root.query(`insert into log.watermarks (group_name, topic, partition, origin, generation, sequence)
      select 'risk', topic, partition, split_part(source, '/', 1) || '/' || split_part(source, '/', 2), 1, last_sequence + 1
      from log.heads where topic = 'AccountPolicyChanged'`);
    const stored = await change(4);
    expect(stored.status).toBe(200);
    expect(stored.body).not.toHaveProperty('pendingAt');
    await root.query("delete from log.subscriptions where group_name = 'risk'");
  });
});

describe('a key-encryption key in a file', () => {
  it('is changed while everything runs: the new one put in front, the data keys sealed anew, the old one taken away', async () => {
    await service.stop();
    const folder = mkdtempSync(join(tmpdir(), 'switchyard-accounts-'));
    const file = join(folder, 'kek');
    const [old, next] = [kek, Buffer.alloc(32, 11)];
    const write = (...keys: readonly Buffer[]) => {
      writeFileSync(file, keys.map((key) => key.toString('base64')).join(','), { mode: 0o600 });
    };
    write(old);
    const settings = accountsConfig.parse({
      SWITCHYARD_KEY_ENCRYPTION_KEY_FILE: file,
      SWITCHYARD_POLICY_ACKNOWLEDGE_TIMEOUT_MS: '100',
    });
    service = await startService(accounts, settings, platform, { host: '127.0.0.1', port: 0 });
    const userId = await newUser();
    const accountId = `${userId}-f`;
    await call('POST', `/v1/users/${userId}/accounts`, { ...paper(userId), accountId });
    const executors = await openKeyRing({ file });
    const opened = async () => {
      const { rows } = await root.query<{ sealed_data_key: Buffer; sealed: Buffer }>(
        'select sealed_data_key, sealed from sealed_keys_binance where account_id = $1',
        [accountId],
      );
      const [row] = rows;
      return executors.openCredentials({ userId, accountId, venue: 'binance' }, row!.sealed_data_key, row!.sealed);
    };
    expect(await opened()).toEqual(keysOf(userId));
    write(next, old);
    let after: string | undefined = '';
    while (after !== undefined) {
      // A part of the users is sealed under the new key already, the rest under the old one.
      expect(await opened()).toEqual(keysOf(userId));
      const { body } = await call('POST', '/v1/keys/rewrap', { after, limit: 3 });
      expect(body).toMatchObject({ unreadable: [], current: await KeyRing.of([next]).currentName() });
      after = body.next as string | undefined;
    }
    expect((await call('GET', '/v1/keys')).body).toMatchObject({ toRewrap: 0 });
    write(next);
    const { rows } = await root.query<{ user_id: string; data_key: Buffer }>('select user_id, data_key from users');
    const anew = await KeyRing.of([next]).resealDataKeys(
      rows.map(({ user_id, data_key }) => ({ userId: user_id, sealed: data_key })),
    );
    expect(anew.filter((answer) => answer instanceof SealError)).toEqual([]);
    expect(await opened()).toEqual(keysOf(userId));
    await service.stop();
    service = await startService(accounts, config(`${kek.toString('base64')},${next.toString('base64')}`), platform, {
      host: '127.0.0.1',
      port: 0,
    });
    rmSync(folder, { recursive: true });
  });
});

describe('a key-encryption key in Vault', () => {
  it('takes over while everybody trades; while Vault is away keys are refused with a code, and nothing is stored', async () => {
    const vault = new TransitStandIn('switchyard', 'hvs.accounts');
    const address = await vault.start();
    await service.stop();
    const settings = accountsConfig.parse({
      SWITCHYARD_KEY_ENCRYPTION_KEY: [kek, Buffer.alloc(32, 11)].map((key) => key.toString('base64')).join(','),
      SWITCHYARD_VAULT_TRANSIT_KEY: 'switchyard',
      VAULT_ADDR: address,
      VAULT_TOKEN: 'hvs.accounts',
      SWITCHYARD_POLICY_ACKNOWLEDGE_TIMEOUT_MS: '100',
    });
    service = await startService(accounts, settings, platform, { host: '127.0.0.1', port: 0 });
    try {
      // At the start all data keys were sealed by Vault.
      expect((await call('GET', '/v1/keys')).body).toMatchObject({ current: 'vault:switchyard:v1', toRewrap: 0 });
      const userId = await newUser();
      const accountId = `${userId}-v`;
      await call('POST', `/v1/users/${userId}/accounts`, { ...paper(userId), accountId });
      vault.isSealed = true;
      for (const [path, body] of [
        [`/v1/users/${userId}/accounts`, paper(`${userId}-late`)],
        [`/v1/users/${userId}/accounts/${accountId}/rotate`, keysOf(`${userId}-late`)],
        ['/v1/users', { userId: `${userId}-late` }],
        ['/v1/keys/rotate', { userId }],
      ] as const)
        expect([path, await call('POST', path, body)]).toMatchObject([
          path,
          { status: 503, body: { code: 'KEYS_UNAVAILABLE' } },
        ]);
      expect((await policiesOf(userId)).at(-1)?.version).toBe(2);
      expect(await call('GET', `/v1/users/${userId}-late`)).toMatchObject({ status: 404 });
      vault.isSealed = false;
      vault.rotate();
      expect((await call('POST', '/v1/keys/rewrap', { limit: 500 })).body).toMatchObject({
        current: 'vault:switchyard:v2',
        unreadable: [],
      });
      const [row] = (
        await root.query<{ sealed_data_key: Buffer; sealed: Buffer }>(
          'select sealed_data_key, sealed from sealed_keys_binance where account_id = $1',
          [accountId],
        )
      ).rows;
      const executor = await openKeyRing({ vault: { address, token: 'hvs.accounts', key: 'switchyard' } });
      const place = { userId, accountId, venue: 'binance' };
      expect(await executor.openCredentials(place, row!.sealed_data_key, row!.sealed)).toEqual(keysOf(userId));
      await expect(
        executor.openCredentials({ ...place, venue: 'kraken' }, row!.sealed_data_key, row!.sealed),
      ).rejects.toThrow(SealError);
      // Back to a local key, as a deployment would that gives Vault up.
      const { rows } = await root.query<{ user_id: string; data_key: Buffer }>('select user_id, data_key from users');
      const local = new KeyRing([
        new LocalKeys([kek]),
        new VaultTransit({ address, token: 'hvs.accounts', key: 'switchyard' }),
      ]);
      const back = await local.resealDataKeys(
        rows.map(({ user_id, data_key }) => ({ userId: user_id, sealed: data_key })),
      );
      expect(back.every((dataKey) => dataKey instanceof Buffer)).toBe(true);
      for (const [n, { user_id }] of rows.entries())
        await root.query('update users set data_key = $2 where user_id = $1', [user_id, back[n]]);
    } finally {
      await service.stop();
      await vault.stop();
      service = await startService(
        accounts,
        config([kek, Buffer.alloc(32, 11)].map((key) => key.toString('base64')).join(',')),
        platform,
        {
          host: '127.0.0.1',
          port: 0,
        },
      );
    }
  });
});

describe('a restart', () => {
  it('with a new key-encryption key in front seals data keys anew, and with a wrong one does not start', async () => {
    const userId = await newUser();
    const accountId = `${userId}-k`;
    await call('POST', `/v1/users/${userId}/accounts`, { ...paper(userId), accountId });
    await service.stop();
    const next = Buffer.alloc(32, 9);
    const listen = { host: '127.0.0.1', port: 0 };
    await expect(startService(accounts, config(next.toString('base64')), platform, listen)).rejects.toThrow(
      /key-encryption key/,
    );
    service = await startService(
      accounts,
      config(`${next.toString('base64')},${kek.toString('base64')}`),
      platform,
      listen,
    );
    const { rows } = await root.query<{ sealed_data_key: Buffer; sealed: Buffer }>(
      'select sealed_data_key, sealed from sealed_keys_binance where account_id = $1',
      [accountId],
    );
    expect(
      await KeyRing.of([next]).openCredentials(
        { userId, accountId, venue: 'binance' },
        rows[0]!.sealed_data_key,
        rows[0]!.sealed,
      ),
    ).toEqual(keysOf(userId));
    await service.stop();
    service = await startService(
      accounts,
      config(`${kek.toString('base64')},${next.toString('base64')}`),
      platform,
      listen,
    );
  });

  it('makes what is missing and leaves the rest alone', async () => {
    const setup = service.app.get(AccountsSetup);
    const chosen = newToken();
    const ensure = async (token: string | undefined) => {
      const made = await setup.ensureUser({
        userId: 'demo',
        enabled: true,
        mode: 'paper',
        limits: { maxOpenPositions: 9 },
      });
      const account = await setup.ensureAccount('demo', {
        accountId: 'demo-binance',
        venue: 'binance',
        mode: 'paper',
        market: 'spot',
        testnet: undefined,
        usdtAsUsd: true,
        timeZone: 'UTC',
        startingBalances: undefined,
        credentials: keysOf('demo'),
      });
      return { made, account, token: await setup.ensureToken({ userId: 'demo', role: 'trader', name: 'demo', token }) };
    };
    const first = await ensure(undefined);
    expect(first).toMatchObject({ made: true, account: true });
    const versions = (await policiesOf('demo')).length;
    expect(await ensure(first.token)).toEqual({ made: false, account: false, token: first.token });
    expect(await policiesOf('demo')).toHaveLength(versions);
    expect((await ensure(chosen)).token).toBe(chosen);
    expect(await call('GET', '/v1/users/demo', undefined, first.token)).toMatchObject({ status: 401 });
    expect(await call('GET', '/v1/users/demo', undefined, chosen)).toMatchObject({ status: 200 });
    await expect(setup.ensureToken({ userId: 'demo', role: 'trader', name: 'demo', token: 'short' })).rejects.toThrow(
      /24 to 256/,
    );
  });
});
