import { AsyncLocalStorage } from 'node:async_hooks';
import type { LimitUsed, Usage } from '../rates.js';
import type { CcxtExchange } from './exchange.js';
import type { AnsweredDelivery, Delivery, SendLimits, Transport } from './transport.js';

/** What became of one ccxt call: the delivery of its request, or that no request came of it. */
export type CallResult =
  | Reply
  | Exclude<Delivery, AnsweredDelivery>
  | { readonly kind: 'notSent'; readonly reason: 'foreignOrigin'; readonly retryAfterMs: null };

/** An answer, read but not judged. */
export interface Reply {
  readonly kind: 'answered';
  readonly status: number;
  readonly body: string;
  /** The body as JSON, decimals in strings as they came; `undefined` where it is none. */
  readonly value: unknown;
  /** The error the venue states in the body, `null` where it states none. */
  readonly error: VenueError | null;
  readonly retryAfterMs: number | null;
  readonly headers: AnsweredDelivery['headers'];
}

export interface VenueError {
  readonly code: string;
  readonly message: string;
}

/** How a venue's dialect is read. */
export interface Dialect {
  /** The error in a parsed body, `null` where it is none. `answer` is for what is no JSON: `value` is then `undefined`. */
  readonly readError: (value: unknown, answer: Pick<Reply, 'status' | 'body'>) => VenueError | null;
  /**
   * Codes that say that a limit was met: whom they keep away (one account, all who share our address, or `asker`: the account of a signed
   * request, the address of any other), and for how long where the answer names no time. A 429 or 418 under any other code keeps the
   * address away.
   */
  readonly limits: Readonly<Record<string, Limit>>;
  /** HTTP statuses beside 429 and 418 that say so, whatever the body holds. */
  readonly limitStatuses?: Readonly<Record<number, Limit>>;
  /** What an answer's headers say of how much of the limits is used. */
  readonly readLimits: (headers: AnsweredDelivery['headers']) => readonly LimitUsed[];
  /** How long a 429 asks to stay away, milliseconds, where the venue tells it by another header than Retry-After. */
  readonly readWait?: (headers: AnsweredDelivery['headers']) => number | null;
  /** Whether the venue writes prices and quantities as JSON numbers: every number is then read as the text that it stood as. */
  readonly numbersAsText?: true;
  /** Headers of questions that carry no key. */
  readonly publicHeaders?: Readonly<Record<string, string>>;
}

export interface Limit {
  readonly whom: 'address' | 'account' | 'asker';
  readonly forMs: number;
}

/** What an answer said of the limits, before anybody has looked at the clock. */
export interface ReadUsage {
  readonly limits: readonly LimitUsed[];
  readonly shut: Usage['shut'];
}

interface Call {
  readonly limits: SendLimits | undefined;
  result: CallResult | undefined;
}

/** Carries a call's limits through ccxt, which has no place for them, to the fetch hook, and its result back. */
const current = new AsyncLocalStorage<Call>();

/** Ends ccxt's part of a call that has no usable answer; the call's result says why. */
class Ended extends Error {}

/** Runs one ccxt call. Never throws for anything the network, the venue or ccxt's signing does. */
export const ask = async (run: () => Promise<unknown>, limits?: SendLimits): Promise<CallResult> => {
  const call: Call = { limits, result: undefined };
  try {
    await current.run(call, run);
  } catch (error) {
    // A bug in the caller's beforeWrite must not pass for a network failure.
    if (error instanceof CallerBug) throw error.cause;
    // What ccxt itself throws after the answer is its reading of it; ours is in the result.
  }
  return call.result ?? { kind: 'notSent', reason: 'unsigned', retryAfterMs: null };
};

class CallerBug extends Error {}

/**
 * Replaces an instance's fetch by ours. ccxt builds and signs; from there the request goes over the venue's transport, to the venue's
 * origin or nowhere. `onUsage` is told of each answer that says something of the venue's limits. `marketData` leads to a second origin,
 * where the venue has one for what it tells anyone: only questions go there, and no header that ccxt made, so no key.
 */
export const attach = (
  exchange: CcxtExchange,
  transport: Transport,
  dialect: Dialect,
  onUsage: (usage: ReadUsage) => void = () => undefined,
  marketData: Transport | null = null,
): void => {
  const openly = { ...PUBLIC, ...dialect.publicHeaders };
  const asker = typeof exchange['apiKey'] === 'string' && exchange['apiKey'] !== '' ? 'account' : 'address';
  exchange.fetchImplementation = () => {
    throw new Error('requests go through the attached fetch');
  };
  exchange.fetch = async (url, method, headers, body) => {
    const call = current.getStore();
    if (call === undefined) throw new Error('ccxt was called outside of ask()');
    const isQuestion = method === 'GET' && (body ?? '') === '';
    const ways = marketData !== null && isQuestion ? [transport, marketData] : [transport];
    const way = ways.find(({ origin }) => url.startsWith(`${origin}/`));
    if (way === undefined) {
      call.result = { kind: 'notSent', reason: 'foreignOrigin', retryAfterMs: null };
      throw new Ended();
    }
    const request = {
      method,
      path: url.slice(way.origin.length),
      headers: way === marketData ? openly : (headers ?? openly),
      body: body ?? null,
    };
    const delivery = await way.send(request, call.limits).catch((bug: unknown) => {
      throw new CallerBug('beforeWrite threw', { cause: bug });
    });
    call.result = delivery.kind === 'answered' ? read(delivery, exchange, dialect) : delivery;
    if (call.result.kind !== 'answered') throw new Ended();
    const usage = { limits: dialect.readLimits(call.result.headers), shut: shutOf(call.result, dialect, asker) };
    if (usage.shut?.whom === 'address') way.shutFor(usage.shut.forMs);
    if (usage.limits.length > 0 || usage.shut !== null) onUsage(usage);
    if (call.result.status >= 400 || call.result.error !== null) throw new Ended();
    return call.result.value ?? call.result.body;
  };
};

const PUBLIC = { 'accept-encoding': 'gzip' };

const read = (delivery: AnsweredDelivery, exchange: CcxtExchange, dialect: Dialect): Reply => {
  const body = delivery.body.toString('utf8').trim();
  const value = dialect.numbersAsText === true ? asWritten(body) : exchange.parseJson(body);
  const { status, headers } = delivery;
  return {
    kind: 'answered',
    status,
    body,
    value,
    error: dialect.readError(value, { status, body }),
    retryAfterMs: retryAfterMs(headers) ?? (status === 429 ? (dialect.readWait?.(headers) ?? null) : null),
    headers,
  };
};

const retryAfterMs = (headers: AnsweredDelivery['headers']): number | null => {
  const after = Number(headers['retry-after']);
  return Number.isFinite(after) && after > 0 ? after * 1_000 : null;
};

/** JSON with its numbers as their text; `undefined` where it is none. */
const asWritten = (body: string): unknown => {
  const reviver = (_: string, value: unknown, { source }: { readonly source?: string } = {}): unknown =>
    typeof value === 'number' ? (source ?? value) : value;
  try {
    return JSON.parse(body, reviver as Parameters<typeof JSON.parse>[1]) as unknown;
  } catch {
    return undefined;
  }
};

/** Without Retry-After: a second for a full window, two minutes (Binance's shortest ban) for a ban. */
const DEFAULT_WAIT_MS: Readonly<Record<number, number>> = { 418: 120_000, 429: 1_000 };
/** The longest ban that a venue documents (Binance: three days). */
const MAX_WAIT_MS = 3 * 24 * 3_600_000;

const shutOf = (
  { status, error, retryAfterMs }: Reply,
  { limits, limitStatuses = {} }: Dialect,
  asker: 'address' | 'account',
): Usage['shut'] => {
  const listed = error !== null && Object.hasOwn(limits, error.code) ? limits[error.code] : limitStatuses[status];
  const wait = listed?.forMs ?? DEFAULT_WAIT_MS[status];
  if (wait === undefined) return null;
  const whom = listed?.whom ?? 'address';
  return { whom: whom === 'asker' ? asker : whom, forMs: Math.min(retryAfterMs ?? wait, MAX_WAIT_MS) };
};
