import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Role } from '@switchyard/auth';
import { EVENTS, type TradingStateApplied, type TradingStateChanged } from '@switchyard/contracts';
import { decodeRecords, deriveId } from '@switchyard/log';
import { StageEventLog } from '@switchyard/log-postgres';
import { createLogger, createMetrics } from '@switchyard/observability';
import { openDatabase, type Database } from '@switchyard/persistence';
import { testDatabase } from '@switchyard/persistence/testing';
import { openPlatform, startService, type Platform, type RunningService } from '@switchyard/runtime';
import { until } from '@switchyard/testing';
import { accountsConfig } from '../config.js';
import { accounts, AccountsSetup } from '../index.js';

const postgres = testDatabase();
const PARTITIONS = 4;
const platforms: Platform[] = [];
const services: RunningService[] = [];
const tokens = new Map<string, string>();
let root: Database;
let executors: Database;
let service: RunningService;
let other: RunningService;

const config = (env: NodeJS.ProcessEnv = {}) =>
  accountsConfig.parse({
    SWITCHYARD_KEY_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
    SWITCHYARD_VENUES: 'binance,kraken',
    SWITCHYARD_POLICY_ACKNOWLEDGE_TIMEOUT_MS: '1',
    SWITCHYARD_TRADING_STATE_TIMEOUT_MS: '60',
    SWITCHYARD_TRADING_STATE_REPEAT_MS: '100',
    ...env,
  });

const startReplica = async (instance: string, env: NodeJS.ProcessEnv = {}): Promise<RunningService> => {
  const platform = await openPlatform({
    databaseUrl: postgres.url,
    transport: 'postgres',
    partitions: PARTITIONS,
    instance,
    others: true,
    poolSize: 4,
    logger: createLogger({ service: instance, level: 'silent' }),
    metrics: createMetrics({ service: instance, process: false }),
    traced: false,
  });
  platforms.push(platform);
  const replica = await startService(accounts, config(env), platform, { host: '127.0.0.1', port: 0 });
  services.push(replica);
  return replica;
};

beforeAll(async () => {
  service = await startReplica('one');
  other = await startReplica('two', { SWITCHYARD_TRADING_STATE_TIMEOUT_MS: '1500' });
  root = await openDatabase({ url: postgres.url, schema: 'accounts', applicationName: 'test' });
  executors = await openDatabase({ url: postgres.url, schema: 'executors', applicationName: 'test' });
  for (const venue of ['binance', 'kraken'])
    await executors.query('insert into log.shards (deployment, partition) select $1, generate_series(0, $2 - 1)', [
      `execution-${venue}`,
      PARTITIONS,
    ]);
  const setup = service.app.get(AccountsSetup);
  for (const [userId, role] of [
    ['ada', 'admin'],
    ['otto', 'operator'],
    ['ann', 'trader'],
    ['bob', 'trader'],
  ] as const) {
    await setup.ensureUser({ userId, enabled: true, mode: 'paper' });
    tokens.set(userId, await setup.ensureToken({ userId, role: role satisfies Role, name: 'first' }));
  }
}, 30_000);
afterAll(async () => {
  for (const one of services) await one.stop();
  for (const platform of platforms) await platform.close();
  await root.close();
  await executors.close();
});

interface Answer {
  readonly status: number;
  readonly body: any;
}

const call = async (who: string, method: string, path: string, body?: unknown, at = service): Promise<Answer> => {
  const response = await fetch(`${at.url ?? ''}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${tokens.get(who) ?? ''}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
};
/** What is looked at, once it is so. */
const reached = async <T>(look: () => Promise<T>, isSo: (seen: T) => boolean): Promise<T> => {
  let seen = await look();
  await until(async () => isSo((seen = await look())));
  return seen;
};
const put = (who: string, scope: string, state: string, more: object = {}, at = service): Promise<Answer> =>
  call(who, 'PUT', `/v1/trading-state/${scope}`, { state, reason: `${state} says ${who}`, ...more }, at);

/** What was appended to the log for a scope, oldest first. */
const changesOf = async (scope: string): Promise<readonly TradingStateChanged[]> => {
  const { rows } = await root.query<{ records: Buffer }>(
    "select records from log.batches where topic = 'TradingStateChanged' order by partition, batch",
  );
  return rows
    .flatMap(({ records }) => [...decodeRecords(records)])
    .filter(({ key }) => key === scope)
    .map(({ value }) => EVENTS.TradingStateChanged.schema.parse(JSON.parse(Buffer.from(value).toString())));
};

/** The last telling to those who keep states in memory. */
const toldOf = async (scope: string): Promise<TradingStateChanged | undefined> => {
  const { rows } = await root.query<{ value: Buffer }>(
    "select value from log.latest where topic = 'TradingStateChanged' and key = $1",
    [scope],
  );
  return rows[0] && EVENTS.TradingStateChanged.schema.parse(JSON.parse(rows[0].value.toString()));
};

/** An executor says that it keeps a state. */
const say = async (word: Pick<TradingStateApplied, 'scope' | 'version' | 'venue'> & Partial<TradingStateApplied>) => {
  const payload: TradingStateApplied = {
    ...{ unresolved: 0, open: 0, cancelled: 0, orders: [], report: 1, appliedAt: new Date().toISOString() },
    ...word,
  };
  const [platform] = platforms;
  if (platform === undefined) throw new Error('nothing runs');
  const log = new StageEventLog(executors, `execution-${word.venue}`, PARTITIONS, platform.hub, platform.compacted);
  await executors.transaction((tx) =>
    log.append(tx, [
      {
        ...{ topic: 'TradingStateApplied', type: 'TradingStateApplied', key: word.scope, payload },
        cause: { id: deriveId('test', word.venue, word.scope, String(payload.version), String(payload.report)) },
      },
    ]),
  );
};

describe('the trading state of a scope', () => {
  it('is answered with who has not acknowledged it, and is verified once every executor keeps it and nothing is left', async () => {
    const halted = await put('otto', 'user:ann', 'halted', { cancelOpen: true });
    expect(halted).toMatchObject({
      status: 202,
      body: { state: 'halted', version: 1, verified: false, executors: [], notAcknowledged: ['binance', 'kraken'] },
    });
    const order = {
      orderId: 'o-1',
      userId: 'ann',
      accountId: 'a-1',
      pair: 'BTC-USD',
      status: 'unknown',
      why: 'x',
    } as const;
    await say({ scope: 'user:ann', version: 1, venue: 'kraken' });
    await say({ scope: 'user:ann', version: 1, venue: 'binance', unresolved: 1, open: 1, orders: [order] });
    const partly = await reached(
      async () => (await call('otto', 'GET', '/v1/trading-state/user:ann')).body,
      ({ executors: words }) => (words as readonly unknown[]).length === 2,
    );
    expect(partly).toMatchObject({
      verified: false,
      notAcknowledged: [],
      executors: [
        { venue: 'binance', verified: false, unresolved: 1, open: 1, orders: [{ orderId: 'o-1', why: 'x' }] },
        { venue: 'kraken', verified: true },
      ],
    });
    // Whoever repeats it joins what is under way, at whichever replica, and hears of the end.
    const repeated = put('otto', 'user:ann', 'halted', { cancelOpen: true }, other);
    await say({ scope: 'user:ann', version: 1, venue: 'binance', report: 3, cancelled: 1 });
    await say({ scope: 'user:ann', version: 1, venue: 'binance', report: 2, unresolved: 1 });
    expect(await repeated).toMatchObject({ status: 200, body: { version: 1, verified: true } });
    expect((await changesOf('user:ann')).map(({ version }) => version)).toEqual([1]);
  });

  it('has one version for each change, in order, each told once, however many replicas change it at once', async () => {
    const states = ['halted', 'reducing', 'active', 'halted', 'active', 'reducing'];
    await Promise.all(
      states.map((state, index) => put('otto', 'user:bob', state, {}, index % 2 === 0 ? service : other)),
    );
    const changes = await changesOf('user:bob');
    expect(changes.map(({ version }) => version)).toEqual(changes.map((_, index) => index + 1));
    for (const [index, { state }] of changes.entries()) expect(state).not.toBe(changes[index - 1]?.state);
    const times = changes.map(({ changedAt }) => Date.parse(changedAt));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    const last = changes.at(-1);
    await reached(
      () => toldOf('user:bob'),
      (told) => told?.version === last?.version && told?.state === last?.state,
    );
    await put('otto', 'user:bob', 'active');
  });

  it('is a user’s own to tighten and to lift, but for what an operator ordered', async () => {
    expect(await put('bob', 'user:bob', 'halted')).toMatchObject({ body: { state: 'halted', changedBy: 'bob' } });
    expect(await put('bob', 'user:bob', 'active')).toMatchObject({ body: { state: 'active' } });
    await put('otto', 'user:bob', 'reducing');
    expect(await put('bob', 'user:bob', 'active')).toMatchObject({
      status: 403,
      body: { code: 'STATE_HELD', facts: { scope: 'user:bob', state: 'reducing', reason: 'reducing says otto' } },
    });
    expect(await put('bob', 'user:bob', 'halted')).toMatchObject({
      body: { state: 'halted', heldByOperator: { state: 'reducing', reason: 'reducing says otto' } },
    });
    expect(await put('otto', 'user:bob', 'active')).toMatchObject({ body: { state: 'active' } });
  });

  it('is nobody’s business but the user’s and the operators’', async () => {
    for (const scope of ['user:ann', 'global', 'venue:kraken']) {
      expect(await put('bob', scope, 'halted')).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
      expect(await call('bob', 'GET', `/v1/trading-state/${scope}`)).toMatchObject({ status: 403 });
    }
    expect((await call('bob', 'GET', '/v1/trading-state')).body.items.map(({ scope }: any) => scope)).toEqual([
      'user:bob',
    ]);
    const all = (await call('ada', 'GET', '/v1/trading-state')).body.items.map(({ scope }: any) => scope as string);
    expect(all).toEqual(expect.arrayContaining(['global', 'user:ann', 'user:bob']));
    const first = await call('ada', 'GET', '/v1/trading-state?limit=1');
    const second = await call('ada', 'GET', `/v1/trading-state?limit=9&cursor=${first.body.nextCursor as string}`);
    expect([...first.body.items, ...second.body.items].map(({ scope }: any) => scope)).toEqual(all);
  });

  it.each([
    ['a scope that is none', 'everything', { state: 'halted', reason: 'x' }, 400, 'MALFORMED'],
    ['a user that there is not', 'user:nobody', { state: 'halted', reason: 'x' }, 404, 'NOT_FOUND'],
    ['a venue that the deployment does not have', 'venue:okx', { state: 'halted', reason: 'x' }, 404, 'NOT_FOUND'],
    ['a state that is none', 'global', { state: 'stopped', reason: 'x' }, 400, 'MALFORMED'],
    ['no reason', 'global', { state: 'halted' }, 400, 'MALFORMED'],
    ['a reason of blanks', 'global', { state: 'halted', reason: '  ' }, 400, 'MALFORMED'],
    ['a resumption that cancels', 'global', { state: 'active', reason: 'x', cancelOpen: true }, 400, 'MALFORMED'],
    ['a field that nobody knows', 'global', { state: 'halted', reason: 'x', cancelAll: true }, 400, 'MALFORMED'],
  ])('refuses %s, and changes nothing', async (_, scope, body, status, code) => {
    const before = (await changesOf('global')).length;
    expect(await call('ada', 'PUT', `/v1/trading-state/${scope}`, body)).toMatchObject({ status, body: { code } });
    expect(await changesOf('global')).toHaveLength(before);
  });
});

describe('the global state', () => {
  it('is told again and again with a new time, by one replica at a time, without making the log longer', async () => {
    const seen = new Set<string>();
    const first = Date.now();
    await reached(
      async () => {
        const told = await toldOf('global');
        if (told !== undefined) seen.add(told.repeatedAt);
        return seen.size;
      },
      (times) => times >= 5,
    );
    expect((Date.now() - first) / seen.size).toBeGreaterThan(60);
    expect(await changesOf('global')).toHaveLength(1);
    expect((await changesOf('global'))[0]).toMatchObject({ version: 1, state: 'active', changedBy: 'system' });
  });

  it('goes on from its version after a restart, and is told by whoever is left', async () => {
    await put('ada', 'global', 'halted');
    await other.stop();
    await services
      .splice(services.indexOf(other), 1)[0]
      ?.stop()
      .catch(() => undefined);
    const third = await startReplica('three');
    const told = await reached(
      () => toldOf('global'),
      (one) => one?.version === 2,
    );
    expect(told).toMatchObject({ state: 'halted', reason: 'halted says ada' });
    const at = told?.repeatedAt;
    await reached(
      () => toldOf('global'),
      (one) => one?.repeatedAt !== at,
    );
    expect(await put('ada', 'global', 'active', {}, third)).toMatchObject({ body: { version: 3, state: 'active' } });
    await reached(
      () => toldOf('global'),
      (one) => one?.version === 3,
    );
  });
});
