import type { MarketSnapshot } from '@switchyard/contracts';
import type { EventLog } from '@switchyard/log';
import { MarketBoard } from '@switchyard/signal';

/** The books as the door needs them: which pairs are listed, at which fees. Read to the topic's end before serving. */
export class ListedMarket extends MarketBoard {
  private readonly snapshots = new Map<string, Listing>();

  /** Venues times pairs seen so far. */
  get size(): number {
    return this.snapshots.size;
  }

  listings(): readonly Listing[] {
    return [...this.snapshots.values()];
  }

  async follow(log: Pick<EventLog, 'tail'>): Promise<void> {
    await log.tail('MarketSnapshot', ({ key, payload }) => {
      this.record(key, payload);
    });
  }

  private record(key: string, snapshot: MarketSnapshot): void {
    this.put(snapshot);
    const { venue, pair, fees, receivedAt } = snapshot;
    this.snapshots.set(key, { venue, pair, fees, receivedAt });
  }
}

export type Listing = Pick<MarketSnapshot, 'venue' | 'pair' | 'fees' | 'receivedAt'>;
