import { readFile, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import pg from 'pg';

/** Opens the database of a standalone that runs, as the one who owns it all. */
export async function withDatabase<T>(dataDir: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const folder = join(dataDir, 'postgres');
  const [password, pidFile] = await Promise.all([
    readFile(join(folder, 'password'), 'utf8'),
    readFile(join(folder, 'cluster/postmaster.pid'), 'utf8'),
  ]);
  const client = new pg.Client({
    host: '127.0.0.1',
    port: Number(pidFile.split('\n')[3]),
    user: 'switchyard',
    password: password.trim(),
    database: await databaseOf(folder, password.trim(), Number(pidFile.split('\n')[3])),
  });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** The one database there is besides those of Postgres itself. */
async function databaseOf(_folder: string, password: string, port: number): Promise<string> {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'switchyard', password, database: 'postgres' });
  await client.connect();
  try {
    const { rows } = await client.query<{ datname: string }>(
      "select datname from pg_database where not datistemplate order by (datname = 'postgres')",
    );
    return rows[0]?.datname ?? 'postgres';
  } finally {
    await client.end();
  }
}

/** Tables of ours, system ones left out, in which a row holds one of these texts: as it is, or in bytes. */
export async function tablesThatHold(client: pg.Client, needles: readonly string[]): Promise<readonly string[]> {
  const { rows: tables } = await client.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`,
  );
  const forms = [...needles, ...needles.map((needle) => Buffer.from(needle).toString('hex'))];
  const holding: string[] = [];
  for (const { name } of tables) {
    // Every column as text, bytes as hex. Looked through here: a database looks a hundred needles up a hundred times.
    const { rows } = await client.query<{ row: string }>(`select t::text as row from ${name} as t`);
    if (rows.some(({ row }) => forms.some((form) => row.includes(form)))) holding.push(name);
  }
  return holding;
}

/** Files below a folder that hold one of these texts. @param except folders and files that are left out, relative to it */
export async function filesThatHold(
  folder: string,
  needles: readonly string[],
  except: readonly string[] = [],
): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const holding: string[] = [];
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    const name = relative(folder, path);
    if (!entry.isFile() || except.some((one) => name === one || name.startsWith(`${one}/`))) continue;
    const bytes = await readFile(path);
    if (needles.some((needle) => bytes.includes(needle))) holding.push(name);
  }
  return holding;
}
