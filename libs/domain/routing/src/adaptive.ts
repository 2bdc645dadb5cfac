/**
 * What `adaptive` learns, venue by venue: a multiplicative-weights learner (Freund and Schapire, "A Decision-Theoretic Generalization of
 * On-Line Learning", 1997) under bandit feedback: only the venue that was used shows what it cost. As in Exp3 (Auer, Cesa-Bianchi, Freund,
 * Schapire, "The Nonstochastic Multiarmed Bandit Problem", 2002) its loss is divided by its share of the draws, so that venues used seldom
 * are judged no more harshly; as in Fixed Share (Herbster and Warmuth, 1998) a part of all weight is shared out again each time, so that a
 * venue that was bad comes back when it is good.
 */
export interface Learning {
  /** How fast: the share of a weight that one order with a full loss takes away, for a venue drawn always. 0..1. */
  readonly rate: number;
  /** The part of all weight that is shared out evenly after each order. 0..1. */
  readonly share: number;
}

export const DEFAULT_LEARNING: Learning = { rate: 0.1, share: 0.01 };

/** What an order at a venue came to. */
export interface Outcome {
  readonly venue: string;
  /** Nothing of it got there, or the venue said no. */
  readonly failed: boolean;
  /** Realised total cost above what was expected, a fraction of the value. */
  readonly slippage: number;
  readonly latencyMs: number;
}

/** A full percent beyond what was expected, or a second of latency, is as bad as it gets short of failing. */
const WORST_SLIPPAGE = 0.01;
const WORST_LATENCY_MS = 1_000;

/** 0..1: failure is 1; else half for what it cost beyond expectation, half for how long it took. */
export const lossOf = ({ failed, slippage, latencyMs }: Omit<Outcome, 'venue'>): number =>
  failed ? 1 : (part(slippage / WORST_SLIPPAGE) + part(latencyMs / WORST_LATENCY_MS)) / 2;

const part = (value: number): number => (value >= 1 ? 1 : value > 0 ? value : 0);

/** The weights after an order. Their mean is 1, and none falls below `share`: each venue is drawn now and then, and can show that it is better. */
export const learn = (
  weights: Readonly<Record<string, number>>,
  outcome: Outcome,
  { rate, share }: Learning = DEFAULT_LEARNING,
): Readonly<Record<string, number>> => {
  const before = { ...weights, [outcome.venue]: weights[outcome.venue] ?? 1 };
  const venues = Object.keys(before).sort();
  const total = venues.reduce((sum, venue) => sum + (before[venue] ?? 1), 0);
  const drawnOften = (before[outcome.venue] ?? 1) / total;
  // At most what a full loss of a venue drawn always takes, twice over: one order never decides a venue.
  const taken = Math.min(2 * rate, (rate * lossOf(outcome)) / drawnOften / venues.length);
  const after = venues.map((venue) => (before[venue] ?? 1) * (venue === outcome.venue ? 1 - taken : 1));
  const sum = after.reduce((all, weight) => all + weight, 0);
  return Object.fromEntries(
    venues.map((venue, index) => {
      const even = ((after[index] ?? 1) / sum) * venues.length;
      return [venue, even * (1 - share) + share];
    }),
  );
};
