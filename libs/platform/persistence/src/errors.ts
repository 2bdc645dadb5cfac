/** What the database reports by SQLSTATE class: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const INFRASTRUCTURE_CLASSES: ReadonlySet<string> = new Set([
  '08', // connection
  '25', // transaction state: read-only after a failover, aborted by an earlier failure
  '28', // authorization
  '3D', // no such database
  '3F', // no such schema
  '40', // serialization, deadlock
  '42', // unknown table, missing grant: with parameters only, no event's content can cause it
  '53', // out of memory, disk or connections
  '55', // object in use, lock not available
  '57', // cancelled, timed out, shutting down
  '58', // I/O
]);
const INFRASTRUCTURE_STATES: ReadonlySet<string> = new Set(['XX001', 'XX002']); // corrupted data, corrupted index

const SOCKET_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'ENOTCONN',
]);

/** The driver has no codes for these. */
const DRIVER_MESSAGES =
  /connection terminated|connection timeout|timeout exceeded when trying to connect|query read timeout|not queryable|client was closed|cannot use a pool after calling end/i;

const SQLSTATE = /^[0-9A-Z]{5}$/;

/**
 * Whether the same work could succeed later unchanged: the database, the network or the deployment is at fault, not the data. Such an
 * error pauses; every other one is deterministic (a value out of range, a violated constraint, a bug) and may park the event's key.
 */
export const isInfrastructureError = (error: unknown): boolean => {
  for (let current = error; isError(current); current = current.cause) {
    if (current instanceof DatabaseUnavailable) return true;
    if ('errors' in current && Array.isArray(current.errors) && current.errors.some(isInfrastructureError)) return true;
    const code = codeOf(current);
    if (code !== undefined) {
      if (SOCKET_CODES.has(code)) return true;
      // The file of a local socket, which its server takes away when it stops.
      if (code === 'ENOENT' && 'syscall' in current && current.syscall === 'connect') return true;
      // A five-letter system code (EPIPE) looks like a SQLSTATE; those were handled above.
      if (SQLSTATE.test(code) && (INFRASTRUCTURE_CLASSES.has(code.slice(0, 2)) || INFRASTRUCTURE_STATES.has(code)))
        return true;
    }
    if (DRIVER_MESSAGES.test(current.message)) return true;
  }
  return false;
};

/** Like `instanceof Error`, which fails for an error of another realm: a test runner's sandbox, a worker's message. */
export const isError = (thrown: unknown): thrown is Error =>
  typeof thrown === 'object' && thrown !== null && 'message' in thrown && typeof thrown.message === 'string';

/** The SQLSTATE or system code of an error, where it has one. */
export const codeOf = (error: unknown): string | undefined =>
  isError(error) && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

/** The database cannot be used; the message is a sentence for whoever runs the program, without a password. */
export class DatabaseUnavailable extends Error {
  override readonly name = 'DatabaseUnavailable';
}

/** The sentence for a database that cannot be opened. */
export const unavailable = (url: string, cause: unknown): DatabaseUnavailable => {
  const reason = reasonOf(cause);
  return new DatabaseUnavailable(
    answered(cause)
      ? `The database at ${placeOf(url)} refuses to be used (${reason}): check DATABASE_URL and what its user may do.`
      : `The database at ${placeOf(url)} does not answer (${reason}): start it, or point DATABASE_URL to one that runs.`,
    { cause },
  );
};

/** Whether the server itself said no: it has a SQLSTATE, and is not merely starting or stopping. */
const answered = (cause: unknown): boolean => {
  const code = codeOf(cause);
  return code !== undefined && SQLSTATE.test(code) && !SOCKET_CODES.has(code) && !code.startsWith('57');
};

const reasonOf = (cause: unknown): string => {
  if (!isError(cause)) return String(cause);
  return answered(cause) || cause.message !== '' ? cause.message : (codeOf(cause) ?? cause.name);
};

/** Host, port and database of a URL, without user and password. */
export const placeOf = (url: string): string => {
  if (!URL.canParse(url)) return 'an address that is not a URL';
  const { host, pathname } = new URL(url);
  return `${decodeURIComponent(host)}${pathname}`;
};
