/** Injection tokens of what the runtime gives every service: `@Inject(DATABASE) private readonly db: Database`. */
export const CONFIG = Symbol('switchyard:config');
export const DATABASE = Symbol('switchyard:database');
export const EVENT_LOG = Symbol('switchyard:event-log');
export const LOGGER = Symbol('switchyard:logger');
export const METRICS = Symbol('switchyard:metrics');
export const PROFILER = Symbol('switchyard:profiler');
