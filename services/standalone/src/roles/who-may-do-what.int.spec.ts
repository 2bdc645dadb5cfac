import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { allows, newToken, type Role } from '@switchyard/auth';
import { testDatabase } from '@switchyard/persistence/testing';
import { eventually } from '../testing/eventually.js';
import { openDoors, SECRETS, type Doors } from './deployment.js';
import { NOT_OUTSIDE, ROWS } from './rows.js';
import type { Row, Subject } from './row.js';

const postgres = testDatabase();
let doors: Doors;
/** Whoever holds one of these is nobody. */
let strangers: Readonly<Record<string, string | undefined>>;
let callers: readonly { readonly userId: string; readonly role: Role; readonly token: string }[];
let admin: string;
const things = new Map<string, { readonly orderId: string; readonly signalId: string }>();
const answers: string[] = [];

beforeAll(async () => {
  doors = await openDoors(postgres.url);
  admin = await doors.person('root', 'admin');
  callers = [
    { userId: 'ann', role: 'trader', token: await doors.person('ann', 'trader') },
    { userId: 'olga', role: 'operator', token: await doors.person('olga', 'operator') },
    { userId: 'root', role: 'admin', token: admin },
  ];
  await doors.person('bob', 'trader');
  for (const userId of ['ann', 'olga', 'root', 'bob']) things.set(userId, await doors.traded(userId));
  strangers = { 'no token': undefined, 'a forged token': newToken(), ...(await spent()) };
  await eventually(async () => {
    for (const { orderId, signalId } of things.values())
      for (const path of [`/v1/orders/${orderId}`, `/v1/signals/${signalId}`])
        expect((await doors.as(admin).get(path)).status).toBe(200);
  });
}, 60_000);
afterAll(() => doors.stop());

/** Tokens that were good once. */
const spent = async (): Promise<Readonly<Record<string, string>>> => {
  const issue = async (body: object) =>
    (await doors.as(admin).post('/v1/users/ann/tokens', body)).body as { token: string; tokenId: string };
  const [expired, revoked] = [await issue({ expiresAt: '2020-01-01T00:00:00Z' }), await issue({})];
  await doors.as(admin).delete(`/v1/users/ann/tokens/${revoked.tokenId}`);
  return { 'an expired token': expired.token, 'a revoked token': revoked.token };
};

let requests = 0;
const subject = (userId: string): Subject => {
  const n = ++requests;
  const isSomebody = things.has(userId);
  const make = async (path: string, body: object, field: string): Promise<string> => {
    if (!isSomebody) return 'nothing';
    const made = await doors.as(admin).post(`/v1/users/${userId}/${path}`, body);
    expect([path, made.status]).toEqual([path, 201]);
    return (made.body as Readonly<Record<string, string>>)[field] ?? '';
  };
  const account = { venue: 'okx', mode: 'paper', apiKey: `thing-key-${n}`, secret: 'x', passphrase: 'x' };
  return {
    userId,
    n,
    accountId: () => make('accounts', account, 'accountId'),
    tokenId: () => make('tokens', { role: 'trader' }, 'tokenId'),
    ...(things.get(userId) ?? { orderId: 'order-of-nobody', signalId: 'signal-of-nobody' }),
  };
};

const ask = async (route: string, row: Row, userId: string, token: string | undefined): Promise<number> => {
  const { path, body } = await row.request(subject(userId));
  const abort = new AbortController();
  const response = await fetch(`${doors.as(undefined).url}${path}`, {
    method: route.split(' ', 1)[0] ?? 'GET',
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: abort.signal,
  });
  if (response.headers.get('content-type')?.startsWith('text/event-stream') === true) abort.abort();
  else answers.push(await response.text());
  return response.status;
};

const expected = (row: Row, caller: { readonly userId: string; readonly role: Role }, userId: string): number => {
  const { permission, about } = row;
  if (permission === 'public' || permission === 'anyone') return row.allowed;
  const isAllowed = allows(caller, permission, about === 'everybody' ? undefined : userId);
  if (!isAllowed) return about === 'thing' ? 404 : 403;
  return about !== 'everybody' && !things.has(userId) ? (row.nobody ?? 404) : row.allowed;
};

describe('every route', () => {
  it('that the gateway or accounts serves has a row that says who may use it for whom (services/standalone/src/roles/rows.ts)', () => {
    const known = new Set([...Object.keys(ROWS).map((route) => route.replace(/ \(.*\)$/, '')), ...NOT_OUTSIDE]);
    expect(doors.routes.filter((route) => !known.has(route))).toEqual([]);
    // Found where they are: a list that is read wrongly would be empty.
    expect(doors.routes).toEqual(expect.arrayContaining(['POST /v1/signals', 'PUT /v1/users/:userId/limits']));
    const served = new Set(doors.routes);
    expect([...known].filter((route) => !served.has(route) && !NOT_OUTSIDE.includes(route))).toEqual([]);
  });

  it.each(Object.keys(ROWS))('%s', async (route) => {
    const row = ROWS[route]!;
    const told: Record<string, number> = {};
    const right: Record<string, number> = {};
    for (const [name, token] of Object.entries(strangers)) {
      told[name] = await ask(route, row, 'ann', token);
      right[name] = row.permission === 'public' ? row.allowed : 401;
    }
    const owners = row.about === 'everybody' ? ['own'] : ['own', 'another’s', 'nobody’s'];
    for (const caller of callers)
      for (const owner of owners) {
        const userId = { own: caller.userId, 'another’s': 'bob' }[owner] ?? 'ghost';
        const cell = `${caller.role}, ${owner}`;
        told[cell] = await ask(route, row, userId, caller.token);
        right[cell] = expected(row, caller, userId);
      }
    expect(told).toEqual(right);
  });

  it('answers with no secret: no API key, no token of anybody’s', () => {
    expect(answers.length).toBeGreaterThan(300);
    const secrets = [...SECRETS, ...callers.map(({ token }) => token), ...Object.values(strangers)];
    for (const secret of secrets)
      if (secret !== undefined) expect(answers.filter((answer) => answer.includes(secret))).toEqual([]);
  });

  it('of accounts that is for our own services is not reached from outside', async () => {
    for (const path of [
      '/internal/introspect',
      '/v1/users/../../internal/introspect',
      '/v1/users/%2e%2e/%2e%2e/internal/introspect',
    ])
      expect([path, (await doors.as(admin).post(path, { token: admin })).status]).toEqual([path, 404]);
  });
});
