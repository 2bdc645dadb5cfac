export type { Database, Queryable, Statement, Tx } from './database.js';
export { openDatabase, type DatabaseOptions } from './postgres-database.js';
export { roleOf, schemaOf } from './connection.js';
export { DatabaseUnavailable, isInfrastructureError } from './errors.js';
export { migrate, MigrationError, type MigrateOptions } from './migrate.js';
export {
  EmbeddedPostgresError,
  startEmbeddedPostgres,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
} from './embedded/embedded-postgres.js';
