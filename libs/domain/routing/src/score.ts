/**
 * A venue's score, 0 to 100: five figures of 0 to 100 each, weighed. Ratios to look at and to rank by, never money.
 */
export interface Scoring {
  /** Relative to each other; 30, 25, 20, 15 and 10 by default. */
  readonly weights: Readonly<Record<ScorePart, number>>;
  /** The fee that scores 50, a fraction: 0.005 is half a percent. */
  readonly halfFee: number;
  /** The latency that scores 50, milliseconds. */
  readonly halfLatencyMs: number;
  /** The queue that scores 0, orders. */
  readonly fullQueue: number;
}

export const SCORE_PARTS = ['fees', 'success', 'latency', 'load', 'history'] as const;
export type ScorePart = (typeof SCORE_PARTS)[number];
/** By part, in the order of `SCORE_PARTS`. */
export type ScoreFigures = readonly [fees: number, success: number, latency: number, load: number, history: number];

export const DEFAULT_SCORING: Scoring = {
  weights: { fees: 30, success: 25, latency: 20, load: 15, history: 10 },
  halfFee: 0.005,
  halfLatencyMs: 500,
  fullQueue: 100,
};

/** What all orders at a venue came to of late, of whatever pair. */
export interface VenueRecord {
  readonly executions: number;
  /** 0..1 */
  readonly successRate: number;
  readonly latencyMs: number;
  readonly queueDepth: number;
}

/** What the last orders of one pair at one venue came to. */
export interface PairHistory {
  readonly executions: number;
  /** 0..1 */
  readonly successRate: number;
  readonly latencyMs: number;
  /** How much worse than expected they were filled on average, a fraction; better is negative. */
  readonly slippage: number;
  /** What it counts beside not knowing, 1 when it just happened, 0 when it was long ago. Absent is 1. */
  readonly weight?: number;
}

/** What is not known of latency or of the pair is neither good nor bad. */
const UNKNOWN = 50;

/**
 * Fees: 100 for none, 50 at `halfFee`. Success: percent; no history counts as 100. Latency: 100 for none, 50 at `halfLatencyMs`. Load: 100 for
 * an empty queue, 0 for a full one. The pair's history: the mean of its success, latency and slippage, the latter scored as a fee is, and the
 * older it is the nearer to unknown.
 */
export const figuresOf = (
  feeRate: number,
  record: VenueRecord | undefined,
  history: PairHistory | undefined,
  scoring: Scoring,
): ScoreFigures => {
  const known = record !== undefined && record.executions > 0;
  return [
    falling(feeRate, 2 * scoring.halfFee),
    known ? within(100 * record.successRate) : 100,
    known ? falling(record.latencyMs, 2 * scoring.halfLatencyMs) : UNKNOWN,
    record === undefined ? 100 : falling(record.queueDepth, scoring.fullQueue),
    history === undefined || history.executions === 0 ? UNKNOWN : historyFigure(history, scoring),
  ];
};

const historyFigure = ({ successRate, latencyMs, slippage, weight = 1 }: PairHistory, scoring: Scoring): number => {
  const sum =
    within(100 * successRate) + falling(latencyMs, 2 * scoring.halfLatencyMs) + falling(slippage, 2 * scoring.halfFee);
  return weight === 1 ? sum / 3 : UNKNOWN + weight * (sum / 3 - UNKNOWN);
};

/** How often the venue filled orders of the pair, 0..1; where nothing is known, or it is long ago, half of them. */
export const fillRateOf = ({ successRate, weight = 1 }: PairHistory): number => 0.5 + weight * (successRate - 0.5);

/** By index: to take an array apart by name goes through its iterator, for every venue of every decision. */
export const scoreOf = (figures: ScoreFigures, { weights }: Scoring): number =>
  (figures[0] * weights.fees +
    figures[1] * weights.success +
    figures[2] * weights.latency +
    figures[3] * weights.load +
    figures[4] * weights.history) /
  (weights.fees + weights.success + weights.latency + weights.load + weights.history);

/** A venue's score with what it is made of. */
export interface Marks {
  readonly figures: ScoreFigures;
  readonly score: number;
}

/**
 * A venue's marks as they were given last. What they are made of changes with what the venue does, not with each order that could go there:
 * while it is the very same, so are they.
 */
export class LastMarks {
  #feeRate = Number.NaN;
  #record: VenueRecord | undefined;
  #history: PairHistory | undefined;
  #scoring: Scoring | undefined;
  #marks: Marks | undefined;

  of(feeRate: number, record: VenueRecord | undefined, history: PairHistory | undefined, scoring: Scoring): Marks {
    if (
      this.#marks !== undefined &&
      this.#feeRate === feeRate &&
      this.#record === record &&
      this.#history === history &&
      this.#scoring === scoring
    )
      return this.#marks;
    const figures = figuresOf(feeRate, record, history, scoring);
    this.#marks = { figures, score: scoreOf(figures, scoring) };
    this.#feeRate = feeRate;
    this.#record = record;
    this.#history = history;
    this.#scoring = scoring;
    return this.#marks;
  }
}

/** 100 at 0, 0 at `none` and beyond. */
const falling = (value: number, none: number): number => within(100 * (1 - value / none));

/** What is no number says nothing good. */
const within = (figure: number): number => (figure >= 100 ? 100 : figure > 0 ? figure : 0);
