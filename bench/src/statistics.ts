/** The middle of several measurements; noise moves it less than a mean. */
export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]];
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2;
};

/** Nearest rank; NaN of nothing, so that a figure that was not measured can't look like a good one. */
export const percentile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
};

/** How far apart the rounds are, percent of their median. */
export const spreadPercent = (values: readonly number[]): number =>
  ((Math.max(...values) - Math.min(...values)) / median(values)) * 100;

export const rounded = (value: number, places = 2): number => Math.round(value * 10 ** places) / 10 ** places;
