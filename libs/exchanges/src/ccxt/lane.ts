import type { SendLimits } from './transport.js';

/** Why a call's turn did not come in time: nothing of it was sent. */
export interface NoTurn {
  readonly kind: 'notSent';
  readonly reason: 'expired' | 'noConnection';
  readonly retryAfterMs: null;
}

interface Waiting {
  readonly writes: boolean;
  readonly go: (isTurn: boolean) => void;
}

/**
 * One call at a time, for venues whose requests carry a rising number: a request is signed only when the one before it is over, so that
 * none can overtake another. Writes go before questions, else first come, first served. Nobody waits beyond `sendBy` or the deadline.
 */
export class Lane {
  #isBusy = false;
  #lastNonce = 0;
  readonly #waiting: Waiting[] = [];

  constructor(private readonly deadlineMs: number) {}

  async run<T>(call: () => Promise<T>, limits?: SendLimits): Promise<T | NoTurn> {
    const untilSendBy = (limits?.sendBy ?? Number.POSITIVE_INFINITY) - performance.now();
    if (!(await this.#turn(limits !== undefined, Math.min(untilSendBy, this.deadlineMs)))) {
      const reason = untilSendBy <= this.deadlineMs ? 'expired' : 'noConnection';
      return { kind: 'notSent', reason, retryAfterMs: null };
    }
    try {
      return await call();
    } finally {
      this.#next();
    }
  }

  /**
   * Microseconds since the epoch, and always more than the last. From the process's monotonic clock: a wall clock that is set back while
   * we run takes no number twice.
   */
  nonce(): number {
    this.#lastNonce = Math.max(this.#lastNonce + 1, Math.floor((performance.timeOrigin + performance.now()) * 1_000));
    return this.#lastNonce;
  }

  #turn(writes: boolean, withinMs: number): Promise<boolean> {
    if (!this.#isBusy) {
      this.#isBusy = true;
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(entry), 1);
        resolve(false);
      }, withinMs);
      const entry: Waiting = {
        writes,
        go: (isTurn) => {
          clearTimeout(timer);
          resolve(isTurn);
        },
      };
      const at = writes ? this.#waiting.findIndex((other) => !other.writes) : -1;
      this.#waiting.splice(at < 0 ? this.#waiting.length : at, 0, entry);
    });
  }

  #next(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#isBusy = false;
    else next.go(true);
  }
}

/** A venue's lanes by API key: every client of one key shares one. A key that nobody uses any more leaves nothing behind. */
export class Lanes {
  readonly #lanes = new Map<string, WeakRef<Lane>>();
  readonly #gone = new FinalizationRegistry<string>((apiKey) => {
    if (this.#lanes.get(apiKey)?.deref() === undefined) this.#lanes.delete(apiKey);
  });

  constructor(private readonly deadlineMs: number) {}

  of(apiKey: string): Lane {
    const known = this.#lanes.get(apiKey)?.deref();
    if (known !== undefined) return known;
    const lane = new Lane(this.deadlineMs);
    this.#lanes.set(apiKey, new WeakRef(lane));
    this.#gone.register(lane, apiKey);
    return lane;
  }
}
