export type Figures = Readonly<Record<string, number>>;

export interface Goal {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly goal: number;
  readonly met: boolean;
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
  run(context: BenchmarkContext): Promise<{ readonly figures: Figures; readonly goals: readonly Goal[] }>;
}
