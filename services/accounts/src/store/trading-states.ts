import type { TradingStateApplied } from '@switchyard/contracts';
import type { TradingState } from '@switchyard/model';
import type { Queryable } from '@switchyard/persistence';
import { NEVER_CHANGED, type StoredReport, type StoredState } from '../trading-state/stored-state.js';

interface Row {
  readonly scope: string;
  readonly state: TradingState;
  readonly version: string;
  readonly reason: string;
  readonly cancel_open: boolean;
  readonly changed_by: string;
  readonly role: string;
  readonly changed_at: Date;
  readonly held: TradingState;
  readonly held_reason: string | null;
}

const COLUMNS = 'scope, state, version, reason, cancel_open, changed_by, role, changed_at, held, held_reason';

const stateOf = (row: Row): StoredState => ({
  scope: row.scope,
  state: row.state,
  version: Number(row.version),
  reason: row.reason,
  cancelOpen: row.cancel_open,
  changedBy: row.changed_by,
  role: row.role,
  changedAt: row.changed_at,
  held: row.held,
  heldReason: row.held_reason ?? undefined,
});

/** Locks the scope until the transaction ends: changes of one scope happen one after the other. */
export const lockState = async (db: Queryable, scope: string): Promise<StoredState> => {
  const { state, version, reason, cancelOpen, changedBy, role, changedAt, held } = NEVER_CHANGED;
  await db.query(
    `insert into trading_states (scope, state, version, reason, cancel_open, changed_by, role, changed_at, held, is_told)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, true) on conflict (scope) do nothing`,
    [scope, state, version, reason, cancelOpen, changedBy, role, changedAt, held],
  );
  const { rows } = await db.query<Row>(`select ${COLUMNS} from trading_states where scope = $1 for update`, [scope]);
  return rows[0] === undefined ? { scope, ...NEVER_CHANGED } : stateOf(rows[0]);
};

/** Stores a version, to be told. @returns it with its time, by the database's clock, which is later than that of the version before */
export const storeState = async (db: Queryable, next: Omit<StoredState, 'changedAt'>): Promise<StoredState> => {
  const { rows } = await db.query<Row>(
    `update trading_states
     set state = $2, version = $3, reason = $4, cancel_open = $5, changed_by = $6, role = $7, held = $8, held_reason = $9, is_told = false,
         changed_at = greatest(clock_timestamp(), changed_at + interval '1 ms')
     where scope = $1 returning ${COLUMNS}`,
    [
      ...[next.scope, next.state, next.version, next.reason, next.cancelOpen, next.changedBy, next.role],
      ...[next.held, next.heldReason ?? null],
    ],
  );
  const [row] = rows;
  if (row === undefined) throw new Error(`the state of ${next.scope} vanished while it was locked`);
  return stateOf(row);
};

export const findState = async (db: Queryable, scope: string): Promise<StoredState> => {
  const { rows } = await db.query<Row>(
    { name: 'find-state', text: `select ${COLUMNS} from trading_states where scope = $1` },
    [scope],
  );
  return rows[0] === undefined ? { scope, ...NEVER_CHANGED } : stateOf(rows[0]);
};

/** Scopes that were ever changed, those in force first, then by name; of one user alone where one is named. */
export const listStates = async (
  db: Queryable,
  scope: string | undefined,
  after: readonly [rank: number, scope: string],
  limit: number,
): Promise<readonly StoredState[]> => {
  const { rows } = await db.query<Row>(
    `select ${COLUMNS} from trading_states
     where version > 0 and ($1::text is null or scope = $1) and (${RANK}, scope) > ($2, $3)
     order by ${RANK}, scope limit $4`,
    [scope ?? null, ...after, limit],
  );
  return rows.map(stateOf);
};
const RANK = "(case state when 'active' then 1 else 0 end)";

/** A state that is to be told, with the number of this telling: it rises with each, whoever tells. */
export interface Telling {
  readonly state: StoredState;
  readonly telling: number;
  readonly toldAt: Date;
}

/** Takes what is to be told now: versions that were not told yet, and the global state where nobody told it for so long. */
export const takeTellings = async (db: Queryable, everyMs: number): Promise<readonly Telling[]> => {
  const { rows } = await db.query<Row & { readonly telling: string; readonly told_at: Date }>(
    {
      name: 'take-tellings',
      text: `update trading_states
             set telling = greatest(telling + 1, (extract(epoch from clock_timestamp()) * 1000)::bigint), told_at = clock_timestamp()
             where version > 0 and (not is_told
               or (scope = 'global' and (told_at is null or told_at <= clock_timestamp() - $1::float8 * interval '1 ms')))
             returning ${COLUMNS}, telling, told_at`,
    },
    [everyMs],
  );
  return rows.map((row) => ({ state: stateOf(row), telling: Number(row.telling), toldAt: row.told_at }));
};

/** Notes what was told, unless it was changed or told again since. */
export const noteTold = async (db: Queryable, tellings: readonly Telling[]): Promise<void> => {
  await db.query(
    {
      name: 'note-told',
      text: `update trading_states s set is_told = true from unnest($1::text[], $2::bigint[], $3::bigint[]) as t (scope, telling, version)
             where s.scope = t.scope and s.telling = t.telling and s.version = t.version and not s.is_told`,
    },
    [
      tellings.map(({ state }) => state.scope),
      tellings.map(({ telling }) => telling),
      tellings.map(({ state }) => state.version),
    ],
  );
};

/** Of each venue the newest word: a later version, or a later report of the same. */
export const storeReports = async (db: Queryable, reports: readonly TradingStateApplied[]): Promise<void> => {
  await db.query(
    {
      name: 'store-reports',
      text: `insert into trading_state_reports as r (scope, venue, version, report, unresolved, open, cancelled, orders, applied_at)
             select distinct on (scope, venue) * from unnest($1::text[], $2::text[], $3::bigint[], $4::int[], $5::int[], $6::int[], $7::int[],
               $8::jsonb[], $9::timestamptz[]) as g (scope, venue, version, report, unresolved, open, cancelled, orders, applied_at)
             order by scope, venue, version desc, report desc
             on conflict (scope, venue) do update
               set version = excluded.version, report = excluded.report, unresolved = excluded.unresolved, open = excluded.open,
                   cancelled = excluded.cancelled, orders = excluded.orders, applied_at = excluded.applied_at
               where (r.version, r.report) < (excluded.version, excluded.report)`,
    },
    [
      reports.map(({ scope }) => scope),
      reports.map(({ venue }) => venue),
      reports.map(({ version }) => version),
      reports.map(({ report }) => report),
      reports.map(({ unresolved }) => unresolved),
      reports.map(({ open }) => open),
      reports.map(({ cancelled }) => cancelled),
      reports.map(({ orders }) => JSON.stringify(orders)),
      reports.map(({ appliedAt }) => appliedAt),
    ],
  );
};

interface ReportRow extends Omit<StoredReport, 'version' | 'appliedAt'> {
  readonly scope: string;
  readonly version: string;
  readonly applied_at: Date;
}

/** What executors said of these scopes, by scope. */
export const reportsOn = async (
  db: Queryable,
  scopes: readonly string[],
): Promise<ReadonlyMap<string, readonly StoredReport[]>> => {
  const { rows } = await db.query<ReportRow>(
    {
      name: 'reports-on',
      text: `select scope, venue, version, report, unresolved, open, cancelled, orders, applied_at from trading_state_reports
             where scope = any ($1::text[]) order by scope, venue`,
    },
    [scopes],
  );
  const byScope = Map.groupBy(rows, ({ scope }) => scope);
  return new Map(
    [...byScope].map(([scope, some]) => [
      scope,
      some.map(({ venue, version, report, unresolved, open, cancelled, orders, applied_at }) => ({
        ...{ venue, version: Number(version), report, unresolved, open, cancelled, orders },
        appliedAt: applied_at.toISOString(),
      })),
    ]),
  );
};

/** How many scopes of a kind are in each state: `global`, `venue:<venue>`, and all users' together as `user`. */
export const countStates = async (
  db: Queryable,
): Promise<readonly { readonly scope: string; readonly state: TradingState; readonly count: number }[]> => {
  const { rows } = await db.query<{ scope: string; state: TradingState; count: number }>({
    name: 'count-states',
    text: `select case when scope like 'user:%' then 'user' else scope end as scope, state, count(*)::int as count
           from trading_states where version > 0 group by 1, 2`,
  });
  return rows;
};
