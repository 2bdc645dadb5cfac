import { pino, stdTimeFunctions, type DestinationStream, type Logger as PinoLogger } from 'pino';
import { prettyStream } from './pretty.js';

export type Logger = PinoLogger;

/** What may never stand in a log, wherever in a logged object (four levels deep) it is found. */
const SECRET_NAMES = [
  'apiKey',
  'secret',
  'passphrase',
  'password',
  'token',
  'accessToken',
  'authorization',
  'Authorization',
  'cookie',
  'privateKey',
  'sealed',
  'keyEncryptionKey',
] as const;

const DEPTHS = ['', '*.', '*.*.', '*.*.*.'];

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LoggerOptions {
  readonly service: string;
  /** Default `info`: starts, stops and changes of state. A system that is well says nothing in between. */
  readonly level?: LogLevel;
  /** One readable line an entry, for a terminal; else one JSON object a line. */
  readonly pretty?: boolean;
  /** Default: standard output. */
  readonly destination?: DestinationStream;
}

/** A service's logger. `error.stack` is logged; what leaves the service is another matter and carries codes and sentences only. */
export const createLogger = ({ service, level = 'info', pretty = false, destination }: LoggerOptions): Logger => {
  const options = {
    level,
    base: { service },
    messageKey: 'message',
    errorKey: 'error',
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: SECRET_NAMES.flatMap((name) => DEPTHS.map((depth) => depth + name)), censor: '[redacted]' },
  };
  const output = pretty ? prettyStream(destination ?? process.stdout) : destination;
  return output === undefined ? pino(options) : pino(options, output);
};
