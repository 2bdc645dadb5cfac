import { openDatabase, roleOf, type Database } from '@switchyard/persistence';
import { databaseUrlOf } from './database-url.js';
import { EXIT, Failure } from './failure.js';
import type { Terminal } from './terminal.js';

/** A service's own tables, to be read as that service reads them. Throws `Failure` where there is no database. */
export const openDatabaseOf = async (terminal: Terminal, service: string, command: string): Promise<Database> =>
  openDatabase({
    url: await databaseUrlOf(terminal),
    schema: service,
    role: roleOf(service),
    applicationName: `switchyard ${command}`,
    poolSize: 1,
    statementTimeoutMs: 600_000,
  }).catch((error: unknown) => {
    throw new Failure(EXIT.unreachable, error instanceof Error ? error.message : String(error));
  });
