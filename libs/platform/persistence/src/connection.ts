const NAME = /^[a-z_][a-z0-9_]{0,47}$/;

/** A schema or role name that needs no quoting; anything else is a bug of the caller. */
export const nameOf = (name: string): string => {
  if (!NAME.test(name)) throw new Error(`"${name}" can't name a schema or role: use lower-case letters, digits and _.`);
  return name;
};

/** The schema of a service: `-` becomes `_`. */
export const schemaOf = (service: string): string => nameOf(service.replaceAll('-', '_'));

/** The role that owns a schema. It can't log in: the deployment's user takes it on with SET ROLE. */
export const roleOf = (schema: string): string => nameOf(`switchyard_${schema}`);

export interface StartupOptions {
  readonly schema: string;
  readonly role?: string | undefined;
  readonly statementTimeoutMs: number;
  readonly idleInTransactionTimeoutMs: number;
}

/**
 * What a connection starts with, in the form of libpq's `options`: so that no first statement is needed, and none can be forgotten
 * after a reconnect. (A statement-pooling proxy in between must pass startup options on.)
 */
export const startupOptions = ({ schema, role, statementTimeoutMs, idleInTransactionTimeoutMs }: StartupOptions) =>
  [
    `-c search_path=${[...new Set([nameOf(schema), 'log'])].join(',')}`,
    ...(role === undefined ? [] : [`-c role=${nameOf(role)}`]),
    `-c statement_timeout=${Math.trunc(statementTimeoutMs)}`,
    `-c idle_in_transaction_session_timeout=${Math.trunc(idleInTransactionTimeoutMs)}`,
    '-c timezone=UTC',
  ].join(' ');
