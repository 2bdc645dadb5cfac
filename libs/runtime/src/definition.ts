import type { DynamicModule, Type } from '@nestjs/common';
import type { EffectsPort, EventLog, RunnerOptions } from '@switchyard/log';
import type { Database } from '@switchyard/persistence';
import type { LatencyProfiler, Logger, Metrics } from '@switchyard/observability';
import type { z } from 'zod';

/** What a service's module is made from; every part can be injected by its token too (`tokens.ts`). */
export interface ServiceContext<Config = unknown> {
  readonly name: string;
  readonly config: Config;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Latencies of named stages, told by `/latency`. */
  readonly profiler: LatencyProfiler;
  readonly db: Database;
  readonly log: EventLog<never>;
}

/**
 * One service: everything needed to run it as a process of its own or inside the standalone.
 *
 * 1. `name` is its consumer group, its database schema and role (`-` becomes `_`), its source in event headers, and its name in logs.
 * 2. `config` is parsed once, before Nest starts; every bad variable is named at once.
 * 3. `module` lists bindings. Consumers are Nest controllers whose methods carry `@Consume`.
 */
export interface ServiceDefinition<Config = unknown> {
  readonly name: string;
  readonly config: z.ZodType<Config>;
  /** Folder of `.sql` migrations of this service's own schema, applied in the order of their names. */
  readonly migrations?: URL;
  readonly module: (context: ServiceContext<Config>) => DynamicModule | Type;
  /** Fills `{venue}` in the topics of `@Consume`. */
  readonly topicParameters?: Readonly<Record<string, string>>;
  /** How the stage's effects reach the service's own tables. */
  readonly effects?: (context: ServiceContext<Config>) => EffectsPort<never>;
  /** How its stage takes events, where the defaults don't fit: see `RunnerOptions`. */
  readonly stage?: Pick<RunnerOptions, 'lingerMs' | 'paceMs' | 'idleEvents' | 'busyEvents'>;
  /** `http`: the service has REST controllers of its own, not just health and metrics. */
  readonly http?: boolean;
}
