import { hashToken, isToken, isWebhookToken, ROLES, type Principal, type WebhookGrant } from '@switchyard/auth';
import { Problem } from './problem.js';

/** Tells whom a bearer token speaks for; undefined: nobody. Throws `Problem` UNAVAILABLE where that can't be known now. */
export interface Introspector {
  introspect(token: string): Promise<Principal | undefined>;
}

/** Answer of `POST /internal/introspect` (after RFC 7662). */
export type IntrospectionAnswer = { readonly active: false } | ({ readonly active: true } & Principal);

export interface HttpIntrospection {
  readonly baseUrl: string;
  readonly timeoutMs?: number;
}

/** Asks the accounts service. */
export const httpIntrospector = (options: HttpIntrospection): Introspector => ({
  async introspect(token) {
    const answer = await ask<IntrospectionAnswer>('/internal/introspect', token, options);
    if (!answer.active || !ROLES.includes(answer.role)) return undefined;
    const { userId, role, tokenId, publishes } = answer;
    return { userId, role, tokenId, ...(publishes === undefined ? {} : { publishes }) };
  },
});

/** Tells what the token of a webhook is good for; undefined: nothing. Throws `Problem` UNAVAILABLE where that can't be known now. */
export interface WebhookIntrospector {
  grantOf(token: string): Promise<WebhookGrant | undefined>;
}

/** Answer of `POST /internal/introspect/webhook`. A bearer token is none there, and a webhook's token none at the other. */
export type WebhookAnswer = { readonly active: false } | ({ readonly active: true } & WebhookGrant);

/** Asks the accounts service. */
export const httpWebhookIntrospector = (options: HttpIntrospection): WebhookIntrospector => ({
  async grantOf(token) {
    const answer = await ask<WebhookAnswer>('/internal/introspect/webhook', token, options);
    if (!answer.active) return undefined;
    const { tokenId, userId, strategyId, addresses } = answer;
    return { tokenId, userId, strategyId, ...(addresses === undefined ? {} : { addresses }) };
  },
});

const ask = async <Answer>(
  path: string,
  token: string,
  { baseUrl, timeoutMs = 2_000 }: HttpIntrospection,
): Promise<Answer> => {
  try {
    const response = await fetch(new URL(path, baseUrl), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (!response.ok) throw new Error(`introspection answered ${response.status}`);
    return (await response.json()) as Answer;
  } catch (cause) {
    throw new Problem('UNAVAILABLE', 'Tokens cannot be checked at the moment; try again.', {
      headers: { 'retry-after': '1' },
      cause,
    });
  }
};

export interface CacheOptions {
  /** How long an answer is believed, milliseconds: a revoked token works this long at most. Default 5,000. */
  readonly ttlMs?: number;
  /** Entries at most; the oldest go first. Default 10,000. */
  readonly size?: number;
}

/** Remembers answers by the token's hash, and asks once for callers that come together. Failures are not remembered. */
export const cachedIntrospector = (inner: Introspector, options: CacheOptions = {}): Introspector => {
  const introspect = remembered((token) => inner.introspect(token), options);
  return { introspect: (token) => (isToken(token) ? introspect(token) : Promise.resolve(undefined)) };
};

/** The same for webhooks; what can't be a webhook's token is not asked about. */
export const cachedWebhookIntrospector = (
  inner: WebhookIntrospector,
  options: CacheOptions = {},
): WebhookIntrospector => {
  const grantOf = remembered((token) => inner.grantOf(token), options);
  return { grantOf: (token) => (isWebhookToken(token) ? grantOf(token) : Promise.resolve(undefined)) };
};

const remembered = <T>(
  inner: (token: string) => Promise<T>,
  { ttlMs = 5_000, size = 10_000 }: CacheOptions,
): ((token: string) => Promise<T>) => {
  const known = new Map<string, { readonly until: number; readonly answer: Promise<T> }>();
  return (token) => {
    const key = hashToken(token);
    const now = performance.now();
    const entry = known.get(key);
    if (entry !== undefined && entry.until > now) return entry.answer;
    known.delete(key);
    const answer = inner(token);
    const fresh = { until: now + ttlMs, answer };
    known.set(key, fresh);
    answer.catch(() => {
      if (known.get(key) === fresh) known.delete(key);
    });
    const [oldest] = known.keys();
    if (known.size > size && oldest !== undefined) known.delete(oldest);
    return answer;
  };
};
