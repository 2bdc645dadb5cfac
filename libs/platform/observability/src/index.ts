import type { Logger as PinoLogger } from 'pino';
import type { Registry } from 'prom-client';

export type Logger = PinoLogger;
/** The service's own prom-client registry. */
export type Metrics = Registry;
