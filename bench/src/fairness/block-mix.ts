import type { LoadSignal } from '../pipeline/signals.js';
import { userOf } from '../pipeline/users.js';

/** Users that are at it at a time. */
const BLOCK = 1_000;
const PAIRS = ['BTC-USD', 'ETH-USD', 'LTC-USD'] as const;

/**
 * The same work for any number of users: a thousand of them, one after the other, open a position and then close it; then the next
 * thousand. So half are entries, half are exits, and with more users each has a longer sleep between.
 */
export class BlockMix {
  private count = 0;

  constructor(
    private readonly users: number,
    private readonly run: string,
  ) {}

  next(): LoadSignal {
    const n = this.count++;
    const size = Math.min(BLOCK, this.users);
    const turn = Math.floor(n / size);
    const round = Math.floor(turn / 2);
    const userId = userOf('simulated', (round * size + (n % size)) % this.users);
    const entry = turn % 2 === 0;
    return {
      signalId: `${this.run}-${n}`,
      userId,
      strategy: 'bench',
      tradeId: `${this.run}-${userId}-${round}`,
      pair: PAIRS[round % PAIRS.length] ?? PAIRS[0],
      side: entry ? 'buy' : 'sell',
      signalType: entry ? 'entry' : 'exit',
      ...(entry ? { size: { quote: '50' } } : {}),
      strength: 0.8,
      confluenceScore: 4,
      orderType: 'market',
      generatedAt: new Date().toISOString(),
    };
  }
}
