export { deriveId } from './derive-id.js';
export type { LogEvent, OutgoingEvent } from './event.js';
export { decodeRecords, encodeRecord } from './frame.js';
export type { EventLog, TailRecord } from './log.js';
export { SILENT, type StageObserver } from './observer.js';
export { MemoryLog, type MemoryFaults, type MemoryLogOptions, type MemoryStep } from './memory/memory-log.js';
export type { MemoryStage } from './memory/memory-stage.js';
export type { MemoryTx } from './memory/memory-transaction.js';
export type { MemoryMembership, MemoryWire } from './memory/memory-wire.js';
export type { ParkedRow } from './memory/parked-events.js';
export { MemoryLogFull } from './memory/stored-batches.js';
export { murmur2, partitionOf } from './partition.js';
export { RecordEvent, headersOf, type LogRecord, type Place } from './record.js';
export { StageRunner, type RunnerOptions } from './runner.js';
export { parseSource, sourceName, type Source } from './source.js';
export type { Batch, DocumentRef, EffectsPort, Stage, TopicHandler, Unit } from './stage.js';
export {
  Fenced,
  documentKey,
  watermarkKey,
  type OutgoingRecord,
  type ParkedEvent,
  type StageChanges,
  type StageStore,
  type StageTransaction,
  type Stored,
  type Watermark,
  type WatermarkRow,
} from './store.js';
export type { Chunk, JoinRequest, Membership, StoredBatch, Wire, WireTopic } from './wire.js';
export { EventTooLarge, MAX_VALUE_BYTES, recordOf } from './working-set.js';
