import type { OnModuleInit } from '@nestjs/common';
import type { MarketSnapshot, TradingStateChanged, VenueStatus } from '@switchyard/contracts';
import type { EventLog } from '@switchyard/log';
import { midOf, TradingStateBoard } from '@switchyard/model';
import { plain } from '@switchyard/money';
import { prepareMarket, type PreparedMarket, type VenueFacts, type VenueTerms } from '@switchyard/routing-domain';

interface Entry {
  readonly snapshot: MarketSnapshot;
  /** Made at the first decision that looks at this snapshot, then kept for the others. */
  prepared?: PreparedMarket;
}

/** What the deployment's configuration says of venues. */
export interface VenueBook {
  readonly terms: (venue: string, pair: string) => VenueTerms;
  readonly isRemoved: (venue: string) => boolean;
}

const NOTHING_SAID: VenueBook = { terms: () => ({}), isRemoved: () => false };

/**
 * The newest book of every venue and pair, the venues' health, and where trading is stopped, in memory: read whole before the first event is handled, followed
 * from there on. Bounded by the pairs that are listed. The newest version wins, whatever order they come in.
 */
export class MarketBoard implements OnModuleInit {
  readonly states = new TradingStateBoard();
  readonly #entries = new Map<string, Entry>();
  readonly #venues = new Set<string>();
  readonly #statuses = new Map<string, VenueStatus>();

  constructor(
    private readonly log: Pick<EventLog, 'tail'>,
    private readonly venues: VenueBook = NOTHING_SAID,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.log.tail('MarketSnapshot', ({ payload }) => {
      this.put(payload);
    });
    await this.log.tail('VenueStatus', ({ payload }) => {
      this.putStatus(payload);
    });
    await this.log.tail('TradingStateChanged', ({ payload }: { readonly payload: TradingStateChanged }) => {
      this.states.put(payload);
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
    const state = this.states.atVenue(venue)?.state;
    return {
      market: entry && (entry.prepared ??= this.#prepared(entry.snapshot)),
      known: this.#venues.has(venue),
      healthy: status && status.healthy && status.circuitState === 'closed',
      ...(this.venues.isRemoved(venue) ? { removed: true } : {}),
      ...(state === undefined ? {} : { state }),
      ...(status === undefined ? {} : { record: recordOf(status) }),
    };
  }

  /** What a dollar's stand-in is worth in dollars: the middle of the freshest sound book of it. Undefined where nobody watches one. */
  rateOf(currency: string, quote: string, oldestMs: number): string | undefined {
    let freshest: MarketSnapshot | undefined;
    for (const venue of this.#venues) {
      const snapshot = this.#entries.get(keyOf(venue, `${currency}-${quote}`))?.snapshot;
      if (snapshot === undefined || Date.parse(snapshot.receivedAt) < oldestMs) continue;
      if (freshest === undefined || snapshot.receivedAt > freshest.receivedAt) freshest = snapshot;
    }
    const mid = freshest === undefined ? undefined : midOf(freshest);
    return mid === undefined ? undefined : plain(mid.round(8));
  }

  #prepared({ venue, pair, instrument, bids, asks, fees, receivedAt, bookHash }: MarketSnapshot): PreparedMarket {
    const view = { venue, pair, instrument, book: { bids, asks }, fees, receivedAt, bookHash };
    return prepareMarket(view, this.venues.terms(venue, pair));
  }
}

const keyOf = (venue: string, pair: string): string => `${venue}/${pair}`;

const recordOf = ({ totalExecutions, successRate, averageLatencyMs, queueDepth }: VenueStatus) => ({
  executions: totalExecutions,
  successRate,
  latencyMs: averageLatencyMs,
  queueDepth,
});
