import type { Mode } from './options.js';
import { userOf } from './users.js';

export interface LoadSignal {
  readonly signalId: string;
  readonly userId: string;
  readonly [field: string]: unknown;
}

const PAIRS = ['BTC-USD', 'ETH-USD', 'LTC-USD'] as const;

/**
 * The mix: users in turn; each opens a position with a market order of 50 USD, closes it with its next signal, then takes the next pair.
 * Where there are several venues, each entry wishes for the next one. So half of the signals are entries, half are exits that close all, and positions are opened and closed all the time.
 */
export class SignalMix {
  private count = 0;

  constructor(
    private readonly mode: Mode,
    private readonly users: number,
    private readonly run: string,
    private readonly venues: readonly string[],
  ) {}

  next(at: Date = new Date()): LoadSignal {
    const n = this.count++;
    const turn = Math.floor(n / this.users);
    const round = Math.floor(turn / 2);
    const userId = userOf(this.mode, n % this.users);
    const entry = turn % 2 === 0;
    return {
      signalId: `${this.run}-${this.mode}-${n}`,
      userId,
      strategy: 'bench',
      tradeId: `${this.run}-${userId}-${round}`,
      pair: PAIRS[round % PAIRS.length] ?? PAIRS[0],
      side: entry ? 'buy' : 'sell',
      signalType: entry ? 'entry' : 'exit',
      ...(entry ? { size: { quote: '50' } } : {}),
      ...(entry && this.venues.length > 1
        ? { venues: { prefer: [this.venues[(n + round) % this.venues.length]] } }
        : {}),
      strength: 0.8,
      confluenceScore: 4,
      orderType: 'market',
      generatedAt: at.toISOString(),
    };
  }
}
