import type { Queryable } from '@switchyard/persistence';
import type { VenueQuality } from './venue-board.js';

/** Figures are computed when somebody asks, at most this often. */
const KEEP_MS = 5_000;
const STATS_WINDOW_S = 60;

export interface OrderFigures {
  readonly windowS: number;
  /** Orders at venues that were routed within the window, by what they are now. */
  readonly orders: Readonly<Record<string, number>>;
  readonly executions: number;
}

/** Figures over the journal's orders. */
export class ExecutionFigures {
  readonly quality: () => Promise<VenueQuality>;
  readonly recent: () => Promise<OrderFigures>;

  constructor(db: Queryable) {
    this.quality = kept(() => qualityOf(db));
    this.recent = kept(() => recentOf(db));
  }
}

/** The latest thousand orders at venues: how much of what ended was filled, and at what cost against the price at approval. */
const QUALITY = `
  with latest as (
    select o.order_id, o.parent_order_id, o.venue, o.side, o.quantity, o.filled_quantity, o.ended_at
    from journal.api_orders o
    where o.order_id <> o.parent_order_id and o.venue is not null
    order by o.created_at desc limit 1000)
  select l.venue,
         avg(least(l.filled_quantity / nullif(l.quantity, 0), 1)) filter (where l.ended_at is not null)::float8 as fill_rate,
         avg(case l.side when 'buy' then f.average / p.reference_price - 1 else 1 - f.average / p.reference_price end)::float8
           as shortfall
  from latest l
  left join journal.api_orders p on p.order_id = l.parent_order_id and p.reference_price > 0
  left join lateral (select sum(e.quantity * e.price) / sum(e.quantity) as average
                     from journal.api_executions e where e.order_id = l.order_id) f on true
  group by l.venue`;

const qualityOf = async (db: Queryable): Promise<VenueQuality> => {
  const { rows } = await db.query<{ venue: string; fill_rate: number | null; shortfall: number | null }>(QUALITY);
  return new Map(
    rows.map(({ venue, fill_rate, shortfall }) => [venue, { fillRate: fill_rate, averageShortfall: shortfall }]),
  );
};

const recentOf = async (db: Queryable): Promise<OrderFigures> => {
  const since = `now() - interval '${STATS_WINDOW_S} seconds'`;
  const orders = await db.query<{ status: string; count: number }>(
    `select status, count(*)::int as count from journal.api_orders
     where created_at >= ${since} and order_id <> parent_order_id group by status`,
  );
  const executions = await db.query<{ count: number }>(
    `select count(*)::int as count from journal.api_executions where filled_at >= ${since}`,
  );
  return {
    windowS: STATS_WINDOW_S,
    orders: Object.fromEntries(orders.rows.map(({ status, count }) => [status, count])),
    executions: executions.rows[0]?.count ?? 0,
  };
};

/** Asks once for callers that come together; a failure is not kept. */
const kept = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let until = 0;
  let value: Promise<T> | undefined;
  return () => {
    if (value !== undefined && performance.now() < until) return value;
    until = performance.now() + KEEP_MS;
    const asked = make();
    value = asked;
    asked.catch(() => {
      if (value === asked) value = undefined;
    });
    return asked;
  };
};
