import { seeded } from '../plan/seeded.js';
import type { Answer } from './door.js';
import type { Api } from './api.js';

/** A signal of a strategy, for everybody who follows it. */
export interface StrategySignal {
  readonly signalId: string;
  readonly strategyId: string;
  readonly [field: string]: unknown;
}

export interface StrategyBook {
  published(signal: StrategySignal): void;
  publishedAnswer(signalId: string, answer: Answer): void;
}

export interface StrategyOptions {
  readonly seed: number;
  readonly secondsBetween: number;
  readonly api: Api;
  readonly begun: number;
  readonly left: readonly StrategySignal[];
  readonly book: StrategyBook;
}

export const STRATEGY_ID = 'chaos-followed';
const AGAIN_AFTER_MS = 250;

/** A strategy that many follow: one signal after the other, each offered until it has an answer. */
export class Strategy {
  private working: Promise<void> | undefined;
  private ended = false;
  private givenUp = false;
  private wake: () => void = () => undefined;

  constructor(private readonly options: StrategyOptions) {}

  start(): void {
    this.working = this.work();
  }

  /** @returns how many have no answer */
  async stop(patienceMs: number): Promise<number> {
    this.ended = true;
    this.wake();
    const timer = setTimeout(() => (this.givenUp = true), patienceMs);
    await this.working;
    clearTimeout(timer);
    return this.givenUp ? 1 : 0;
  }

  private async work(): Promise<void> {
    const { begun, left, seed, secondsBetween } = this.options;
    for (const signal of left) await this.publish(signal);
    for (let n = begun; !this.ended; n += 1) {
      const signal = strategySignalOf(seed, n, new Date());
      this.options.book.published(signal);
      await this.publish(signal);
      await this.pause(secondsBetween * 1_000);
    }
  }

  private async publish(signal: StrategySignal): Promise<void> {
    while (!this.givenUp) {
      const answer = await this.options.api
        .call('POST', `/v1/strategies/${STRATEGY_ID}/signals`, signal)
        .catch(() => undefined);
      if (answer === undefined) await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
      else {
        const { code } = answer.body as { readonly code?: string };
        const kind = answer.status === 202 ? 'accepted' : 'refused';
        this.options.book.publishedAnswer(
          signal.signalId,
          kind === 'accepted' ? { kind } : { kind, code: String(code ?? answer.status) },
        );
        return;
      }
    }
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.ended) resolve();
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Buys twice and sells, in a pair that users trade themselves, too. */
const strategySignalOf = (seed: number, n: number, at: Date): StrategySignal => {
  const random = seeded(seed, 'strategy', String(n));
  const entry = n % 3 < 2;
  return {
    ...{ signalId: `f${seed}-${n}`, strategyId: STRATEGY_ID, strategy: 'chaos', pair: 'LTC-USD', orderType: 'market' },
    ...(entry
      ? { side: 'buy', signalType: 'entry', size: { quote: (30 + random() * 30).toFixed(2) } }
      : { side: 'sell', signalType: 'exit' }),
    generatedAt: at.toISOString(),
  };
};
