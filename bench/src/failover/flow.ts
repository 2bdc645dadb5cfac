import type { Door } from '../pipeline/door.js';
import type { LoadSignal } from '../pipeline/signals.js';
import { userOf } from '../pipeline/users.js';

export interface FlowOptions {
  readonly door: Door;
  /** Signals a second. */
  readonly rate: number;
  readonly users: number;
  /** What every entry wishes for. */
  readonly prefer: string;
  readonly run: string;
}

/**
 * Signals at an even pace, whatever becomes of them: small market entries of users in turn, each of which wishes for one venue and allows all
 * others. Nothing is sold: an exit goes where its position is, and nobody else can take it.
 */
export class Flow {
  sent = 0;
  private readonly sending = new Set<Promise<void>>();
  private timer: NodeJS.Timeout | undefined;
  private failure: Error | undefined;

  constructor(private readonly options: FlowOptions) {}

  start(): void {
    const startedAt = performance.now();
    this.timer = setInterval(() => {
      const due = ((performance.now() - startedAt) / 1_000) * this.options.rate;
      while (this.sent < due) this.send();
    }, 5);
  }

  /** Fails where a signal could not be sent. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all(this.sending);
    if (this.failure !== undefined) throw this.failure;
  }

  private send(): void {
    const { door } = this.options;
    const sending = door
      .send([this.next()])
      .catch((error: unknown) => {
        this.failure ??= error instanceof Error ? error : new Error(String(error));
      })
      .finally(() => this.sending.delete(sending));
    this.sending.add(sending);
  }

  private next(): LoadSignal {
    const { users, prefer, run } = this.options;
    const n = this.sent++;
    return {
      signalId: `${run}-${n}`,
      userId: userOf('paper', n % users),
      strategy: 'failover',
      pair: PAIRS[Math.floor(n / users) % PAIRS.length] ?? PAIRS[0],
      side: 'buy',
      signalType: 'entry',
      size: { quote: '50' },
      orderType: 'market',
      venues: { prefer: [prefer] },
      generatedAt: new Date().toISOString(),
    };
  }
}

const PAIRS = ['BTC-USD', 'ETH-USD', 'LTC-USD'] as const;
