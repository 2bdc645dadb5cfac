/** Microseconds below this have a bucket each; above, each power of two has half as many. */
const EXACT = 256;
const PER_OCTAVE = EXACT / 2;
const BITS = 7;
const OCTAVES = 24;
const MOST = 3_600_000_000;

/** How the buckets of `SketchFigures` are numbered: sketches of another layout can't be added to these. */
export const SKETCH_LAYOUT = 1;

/** What was recorded, as it can be sent, stored, and added to other processes'. Microseconds. */
export interface SketchFigures {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  /** Number and count of each bucket that holds something, one after the other. */
  readonly buckets: readonly number[];
}

/**
 * Latencies from a microsecond to an hour in buckets that grow with them, as an HDR histogram's do (https://hdrhistogram.github.io/HdrHistogram):
 * quantiles are true to 0.4 %, extremes and mean exact. Unlike quantiles, sketches can be added: the p99 of all replicas is that of their sum.
 * 13 KB, and nothing more to record.
 */
export class LatencySketch {
  readonly #buckets = new Uint32Array(EXACT + OCTAVES * PER_OCTAVE);
  #count = 0;
  #sum = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = 0;

  static of(parts: Iterable<SketchFigures>): LatencySketch {
    const sketch = new LatencySketch();
    for (const part of parts) sketch.#add(part);
    return sketch;
  }

  get count(): number {
    return this.#count;
  }

  record(microseconds: number): void {
    const value = microseconds < 1 ? 1 : microseconds > MOST ? MOST : Math.round(microseconds);
    const bucket = bucketOf(value);
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1;
    this.#count += 1;
    this.#sum += value;
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
  }

  reset(): void {
    this.#buckets.fill(0);
    this.#count = 0;
    this.#sum = 0;
    this.#min = Number.POSITIVE_INFINITY;
    this.#max = 0;
  }

  /** Undefined where nothing was recorded. Quantiles by the nearest rank. */
  summary():
    | {
        readonly count: number;
        readonly min: number;
        readonly max: number;
        readonly mean: number;
        readonly median: number;
        readonly p95: number;
        readonly p99: number;
      }
    | undefined {
    if (this.#count === 0) return undefined;
    const [median = 0, p95 = 0, p99 = 0] = this.#quantiles([0.5, 0.95, 0.99]);
    return {
      count: this.#count,
      min: this.#min,
      max: this.#max,
      mean: this.#sum / this.#count,
      median,
      p95,
      p99,
    };
  }

  figures(): SketchFigures {
    const buckets: number[] = [];
    this.#buckets.forEach((count, bucket) => {
      if (count > 0) buckets.push(bucket, count);
    });
    return { count: this.#count, sum: this.#sum, min: this.#count === 0 ? 0 : this.#min, max: this.#max, buckets };
  }

  #add({ count, sum, min, max, buckets }: SketchFigures): void {
    if (count === 0) return;
    for (let at = 0; at + 1 < buckets.length; at += 2) {
      const bucket = buckets[at] ?? 0;
      this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + (buckets[at + 1] ?? 0);
    }
    this.#count += count;
    this.#sum += sum;
    this.#min = Math.min(this.#min, min);
    this.#max = Math.max(this.#max, max);
  }

  /** @param shares rising */
  #quantiles(shares: readonly number[]): readonly number[] {
    const quantiles: number[] = [];
    let [seen, bucket] = [0, -1];
    for (const share of shares) {
      const rank = Math.max(1, Math.round(share * this.#count));
      while (seen < rank && bucket < this.#buckets.length - 1) {
        bucket += 1;
        seen += this.#buckets[bucket] ?? 0;
      }
      quantiles.push(Math.min(this.#max, Math.max(this.#min, middleOf(bucket))));
    }
    return quantiles;
  }
}

const bucketOf = (value: number): number => {
  if (value < EXACT) return value;
  const octave = 31 - Math.clz32(value);
  return EXACT + (octave - BITS - 1) * PER_OCTAVE + (value >>> (octave - BITS)) - PER_OCTAVE;
};

/** Of the whole microseconds that share a bucket, the one in the middle. */
const middleOf = (bucket: number): number => {
  if (bucket < EXACT) return bucket;
  const octave = Math.floor((bucket - EXACT) / PER_OCTAVE);
  const width = 2 ** (octave + 1);
  return (((bucket - EXACT) % PER_OCTAVE) + PER_OCTAVE) * width + Math.floor((width - 1) / 2);
};
