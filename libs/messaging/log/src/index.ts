export type { LogEvent, OutgoingEvent } from './event.js';
export type { Batch, DocumentRef, EffectsPort, Stage, TopicHandler, Unit } from './stage.js';
export type { EventLog, TailRecord } from './log.js';
