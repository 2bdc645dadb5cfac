/**
 * The live monitor: whether the deployment refuses too much, is too slow, or pays too much, by what it did in the last minutes. A rule is
 * judged by itself.
 *
 * 1. An alert is raised when its value is above the limit, over enough samples; a few orders prove nothing.
 * 2. It is cleared when the value has come down to `CLEARED_AT` of the limit, or when so few samples are left that it says nothing any more:
 *    a value that swings about the limit raises one alert, not one a second.
 */

export const ALERT_CODES = ['HIGH_REJECTION_RATE', 'HIGH_EXECUTION_LATENCY', 'HIGH_IMPLEMENTATION_SHORTFALL'] as const;
export type AlertCode = (typeof ALERT_CODES)[number];

export const SEVERITIES = {
  HIGH_REJECTION_RATE: 'high',
  HIGH_EXECUTION_LATENCY: 'medium',
  HIGH_IMPLEMENTATION_SHORTFALL: 'high',
} as const satisfies Record<AlertCode, 'medium' | 'high'>;

/** What was counted in the window, over all processes. Averages are figures, not money: they are numbers. */
export interface MonitorCounts {
  /** Signals that were decided: refused, or approved. */
  readonly signals: number;
  /** Those that were refused, and those of which nothing could be traded after all. */
  readonly refused: number;
  /** Refusals by code. */
  readonly refusals: Readonly<Record<string, number>>;
  /** Signals of which a venue accepted an order. */
  readonly placed: number;
  /** From their arrivals to the acceptances, all added up, milliseconds: the venue's time is in it. */
  readonly placedMs: number;
  /** The venues' answers to orders, and how long they took all together. */
  readonly answers: number;
  readonly answersMs: number;
  readonly fills: number;
  /** What was filled, at the prices of its approvals, and what it cost more than that. */
  readonly notional: number;
  readonly shortfall: number;
}

export interface MonitorSettings {
  readonly windowS: number;
  /** Fewer than this prove nothing. */
  readonly minSamples: number;
  /** Fractions, milliseconds, fractions. */
  readonly limits: Readonly<Record<AlertCode, number>>;
}

/** Of the unit of the limit: a fraction, milliseconds, a fraction. */
export interface Reading {
  readonly code: AlertCode;
  readonly value: number;
  readonly samples: number;
}

export interface Judgement extends Reading {
  readonly raised: boolean;
  readonly severity: 'medium' | 'high';
  readonly limit: number;
  readonly message: string;
}

/** Of the limit. */
export const CLEARED_AT = 0.8;

/** What the counts come to, a reading a rule. */
export const readingsOf = (counts: MonitorCounts): readonly Reading[] => {
  const { signals, refused, placed, placedMs, answers, answersMs, fills, notional, shortfall } = counts;
  // A mean of differences is the difference of means: no order has to be matched with its answer.
  const ownMs = share(placedMs, placed) - share(answersMs, answers);
  return [
    { code: 'HIGH_REJECTION_RATE', value: Math.min(share(refused, signals), 1), samples: signals },
    { code: 'HIGH_EXECUTION_LATENCY', value: Math.max(ownMs, 0), samples: placed },
    { code: 'HIGH_IMPLEMENTATION_SHORTFALL', value: share(shortfall, notional), samples: fills },
  ];
};

const share = (part: number, whole: number): number => (whole > 0 ? part / whole : 0);

/** @param raised the alerts that stand */
export const judge = (
  counts: MonitorCounts,
  raised: ReadonlySet<AlertCode>,
  settings: MonitorSettings,
): readonly Judgement[] =>
  readingsOf(counts).map((reading) => {
    const { code, value, samples } = reading;
    const limit = settings.limits[code];
    const stands = raised.has(code)
      ? value > limit * CLEARED_AT && samples * 2 >= settings.minSamples
      : value > limit && samples >= settings.minSamples;
    return {
      ...reading,
      raised: stands,
      severity: SEVERITIES[code],
      limit,
      message: messageOf(reading, limit, counts, settings),
    };
  });

const messageOf = (
  { code, value, samples }: Reading,
  limit: number,
  { refused, refusals, answers, answersMs }: MonitorCounts,
  { windowS, minSamples }: MonitorSettings,
): string => {
  const within = `in the last ${windowS} s`;
  const few = samples < minSamples ? ` Fewer than ${minSamples} raise no alert.` : '';
  switch (code) {
    case 'HIGH_REJECTION_RATE': {
      const [most] = Object.entries(refusals).sort(([, a], [, b]) => b - a);
      const led = most === undefined ? '' : `, most of them by ${most[0]} (${most[1]})`;
      return `${percent(value)} of ${samples} signals ${within} were refused or failed (${refused})${led}; the limit is ${percent(limit)}.${few}`;
    }
    case 'HIGH_EXECUTION_LATENCY':
      return `An order took ${ms(value)} of our own time on average, over ${samples} ${within}, beside ${ms(share(answersMs, answers))} of the venue's; the limit is ${ms(limit)}.${few}`;
    case 'HIGH_IMPLEMENTATION_SHORTFALL':
      return `${samples} fills ${within} cost ${percent(value)} more than the prices at their approval; the limit is ${percent(limit)}.${few}`;
  }
};

const percent = (fraction: number): string => `${(fraction * 100).toFixed(2)} %`;
const ms = (value: number): string => `${value.toFixed(1)} ms`;
