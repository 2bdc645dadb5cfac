import type { Logger } from '@switchyard/observability';

export interface DemoStrategyOptions {
  /** The gateway. */
  readonly url: string;
  /** One that may publish the strategy. */
  readonly token: string;
  readonly logger: Logger;
  readonly everyMs?: number;
}

const PAIRS = ['BTC-USD', 'ETH-USD', 'LTC-USD'] as const;

/** The strategy that others can follow, too: `npx switchyard subscriptions add USER demo-swing ACCOUNT --multiplier 0.5`. */
export const DEMO_STRATEGY = 'demo-swing';

/**
 * Something that trades: buys for 200 USD, sells again at the next turn, one pair after the other. It is a client like any other, through
 * REST: it publishes its own signals, and whoever follows it gets copies; the user `demo-bot` does.
 */
export class DemoStrategy {
  private timer: NodeJS.Timeout | undefined;
  private turn = 0;
  private stopped = false;
  private sending: Promise<void> = Promise.resolve();

  constructor(private readonly options: DemoStrategyOptions) {}

  start(): void {
    const { everyMs = 15_000 } = this.options;
    this.timer = setTimeout(() => {
      this.sending = this.signal()
        .catch((error: unknown) => {
          this.options.logger.debug({ err: error }, "the demo strategy's signal was not taken");
        })
        .then(() => {
          if (!this.stopped) this.start();
        });
    }, everyMs);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.sending;
  }

  private async signal(): Promise<void> {
    const turn = this.turn++;
    const pair = PAIRS[Math.floor(turn / 2) % PAIRS.length];
    const entry = turn % 2 === 0;
    const now = Date.now();
    const body = {
      signalId: `demo-${String(now)}`,
      strategy: DEMO_STRATEGY,
      pair,
      side: entry ? 'buy' : 'sell',
      signalType: entry ? 'entry' : 'exit',
      orderType: 'market',
      strength: 0.7,
      confluenceScore: 4,
      ...(entry ? { size: { quote: '200.00' } } : {}),
      generatedAt: new Date(now).toISOString(),
    };
    const response = await fetch(`${this.options.url}/v1/strategies/${DEMO_STRATEGY}/signals`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.options.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    });
    if (!response.ok) throw new Error(`${String(response.status)} ${await response.text()}`);
  }
}
