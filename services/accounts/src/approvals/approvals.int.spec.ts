import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EVENTS, type AccountPolicyChanged } from '@switchyard/contracts';
import { decodeRecords } from '@switchyard/log';
import { createLogger, createMetrics } from '@switchyard/observability';
import { openDatabase, type Database } from '@switchyard/persistence';
import { testDatabase } from '@switchyard/persistence/testing';
import { openPlatform, startService, type Platform, type RunningService } from '@switchyard/runtime';
import { accountsConfig } from '../config.js';
import { accounts, AccountsSetup } from '../index.js';
import { RemovedAccounts } from '../removed-accounts.js';

const postgres = testDatabase();
let platform: Platform;
let service: RunningService;
let root: Database;
/** Tokens by user. */
const tokens: Record<string, string> = {};

beforeAll(async () => {
  platform = await openPlatform({
    databaseUrl: postgres.url,
    transport: 'postgres',
    partitions: 4,
    instance: 'test',
    others: false,
    poolSize: 6,
    logger: createLogger({ service: 'test', level: 'silent' }),
    metrics: createMetrics({ service: 'test', process: false }),
    traced: false,
  });
  const config = accountsConfig.parse({
    SWITCHYARD_KEY_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
    SWITCHYARD_POLICY_ACKNOWLEDGE_TIMEOUT_MS: '100',
    SWITCHYARD_APPROVALS_REQUIRED: 'live_account,flatten_all',
    SWITCHYARD_TRADING_STATE_TIMEOUT_MS: '10',
  });
  service = await startService(accounts, config, platform, { host: '127.0.0.1', port: 0 });
  root = await openDatabase({ url: postgres.url, schema: 'accounts', applicationName: 'test' });
  const setup = service.app.get(AccountsSetup);
  const roles = { ann: 'trader', otto: 'operator', olga: 'operator', ada: 'admin', abel: 'admin' } as const;
  for (const [userId, role] of Object.entries(roles)) {
    await setup.ensureUser({ userId, enabled: true, mode: 'paper' });
    tokens[userId] = await setup.ensureToken({ userId, role, name: 'first' });
  }
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

const call = async (who: string, method: string, path: string, body?: unknown): Promise<Answer> => {
  const response = await fetch(`${service.url ?? ''}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${tokens[who] ?? who}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
};

const policiesOf = async (userId: string): Promise<readonly AccountPolicyChanged[]> => {
  const { rows } = await root.query<{ records: Buffer }>(
    "select records from log.batches where topic = 'AccountPolicyChanged' order by partition, batch",
  );
  return rows
    .flatMap(({ records }) => [...decodeRecords(records)])
    .filter(({ key }) => key === userId)
    .map(({ value }) => EVENTS.AccountPolicyChanged.schema.parse(JSON.parse(Buffer.from(value).toString())));
};
const told = async (userId: string): Promise<readonly string[]> =>
  ((await policiesOf(userId)).at(-1)?.accounts ?? []).map(({ accountId }) => accountId);
const rowOf = async (accountId: string) =>
  (
    await root.query<{ has_keys: boolean; gone: boolean }>(
      `select sealed is not null as has_keys, erased_at is not null as gone from exchange_accounts where account_id = $1`,
      [accountId],
    )
  ).rows[0];

let accountIds = 0;
/** Asks for a live account. */
const ask = async (who = 'ann', mode = 'live') => {
  const accountId = `live-${++accountIds}`;
  const keys = { apiKey: `key-${accountId}`, secret: `hidden-${accountId}` };
  const { status, body } = await call(who, 'POST', '/v1/users/ann/accounts', {
    accountId,
    venue: 'kraken',
    mode,
    ...keys,
  });
  return { accountId, status, body, approvalId: body.approvalId as string, keys };
};
const decide = (who: string, approvalId: string, verdict = 'approve', reason?: string) =>
  call(who, 'POST', `/v1/approvals/${approvalId}/${verdict}`, { reason });

describe('a live account, where a second person has to approve it', () => {
  it('is stored, told to nobody, and listed as waiting, until an operator approves it', async () => {
    const { accountId, status, body, approvalId, keys } = await ask();
    expect(status).toBe(202);
    expect(body).toMatchObject({ code: 'APPROVAL_REQUIRED', status: 'pending_approval', accountId });
    expect(await told('ann')).not.toContain(accountId);
    const { items } = (await call('otto', 'GET', '/v1/approvals?status=pending')).body;
    expect(items).toMatchObject([{ approvalId, kind: 'live_account', requestedBy: 'ann', userId: 'ann', accountId }]);
    expect(JSON.stringify(items)).not.toContain(keys.apiKey);
    const decided = await decide('otto', approvalId, 'approve', 'called her');
    expect(decided.body).toMatchObject({ status: 'approved', decidedBy: 'otto', reason: 'called her' });
    expect(await told('ann')).toContain(accountId);
    expect((await policiesOf('ann')).at(-1)).toMatchObject({
      changedBy: 'otto',
      reason: expect.stringMatching(new RegExp(`account ${accountId}, asked for by ann, approved \\(${approvalId}\\)`)),
    });
    const version = (await policiesOf('ann')).length;
    expect((await decide('otto', approvalId)).status).toBe(200);
    expect(await decide('olga', approvalId, 'reject')).toMatchObject({ status: 409, body: { code: 'APPROVAL_OVER' } });
    expect((await policiesOf('ann')).length).toBe(version);
  });

  it('is approved by nobody who asked for it, whom it concerns, or who holds a token that one of them made', async () => {
    const { approvalId, accountId } = await ask('ada');
    expect(await decide('ann', approvalId)).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
    expect(await decide('ada', approvalId)).toMatchObject({ status: 403, body: { code: 'SECOND_PERSON_NEEDED' } });
    const made = await call('ada', 'POST', '/v1/users/otto/tokens', { role: 'operator' });
    const borrowed = made.body.token as string;
    expect((await decide(borrowed, approvalId)).body.code).toBe('SECOND_PERSON_NEEDED');
    const anns = await call('ada', 'POST', '/v1/users/ann/tokens', { role: 'admin' });
    expect((await decide(anns.body.token as string, approvalId)).body.code).toBe('SECOND_PERSON_NEEDED');
    expect(await told('ann')).not.toContain(accountId);
    // And the other way round: who made the token that asked is the one who asked.
    const other = await ask(anns.body.token as string);
    expect((await decide('ada', other.approvalId)).body.code).toBe('SECOND_PERSON_NEEDED');
    expect((await decide('abel', other.approvalId)).status).toBe(200);
    expect((await decide('otto', approvalId)).status).toBe(200);
  });

  it('that is rejected or withdrawn is erased with its keys at once, and can not be approved any more', async () => {
    const [rejected, withdrawn] = [await ask(), await ask()];
    expect((await decide('otto', rejected.approvalId, 'reject', 'not agreed')).body).toMatchObject({
      status: 'rejected',
    });
    expect((await call('ann', 'DELETE', `/v1/users/ann/accounts/${withdrawn.accountId}`)).status).toBe(200);
    for (const { accountId, approvalId } of [rejected, withdrawn]) {
      expect(await rowOf(accountId)).toEqual({ has_keys: false, gone: true });
      expect(await decide('otto', approvalId)).toMatchObject({ status: 409, body: { code: 'APPROVAL_OVER' } });
      expect(await told('ann')).not.toContain(accountId);
    }
    // The key is free again.
    const { status } = await call('ann', 'POST', '/v1/users/ann/accounts', {
      ...{ accountId: 'again', venue: 'kraken', mode: 'live' },
      ...rejected.keys,
    });
    expect(status).toBe(202);
  });

  it('can not be given other keys while it waits: what is approved is what was asked for', async () => {
    const { accountId } = await ask();
    const other = { apiKey: 'other-key', secret: 'other-secret' };
    expect(await call('ann', 'POST', `/v1/users/ann/accounts/${accountId}/rotate`, other)).toMatchObject({
      status: 409,
      body: { code: 'CONFLICT' },
    });
  });

  it('that nobody approves in time is erased, and not approved afterwards', async () => {
    const { accountId, approvalId } = await ask();
    await root.query("update approvals set expires_at = now() - interval '1 second' where approval_id = $1", [
      approvalId,
    ]);
    expect(await decide('otto', approvalId)).toMatchObject({ status: 409, body: { facts: { status: 'expired' } } });
    await service.app.get(RemovedAccounts).eraseDue();
    expect(await rowOf(accountId)).toEqual({ has_keys: false, gone: true });
    expect(await told('ann')).not.toContain(accountId);
  });

  it('is decided once, however many decide at the same moment', async () => {
    const { approvalId, accountId } = await ask();
    const answers = await Promise.all([
      ...['otto', 'olga', 'ada'].map((who) => decide(who, approvalId)),
      ...['abel', 'olga'].map((who) => decide(who, approvalId, 'reject')),
    ]);
    const { items } = (await call('otto', 'GET', '/v1/approvals')).body;
    const { status } = (items as { approvalId: string; status: string }[]).find(
      (one) => one.approvalId === approvalId,
    )!;
    expect(answers.filter((answer) => answer.status !== 409).every((answer) => answer.body.status === status)).toBe(
      true,
    );
    expect((await told('ann')).includes(accountId)).toBe(status === 'approved');
  });

  it('is seen by its user, and by nobody else’s', async () => {
    await ask();
    const { userId } = (await call('ada', 'POST', '/v1/users', { userId: 'bob' })).body as { userId: string };
    const bob = (await call('ada', 'POST', `/v1/users/${userId}/tokens`, {})).body.token as string;
    expect((await call(bob, 'GET', '/v1/approvals')).body.items).toEqual([]);
    expect((await call('ann', 'GET', '/v1/approvals?status=pending')).body.items.length).toBeGreaterThan(0);
    expect((await call('otto', 'POST', '/v1/approvals/apr-none/approve', {})).status).toBe(404);
  });

  it('alone waits: a paper account is connected at once', async () => {
    expect(await ask('ann', 'paper')).toMatchObject({ status: 201, body: { status: 'connected' } });
  });
});

describe('closing everybody’s positions, where a second person has to approve it', () => {
  const set = async (state: string): Promise<number> =>
    (await call('otto', 'PUT', '/v1/trading-state/global', { state, reason: `${state} please` })).body
      .version as number;
  const wish = (version: number, who = 'otto', scope = 'global') =>
    call(who, 'POST', '/internal/approvals/flatten', { scope, version, reason: 'a flash crash' });
  const acts = async (itemId: string) => {
    const { rows } = await root.query<{ records: Buffer }>(
      "select records from log.batches where topic = 'OperatorActed' order by batch",
    );
    return rows
      .flatMap(({ records }) => [...decodeRecords(records)])
      .map(({ value }) => EVENTS.OperatorActed.schema.parse(JSON.parse(Buffer.from(value).toString())))
      .filter((act) => act.itemId === itemId);
  };

  it('waits once a version, is approved by another operator, and each step is told', async () => {
    const version = await set('halted');
    const asked = await wish(version);
    expect(asked.body).toMatchObject({ needed: true, approval: { kind: 'flatten_all', scope: 'global', version } });
    const { approvalId } = asked.body.approval as { readonly approvalId: string };
    expect((await wish(version, 'olga')).body.approval).toMatchObject({ approvalId, requestedBy: 'otto' });
    expect((await decide('otto', approvalId)).body.code).toBe('SECOND_PERSON_NEEDED');
    expect((await decide('olga', approvalId)).body).toMatchObject({ status: 'approved', decidedBy: 'olga', version });
    const told = await acts(approvalId);
    expect(told.map(({ action, actedBy }) => [action, actedBy]).sort()).toEqual([
      ['approve', 'olga'],
      ['request', 'otto'],
    ]);
    expect(told[0]).toMatchObject({
      itemKind: 'approval',
      reason: 'a flash crash',
      facts: { scope: 'global', version },
    });
  });

  it('is over once trading was resumed: nobody means it any more', async () => {
    await set('active');
    const version = await set('halted');
    const { approvalId } = (await wish(version)).body.approval as { readonly approvalId: string };
    await set('active');
    expect(await decide('olga', approvalId)).toMatchObject({ status: 409, body: { code: 'APPROVAL_OVER' } });
    await set('halted');
    expect(await decide('olga', approvalId)).toMatchObject({ status: 409, body: { code: 'APPROVAL_OVER' } });
    await set('active');
  });

  it('needs nobody else for one user, and is not for a trader to ask', async () => {
    expect((await wish(1, 'ann', 'user:ann')).body).toEqual({ needed: false });
    expect((await wish(1, 'ann')).status).toBe(403);
  });
});
