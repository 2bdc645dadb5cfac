import { postgresAuditReader, verifyAudit } from '@switchyard/journal-service';
import type { AuditFact, Evidence, Repeat, Said } from '../check/evidence.js';
import type { Deployment } from '../system/deployment.js';
import { balancesAt, ledgersOf } from './venue-words.js';
import { booksOf } from './books.js';
import { copiesOf } from './copies.js';
import type { Observer } from './observer.js';
import type { RunFile } from './run-file.js';

/** Collects all that the judge asks for, from a deployment that is quiet. */
export const gather = async (
  deployment: Deployment,
  observer: Observer,
  run: Pick<RunFile, 'signals' | 'strategySignals' | 'halts'>,
  say: (line: string) => void,
): Promise<Evidence> => {
  const { venues, users } = deployment;
  const offered = run.signals;
  const copies = (await copiesOf(observer, run, users)).expected;
  say('reading the audit trail ...');
  const audit = await auditFacts(observer);
  const repeats = await repeatsOf(observer);
  say(`${audit.length} events; the venues' ledgers and our books ...`);
  const [ledger, venueBalances, books] = await Promise.all([
    ledgersOf(deployment),
    balancesAt(deployment),
    booksOf(observer, users),
  ]);
  const ended = new Set(
    audit.flatMap(({ topic, signalId }) =>
      topic === 'OrderCompleted' || topic === 'SignalRejected' ? [signalId] : [],
    ),
  );
  const open = [...offered, ...copies].filter(({ answer, signalId }) => answer === 'accepted' && !ended.has(signalId));
  const inWork = await placesOf(
    observer,
    audit,
    open.map(({ signalId }) => signalId),
    [...venues.keys()],
  );
  say("checking the trail's hashes ...");
  const verdict = await verifyAudit(
    postgresAuditReader({
      // A statement that is sent by hand needs no name.
      query: async <Row extends object>(
        statement: string | { readonly text: string },
        parameters: readonly unknown[] = [],
      ) => {
        const rows = await observer.query<Row>(typeof statement === 'string' ? statement : statement.text, parameters);
        return { rows, rowCount: rows.length };
      },
    }),
  );
  return {
    ...{ offered, copies, halts: run.halts, audit, repeats, ledger, venueBalances, books, inWork },
    trail: verdict.findings.map(({ problem, message }) => `${problem}: ${message}`),
  };
};

const PAGE = 20_000;

const auditFacts = async (observer: Observer): Promise<readonly AuditFact[]> => {
  const facts: AuditFact[] = [];
  let [chain, row] = [-1, 0];
  for (;;) {
    const page = await observer.query<AuditColumns>(FACTS, [chain, row, PAGE]);
    for (const columns of page) facts.push(factOf(columns));
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return facts;
    [chain, row] = [last.chain, Number(last.row)];
  }
};

const repeatsOf = async (observer: Observer): Promise<readonly Repeat[]> => {
  const rows = await observer.query<Omit<Repeat, 'sequence'> & { readonly sequence: string }>(
    'select chain, topic, source, sequence from journal.audit_repeats',
    [],
  );
  return rows.map((row) => ({ ...row, sequence: Number(row.sequence) }));
};

interface AuditColumns {
  readonly chain: number;
  readonly row: string;
  readonly topic: string;
  readonly userId: string | null;
  readonly signalId: string | null;
  readonly eventId: string;
  readonly source: string | null;
  readonly sequence: string;
  readonly time: string;
  readonly said: { readonly [Field in keyof Said]: Said[Field] | null } | null;
}

/** Only what our own services said about orders and refusals is opened: strangers may have said anything. */
const FACTS = `
  select a.chain, a.row, a.topic, a.user_id as "userId", a.signal_id as "signalId", a.event_id as "eventId", a.source, a.sequence, a.time,
         case when a.source is not null and (a.topic like 'Order%' or a.topic = 'SignalRejected') then (
           select json_build_object('orderId', v ->> 'orderId', 'parentOrderId', v ->> 'parentOrderId',
                                    'orderVersion', (v ->> 'orderVersion')::int, 'clientOrderId', v ->> 'clientOrderId',
                                    'quantity', v ->> 'quantity', 'status', v ->> 'status', 'code', v ->> 'code', 'stage', v ->> 'stage')
           from (select convert_from(a.value, 'UTF8')::json as v) as opened
         ) end as said
  from journal.audit a where (a.chain, a.row) > ($1, $2) order by a.chain, a.row limit $3`;

const factOf = ({ row, sequence, userId, signalId, source, said, ...columns }: AuditColumns): AuditFact => ({
  ...columns,
  row: Number(row),
  sequence: Number(sequence),
  userId: userId ?? undefined,
  signalId: signalId ?? undefined,
  source: source ?? undefined,
  said: Object.fromEntries(Object.entries(said ?? {}).filter(([, value]) => value !== null)),
});

/** Where signals that have not ended are to be seen: in a stage's documents, among its parked events, in an executor's queue. */
const placesOf = async (
  observer: Observer,
  audit: readonly AuditFact[],
  signalIds: readonly string[],
  venues: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> => {
  const places = new Map<string, string[]>();
  if (signalIds.length === 0) return places;
  const names = new Map<string, string>(signalIds.map((signalId) => [signalId, signalId]));
  for (const { signalId, said } of audit)
    if (signalId !== undefined && names.has(signalId))
      for (const name of [said.parentOrderId, said.orderId]) if (name !== undefined) names.set(name, signalId);
  const found = await observer.query<{ readonly name: string; readonly place: string }>(placesIn(venues), [
    [...names.keys()],
  ]);
  for (const { name, place } of found) {
    const signalId = names.get(name) ?? name;
    const before = places.get(signalId) ?? [];
    if (!before.includes(place)) places.set(signalId, [...before, place]);
  }
  return places;
};

/** What merely remembers a signal (validation's identities) has nothing to do with it any more. */
const placesIn = (venues: readonly string[]): string => `
  with wanted as (select unnest($1::text[]) as name)
  select name, 'risk''s ' || kind || ' ' || key as place from wanted join risk.documents on position(name in doc) > 0
  union all
  select name, 'routing''s ' || kind || ' ' || key from wanted join routing.documents on position(name in doc) > 0
  union all
  ${venues.map(placesAt).join('')}
  select name, 'parked by ' || group_name || ': ' || coalesce(reason, 'behind another')
  from wanted join log.parked_events e on position(convert_to(name, 'UTF8') in e.record) > 0`;

const placesAt = (venue: string): string => `
  select name, '${venue}''s queue: ' || status || coalesce(' (' || last_error || ')', '')
  from wanted join execution_${venue}.execution_tasks t on name in (t.task_id, t.signal_id, t.parent_order_id)
  where t.status not in ('done', 'failed')
  union all
  select name, '${venue}''s orders: ' || o.status || coalesce(' (' || last_error || ')', '')
  from wanted join execution_${venue}.orders o on o.order_id = name
  where o.status not in ('filled', 'cancelled', 'rejected', 'expired', 'failed')
  union all`;
