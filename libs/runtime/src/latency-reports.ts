import { SKETCH_LAYOUT, type LatencyProfiler, type LatencyWindow, type SketchFigures } from '@switchyard/observability';
import type { Queryable, Statement } from '@switchyard/persistence';

export interface LatencyReportsOptions {
  /** The log's own schema. */
  readonly db: Queryable;
  /** Name of this process; two that share one are told apart by when they started. */
  readonly instance: string;
  readonly profiler: Pick<LatencyProfiler, 'windows'>;
  readonly onError: (error: unknown) => void;
  /** Default 5 s: so old are the newest figures of others at most. */
  readonly everyMs?: number;
}

/** What one process measured in one stretch, by stage. */
export interface ReportedLatency {
  readonly instance: string;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly from: string;
  readonly to: string;
  readonly stages: Readonly<Record<string, SketchFigures>>;
}

const EVERY_MS = 5_000;

/**
 * Tells the deployment what this process measured: a statement every few seconds, none while nothing happens. Stretches stand in a table
 * of the log's schema for an hour, whatever becomes of the process; losing the last seconds of one that ends is fine.
 */
export class LatencyReports {
  readonly #options: LatencyReportsOptions;
  readonly #startedAt = new Date(performance.timeOrigin).toISOString();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  /** By the start of its stretch, what was told last. */
  #told: ReadonlyMap<string, string> = new Map();

  constructor(options: LatencyReportsOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#running ??= this.report()
        .catch(this.#options.onError)
        .finally(() => {
          this.#running = undefined;
        });
    }, this.#options.everyMs ?? EVERY_MS).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  /** Stores what has changed since the last time. */
  async report(): Promise<void> {
    const { db, instance, profiler } = this.#options;
    const stretches = Map.groupBy(profiler.windows(), ({ from }) => from);
    const texts = new Map([...stretches].map(([from, windows]) => [from, textOf(windows)]));
    const changed = [...stretches].filter(([from]) => texts.get(from) !== this.#told.get(from));
    if (changed.length > 0)
      await db.query(REPORT, [
        instance,
        this.#startedAt,
        SKETCH_LAYOUT,
        changed.map(([from]) => from),
        changed.map(([, [first]]) => first?.to),
        changed.map(([from]) => texts.get(from)),
      ]);
    // A stretch that is new means that a minute has passed.
    if (changed.some(([from]) => !this.#told.has(from))) await db.query(SWEEP);
    this.#told = texts;
  }
}

const textOf = (windows: readonly LatencyWindow[]): string =>
  JSON.stringify(Object.fromEntries(windows.map(({ stage, figures }) => [stage, figures])));

const REPORT: Statement = {
  name: 'latency-report',
  text: `
    INSERT INTO log.latencies (instance, started_at, layout, window_from, window_to, stages)
    SELECT $1, $2, $3, w.* FROM unnest($4::timestamptz[], $5::timestamptz[], $6::json[]) AS w
    ON CONFLICT (window_from, instance, started_at) DO UPDATE SET window_to = excluded.window_to, stages = excluded.stages`,
};

const SWEEP: Statement = {
  name: 'latency-sweep',
  text: `DELETE FROM log.latencies WHERE window_from < now() - interval '1 hour'`,
};

/** What all processes of the deployment measured in the last minutes, newest first. @param minutes at most 60 */
export const reportedLatencies = async (db: Queryable, minutes: number): Promise<readonly ReportedLatency[]> => {
  const { rows } = await db.query<LatencyColumns>(READ, [SKETCH_LAYOUT, minutes]);
  return rows.map(({ instance, started_at, window_from, window_to, stages }) => ({
    instance,
    startedAt: started_at.toISOString(),
    from: window_from.toISOString(),
    to: window_to.toISOString(),
    stages,
  }));
};

interface LatencyColumns {
  readonly instance: string;
  readonly started_at: Date;
  readonly window_from: Date;
  readonly window_to: Date;
  readonly stages: Readonly<Record<string, SketchFigures>>;
}

const READ: Statement = {
  name: 'latency-read',
  text: `
    SELECT instance, started_at, window_from, window_to, stages FROM log.latencies
    WHERE layout = $1 AND window_from > now() - make_interval(mins => $2) ORDER BY window_from DESC, instance, started_at`,
};
