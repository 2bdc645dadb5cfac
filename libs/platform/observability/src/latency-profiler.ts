import { LatencySketch, type SketchFigures } from './latency-sketch.js';

/** How long one stage took, in a stretch of time. Microseconds: quantiles are true to 0.4 %. */
export interface LatencySummary {
  readonly stage: string;
  /** RFC 3339. Stretches begin at whole minutes (`windowMs`), so that those of several processes are the same. */
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

/** A stage's stretch as it is added to other processes'. */
export interface LatencyWindow {
  readonly stage: string;
  /** RFC 3339. */
  readonly from: string;
  readonly to: string;
  readonly figures: SketchFigures;
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

/**
 * Latencies of stages by name, cheap enough to stay on: a `LatencySketch` each, which takes no memory to record. A stretch that is over is summed up when somebody records or asks next: an idle stage costs nothing, and has no stretches.
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

  /** Of each stage the stretch that is under way, and the one before it: what whoever collects them may not have seen yet. */
  windows(): readonly LatencyWindow[] {
    return [...this.#stages.values()].flatMap((stage) => stage.windows());
  }
}

export class ProfiledStage {
  readonly #name: string;
  readonly #options: Required<LatencyProfilerOptions>;
  readonly #sketch = new LatencySketch();
  #history: readonly LatencySummary[] = [];
  #ended: LatencyWindow | undefined;
  #startedAt: number;

  constructor(name: string, options: Required<LatencyProfilerOptions>) {
    this.#name = name;
    this.#options = options;
    this.#startedAt = this.#beginning(options.now());
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
    return [...this.#sum(now), ...this.#history];
  }

  windows(): readonly LatencyWindow[] {
    const now = this.#options.now();
    this.#turn(now);
    const { count } = this.#sketch;
    const current = count === 0 ? [] : [{ ...this.#stretch(now), figures: this.#sketch.figures() }];
    return this.#ended === undefined ? current : [...current, this.#ended];
  }

  #note(now: number, milliseconds: number): void {
    this.#turn(now);
    this.#sketch.record(milliseconds * 1_000);
  }

  /** Ends the stretch that is over. */
  #turn(now: number): void {
    const { windowMs, keep } = this.#options;
    const end = this.#startedAt + windowMs;
    if (now < end) return;
    this.#ended = undefined;
    if (this.#sketch.count > 0) {
      this.#history = [...this.#sum(end), ...this.#history].slice(0, keep);
      this.#ended = { ...this.#stretch(end), figures: this.#sketch.figures() };
      this.#sketch.reset();
    }
    this.#startedAt = this.#beginning(now);
  }

  #beginning(now: number): number {
    const { windowMs, epochMs } = this.#options;
    return now - ((epochMs + now) % windowMs);
  }

  #stretch(end: number): Pick<LatencySummary, 'stage' | 'from' | 'to'> {
    const at = (time: number): string => new Date(Math.round(this.#options.epochMs + time)).toISOString();
    return { stage: this.#name, from: at(this.#startedAt), to: at(end) };
  }

  #sum(end: number): readonly LatencySummary[] {
    const summary = this.#sketch.summary();
    return summary === undefined ? [] : [{ ...this.#stretch(end), ...summary }];
  }
}
