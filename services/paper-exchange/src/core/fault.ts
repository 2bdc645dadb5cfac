import { z } from 'zod';
import { seededRandom, type SeededRandom } from './seeded-random.js';

/**
 * What can go wrong between a customer and a venue, switched on by hand. "Takes effect" means durably: the ledger has it, and then the reply is
 * lost or spoilt.
 */
export const FAULTS = [
  /** The connection is reset before the request is read: nothing happens. */
  'reset_before',
  /** Takes effect; the connection is reset instead of a reply. */
  'reset_after',
  /** Takes effect; no reply ever comes (or after `ms`, where given: the connection is then reset). */
  'hang_after',
  /** 500, nothing happens. */
  'http_500',
  /** 429 with Retry-After (`retryAfterS`, default 1), nothing happens. */
  'http_429',
  /** Takes effect; 504 instead of the reply. */
  'http_504_after',
  /** Takes effect; 200 with no body. */
  'empty_200',
  /** Takes effect; 200 with a page instead of JSON. */
  'html_200',
  /** Takes effect; 200 with the first half of the reply. */
  'truncated_200',
  /** Takes effect; the connection closes after the first half of the reply. */
  'cut_200',
  /** Takes effect; the first half of the reply comes, and then nothing more, until `ms` or until faults are cleared. */
  'stall_200',
  /** The request waits `ms` (default 1000) before it is read. Adds to whatever else happens to it. */
  'slow',
  /** A new order is refused with an error of the venue's own (`code` and `message`, where given), and the ledger says so; other requests pass. */
  'refuse',
  /** Replies name each fill twice, with the same trade id; the ledger has it once. */
  'duplicate_fill',
  /** An order fills at once, but for `ms` (default 1000) the venue's replies show it open and without fills; a cancel finds it gone. */
  'late_fill',
  /** Every request is reset before it is read, as if the venue were gone, and open streams are cut; control doors stay. */
  'down',
  /** A message of a stream that tells of a change is not sent, the next ones are: a gap. Requests never meet this fault or the next three. */
  'stream_gap',
  /** Streams stay open and say nothing, not even that they live; what they would have said is lost. */
  'stream_silent',
  /** A stream is cut off where it would have said something. */
  'stream_cut',
  /** Half a message is said. */
  'stream_truncated',
] as const;

export type FaultName = (typeof FAULTS)[number];
export type StreamFaultName = Extract<FaultName, `stream_${string}`>;

export const faultRequest = z.strictObject({
  fault: z.enum(FAULTS),
  match: z
    .strictObject({
      /** The path alone, without query; a `*` at its end stands for anything. */
      path: z.string().startsWith('/').optional(),
      method: z.enum(['GET', 'POST', 'PUT', 'DELETE']).optional(),
      accountKey: z.string().min(1).optional(),
      clientOrderId: z.string().min(1).optional(),
    })
    .optional(),
  /** Strikes so often, then is gone; without it, until cleared. */
  count: z.int().min(1).optional(),
  /** Of striking a request that matches; drawn from `seed`. */
  probability: z.number().gt(0).max(1).optional(),
  seed: z.union([z.int(), z.string()]).optional(),
  ms: z.int().min(0).max(3_600_000).optional(),
  /** The venue's own code, of whatever form its codes are. */
  code: z.union([z.int(), z.string().min(1)]).optional(),
  message: z.string().min(1).optional(),
  retryAfterS: z.int().min(0).optional(),
});

export type FaultRequest = z.infer<typeof faultRequest>;

/** A fault that strikes requests; a stream's handshake is one. */
export type RequestFault = FaultRequest & { readonly fault: Exclude<FaultName, StreamFaultName> };

/** What a fault can be matched on. */
export interface Target {
  readonly path: string;
  readonly method: string;
  readonly accountKey: string | undefined;
  readonly clientOrderId: string | undefined;
}

export interface ActiveFault extends FaultRequest {
  readonly id: number;
  readonly struck: number;
}

interface Armed {
  readonly id: number;
  readonly request: FaultRequest;
  readonly random: SeededRandom;
  struck: number;
}

const matches = ({ match = {} }: FaultRequest, target: Target): boolean => {
  const { path, method, accountKey, clientOrderId } = match;
  if (path !== undefined) {
    const here = path.endsWith('*') ? target.path.startsWith(path.slice(0, -1)) : target.path === path;
    if (!here) return false;
  }
  return (
    (method === undefined || method === target.method) &&
    (accountKey === undefined || accountKey === target.accountKey) &&
    (clientOrderId === undefined || clientOrderId === target.clientOrderId)
  );
};

/** What strikes one request: any number of delays, and at most one other fault, the one that was set first. */
export interface Strike {
  readonly delayMs: number;
  readonly fault: RequestFault | undefined;
}

const strikesRequests = (request: FaultRequest): request is RequestFault => !request.fault.startsWith('stream_');

const NO_STRIKE: Strike = { delayMs: 0, fault: undefined };

/** The faults that are switched on: those that strike requests, and those that strike open streams. In memory only: a restart is a healthy venue. */
export class Faults {
  #armed: Armed[] = [];
  #nextId = 1;
  readonly #watchers: (() => void)[] = [];

  get any(): boolean {
    return this.#armed.length > 0;
  }

  arm(request: FaultRequest): ActiveFault {
    const id = this.#nextId++;
    this.#armed.push({ id, request, random: seededRandom(`fault/${request.seed ?? id}`), struck: 0 });
    for (const told of this.#watchers) told();
    return { id, ...request, struck: 0 };
  }

  /** `told` is called whenever a fault is switched on. */
  watch(told: () => void): void {
    this.#watchers.push(told);
  }

  list(): readonly ActiveFault[] {
    return this.#armed.map(({ id, request, struck }) => ({ id, ...request, struck }));
  }

  clear(): number {
    const count = this.#armed.length;
    this.#armed = [];
    return count;
  }

  strike(target: Target): Strike {
    if (this.#armed.length === 0) return NO_STRIKE;
    let delayMs = 0;
    let fault: RequestFault | undefined;
    for (const armed of this.#armed) {
      const { request } = armed;
      if (!strikesRequests(request) || !matches(request, target)) continue;
      if (request.fault !== 'slow' && fault !== undefined) continue;
      if (request.probability !== undefined && armed.random() >= request.probability) continue;
      armed.struck += 1;
      if (request.fault === 'slow') delayMs += request.ms ?? 1_000;
      else fault = request;
    }
    this.#letGoOfSpent();
    return { delayMs, fault };
  }

  /** What strikes something that an open stream on this path is about to say. Gaps and cuts strike `changes` alone. */
  strikeStream(path: string, says: 'change' | 'anything'): StreamFaultName | undefined {
    const struck = this.#armed.find(({ request, random }) => {
      if (strikesRequests(request) || !matches(request, streamAt(path))) return false;
      if (says === 'anything' && request.fault !== 'stream_silent') return false;
      return request.probability === undefined || random() < request.probability;
    });
    if (struck === undefined) return undefined;
    struck.struck += 1;
    this.#letGoOfSpent();
    return struck.request.fault as StreamFaultName;
  }

  /** Whether the venue is gone for a stream on this path. */
  isDown(path: string): boolean {
    return this.#armed.some(({ request }) => request.fault === 'down' && matches(request, streamAt(path)));
  }

  #letGoOfSpent(): void {
    this.#armed = this.#armed.filter(({ request, struck }) => request.count === undefined || struck < request.count);
  }
}

/** A stream is nobody's: what is meant for one customer or order does not strike it. */
const streamAt = (path: string): Target => ({ path, method: 'GET', accountKey: undefined, clientOrderId: undefined });
