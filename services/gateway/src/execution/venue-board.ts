import type { VenueStatus } from '@switchyard/contracts';
import type { EventLog } from '@switchyard/log';
import type { ListedMarket } from '../market/listed-market.js';

export interface VenueView {
  readonly venue: string;
  readonly healthy: boolean;
  /** Null: no executor has reported yet. */
  readonly circuitState: 'closed' | 'open' | 'half_open' | null;
  readonly queueDepth: number | null;
  readonly activeExecutions: number | null;
  readonly totalExecutions: number | null;
  /** 0..1. */
  readonly successRate: number | null;
  readonly averageLatencyMs: number | null;
  /** Of the venue's answers to the last calls. Null: none yet. */
  readonly p50LatencyMs: number | null;
  readonly p95LatencyMs: number | null;
  readonly p99LatencyMs: number | null;
  /** Fraction of the price at approval, over the latest orders; positive is worse. Null: no fill yet. */
  readonly averageShortfall: number | null;
  /** Filled of ordered, 0..1, over the latest orders that ended. Null: none yet. */
  readonly fillRate: number | null;
  /** Fractions of the notional. Null: not known; routing then takes the defaults. */
  readonly fees: { readonly maker: string; readonly taker: string } | null;
  /** Canonical pairs that are listed. */
  readonly pairs: readonly string[];
  readonly at: string | null;
}

export type VenueQuality = ReadonlyMap<string, Pick<VenueView, 'averageShortfall' | 'fillRate'>>;

/** What executors and market data say of each venue: the newest of each. */
export class VenueBoard {
  private readonly statuses = new Map<string, VenueStatus>();

  constructor(
    private readonly venues: readonly string[],
    private readonly market: Pick<ListedMarket, 'listings'>,
  ) {}

  async follow(log: Pick<EventLog, 'tail'>): Promise<void> {
    await log.tail('VenueStatus', ({ key, payload }) => {
      const status = payload as VenueStatus;
      if ((this.statuses.get(key)?.version ?? -1) <= status.version) this.statuses.set(key, status);
    });
  }

  /** Every venue of the deployment, and any other that was heard of. */
  views(quality: VenueQuality): readonly VenueView[] {
    const listings = Map.groupBy(this.market.listings(), ({ venue }) => venue);
    const names = new Set([...this.venues, ...this.statuses.keys(), ...listings.keys()]);
    return [...names].sort().map((venue): VenueView => {
      const status = this.statuses.get(venue);
      const listed = listings.get(venue) ?? [];
      return {
        venue,
        healthy: status?.healthy ?? false,
        circuitState: status?.circuitState ?? null,
        queueDepth: status?.queueDepth ?? null,
        activeExecutions: status?.activeExecutions ?? null,
        totalExecutions: status?.totalExecutions ?? null,
        successRate: status?.successRate ?? null,
        averageLatencyMs: status?.averageLatencyMs ?? null,
        p50LatencyMs: status?.p50LatencyMs ?? null,
        p95LatencyMs: status?.p95LatencyMs ?? null,
        p99LatencyMs: status?.p99LatencyMs ?? null,
        averageShortfall: quality.get(venue)?.averageShortfall ?? null,
        fillRate: quality.get(venue)?.fillRate ?? null,
        fees: listed.find(({ fees }) => fees !== undefined)?.fees ?? null,
        pairs: listed.map(({ pair }) => pair).sort(),
        at: status?.at ?? null,
      };
    });
  }
}
