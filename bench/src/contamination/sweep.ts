import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { decodeRecords } from '@switchyard/log';
import pg from 'pg';
import { marksIn } from './marks.js';
import type { Violations } from './violations.js';

const AT_ONCE = 2_000;

/** Tables that hold several users' things in one row, and rightly so: how each thing in them is looked at by itself. */
const MIXED: Readonly<Record<string, string | undefined>> = {
  // The records of a batch: `sweepTopics`.
  'log.batches': undefined,
  // The identities that one call of the door has claimed in a partition.
  'signal_validation.admissions': 'select unnest(keys) as text from signal_validation.admissions',
};

/** Every record of every topic, or of one. @returns how many there are */
export const sweepTopics = async (databaseUrl: string, violations: Violations, topic = '%'): Promise<number> => {
  let records = 0;
  await rowsOf(databaseUrl, `select topic, records from log.batches where topic like '${topic}'`, (row) => {
    for (const { key, correlationId, value } of decodeRecords(row['records'] as Buffer)) {
      records += 1;
      const where = `topic ${String(row['topic'])}`;
      const text = Buffer.from(value).toString();
      if (marksIn(key).has(key)) {
        violations.lookAtDocument(where, text, key);
        violations.look(where, correlationId ?? '', key);
      } else violations.look(where, `${key} ${text}`);
    }
  });
  return records;
};

/** Every row of every table, or of some, whatever is in it as text: bytes as the characters that they are. @returns how many there are */
export const sweepTables = async (
  databaseUrl: string,
  violations: Violations,
  isLookedAt: (table: string) => boolean = () => true,
): Promise<number> => {
  let rows = 0;
  for (const { name, columns } of await tablesOf(databaseUrl)) {
    const query = name in MIXED ? MIXED[name] : `select concat_ws(' ', ${columns.join(', ')}) as text from ${name}`;
    if (query === undefined || !isLookedAt(name)) continue;
    await rowsOf(databaseUrl, query, ({ text }) => {
      rows += 1;
      violations.look(`table ${name}`, text as string);
    });
  }
  return rows;
};

/** Every line that the services logged. @returns how many there are */
export const sweepLines = async (file: string, violations: Violations): Promise<number> => {
  let lines = 0;
  for await (const line of createInterface({ input: createReadStream(file) })) {
    lines += 1;
    violations.look('log line', line);
  }
  return lines;
};

const tablesOf = async (
  databaseUrl: string,
): Promise<readonly { readonly name: string; readonly columns: readonly string[] }[]> => {
  const tables = new Map<string, string[]>();
  await rowsOf(
    databaseUrl,
    `select format('%I.%I', c.table_schema, c.table_name) as name, format('%I', c.column_name) as column, c.data_type as type
     from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
     where t.table_type = 'BASE TABLE' and c.table_schema not in ('pg_catalog', 'information_schema')
     order by 1, c.ordinal_position`,
    ({ name, column, type }) => {
      const text = type === 'bytea' ? `encode(${String(column)}, 'escape')` : `${String(column)}::text`;
      tables.set(name as string, [...(tables.get(name as string) ?? []), text]);
    },
  );
  return [...tables].map(([name, columns]) => ({ name, columns }));
};

/** Part after part: none of it has to fit into memory. */
const rowsOf = async (
  databaseUrl: string,
  query: string,
  take: (row: Readonly<Record<string, unknown>>) => void,
): Promise<void> => {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('begin read only');
    await client.query(`declare rows no scroll cursor for ${query}`);
    for (;;) {
      const { rows } = await client.query<Readonly<Record<string, unknown>>>(`fetch ${AT_ONCE} from rows`);
      if (rows.length === 0) break;
      rows.forEach(take);
    }
    await client.query('commit');
  } finally {
    await client.end();
  }
};
