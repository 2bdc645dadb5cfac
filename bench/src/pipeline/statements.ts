import { writeFile } from 'node:fs/promises';
import type { Queryable } from '@switchyard/persistence';

interface StatementRow {
  readonly query: string;
  readonly role: string;
  readonly calls: string;
  readonly ms: number;
  readonly rows: string;
  readonly wal: string;
}

export const countStatements = async (db: Queryable): Promise<void> => {
  await db.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements SCHEMA public');
  await db.query('SELECT public.pg_stat_statements_reset()');
};

/** Writes where the database spent its time since: microseconds a signal, by statement and role. @returns the file */
export const writeStatements = async (db: Queryable, file: string, signals: number): Promise<string> => {
  const { rows } = await db.query<StatementRow>(`
    SELECT s.query, r.rolname AS role, s.calls, s.total_exec_time + s.total_plan_time AS ms, s.rows, s.wal_bytes::text AS wal
    FROM public.pg_stat_statements s JOIN pg_roles r ON r.oid = s.userid
    ORDER BY s.total_exec_time + s.total_plan_time DESC LIMIT 60`);
  const lines = rows.map(({ query, role, calls, ms, rows: count, wal }) =>
    [
      ((ms * 1_000) / signals).toFixed(1).padStart(8),
      calls.padStart(8),
      (ms / Number(calls)).toFixed(2).padStart(9),
      (Number(count) / Number(calls)).toFixed(1).padStart(8),
      (Number(wal) / signals).toFixed(0).padStart(8),
      `  ${role.replace('switchyard_', '').padEnd(20)}`,
      query.replace(/\s+/g, ' ').trim().slice(0, 160),
    ].join(' '),
  );
  const documents = await documentSizes(db);
  const total = rows.reduce((sum, { ms }) => sum + ms, 0);
  const head = `us/signal    calls   ms/call rows/call WAL B/signal  role  statement   (${((total * 1_000) / signals).toFixed(0)} us a signal in all, wall time)`;
  await writeFile(
    file,
    `${[head, ...lines, '', 'documents: count, mean and largest length, mean stored size', ...documents].join('\n')}\n`,
  );
  return file;
};

const documentSizes = async (db: Queryable): Promise<readonly string[]> => {
  const { rows: schemas } = await db.query<{ schema: string }>(
    "SELECT table_schema AS schema FROM information_schema.tables WHERE table_name = 'documents' ORDER BY 1",
  );
  const lines: string[] = [];
  for (const { schema } of schemas) {
    const { rows } = await db.query<{ kind: string; count: string; mean: string; most: string; stored: string }>(`
      SELECT kind, count(*) AS count, avg(length(doc))::int::text AS mean, max(length(doc))::text AS most, avg(pg_column_size(doc))::int::text AS stored
      FROM "${schema}".documents GROUP BY kind ORDER BY kind`);
    for (const { kind, count, mean, most, stored } of rows)
      lines.push(
        `${schema.padEnd(20)} ${kind.padEnd(16)} ${count.padStart(8)} ${mean.padStart(8)} ${most.padStart(8)} ${stored.padStart(8)}`,
      );
  }
  return lines;
};
