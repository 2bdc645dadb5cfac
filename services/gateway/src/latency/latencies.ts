import type { Queryable } from '@switchyard/persistence';
import { reportedLatencies } from '@switchyard/runtime';
import { latencyView, type LatencyView, type LatencyWish } from './latency-view.js';

/** What the processes of the deployment report of their stages, read when somebody asks. */
export class Latencies {
  constructor(private readonly db: Queryable) {}

  /** @param minutes so far back, at most 60 */
  async ofLast(minutes: number, wish: LatencyWish): Promise<LatencyView> {
    return latencyView(await reportedLatencies(this.db, minutes), wish);
  }
}
