import type { Queryable } from '@switchyard/persistence';

/** An order event of the audit trail, as far as a story tells it. */
interface Told {
  readonly topic: string;
  readonly orderId: string;
  readonly parentOrderId: string;
  readonly venue: string | null;
  readonly child: number | null;
  readonly retriable: boolean | null;
  readonly code: string | null;
  readonly quantity: string | null;
  /** When it happened, by the event itself: RFC 3339. */
  readonly at: string;
}

export interface ToldChild {
  readonly orderId: string;
  readonly venue: string;
  readonly child: number;
  /** Milliseconds since 1970. */
  readonly routedAt: number;
  placedAt?: number;
  failure?: { readonly at: number; readonly code: string; readonly retriable: boolean };
  /** Of the base currency, by the fills that were told. */
  filled: number;
}

/** What became of one signal's parent order, child after child. */
export interface Story {
  readonly parentOrderId: string;
  /** Of the base currency, as risk approved it. */
  readonly approved: number;
  readonly children: readonly ToldChild[];
  /** Why no venue took it, where routing said so. */
  readonly refusal: string | undefined;
}

/** A child that failed with nothing of it at the venue, and the first of those that took its place, accepted by its venue. */
export interface Failover {
  readonly from: ToldChild & { readonly failure: NonNullable<ToldChild['failure']> };
  readonly to: ToldChild & { readonly placedAt: number };
}

export const storiesSince = async (db: Queryable, since: Date): Promise<readonly Story[]> => {
  const { rows } = await db.query<Told>(STORIES, [since.toISOString()]);
  const parents = Map.groupBy(rows, ({ parentOrderId }) => parentOrderId);
  return [...parents].map(([parentOrderId, told]) => ({
    parentOrderId,
    approved: Number(told.find(({ topic }) => topic === 'OrderApproved')?.quantity ?? '0'),
    children: childrenOf(told),
    refusal: told.find(({ topic, orderId }) => topic === 'OrderFailed' && orderId === parentOrderId)?.code ?? undefined,
  }));
};

const childrenOf = (told: readonly Told[]): readonly ToldChild[] => {
  const children = new Map<string, ToldChild>();
  for (const { topic, orderId, venue, child, at } of told)
    if (topic.startsWith('OrderRouted.'))
      children.set(orderId, {
        ...{ orderId, venue: venue ?? '', child: child ?? 0, routedAt: Date.parse(at), filled: 0 },
      });
  for (const { topic, orderId, retriable, code, quantity, at } of told) {
    const child = children.get(orderId);
    if (child === undefined) continue;
    if (topic === 'OrderPlaced') child.placedAt = Date.parse(at);
    if (topic === 'OrderFilled') child.filled += Number(quantity);
    if (topic === 'OrderFailed')
      child.failure = { at: Date.parse(at), code: code ?? 'UNKNOWN', retriable: retriable === true };
  }
  return [...children.values()].sort((one, other) => one.child - other.child);
};

export const failoversOf = ({ children }: Story): readonly Failover[] =>
  children.flatMap((from): readonly Failover[] => {
    const { failure } = from;
    if (failure === undefined) return [];
    // Siblings of a split were there before it failed.
    const to = children.find(({ routedAt }) => routedAt >= failure.at);
    if (to?.placedAt === undefined) return [];
    return [{ from: { ...from, failure }, to: { ...to, placedAt: to.placedAt } }];
  });

/** Told by what it says itself: an event's own time is that of what happened, not of when it was written down. */
const STORIES = `
  SELECT topic, v ->> 'orderId' AS "orderId", v ->> 'parentOrderId' AS "parentOrderId", v ->> 'venue' AS venue, (v ->> 'child')::int AS child,
         (v ->> 'retriable')::boolean AS retriable, v ->> 'code' AS code, v ->> 'quantity' AS quantity,
         coalesce(v ->> 'approvedAt', v ->> 'routedAt', v ->> 'placedAt', v ->> 'filledAt', v ->> 'failedAt', v ->> 'completedAt') AS at
  FROM (SELECT topic, time, convert_from(value, 'UTF8')::json AS v FROM journal.audit
        WHERE source IS NOT NULL
          AND (topic LIKE 'OrderRouted.%' OR topic IN ('OrderApproved', 'OrderPlaced', 'OrderFilled', 'OrderFailed', 'OrderCompleted'))) AS told
  WHERE coalesce(v ->> 'approvedAt', v ->> 'routedAt', v ->> 'placedAt', v ->> 'filledAt', v ->> 'failedAt', v ->> 'completedAt') >= $1`;
