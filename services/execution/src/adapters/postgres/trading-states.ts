import type { TradingStateChanged } from '@switchyard/contracts';
import type { TradingState } from '@switchyard/model';
import type { Queryable, Tx } from '@switchyard/persistence';
import {
  MOST_NAMED,
  placeOf,
  userOfScope,
  whyLeft,
  type HeldState,
  type KnownStates,
  type LeftInScope,
  type ScopeLook,
} from '../../ports/trading-states.js';

/**
 * Makes a transaction known as one that takes tasks, until it ends. It is a lock that nobody ever takes for himself alone: nobody waits for
 * it, and who wants to outlast the claims of now finds them by it in `pg_locks`. The schema tells the venues of one database apart.
 */
export const AS_CLAIM = "pg_advisory_xact_lock_shared(hashtext('switchyard:claims'), hashtext(current_schema()))";

/** The first state in force over a task `t`. It must be read by a statement behind the one that made the claim known. */
export const HALT = `
  (select json_build_object('scope', s.scope, 'state', s.state, 'version', s.version, 'reason', s.reason, 'since', s.changed_at)
   from trading_states s where s.state <> 'active' and s.place in ('global', 'user:' || t.user_id, 'venue')
   order by s.place limit 1) as halt`;

export const storeStates = async (
  tx: Tx,
  venue: string,
  changes: readonly TradingStateChanged[],
): Promise<readonly TradingStateChanged[]> => {
  const places = new Map<string, TradingStateChanged>();
  for (const change of changes) {
    const place = placeOf(change.scope, venue);
    if (place !== undefined && change.version > (places.get(place)?.version ?? 0)) places.set(place, change);
  }
  if (places.size === 0) return [];
  const all = [...places.values()];
  const { rows } = await tx.query<{ place: string }>(STORE, [
    [...places.keys()],
    all.map(({ scope }) => scope),
    all.map(({ state }) => state),
    all.map(({ version }) => version),
    all.map(({ reason }) => reason),
    all.map(({ changedAt }) => changedAt),
    all.map(({ cancelOpen }) => cancelOpen),
  ]);
  return rows.flatMap(({ place }) => places.get(place) ?? []);
};

interface StateRow {
  readonly kind: 'recent' | 'global' | 'toTell';
  readonly scope: string;
  readonly state: TradingState;
  readonly version: string;
  readonly reason: string;
  readonly changed_at: Date;
  readonly cancel_open: boolean;
  readonly is_kept: boolean;
}

export const knownStates = async (db: Queryable, most: number): Promise<KnownStates> => {
  const { rows } = await db.query<StateRow>(KNOWN, [most]);
  const of = (wanted: StateRow['kind']): readonly StateRow[] => rows.filter(({ kind }) => kind === wanted);
  return {
    recent: of('recent').flatMap(({ scope, state, version, reason, changed_at }) =>
      state === 'active' ? [] : [{ scope, state, version: Number(version), reason, since: changed_at.toISOString() }],
    ),
    hasGlobal: of('global').length > 0,
    toTell: of('toTell').map(({ scope, version, state, cancel_open, is_kept }) => ({
      ...{ scope, version: Number(version), state, cancelOpen: cancel_open, isKept: is_kept },
    })),
  };
};

export const claimsUnderWay = async (db: Queryable): Promise<ReadonlySet<string>> => {
  const { rows } = await db.query<{ claim: string }>(UNDER_WAY);
  return new Set(rows.map(({ claim }) => claim));
};

export const holdState = async (
  tx: Tx,
  venue: string,
  scope: string,
  version: number,
): Promise<HeldState | undefined> => {
  const { rows } = await tx.query<{ report: number; said: string | null }>(HOLD, [placeOf(scope, venue), version]);
  const [row] = rows;
  return row && { report: row.report, said: row.said ?? undefined };
};

interface LeftRow {
  readonly unresolved: number;
  readonly open: number;
  readonly cancelled: number;
  readonly is_marking: boolean;
  readonly orders: readonly Readonly<Record<'orderId' | 'userId' | 'accountId' | 'pair' | 'status', string>>[];
}

export const lookIntoScope = async (tx: Tx, look: ScopeLook): Promise<LeftInScope> => {
  const { rows } = await tx.query<LeftRow>(LEFT, [
    userOfScope(look.scope) ?? null,
    look.expiredBeforeMs === undefined ? null : new Date(look.expiredBeforeMs).toISOString(),
    look.cancelOpen,
    look.cancelRequestId,
    look.cancelReason,
    MOST_NAMED,
  ]);
  const [row] = rows;
  if (row === undefined) throw new Error('a count came back without a row');
  const { orders, is_marking: isMarking, ...counts } = row;
  return {
    ...counts,
    isMarking,
    orders: orders.map((order) => ({ ...order, why: whyLeft(order.status) })) as unknown as LeftInScope['orders'],
  };
};

export const saveReport = async (
  tx: Tx,
  venue: string,
  scope: string,
  { report, said, isTold }: { readonly report: number; readonly said: string; readonly isTold: boolean },
): Promise<void> => {
  await tx.query(SAVE, [placeOf(scope, venue), report, said, isTold]);
};

const STORE = {
  name: 'execution-store-states',
  text: `
    insert into trading_states as s (place, scope, state, version, reason, changed_at, cancel_open)
    select * from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::timestamptz[], $7::boolean[])
      as g (place, scope, state, version, reason, changed_at, cancel_open) order by place
    on conflict (place) do update
      set state = excluded.state, version = excluded.version, reason = excluded.reason, changed_at = excluded.changed_at,
          cancel_open = excluded.cancel_open, stored_at = clock_timestamp(), is_kept = false, report = 0, said = null, is_told = false,
          looked_at = null
      where s.version < excluded.version
    returning place`,
};
const COLUMNS = 'scope, state, version, reason, changed_at, cancel_open, is_kept';
const KNOWN = {
  name: 'execution-known-states',
  text: `
    (select 'toTell' as kind, ${COLUMNS} from trading_states where not is_told order by looked_at nulls first limit $1)
    union all
    (select 'recent', ${COLUMNS} from trading_states
     where state <> 'active' and stored_at > now() - interval '1 minute' order by stored_at desc limit 10000)
    union all
    (select 'global', ${COLUMNS} from trading_states where place = 'global')`,
};
const UNDER_WAY = {
  name: 'execution-claims-under-way',
  text: `
    select virtualtransaction as claim from pg_locks
    where locktype = 'advisory' and granted and objsubid = 2
      and database = (select oid from pg_database where datname = current_database())
      and classid = (hashtext('switchyard:claims')::bigint & 4294967295)::oid
      and objid = (hashtext(current_schema())::bigint & 4294967295)::oid`,
};
const HOLD = {
  name: 'execution-hold-state',
  text: 'select report, said from trading_states where place = $1 and version = $2 for update skip locked',
};
const SAVE = {
  name: 'execution-save-report',
  text: `
    update trading_states set report = $2, said = $3, is_told = $4, is_kept = true, looked_at = clock_timestamp() where place = $1`,
};
// What is out is found by the tasks, what is open by the orders: each has an index that holds nothing else. An order that came after the
// cancel was marked is not waited for: it only makes a position smaller.
const LEFT = {
  name: 'execution-left-in-scope',
  text: `
    with out as materialized (
      select task_id, user_id, payload, cancel_reason from execution_tasks
      where executor = 'venue' and status in ('queued', 'executing') and status = 'executing' and event_type = 'OrderRouted'
      union all
      select task_id, user_id, payload, cancel_reason from execution_tasks
      where executor = 'venue' and status = 'unknown' and event_type = 'OrderRouted'
    ), sent as (
      select o.order_id, o.user_id, o.account_id, o.pair, o.status, out.cancel_reason
      from out join orders o on o.order_id = out.task_id
      where ($1::text is null or out.user_id = $1) and o.status in ('executing', 'unknown')
        and coalesce((out.payload ->> 'reduceOnly')::boolean, false) = false
        and not (o.status = 'unknown' and $2::timestamptz is not null and o.venue_expiry < $2::timestamptz)
    ), marking as (
      select exists (select from cancel_requests where request_id = $4 and marked_at is null) as is_under_way
    ), open as (
      select o.order_id, o.user_id, o.account_id, o.pair, o.status
      from orders o join execution_tasks t on t.task_id = o.order_id, marking m
      where $3 and o.status in ('placed', 'partially_filled', 'cancel_pending', 'unknown')
        and ($1::text is null or o.account_id = any (array(select account_id from accounts where user_id = $1)))
        and (m.is_under_way or t.cancel_reason is not null)
      union
      select o.order_id, o.user_id, o.account_id, o.pair, o.status
      from out join orders o on o.order_id = out.task_id, marking m
      where $3 and o.status = 'executing' and ($1::text is null or out.user_id = $1)
        and (m.is_under_way or out.cancel_reason is not null)
    ), named as (
      select order_id, user_id, account_id, pair, status from sent union select * from open order by order_id limit $6
    )
    select (select count(*) from sent)::integer as unresolved,
           (select count(*) from open)::integer as open, (select is_under_way and $3 from marking) as is_marking,
           (select count(*) from execution_tasks t join orders o on o.order_id = t.task_id
            where t.cancel_reason = $5 and o.status = 'cancelled')::integer as cancelled,
           coalesce((select json_agg(json_build_object('orderId', order_id, 'userId', user_id, 'accountId', account_id, 'pair', pair,
                                                       'status', status) order by order_id) from named), '[]') as orders`,
};
