export type { ServiceContext, ServiceDefinition } from './definition.js';
export { CONFIG, DATABASE, EVENT_LOG, LOGGER, METRICS } from './tokens.js';
export { Consume, LOG_TRANSPORT, type ConsumeOptions } from './consume.js';
