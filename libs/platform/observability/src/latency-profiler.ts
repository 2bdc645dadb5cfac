import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';

/** How long one stage took, in a stretch of time. Microseconds, true to 0.1 %. */
export interface LatencySummary {
  readonly stage: string;
  /** RFC 3339. */
  readonly from: string;
  readonly to: string;
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly median: number;
  readonly p95: number;
  readonly p99: number;
}

export interface LatencyProfilerOptions {
  /** A stretch of the history, milliseconds. Default one minute. */
  readonly windowMs?: number;
  /** Stretches kept of each stage. Default 60. */
  readonly keep?: number;
  /** Milliseconds that never go back. Default `performance.now`. */
  readonly now?: () => number;
  /** What to add to `now` for milliseconds since 1970. Default that of `performance.now`. */
  readonly epochMs?: number;
}

/** Names are written in code; more of them means that somebody puts an order's id into one. */
const MAX_STAGES = 200;
const MAX_MICROSECONDS = 3_600_000_000;

/**
 * Latencies of stages by name, cheap enough to stay on: an HDR histogram each (https://hdrhistogram.github.io/HdrHistogram), which takes no
 * memory to record. A stretch that is over is summed up when somebody records or asks next: an idle stage costs nothing, and has no stretches.
 */
export class LatencyProfiler {
  readonly #stages = new Map<string, ProfiledStage>();
  readonly #options: Required<LatencyProfilerOptions>;

  constructor({
    windowMs = 60_000,
    keep = 60,
    now = () => performance.now(),
    epochMs = performance.timeOrigin,
  }: LatencyProfilerOptions = {}) {
    this.#options = { windowMs, keep, now, epochMs };
  }

  /** The stage of that name, made at the first call: keep it, do not ask each time. Throws at the 201st name. */
  stage(name: string): ProfiledStage {
    let stage = this.#stages.get(name);
    if (stage === undefined) {
      if (this.#stages.size >= MAX_STAGES) throw new Error(`"${name}" is one stage too many: ${MAX_STAGES} are known`);
      stage = new ProfiledStage(name, this.#options);
      this.#stages.set(name, stage);
    }
    return stage;
  }

  /** Of each stage the stretch that is under way, then the history, newest first. Stretches without a record are left out. */
  summaries(): readonly LatencySummary[] {
    return [...this.#stages.values()].flatMap((stage) => stage.summaries());
  }
}

export class ProfiledStage {
  readonly #name: string;
  readonly #options: Required<LatencyProfilerOptions>;
  readonly #histogram: RecordableHistogram = createHistogram({ lowest: 1, highest: MAX_MICROSECONDS, figures: 3 });
  #history: readonly LatencySummary[] = [];
  #startedAt: number;

  constructor(name: string, options: Required<LatencyProfilerOptions>) {
    this.#name = name;
    this.#options = options;
    this.#startedAt = options.now();
  }

  /** What `end` wants back. */
  begin(): number {
    return this.#options.now();
  }

  end(begun: number): void {
    const now = this.#options.now();
    this.#note(now, now - begun);
  }

  /** It took this long, measured by somebody else. */
  record(milliseconds: number): void {
    this.#note(this.#options.now(), milliseconds);
  }

  summaries(): readonly LatencySummary[] {
    const now = this.#options.now();
    this.#turn(now);
    return this.#histogram.count === 0 ? this.#history : [this.#sum(now), ...this.#history];
  }

  #note(now: number, milliseconds: number): void {
    this.#turn(now);
    const microseconds = Math.round(milliseconds * 1_000);
    this.#histogram.record(microseconds < 1 ? 1 : microseconds > MAX_MICROSECONDS ? MAX_MICROSECONDS : microseconds);
  }

  /** Ends the stretch that is over. */
  #turn(now: number): void {
    const { windowMs, keep } = this.#options;
    const end = this.#startedAt + windowMs;
    if (now < end) return;
    if (this.#histogram.count > 0) {
      this.#history = [this.#sum(end), ...this.#history].slice(0, keep);
      this.#histogram.reset();
    }
    this.#startedAt = now - ((now - this.#startedAt) % windowMs);
  }

  #sum(end: number): LatencySummary {
    const { epochMs } = this.#options;
    const histogram = this.#histogram;
    return {
      stage: this.#name,
      from: new Date(epochMs + this.#startedAt).toISOString(),
      to: new Date(epochMs + end).toISOString(),
      count: histogram.count,
      min: histogram.min,
      max: histogram.max,
      mean: histogram.mean,
      median: histogram.percentile(50),
      p95: histogram.percentile(95),
      p99: histogram.percentile(99),
    };
  }
}
