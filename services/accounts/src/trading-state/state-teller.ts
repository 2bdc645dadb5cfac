import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { EventLog } from '@switchyard/log';
import type { Logger } from '@switchyard/observability';
import type { Queryable } from '@switchyard/persistence';
import { noteTold, takeTellings } from '../store/trading-states.js';
import { STATE_TOPIC, toldState } from './state-event.js';
import type { TradingStates } from './trading-states.js';

export interface StateTellerOptions {
  readonly db: Queryable;
  readonly log: Pick<EventLog, 'put'>;
  readonly states: Pick<TradingStates, 'ensureGlobal'>;
  readonly logger: Pick<Logger, 'warn'>;
  /** The global state is told so often. */
  readonly repeatMs: number;
}

/**
 * Tells states to those who keep them in memory: each version once, and the global state each second, so that an executor knows that somebody
 * would tell it of a halt.
 *
 * 1. What it repeats was read from the row just now: nobody vouches for a state that may have changed since it was read.
 * 2. Of several replicas one tells; the number of a telling rises whoever tells, so that a slow one's word never covers a newer one.
 * 3. Repeats replace each other under one key (`put`): the log does not grow by them. The versions themselves are appended, each once.
 */
export class StateTeller implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #options: StateTellerOptions;
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> | undefined;
  #nextInMs = 0;
  #hasGlobal = false;
  #failures = 0;
  #stopped = false;

  constructor(options: StateTellerOptions) {
    this.#options = options;
  }

  onApplicationBootstrap(): void {
    this.#schedule(0);
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#round;
  }

  /** There is something new to tell. */
  wake(): void {
    this.#nextInMs = 0;
    if (this.#round === undefined) this.#schedule(0);
  }

  /** One round. @returns how many states were told */
  async tell(): Promise<number> {
    const { db, log, states, repeatMs } = this.#options;
    if (!this.#hasGlobal) await states.ensureGlobal();
    this.#hasGlobal = true;
    const tellings = await takeTellings(db, repeatMs * DUE_EARLY);
    if (tellings.length === 0) return 0;
    await log.put(
      tellings.map(({ state, telling, toldAt }) => ({
        topic: STATE_TOPIC,
        key: state.scope,
        version: telling,
        payload: toldState(state, toldAt),
      })),
    );
    await noteTold(db, tellings);
    return tellings.length;
  }

  #schedule(inMs: number): void {
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#round = this.#run();
    }, inMs).unref();
  }

  async #run(): Promise<void> {
    this.#nextInMs = this.#options.repeatMs;
    try {
      await this.tell();
      this.#failures = 0;
    } catch (error) {
      this.#failures += 1;
      this.#nextInMs = Math.min(this.#nextInMs, RETRY_MS);
      // At the very first start the log has no shards yet for some moments.
      if (this.#failures > 1)
        this.#options.logger.warn({ err: error }, 'trading states could not be told; trying again');
    }
    this.#round = undefined;
    this.#schedule(this.#nextInMs);
  }
}

/** Two replicas' timers never agree: one that comes a little early finds it due. */
const DUE_EARLY = 0.9;
const RETRY_MS = 500;
