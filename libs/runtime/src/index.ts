export type { ServiceContext, ServiceDefinition } from './definition.js';
export { CONFIG, DATABASE, EVENT_LOG, LOGGER, METRICS } from './tokens.js';
export { Consume, LOG_TRANSPORT, type ConsumeOptions } from './consume.js';
export { Health, type HealthCheck, type HealthReport } from './health.js';
export { openPlatform, type Platform, type PlatformOptions } from './platform.js';
export { startService, type ListenOptions, type RunningService } from './start-service.js';
export { runService } from './run-service.js';
export { processSettings, type ProcessSettings } from './settings.js';
export { untilStopped } from './until-stopped.js';
