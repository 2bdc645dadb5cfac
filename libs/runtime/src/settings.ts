import { list, oneOf, port, text, url, wholeNumber } from '@switchyard/config';
import { LOG_LEVELS } from '@switchyard/observability';
import { hostname } from 'node:os';
import { z } from 'zod';

/** What a process is told of the log that carries its events: a part of the settings of every program that runs services. */
export const logVariables = {
  /** What carries events between services; fixed for the life of a database. */
  SWITCHYARD_TRANSPORT: oneOf('postgres', 'kafka').default('postgres'),
  /** Needed where the transport is Kafka; always of the same cluster. */
  KAFKA_BROKERS: list({ of: 'host:port' }).optional(),
  /** A member of a group that the brokers have not heard of for this long is dead. Less than 6,000 needs `group.min.session.timeout.ms` at the brokers. */
  SWITCHYARD_KAFKA_SESSION_MS: wholeNumber({ min: 1_000, max: 300_000 }).default(6_000),
  /** How often a member is heard of, and hears that it must join its group again; at most a third of the session. */
  SWITCHYARD_KAFKA_HEARTBEAT_MS: wholeNumber({ min: 100, max: 60_000 }).default(1_500),
  /** Of every topic; fixed for the life of a deployment. */
  SWITCHYARD_PARTITIONS: wholeNumber({ min: 1, max: 1_000 }).default(24),
};

type LogVariables = Readonly<z.infer<z.ZodObject<typeof logVariables>>>;

/** What no single one of the variables shows. For `superRefine`. */
export const checkLogVariables = (variables: LogVariables, context: z.core.$RefinementCtx): void => {
  if (variables.SWITCHYARD_KAFKA_HEARTBEAT_MS * 3 > variables.SWITCHYARD_KAFKA_SESSION_MS)
    context.addIssue({
      code: 'custom',
      path: ['SWITCHYARD_KAFKA_HEARTBEAT_MS'],
      message:
        'must be at most a third of SWITCHYARD_KAFKA_SESSION_MS: a member is not dead for one heartbeat that came late',
    });
  if (variables.SWITCHYARD_TRANSPORT === 'kafka' && variables.KAFKA_BROKERS === undefined)
    context.addIssue({
      code: 'custom',
      path: ['KAFKA_BROKERS'],
      message: 'must be given when SWITCHYARD_TRANSPORT is kafka: npm run kafka starts a broker, and says what to give',
    });
};

/** The same in the names of `PlatformOptions`. */
export const logSettingsOf = (variables: LogVariables) => ({
  transport: variables.SWITCHYARD_TRANSPORT,
  kafkaBrokers: variables.KAFKA_BROKERS,
  kafkaReading: {
    sessionMs: variables.SWITCHYARD_KAFKA_SESSION_MS,
    heartbeatMs: variables.SWITCHYARD_KAFKA_HEARTBEAT_MS,
    // Whoever waits for records hears of a rebalance afterwards.
    maxWaitMs: variables.SWITCHYARD_KAFKA_HEARTBEAT_MS,
  },
  partitions: variables.SWITCHYARD_PARTITIONS,
});

/** What every process of Switchyard can be told; a service's own settings come on top. */
export const processSettings = z
  .object({
    DATABASE_URL: url('postgres', 'postgresql'),
    ...logVariables,
    /** Tells replicas of a service apart; a replica that comes back under its name takes its partitions back at once. Default: the host's name. */
    SWITCHYARD_INSTANCE: text().default(hostname()),
    SWITCHYARD_HOST: text().default('127.0.0.1'),
    PORT: port().default(8080),
    SWITCHYARD_LOG_LEVEL: oneOf(...LOG_LEVELS).default('info'),
    /** `json`, or `text` for a terminal. */
    SWITCHYARD_LOG_FORMAT: oneOf('json', 'text').default('json'),
    OTEL_EXPORTER_OTLP_ENDPOINT: url('http', 'https').optional(),
    /** Most connections of one service to Postgres. */
    SWITCHYARD_DATABASE_POOL_SIZE: wholeNumber({ min: 2, max: 200 }).default(10),
  })
  .superRefine(checkLogVariables)
  .transform((env) => ({
    databaseUrl: env.DATABASE_URL,
    ...logSettingsOf(env),
    instance: env.SWITCHYARD_INSTANCE,
    host: env.SWITCHYARD_HOST,
    port: env.PORT,
    logLevel: env.SWITCHYARD_LOG_LEVEL,
    logFormat: env.SWITCHYARD_LOG_FORMAT,
    otlpEndpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT,
    poolSize: env.SWITCHYARD_DATABASE_POOL_SIZE,
  }));

export type ProcessSettings = Readonly<z.infer<typeof processSettings>>;
