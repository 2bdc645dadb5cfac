import type { Exchange } from '../core/exchange.js';
import type { FaultRequest } from '../core/fault.js';
import type { VenueIds } from '../core/ledger.js';
import type { VenueRules } from '../core/rules.js';
import type { StreamDialect } from '../streams/stream-dialect.js';

/** What makes one venue of the core's exchange: its rules, its names for orders and trades, its language. */
export interface VenueKind {
  readonly rules: VenueRules;
  /** The venue's ids for the core's running numbers: always the same one for the same number, and never one for two. */
  readonly ids: VenueIds;
  /** Why a secret cannot be a customer's here, to go on from "The secret"; absent: any can. */
  readonly secretError?: (secret: string) => string | undefined;
  readonly speak: (exchange: Exchange, options: SpeakOptions) => Dialect;
  /** How it speaks on a WebSocket; absent: not at all, and whoever tries is answered 404. */
  readonly streams?: StreamDialect;
}

export interface SpeakOptions {
  /** Request weight an IP may use a minute, where the venue counts that; beyond it, its words for too many requests. Default: no limit. */
  readonly weightPerMinute?: number | undefined;
}

/**
 * How one exchange is spoken to: its paths, its signature, its codes, its way of writing numbers. Everything else, whose money it is
 * and what fills, is the core's. A dialect sees requests and gives replies as plain values and knows nothing of sockets, so that the
 * server can lose or spoil any reply after it took effect.
 */
export interface Dialect {
  /** Whom a request is from and which order it is about, unverified: for faults to match on. */
  identify(request: VenueRequest): {
    readonly accountKey?: string | undefined;
    readonly clientOrderId?: string | undefined;
  };
  /** Answers one request. What it did is durable when the promise resolves. */
  handle(request: VenueRequest): Promise<VenueReply>;
  /** The venue's own words for these failures. */
  failure(kind: 'internal' | 'rate_limit' | 'timeout'): VenueReply;
}

export interface VenueRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** As it stood behind the `?`, still encoded: signatures are over these very bytes. */
  readonly query: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly ip: string;
  /** A fault that the dialect itself plays: `refuse`, `duplicate_fill` or `late_fill`. */
  readonly fault?: FaultRequest | undefined;
}

export interface VenueReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON, written already. */
  readonly body: string;
}
