import { between, seeded } from '../plan/seeded.js';

export interface LoadSignal {
  readonly signalId: string;
  readonly userId: string;
  readonly [field: string]: unknown;
}

const PAIRS = ['BTC-USD', 'ETH-USD', 'LTC-USD'] as const;

/**
 * A user's n-th signal, n from 0: a function of the seed, so that a run that goes on sends what it would have sent. Each pair in turn is
 * bought twice with a market order and then sold whole, now and then by a stop-loss: every signal has something to do.
 */
export const signalOf = (seed: number, userId: string, n: number, at: Date): LoadSignal => {
  const random = seeded(seed, 'signal', userId, String(n));
  const entry = Math.floor(n / PAIRS.length) % 3 < 2;
  const size = between(random, 20, 120).toFixed(2);
  const exit = random() < 0.9 ? 'exit' : 'stop_loss';
  return {
    signalId: `s${seed}-${userId}-${n}`,
    userId,
    strategy: 'chaos',
    pair: PAIRS[n % PAIRS.length] ?? PAIRS[0],
    side: entry ? 'buy' : 'sell',
    signalType: entry ? 'entry' : exit,
    ...(entry ? { size: { quote: size } } : {}),
    orderType: 'market',
    generatedAt: at.toISOString(),
  };
};
