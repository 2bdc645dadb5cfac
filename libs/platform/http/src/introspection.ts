import { hashToken, isToken, ROLES, type Principal, type Role } from '@switchyard/auth';
import { Problem } from './problem.js';

/** Tells whom a bearer token speaks for; undefined: nobody. Throws `Problem` UNAVAILABLE where that can't be known now. */
export interface Introspector {
  introspect(token: string): Promise<Principal | undefined>;
}

/** Answer of `POST /internal/introspect` (after RFC 7662). */
export type IntrospectionAnswer =
  | { readonly active: false }
  | { readonly active: true; readonly userId: string; readonly role: Role; readonly tokenId: string };

/** Asks the accounts service. */
export const httpIntrospector = ({
  baseUrl,
  timeoutMs = 2_000,
}: {
  readonly baseUrl: string;
  readonly timeoutMs?: number;
}): Introspector => ({
  async introspect(token) {
    let answer: IntrospectionAnswer;
    try {
      const response = await fetch(new URL('/internal/introspect', baseUrl), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ token }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      if (!response.ok) throw new Error(`introspection answered ${response.status}`);
      answer = (await response.json()) as IntrospectionAnswer;
    } catch (cause) {
      throw new Problem('UNAVAILABLE', 'Tokens cannot be checked at the moment; try again.', {
        headers: { 'retry-after': '1' },
        cause,
      });
    }
    if (!answer.active || !ROLES.includes(answer.role)) return undefined;
    const { userId, role, tokenId } = answer;
    return { userId, role, tokenId };
  },
});

export interface CacheOptions {
  /** How long an answer is believed, milliseconds: a revoked token works this long at most. Default 5,000. */
  readonly ttlMs?: number;
  /** Entries at most; the oldest go first. Default 10,000. */
  readonly size?: number;
}

/** Remembers answers by the token's hash, and asks once for callers that come together. Failures are not remembered. */
export const cachedIntrospector = (
  inner: Introspector,
  { ttlMs = 5_000, size = 10_000 }: CacheOptions = {},
): Introspector => {
  const known = new Map<string, { readonly until: number; readonly answer: Promise<Principal | undefined> }>();
  return {
    introspect(token) {
      if (!isToken(token)) return Promise.resolve(undefined);
      const key = hashToken(token);
      const now = performance.now();
      const entry = known.get(key);
      if (entry !== undefined && entry.until > now) return entry.answer;
      known.delete(key);
      const answer = inner.introspect(token);
      const fresh = { until: now + ttlMs, answer };
      known.set(key, fresh);
      answer.catch(() => {
        if (known.get(key) === fresh) known.delete(key);
      });
      const [oldest] = known.keys();
      if (known.size > size && oldest !== undefined) known.delete(oldest);
      return answer;
    },
  };
};
