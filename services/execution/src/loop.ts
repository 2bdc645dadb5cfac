import { SYSTEM_CLOCK, type Clock } from './ports/clock.js';

/** What a round did: how many things it found to do, and how long until the next is due; 0 when more is waiting. */
export interface Round {
  readonly found: number;
  readonly nextInMs?: number | undefined;
}

export interface LoopOptions {
  /** Longest pause between two rounds, milliseconds: the net under everything that wakes. */
  readonly everyMs: number;
  readonly round: () => Promise<Round>;
  readonly onError: (error: unknown) => void;
  readonly clock?: Pick<Clock, 'monotonic' | 'after'>;
}

const AFTER_ERROR_MS = 1_000;

/** Runs rounds one after the other: when woken, when the last one said so, and each `everyMs` at least. */
export class Loop {
  readonly #options: LoopOptions;
  readonly #clock: Pick<Clock, 'monotonic' | 'after'>;
  #callOff: (() => void) | undefined;
  #dueAt = Number.POSITIVE_INFINITY;
  #round: Promise<void> | undefined;
  #started = false;
  #stopped = false;

  constructor(options: LoopOptions) {
    this.#options = options;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
  }

  /** Nothing runs before. */
  start(): void {
    this.#started = true;
    this.wake();
  }

  /** Has a round begin within so many milliseconds, after the present one if there is one. */
  wake(withinMs = 0): void {
    const at = this.#clock.monotonic() + withinMs;
    if (!this.#started || this.#stopped || at >= this.#dueAt) return;
    this.#dueAt = at;
    if (this.#round === undefined) this.#arm();
  }

  /** No further round begins; resolves when the present one is over. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#callOff?.();
    await this.#round;
  }

  #arm(): void {
    this.#callOff?.();
    const inMs = this.#dueAt - this.#clock.monotonic();
    this.#callOff = this.#clock.after(Math.max(0, inMs), () => {
      this.#round = this.#run().finally(() => {
        this.#round = undefined;
        if (!this.#stopped) this.#arm();
      });
    });
  }

  async #run(): Promise<void> {
    this.#dueAt = Number.POSITIVE_INFINITY;
    const { everyMs, round, onError } = this.#options;
    let nextInMs: number | undefined = AFTER_ERROR_MS;
    try {
      ({ nextInMs } = await round());
    } catch (error) {
      onError(error);
    }
    this.wake(Math.min(nextInMs ?? everyMs, everyMs));
  }
}
