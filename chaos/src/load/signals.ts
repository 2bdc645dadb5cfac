import { between, pick, seeded } from '../plan/seeded.js';

export interface LoadSignal {
  readonly signalId: string;
  readonly userId: string;
  readonly [field: string]: unknown;
}

/** Who sends. */
export interface Sender {
  readonly userId: string;
  /** Where it has accounts. */
  readonly venues: readonly string[];
  /** Whether some of its orders are larger than one venue's book. */
  readonly isLarge: boolean;
}

const PAIRS = ['BTC-USD', 'ETH-USD', 'LTC-USD'] as const;

/**
 * A user's n-th signal, n from 0: a function of the seed, so that a run that goes on sends what it would have sent. Each pair in turn is
 * bought twice with a market order and then sold whole, now and then by a stop-loss: every signal has something to do. Most entries wish
 * for a venue, so that dear ones are used too; some allow no other; the rest go where routing sends them.
 */
export const signalOf = (seed: number, { userId, venues, isLarge }: Sender, n: number, at: Date): LoadSignal => {
  const random = seeded(seed, 'signal', userId, String(n));
  const pair = PAIRS[n % PAIRS.length] ?? PAIRS[0];
  const entry = Math.floor(n / PAIRS.length) % 3 < 2;
  const small = between(random, 20, 120);
  const exit = random() < 0.9 ? 'exit' : 'stop_loss';
  const wish = random();
  const venue = pick(random, venues);
  const size = isLarge && pair === 'BTC-USD' && random() < LARGE_SHARE ? between(random, 150_000, 600_000) : small;
  const isSplit = size > small;
  const wished = wish < 0.6 ? { prefer: [venue] } : wish < 0.7 ? { only: [venue] } : {};
  return {
    signalId: `s${seed}-${userId}-${n}`,
    userId,
    strategy: 'chaos',
    pair,
    side: entry ? 'buy' : 'sell',
    signalType: entry ? 'entry' : exit,
    ...(entry ? { size: { quote: size.toFixed(2) }, venues: isSplit ? {} : wished } : {}),
    orderType: 'market',
    generatedAt: at.toISOString(),
  };
};

/** Of a rich user's entries in the deepest pair: books are full again only with the market's next tick. */
const LARGE_SHARE = 0.4;
