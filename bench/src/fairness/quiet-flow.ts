import type { LoadSignal } from '../pipeline/signals.js';
import type { RestDoor } from './rest-door.js';

const PAIRS = ['BTC-USD', 'ETH-USD', 'LTC-USD'] as const;

export interface FlowOptions {
  readonly door: RestDoor;
  readonly users: readonly string[];
  /** Of all these users together. */
  readonly signalsPerSecond: number;
  readonly run: string;
  /** Each user opens and closes in turn; else they open only. */
  readonly closes: boolean;
}

/** Signals of some users in turn at an even pace, whatever becomes of them. */
export class EvenFlow {
  /** When each accepted signal was due, `performance.now()`: a sender that is late itself hides nothing. */
  readonly dueAt = new Map<string, number>();
  sent = 0;
  accepted = 0;
  readonly #options: FlowOptions;
  readonly #sending = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #failure: unknown;

  constructor(options: FlowOptions) {
    this.#options = options;
  }

  start(): this {
    const startedAt = performance.now();
    const stepMs = 1_000 / this.#options.signalsPerSecond;
    const first = this.sent;
    this.#timer = setInterval(() => {
      for (let due = startedAt + (this.sent - first) * stepMs; due <= performance.now(); due += stepMs) this.#send(due);
    }, 4);
    return this;
  }

  /** Fails where a signal could not be sent. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#sending);
    if (this.#failure !== undefined) throw this.#failure as Error;
  }

  #send(due: number): void {
    const signal = this.#next();
    const sending = this.#options.door
      .send(signal)
      .then((isAccepted) => {
        if (!isAccepted) return;
        this.accepted += 1;
        this.dueAt.set(signal.signalId, due);
      })
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => this.#sending.delete(sending));
    this.#sending.add(sending);
  }

  #next(): LoadSignal {
    const { users, run, closes } = this.#options;
    const n = this.sent++;
    const turn = Math.floor(n / users.length);
    const round = closes ? Math.floor(turn / 2) : turn;
    const userId = users[n % users.length] ?? '';
    const entry = !closes || turn % 2 === 0;
    return {
      signalId: `${run}-${n}`,
      userId,
      strategy: 'bench',
      tradeId: `${run}-${userId}-${round}`,
      pair: PAIRS[round % PAIRS.length] ?? PAIRS[0],
      side: entry ? 'buy' : 'sell',
      signalType: entry ? 'entry' : 'exit',
      ...(entry ? { size: { quote: '20' } } : {}),
      strength: 0.8,
      confluenceScore: 4,
      orderType: 'market',
    };
  }
}
