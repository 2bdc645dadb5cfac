import type { OutgoingEvent } from '@switchyard/log';
import type { Database } from '@switchyard/persistence';
import { CLOSED, type Circuit } from '../../guard/circuit.js';
import {
  FORGET_CALLS_MS,
  type BucketWrite,
  type GuardStore,
  type GuardView,
  type ScopeView,
} from '../../ports/guard-store.js';
import { agedCalls, type ReplicaCalls } from '../../venue/venue-figures.js';
import type { EventAppender } from './event-appender.js';

/** In the executor's schema. Buckets are unlogged: drawing tokens waits for no disk. */
export class PostgresGuardStore implements GuardStore {
  readonly #db: Database;
  readonly #log: EventAppender;
  readonly #channel: string;

  constructor(db: Database, log: EventAppender) {
    this.#db = db;
    this.#log = log;
    this.#channel = `${db.schema}_guard`;
  }

  async read(scopes: readonly string[]): Promise<GuardView> {
    const { rows } = await this.#db.query<ViewRow>(READ, [scopes]);
    const [row] = rows;
    if (row === undefined) throw new Error('reading what the replicas share gave no row');
    return {
      nowMs: row.now_ms,
      circuit:
        row.circuit === null
          ? { version: 0, value: CLOSED }
          : { version: row.circuit.version, value: circuitOf(row.circuit) },
      scopes: (row.scopes ?? []).map(scopeOf),
    };
  }

  async writeBuckets(writes: readonly BucketWrite[]): Promise<number> {
    if (writes.length === 0) return 0;
    const { rowCount } = await this.#db.query(WRITE_BUCKETS, [
      writes.map(({ scope }) => scope),
      writes.map(({ version }) => version + 1),
      writes.map(({ bucket }) => bucket.common),
      writes.map(({ bucket }) => bucket.polls),
      writes.map(({ bucket }) => bucket.atMs),
      writes.map(({ bucket }) => bucket.room?.left ?? null),
      writes.map(({ bucket }) => bucket.room?.untilMs ?? null),
    ]);
    return rowCount;
  }

  async writeCircuit(version: number, circuit: Circuit, events: readonly OutgoingEvent[]): Promise<boolean> {
    return this.#db.transaction(async (tx) => {
      const { rowCount } = await tx.query(WRITE_CIRCUIT, [
        version + 1,
        circuit.state,
        circuit.state === 'closed' ? circuit.failures : 0,
        circuit.state === 'half_open' ? circuit.prober : null,
        circuit.state === 'closed' ? null : circuit.untilMs,
      ]);
      const isWritten = rowCount > 0;
      if (isWritten && events.length > 0) await this.#log.append(tx, events);
      return isWritten;
    });
  }

  async close(scope: string, forMs: number): Promise<void> {
    await this.#db.query(CLOSE, [scope, forMs]);
  }

  async tellCalls(replica: string, calls: ReplicaCalls): Promise<readonly ReplicaCalls[]> {
    await this.#db.query(TELL_CALLS, [replica, calls, FORGET_CALLS_MS]);
    return [calls, ...(await this.callsOfOthers(replica))];
  }

  async callsOfOthers(replica: string): Promise<readonly ReplicaCalls[]> {
    const { rows } = await this.#db.query<ToldCalls>(READ_CALLS, [replica, FORGET_CALLS_MS]);
    return rows.map(({ calls, ageMs }) => agedCalls(calls, ageMs));
  }

  announce(): Promise<void> {
    return this.#db.notify(this.#channel);
  }

  onAnnounced(listener: () => void): Promise<() => Promise<void>> {
    return this.#db.listen(this.#channel, listener);
  }
}

interface ViewRow {
  readonly now_ms: number;
  readonly circuit: CircuitRow | null;
  readonly scopes: readonly ScopeRow[] | null;
}

interface CircuitRow {
  readonly version: number;
  readonly state: Circuit['state'];
  readonly failures: number;
  readonly prober: string | null;
  readonly until_ms: number | null;
}

interface ScopeRow {
  readonly scope: string;
  readonly version: number | null;
  readonly common: number;
  readonly polls: number;
  readonly at_ms: number;
  readonly room_left: number | null;
  readonly room_until_ms: number | null;
  readonly closed_until_ms: number | null;
}

const circuitOf = ({ state, failures, prober, until_ms }: CircuitRow): Circuit => {
  const untilMs = until_ms ?? 0;
  switch (state) {
    case 'closed':
      return { state, failures };
    case 'open':
      return { state, untilMs };
    case 'half_open':
      return { state, prober: prober ?? '', untilMs };
  }
};

const scopeOf = (row: ScopeRow): ScopeView => ({
  scope: row.scope,
  version: row.version ?? 0,
  bucket:
    row.version === null
      ? undefined
      : {
          common: row.common,
          polls: row.polls,
          atMs: row.at_ms,
          ...(row.room_left === null || row.room_until_ms === null
            ? {}
            : { room: { left: row.room_left, untilMs: row.room_until_ms } }),
        },
  closedUntilMs: row.closed_until_ms ?? 0,
});

const READ = {
  name: 'execution-guard-read',
  text: `
    select (extract(epoch from clock_timestamp()) * 1000)::float8 as now_ms,
      (select row_to_json(c) from (select version, state, failures, prober, until_ms from venue_circuit) c) as circuit,
      (select json_agg(s) from (
        select scope, b.version, b.common, b.polls, b.at_ms, b.room_left, b.room_until_ms, c.until_ms as closed_until_ms
        from unnest($1::text[]) as scope left join rate_budgets b using (scope) left join rate_closures c using (scope)
      ) s) as scopes`,
};
const WRITE_BUCKETS = {
  name: 'execution-guard-write-buckets',
  text: `
    with given as (
      select * from unnest($1::text[], $2::bigint[], $3::float8[], $4::float8[], $5::float8[], $6::float8[], $7::float8[])
        as g (scope, version, common, polls, at_ms, room_left, room_until_ms)
    ), known as (
      select scope, b.version from rate_budgets b join given using (scope) order by scope for update of b
    )
    insert into rate_budgets as b (scope, version, common, polls, at_ms, room_left, room_until_ms)
    select * from given
    where not exists (
      select from given g left join known k using (scope) where coalesce(k.version, 0) <> g.version - 1)
    order by scope
    on conflict (scope) do update
      set version = excluded.version, common = excluded.common, polls = excluded.polls, at_ms = excluded.at_ms,
          room_left = excluded.room_left, room_until_ms = excluded.room_until_ms
      where b.version = excluded.version - 1
    returning scope`,
};
const WRITE_CIRCUIT = {
  name: 'execution-guard-write-circuit',
  text: `
    insert into venue_circuit as c (version, state, failures, prober, until_ms) values ($1, $2, $3, $4, $5)
    on conflict (is_only) do update
      set version = excluded.version, state = excluded.state, failures = excluded.failures, prober = excluded.prober,
          until_ms = excluded.until_ms, changed_at = case when c.state = excluded.state then c.changed_at else now() end
      where c.version = excluded.version - 1
    returning version`,
};
const CLOSE = {
  name: 'execution-guard-close',
  text: `
    insert into rate_closures as c (scope, until_ms) values ($1, extract(epoch from clock_timestamp()) * 1000 + $2::float8)
    on conflict (scope) do update set until_ms = excluded.until_ms, said_at = now() where c.until_ms < excluded.until_ms`,
};
const TELL_CALLS = {
  name: 'execution-guard-tell-calls',
  text: `
    with forgotten as (
      delete from venue_calls where told_at < clock_timestamp() - $3::float8 * interval '1 millisecond' and replica <> $1
    )
    insert into venue_calls (replica, calls) values ($1, $2::jsonb)
    on conflict (replica) do update set calls = excluded.calls, told_at = clock_timestamp()`,
};
const READ_CALLS = {
  name: 'execution-guard-read-calls',
  text: `
    select calls, extract(epoch from clock_timestamp() - told_at)::float8 * 1000 as "ageMs" from venue_calls
    where replica <> $1 and told_at >= clock_timestamp() - $2::float8 * interval '1 millisecond'`,
};

interface ToldCalls {
  readonly calls: ReplicaCalls;
  readonly ageMs: number;
}
