import { newToken, newWebhookToken, type Role, type WebhookGrant } from '@switchyard/auth';
import type { EventLog } from '@switchyard/log';
import { STAGE_MIGRATIONS, StageEventLog } from '@switchyard/log-postgres';
import { createLogger, createMetrics } from '@switchyard/observability';
import { migrate, type Database } from '@switchyard/persistence';
import { openPlatform, startService, type Platform, type RunningService } from '@switchyard/runtime';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gateway } from '../index.js';
import { snapshot } from './market.js';

const PARTITIONS = 4;
const STAGES = ['signal-validation', 'risk', 'routing', 'execution-binance', 'reconciliation'];
const VALIDATION = new URL('../../../signal-validation/migrations/', import.meta.url);

export interface TestDeployment {
  readonly url: string;
  readonly platform: Platform;
  token(userId: string, role?: Role): string;
  /** The token of a webhook. */
  webhook(userId: string, strategyId: string, addresses?: readonly string[]): string;
  revoke(token: string): void;
  /** Appends events as that stage would. */
  emit(stage: string, events: Parameters<EventLog<never>['append']>[1]): Promise<void>;
  get(path: string, token?: string): Promise<Answer>;
  post(path: string, body: unknown, token?: string): Promise<Answer>;
  remove(path: string, token?: string): Promise<Answer>;
  stop(): Promise<void>;
}

/** What specs look at, whatever was asked. */
export interface AnswerBody {
  readonly items: readonly Readonly<Record<string, unknown>>[];
  readonly nextCursor?: string;
  readonly errors?: readonly { readonly path: string; readonly problem: string }[];
  readonly history: readonly { readonly event: string; readonly service: string; readonly reason: string }[];
  readonly [field: string]: unknown;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: AnswerBody;
}

export interface TestDeploymentOptions {
  /** Of the gateway, on top of what it needs. */
  readonly env?: Readonly<Record<string, string>>;
  /** Takes everything that is logged, at level trace. */
  readonly logged?: (line: string) => void;
}

/** For specs: the real gateway and the real journal over a real Postgres log; accounts is a small stand-in, other stages are written by hand. */
export const startDeployment = async (
  databaseUrl: string,
  open: (schema: string) => Promise<Database>,
  startJournal: (platform: Platform) => Promise<RunningService>,
  { env = {}, logged }: TestDeploymentOptions = {},
): Promise<TestDeployment> => {
  const tokens = new Map<string, { readonly userId: string; readonly role: Role; readonly tokenId: string }>();
  const webhooks = new Map<string, WebhookGrant>();
  const accounts = await startAccounts(tokens, webhooks);
  const platform = await openPlatform({
    databaseUrl,
    transport: 'postgres',
    partitions: PARTITIONS,
    instance: 'spec',
    others: false,
    poolSize: 4,
    logger:
      logged === undefined
        ? createLogger({ service: 'spec', level: 'fatal' })
        : createLogger({ service: 'spec', level: 'trace', destination: { write: logged } }),
    metrics: createMetrics({ service: 'spec', process: false }),
    traced: false,
  });
  for (const folder of [STAGE_MIGRATIONS, VALIDATION])
    await migrate({ url: databaseUrl, schema: 'signal_validation', folder });
  const db = await open('stages');
  for (const stage of STAGES)
    await db.query('insert into log.shards (deployment, partition) select $1, generate_series(0, $2 - 1)', [
      stage,
      PARTITIONS,
    ]);
  await platform.compacted.put([
    { topic: 'MarketSnapshot', key: 'binance/BTC-USD', version: 1, payload: snapshot('binance', 'BTC-USD') },
  ]);
  const recorder = await startJournal(platform);
  const door = await startService(
    gateway,
    gateway.config.parse({
      SWITCHYARD_ACCOUNTS_URL: `http://127.0.0.1:${(accounts.address() as AddressInfo).port}`,
      SWITCHYARD_PARTITIONS: String(PARTITIONS),
      SWITCHYARD_VENUES: 'binance',
      SWITCHYARD_TOKEN_CACHE_MS: '1',
      ...env,
    }),
    platform,
    { host: '127.0.0.1', port: 0 },
  );
  const url = door.url ?? '';
  const call = async (path: string, init: RequestInit, token: string | undefined): Promise<Answer> => {
    const answer = await fetch(`${url}${path}`, {
      ...init,
      headers: {
        ...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
    });
    const text = await answer.text();
    return {
      status: answer.status,
      headers: answer.headers,
      body: JSON.parse(text === '' ? '{}' : text) as AnswerBody,
    };
  };
  return {
    url,
    platform,
    token: (userId, role = 'trader') => {
      const token = newToken();
      tokens.set(token, { userId, role, tokenId: `token-of-${userId}` });
      return token;
    },
    webhook: (userId, strategyId, addresses) => {
      const token = newWebhookToken();
      webhooks.set(token, {
        ...{ userId, strategyId, tokenId: `webhook-${webhooks.size}` },
        ...(addresses && { addresses }),
      });
      return token;
    },
    revoke: (token) => {
      tokens.delete(token);
      webhooks.delete(token);
    },
    emit: (stage, events) =>
      db.transaction((tx) =>
        new StageEventLog(db, stage, PARTITIONS, platform.hub, platform.compacted).append(tx, events),
      ),
    get: (path, token) => call(path, {}, token),
    post: (path, body, token) =>
      call(
        path,
        {
          method: 'POST',
          body: typeof body === 'string' ? body : JSON.stringify(body),
        },
        token,
      ),
    remove: (path, token) => call(path, { method: 'DELETE' }, token),
    stop: async () => {
      await door.stop();
      await recorder.stop();
      await platform.close();
      await new Promise((resolve) => accounts.close(resolve));
    },
  };
};

const startAccounts = async (
  tokens: ReadonlyMap<string, object>,
  webhooks: ReadonlyMap<string, object>,
): Promise<Server> => {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      response.setHeader('content-type', 'application/json');
      if (request.url?.startsWith('/internal/introspect') === true) {
        const { token } = JSON.parse(body) as { token: string };
        const known = (request.url.endsWith('/webhook') ? webhooks : tokens).get(token);
        // A token that accounts fails over.
        if (token.endsWith('broken')) response.statusCode = 500;
        response.end(JSON.stringify(known === undefined ? { active: false } : { active: true, ...known }));
      } else {
        response.statusCode = request.method === 'POST' ? 201 : 200;
        response.setHeader('location', '/v1/users/user-9');
        response.setHeader('x-internal', 'not for outside');
        const { authorization } = request.headers;
        response.end(JSON.stringify({ method: request.method, url: request.url, authorization, body }));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
};
