export { MAX_BATCH_RECORDS, append } from './append.js';
export { Coordinator, type CoordinatorOptions } from './coordinator.js';
export { StageEventLog, type CompactedTopics } from './event-log.js';
export { Housekeeping, type HousekeepingOptions } from './housekeeping.js';
export { LogHub } from './hub.js';
export { LatestValues } from './latest.js';
export {
  OtherLog,
  refuseOtherLog,
  storedLog,
  tieLog,
  type Carrier,
  type OtherLogCode,
  type StoredLog,
  type Transport,
} from './log-settings.js';
export {
  countParked,
  discardParked,
  findParked,
  listParked,
  releaseParked,
  type Discarded,
  type ParkedCount,
  type ParkedEventRef,
  type ParkedKey,
  type ParkedQuery,
} from './parked.js';
export { PostgresStageStore } from './stage-store.js';
export { PostgresWire, type PostgresWireOptions } from './postgres-wire.js';

/** Migrations of the log's own schema, `log`. */
export const LOG_MIGRATIONS = new URL('../migrations/log/', import.meta.url);
/** Migrations that every stage's schema has. */
export const STAGE_MIGRATIONS = new URL('../migrations/stage/', import.meta.url);
