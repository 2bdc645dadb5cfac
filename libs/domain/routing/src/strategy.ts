/**
 * What tells suitable venues apart. All but `best_cost` rank them, and fill them in that order; `best_cost` ranks none before another, so that
 * cost alone decides.
 *
 * - `best_cost`, the default: the lowest total cost of the whole order, split where that is cheaper. It is the default because it is the
 *   user's money; fees, success, latency and load say nothing of the book, and a venue that does not work is not suitable to begin with.
 * - `score`: the weighted score, highest first.
 * - `round_robin`: the next venue in turn.
 * - `least_loaded`: the shortest queue first.
 * - `weighted`: each venue as often as its configured weight says.
 * - `adaptive`: each venue as often as its learnt weight says.
 */
export const STRATEGIES = ['best_cost', 'score', 'round_robin', 'least_loaded', 'weighted', 'adaptive'] as const;
export type Strategy = (typeof STRATEGIES)[number];

/** What a strategy may look at of a suitable venue; venues stand by priority, then in the order of the caps. */
export interface Contender {
  readonly venue: string;
  readonly score: number;
  readonly queueDepth: number;
  readonly weight: number;
}

/** @returns ranks by contender: 0 is filled first; equal ranks are told apart by cost */
export const ranksOf = (
  strategy: Strategy,
  contenders: readonly Contender[],
  { turn, weights }: { readonly turn: number; readonly weights: Readonly<Record<string, number>> },
): readonly number[] => {
  switch (strategy) {
    case 'best_cost':
      return contenders.map(() => 0);
    case 'score':
      return ranked(contenders.map(({ score }) => -score));
    case 'least_loaded':
      return ranked(contenders.map(({ queueDepth }) => queueDepth));
    case 'round_robin': {
      const { length } = contenders;
      const start = length === 0 ? 0 : turn % length;
      return contenders.map((_, index) => (index - start + length) % length);
    }
    case 'weighted':
      return drawn(
        contenders.map(({ weight }) => weight),
        turn,
      );
    case 'adaptive':
      return drawn(
        contenders.map(({ venue }) => weights[venue] ?? 1),
        turn,
      );
  }
};

/** Ranks by a figure, least first; equal figures share a rank. */
const ranked = (figures: readonly number[]): readonly number[] =>
  figures.map((figure) => figures.filter((other) => other < figure).length);

/** 2^32 over the golden ratio: its multiples modulo 2^32 fall evenly, however many of them (Weyl; Knuth, TAOCP 3, 6.4). */
const GOLDEN = 0x9e3779b1;

/**
 * The venue on which the turn's point falls comes first, the others by weight. Points of successive turns are spread evenly, so that each
 * venue's part of any stretch of turns is its weight's, without a die and without a memory.
 */
const drawn = (weights: readonly number[], turn: number): readonly number[] => {
  const fair = weights.map((weight) => (Number.isFinite(weight) && weight > 0 ? weight : 0));
  const total = fair.reduce((sum, weight) => sum + weight, 0);
  const point = ((Math.imul(turn, GOLDEN) >>> 0) / 2 ** 32) * total;
  let sum = 0;
  const first = fair.findIndex((weight) => (sum += weight) > point);
  return ranked(fair.map((weight, index) => (index === first ? -Infinity : -weight)));
};
