import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { flag, oneOf, port, someOf, text, url } from '@switchyard/config';
import { STANDARD_VENUES } from '@switchyard/model';
import { LOG_LEVELS } from '@switchyard/observability';
import { checkLogVariables, logSettingsOf, logVariables } from '@switchyard/runtime';
import { z } from 'zod';
import { VENUES } from './services.js';

/** What `npm start` can be told; every service's own settings are read from the same environment. */
export const standaloneSettings = z
  .object({
    /** Holds what the standalone keeps: database, simulated venues, keys, tokens. */
    SWITCHYARD_DATA_DIR: text().default('.switchyard'),
    PORT: port({ allowZero: true }).default(8080),
    SWITCHYARD_HOST: text().default('127.0.0.1'),
    /** The first simulated venue's port; the others follow. */
    SWITCHYARD_PAPER_PORT: port({ allowZero: true }).default(9001),
    /** Venues of this deployment, each with a simulator of its own. */
    SWITCHYARD_VENUES: someOf(VENUES, 'venues').default([...STANDARD_VENUES]),
    /** Another database than the one that comes along. */
    DATABASE_URL: url('postgres', 'postgresql').optional(),
    ...logVariables,
    SWITCHYARD_LOG_LEVEL: oneOf(...LOG_LEVELS).default('warn'),
    SWITCHYARD_LOG_FORMAT: oneOf('json', 'text').default('text'),
    SWITCHYARD_ADMIN_TOKEN: text().optional(),
    /** Simulated venues of our own; off where the deployment brings its origins along. */
    SWITCHYARD_PAPER: flag().default(true),
    OTEL_EXPORTER_OTLP_ENDPOINT: url('http', 'https').optional(),
  })
  .superRefine(checkLogVariables)
  .transform((env) => ({
    dataDir: absolute(env.SWITCHYARD_DATA_DIR),
    port: env.PORT,
    host: env.SWITCHYARD_HOST,
    paperPort: env.SWITCHYARD_PAPER_PORT,
    paper: env.SWITCHYARD_PAPER,
    venues: VENUES.filter((venue) => env.SWITCHYARD_VENUES.includes(venue)),
    databaseUrl: env.DATABASE_URL,
    log: logSettingsOf(env),
    logLevel: env.SWITCHYARD_LOG_LEVEL,
    logFormat: env.SWITCHYARD_LOG_FORMAT,
    adminToken: env.SWITCHYARD_ADMIN_TOKEN,
    otlpEndpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT,
  }));

export type StandaloneSettings = Readonly<z.infer<typeof standaloneSettings>>;

const absolute = (path: string): string => {
  const expanded = path.startsWith('~/') ? join(homedir(), path.slice(2)) : path;
  return isAbsolute(expanded) ? expanded : resolve(expanded);
};
