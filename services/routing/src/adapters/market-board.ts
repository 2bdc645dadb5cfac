import type { OnModuleInit } from '@nestjs/common';
import type { MarketSnapshot, VenueStatus } from '@switchyard/contracts';
import type { EventLog } from '@switchyard/log';
import { prepareMarket, type PreparedMarket, type VenueFacts } from '@switchyard/routing-domain';

interface Entry {
  readonly snapshot: MarketSnapshot;
  /** Made at the first decision that looks at this snapshot, then kept for the others. */
  prepared?: PreparedMarket;
}

/**
 * The newest book of every venue and pair, and the venues' health, in memory: read whole before the first event is handled, followed
 * from there on. Bounded by the pairs that are listed. The newest version wins, whatever order they come in.
 */
export class MarketBoard implements OnModuleInit {
  readonly #entries = new Map<string, Entry>();
  readonly #venues = new Set<string>();
  readonly #statuses = new Map<string, VenueStatus>();

  constructor(private readonly log: Pick<EventLog, 'tail'>) {}

  async onModuleInit(): Promise<void> {
    await this.log.tail('MarketSnapshot', ({ payload }) => {
      this.put(payload);
    });
    await this.log.tail('VenueStatus', ({ payload }) => {
      this.putStatus(payload);
    });
  }

  put(snapshot: MarketSnapshot): void {
    const key = keyOf(snapshot.venue, snapshot.pair);
    const known = this.#entries.get(key);
    if (known !== undefined && known.snapshot.version >= snapshot.version) return;
    this.#venues.add(snapshot.venue);
    this.#entries.set(key, { snapshot });
  }

  putStatus(status: VenueStatus): void {
    const known = this.#statuses.get(status.venue);
    if (known === undefined || known.version < status.version) this.#statuses.set(status.venue, status);
  }

  factsOf(venue: string, pair: string): VenueFacts {
    const entry = this.#entries.get(keyOf(venue, pair));
    const status = this.#statuses.get(venue);
    return {
      market: entry && (entry.prepared ??= preparedOf(entry.snapshot)),
      known: this.#venues.has(venue),
      healthy: status && status.healthy && status.circuitState === 'closed',
    };
  }
}

const keyOf = (venue: string, pair: string): string => `${venue}/${pair}`;

const preparedOf = ({
  venue,
  pair,
  instrument,
  bids,
  asks,
  fees,
  receivedAt,
  bookHash,
}: MarketSnapshot): PreparedMarket =>
  prepareMarket({ venue, pair, instrument, book: { bids, asks }, fees, receivedAt, bookHash });
