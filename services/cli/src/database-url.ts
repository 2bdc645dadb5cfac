import { readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { EXIT, Failure } from './failure.js';
import type { Terminal } from './terminal.js';

/** `DATABASE_URL`, else the running database that the standalone keeps in its data folder. */
export const databaseUrlOf = async ({ env, cwd }: Terminal): Promise<string> => {
  const given = env['DATABASE_URL']?.trim();
  if (given !== undefined && given !== '') return given;
  const dataDir = env['SWITCHYARD_DATA_DIR'] ?? '.switchyard';
  const folder = join(isAbsolute(dataDir) ? dataDir : join(cwd, dataDir), 'postgres');
  // Its fourth line is the port; the file is there while the server runs.
  const port = (await textOf(join(folder, 'cluster', 'postmaster.pid')))?.split('\n')[3];
  const password = (await textOf(join(folder, 'password')))?.trim();
  // Which of the cluster's databases is in use; written at each start.
  const database = (await textOf(join(folder, 'database')))?.trim() ?? 'switchyard';
  if (port === undefined || password === undefined)
    throw new Failure(
      EXIT.unreachable,
      `There is no database to read: set DATABASE_URL, or SWITCHYARD_DATA_DIR to a folder whose database is running (looked in ${folder}).`,
    );
  return `postgres://switchyard:${password}@127.0.0.1:${port.trim()}/${database}`;
};

const textOf = (file: string): Promise<string | undefined> =>
  readFile(file, 'utf8').then(
    (text) => text,
    () => undefined,
  );
