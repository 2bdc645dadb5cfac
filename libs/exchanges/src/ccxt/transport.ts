import { gunzip } from 'node:zlib';
import { promisify } from 'node:util';
import { Pool, type Dispatcher } from 'undici';

/**
 * One venue's HTTP connections, shared by all of its accounts: keep-alive, no pipelining, no retries, no redirects, and a deadline of our
 * own over the whole exchange, a stalled body included. Its one promise (E2): `notSent` is said only when nothing was written.
 *
 * undici calls `onRequestStart` when a socket is ready and writes in the same synchronous step, so what is decided there is decided
 * right before the write. A request that undici would write a second time (its connection was reset) is stopped there too.
 */
export class Transport {
  readonly origin: string;
  readonly #pool: Pool;
  readonly #options: TransportOptions;
  #shutUntil = 0;

  constructor(origin: string, options: Partial<TransportOptions> = {}) {
    this.origin = origin;
    this.#options = { ...DEFAULTS, ...options };
    const { connections, connectTimeoutMs, deadlineMs } = this.#options;
    this.#pool = new Pool(origin, {
      connections,
      pipelining: 1,
      allowH2: false,
      connect: { timeout: connectTimeoutMs },
      // Behind our own deadline, should its timer ever be late.
      headersTimeout: 2 * deadlineMs,
      bodyTimeout: 2 * deadlineMs,
    });
  }

  async send(request: HttpRequest, limits: SendLimits = NO_LIMITS): Promise<Delivery> {
    const wait = this.#shutUntil - performance.now();
    if (wait > 0) return { kind: 'notSent', reason: 'rateLimited', retryAfterMs: Math.ceil(wait) };
    const delivery = await new Promise<Delivery>((resolve, reject) => {
      const flight = new Flight(limits, this.#options, resolve, reject);
      this.#pool.dispatch({ ...request, headers: { ...request.headers } }, flight);
    });
    return delivery.kind === 'answered' ? inflated(delivery) : delivery;
  }

  /** The venue told this address to stay away: nothing is sent before then. A shorter wait never cuts a longer one. */
  shutFor(milliseconds: number): void {
    this.#shutUntil = Math.max(this.#shutUntil, performance.now() + milliseconds);
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }
}

export interface TransportOptions {
  /** Connections to the venue at most; more requests than these wait for one. */
  readonly connections: number;
  readonly connectTimeoutMs: number;
  /** From the call to the last byte of the answer. */
  readonly deadlineMs: number;
  /** An answer beyond this is cut off, and counts as lost. */
  readonly maxBodyBytes: number;
}

export const DEFAULT_DEADLINE_MS = 10_000;

const DEFAULTS: TransportOptions = {
  connections: 64,
  connectTimeoutMs: 2_000,
  deadlineMs: DEFAULT_DEADLINE_MS,
  maxBodyBytes: 64 * 1024 * 1024,
};

export interface HttpRequest {
  readonly method: Dispatcher.HttpMethod;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

export interface SendLimits {
  /** Milliseconds of `performance.now()`; nothing is written from then on. */
  readonly sendBy: number;
  readonly beforeWrite?: () => boolean;
}

const NO_LIMITS: SendLimits = { sendBy: Number.POSITIVE_INFINITY };

export interface AnsweredDelivery {
  readonly kind: 'answered';
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

export type Delivery =
  | AnsweredDelivery
  | {
      readonly kind: 'notSent';
      readonly reason: 'expired' | 'withheld' | 'connect' | 'noConnection' | 'rateLimited' | 'unsigned';
      readonly retryAfterMs: number | null;
    }
  /** Written, and no complete answer; what arrived of one is kept. */
  | {
      readonly kind: 'lost';
      readonly reason: 'timeout' | 'connectionLost';
      readonly status: number | null;
      readonly body: Buffer;
    };

/** Stops undici in `onRequestStart`; the delivery has been settled by then. */
class NotWritten extends Error {}

/** One request on its way. */
class Flight implements Dispatcher.DispatchHandler {
  #written = false;
  #settled = false;
  #controller: Dispatcher.DispatchController | undefined;
  #status: number | null = null;
  #headers: AnsweredDelivery['headers'] = {};
  readonly #chunks: Buffer[] = [];
  #size = 0;
  readonly #startedAt = performance.now();
  #timer: NodeJS.Timeout;

  constructor(
    private readonly limits: SendLimits,
    private readonly options: TransportOptions,
    private readonly resolve: (delivery: Delivery) => void,
    private readonly reject: (bug: unknown) => void,
  ) {
    const untilSendBy = Math.max(0, limits.sendBy - this.#startedAt);
    this.#timer = setTimeout(this.#onTimer, Math.min(options.deadlineMs, Math.ceil(untilSendBy)));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#settled || this.#written) throw new NotWritten();
    this.#controller = controller;
    if (!this.#mayWrite()) {
      this.#settle({ kind: 'notSent', reason: 'withheld', retryAfterMs: null });
      throw new NotWritten();
    }
    this.#written = performance.now() < this.limits.sendBy;
    if (!this.#written) {
      this.#settle({ kind: 'notSent', reason: 'expired', retryAfterMs: null });
      throw new NotWritten();
    }
  }

  onResponseStart(_: unknown, status: number, headers: AnsweredDelivery['headers']): void {
    // Interim answers (103) come before the one that counts.
    if (status < 200) return;
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#size > this.options.maxBodyBytes) controller.abort(new Error('answer too large'));
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (this.#status === null) this.onResponseError(undefined, new Error('ended without a status'));
    else this.#settle({ kind: 'answered', status: this.#status, headers: this.#headers, body: this.#received() });
  }

  onResponseError(_: unknown, error: Error & { readonly code?: string }): void {
    if (this.#written) this.#lost(error.code?.endsWith('_TIMEOUT') === true ? 'timeout' : 'connectionLost');
    else {
      const reason = error.code === 'UND_ERR_INVALID_ARG' ? 'unsigned' : 'connect';
      this.#settle({ kind: 'notSent', reason, retryAfterMs: null });
    }
  }

  /** A `beforeWrite` that throws is a bug of the caller's: nothing is written, and the bug surfaces. */
  #mayWrite(): boolean {
    try {
      return this.limits.beforeWrite?.() ?? true;
    } catch (bug) {
      this.#settled = true;
      clearTimeout(this.#timer);
      this.reject(bug);
      return false;
    }
  }

  /** Fires at `sendBy` or the deadline, whichever is first. Before the write either ends the flight; after it only the deadline does. */
  readonly #onTimer = (): void => {
    const now = performance.now();
    const left = this.options.deadlineMs - (now - this.#startedAt);
    if (!this.#written) {
      const reason = now >= this.limits.sendBy ? 'expired' : 'noConnection';
      if (reason === 'noConnection' && left > 1) this.#timer = setTimeout(this.#onTimer, left);
      else this.#settle({ kind: 'notSent', reason, retryAfterMs: null });
    } else if (left > 1) this.#timer = setTimeout(this.#onTimer, left);
    else {
      this.#lost('timeout');
      this.#controller?.abort(new Error('deadline'));
    }
  };

  #lost(reason: 'timeout' | 'connectionLost'): void {
    this.#settle({ kind: 'lost', reason, status: this.#status, body: this.#received() });
  }

  #received(): Buffer {
    const [first] = this.#chunks;
    return this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks);
  }

  #settle(delivery: Delivery): void {
    if (this.#settled) return;
    this.#settled = true;
    clearTimeout(this.#timer);
    this.resolve(delivery);
  }
}

const unzip = promisify(gunzip);

/** Only market data asks for gzip. A body that cannot be unpacked becomes empty, hence unreadable. */
const inflated = async (delivery: AnsweredDelivery): Promise<AnsweredDelivery> => {
  if (delivery.headers['content-encoding'] !== 'gzip') return delivery;
  const body = await unzip(delivery.body).catch(() => Buffer.alloc(0));
  return { ...delivery, body };
};
