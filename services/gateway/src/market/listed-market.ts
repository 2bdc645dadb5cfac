import type { MarketSnapshot } from '@switchyard/contracts';
import type { EventLog } from '@switchyard/log';
import { MarketBoard } from '@switchyard/signal';

/** The books as the door needs them: which pairs are listed, at which fees. Read to the topic's end before serving. */
export class ListedMarket extends MarketBoard {
  private readonly snapshots = new Map<string, MarketSnapshot>();

  /** Venues times pairs seen so far. */
  get size(): number {
    return this.snapshots.size;
  }

  /** The newest of each venue and pair. */
  listings(): readonly MarketSnapshot[] {
    return [...this.snapshots.values()];
  }

  /** The newest book of a pair at a venue, fresh or not. */
  snapshot(venue: string, pair: string): MarketSnapshot | undefined {
    return this.snapshots.get(`${venue}/${pair}`);
  }

  async follow(log: Pick<EventLog, 'tail'>): Promise<void> {
    await log.tail('MarketSnapshot', ({ payload }) => {
      this.record(payload);
    });
  }

  private record(snapshot: MarketSnapshot): void {
    this.put(snapshot);
    this.snapshots.set(`${snapshot.venue}/${snapshot.pair}`, snapshot);
  }
}
