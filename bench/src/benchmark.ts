export type Figures = Readonly<Record<string, number>>;

export interface Goal {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly goal: number;
  readonly met: boolean;
}

export interface Outcome {
  /** Tells results of one benchmark apart: its file is `results/<name>[-<variant>]-<date>.json`. */
  readonly variant?: string;
  readonly figures: Figures;
  readonly goals: readonly Goal[];
  /** What a reader must know to compare the figures: the mix, sizes, versions of what was measured. */
  readonly setting?: Readonly<Record<string, string | number | boolean>>;
  /** False: too small to be kept among the results. */
  readonly kept?: boolean;
  /** Beside the figures in the last line, for whoever reads it there. */
  readonly summary?: Readonly<Record<string, string | number | boolean>>;
}

export interface BenchmarkContext {
  /** A folder of its own, gone afterwards. */
  readonly directory: string;
  readonly arguments: readonly string[];
  readonly log: { info(message: string): void; warn(message: string): void };
}

export interface Benchmark {
  readonly name: string;
  readonly what: string;
  run(context: BenchmarkContext): Promise<Outcome>;
}

/** A goal that a figure must reach, or more. */
export const atLeast = (name: string, value: number, unit: string, goal: number): Goal => ({
  name,
  value,
  unit,
  goal,
  met: value >= goal,
});

/** A goal that a figure must stay below. */
export const below = (name: string, value: number, unit: string, goal: number): Goal => ({
  name,
  value,
  unit,
  goal,
  met: value < goal,
});
