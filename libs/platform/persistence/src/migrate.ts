import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { nameOf, roleOf } from './connection.js';
import { DatabaseUnavailable, isInfrastructureError, unavailable } from './errors.js';

export interface MigrateOptions {
  readonly url: string;
  /** Made if missing, owned by `role`; `<schema>.migrations` records what was applied. */
  readonly schema: string;
  /** Made if missing (no login) and granted to the user of the URL. Default `switchyard_<schema>`. */
  readonly role?: string;
  /** Folder of `.sql` files, applied in the order of their names. Absent: schema and role only. */
  readonly folder?: URL | string;
}

/** A migration that can't be applied as it stands; the message says which file and why. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

/**
 * Brings a schema up to date: all missing files in one transaction, or none, under an advisory lock that other starters wait for.
 *
 * 1. Files run as the schema's role, with the schema first in the search path, so that the role owns what they make.
 * 2. A file that was applied must never change, and none may be slipped in before it: both are refused.
 * 3. What was applied by a newer version and isn't in the folder is left alone: migrations expand first, then contract.
 * 4. A line `-- requires role: <name>, <name>` has those roles made (no login) before the file runs: for grants to others.
 *
 * @returns the names of the files applied now.
 */
export const migrate = async ({
  url,
  schema,
  role = roleOf(schema),
  folder,
}: MigrateOptions): Promise<readonly string[]> => {
  const target = { schema: nameOf(schema), role: nameOf(role) };
  const files = folder === undefined ? [] : await filesOf(folder);
  const client = new pg.Client({ connectionString: url, application_name: `switchyard migrate ${schema}` });
  client.on('error', () => undefined); // a query that is under way gets the same error
  try {
    await client.connect();
    await client.query('begin');
    const applied = await inTransaction(client, target, files);
    await client.query('commit');
    return applied;
  } catch (error) {
    throw isInfrastructureError(error) && !(error instanceof MigrationError) && !(error instanceof DatabaseUnavailable)
      ? unavailable(url, error)
      : error;
  } finally {
    await client.end().catch(() => undefined);
  }
};

interface MigrationFile {
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

interface Target {
  readonly schema: string;
  readonly role: string;
}

const inTransaction = async (client: pg.Client, target: Target, files: readonly MigrationFile[]) => {
  const { schema, role } = target;
  await client.query("select pg_advisory_xact_lock(hashtext('switchyard:migrate'))");
  await ensureRole(client, role);
  await client.query(`create schema if not exists ${schema} authorization ${role}`);
  for (const name of new Set(files.flatMap(({ sql }) => requiredRoles(sql)))) await ensureRole(client, name);
  await client.query(`set local role ${role}`);
  await client.query(`set local search_path to ${schema}, log`);
  await client.query(
    `create table if not exists ${schema}.migrations
       (name text primary key, checksum text not null, applied_at timestamptz not null default now())`,
  );
  const { rows } = await client.query<{ name: string; checksum: string }>(
    `select name, checksum from ${schema}.migrations`,
  );
  const missing = missingOf(files, new Map(rows.map(({ name, checksum }) => [name, checksum])), schema);
  for (const { name, sql, checksum } of missing) {
    try {
      await client.query(sql);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new MigrationError(`The migration ${name} of schema ${schema} failed: ${reason}`, { cause: error });
    }
    await client.query(`insert into ${schema}.migrations (name, checksum) values ($1, $2)`, [name, checksum]);
  }
  return missing.map(({ name }) => name);
};

/** Which files to apply, after checking that history is as it was. */
const missingOf = (files: readonly MigrationFile[], applied: ReadonlyMap<string, string>, schema: string) => {
  const lastApplied = files.findLast(({ name }) => applied.has(name))?.name ?? '';
  for (const { name, checksum } of files) {
    const before = applied.get(name);
    if (before !== undefined && before !== checksum)
      throw new MigrationError(
        `The migration ${name} of schema ${schema} was changed after it had been applied: restore the file, and put the change in a new one.`,
      );
    if (before === undefined && name < lastApplied)
      throw new MigrationError(
        `The migration ${name} of schema ${schema} is new but sorts before ${lastApplied}, which is applied: give it a later name.`,
      );
  }
  return files.filter(({ name }) => !applied.has(name));
};

const filesOf = async (folder: URL | string): Promise<readonly MigrationFile[]> => {
  const path = typeof folder === 'string' ? folder : fileURLToPath(folder);
  const names = (await readdir(path)).filter((name) => name.endsWith('.sql')).sort();
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(`${path}/${name}`, 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
};

const requiredRoles = (sql: string): readonly string[] =>
  [...sql.matchAll(/^--\s*requires role:(.*)$/gm)].flatMap(([, names]) =>
    (names ?? '').split(',').map((name) => nameOf(name.trim())),
  );

/** Roles belong to the whole server, while our lock belongs to one database: another database's starter may be faster. */
const ensureRole = async (client: pg.Client, role: string): Promise<void> => {
  await client.query(`
    do $$ begin
      if not exists (select from pg_roles where rolname = '${role}') then
        create role ${role} nologin;
      end if;
    exception when duplicate_object or unique_violation then null;
    end $$`);
  // Since Postgres 16 whoever makes a role may grant it, but can't take it on unasked.
  await client.query(`
    do $$ begin
      if not pg_has_role(current_user, '${role}',
           case when current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER' end) then
        execute format('grant ${role} to %I', current_user);
      end if;
    end $$`);
};
