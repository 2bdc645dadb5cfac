import type { Kafka, KafkaConfig, LogEntry } from 'kafkajs';
import { kafkajs } from './kafkajs-cures.js';

export interface KafkaClientOptions {
  /** `host:port`, several for a cluster. */
  readonly brokers: readonly string[];
  /** How this process is named in the brokers' logs. */
  readonly clientId: string;
  readonly ssl?: KafkaConfig['ssl'];
  readonly sasl?: KafkaConfig['sasl'];
  /** How connections are opened. Default: TCP, or TLS with `ssl`. */
  readonly socketFactory?: KafkaConfig['socketFactory'] | undefined;
  /** kafkajs's own warnings and errors. Most of them say that it is trying again. */
  readonly onLog?: (level: 'warn' | 'error', message: string) => void;
}

/** A client whose every wait is bounded: a broker that goes away is noticed in seconds, not minutes. */
export const kafkaClient = ({ brokers, clientId, ssl, sasl, socketFactory, onLog }: KafkaClientOptions): Kafka =>
  new kafkajs.Kafka({
    clientId,
    brokers: [...brokers],
    ...(ssl === undefined ? {} : { ssl }),
    ...(sasl === undefined ? {} : { sasl }),
    ...(socketFactory === undefined ? {} : { socketFactory }),
    connectionTimeout: 3_000,
    requestTimeout: 15_000,
    retry: { initialRetryTime: 100, maxRetryTime: 1_500, multiplier: 2, factor: 0.2, retries: 8 },
    logLevel: kafkajs.logLevel.WARN,
    logCreator: () => (entry) => {
      onLog?.(entry.level === kafkajs.logLevel.ERROR ? 'error' : 'warn', sentenceOf(entry));
    },
  });

const sentenceOf = ({ namespace, log }: LogEntry): string => {
  const { message, groupId, broker, error } = log as LogEntry['log'] & Record<'groupId' | 'broker' | 'error', unknown>;
  const about = [groupId, broker, error].filter((part) => typeof part === 'string').join(' ');
  return `${namespace}: ${message}${about === '' ? '' : ` (${about})`}`;
};

/** What to do when no broker answers, for people. */
export class KafkaUnreachable extends Error {
  constructor(brokers: readonly string[], cause: unknown) {
    super(
      `Kafka does not answer at ${brokers.join(', ')}. Start it (npm run kafka), or name its brokers in KAFKA_BROKERS.`,
      { cause },
    );
    this.name = 'KafkaUnreachable';
  }
}

/** The innermost error: kafkajs wraps what happened in what it did about it. */
export const originOf = (error: unknown): unknown => {
  let origin = error;
  while (origin instanceof Error && origin.cause instanceof Error) origin = origin.cause;
  return origin;
};

const CONNECTION = new Set(['KafkaJSConnectionError', 'KafkaJSConnectionClosedError', 'KafkaJSBrokerNotFound']);

/** Whether it is the connection to the brokers that failed, rather than what was asked of them. */
export const isUnreachable = (error: unknown): boolean => {
  const origin = originOf(error);
  return origin instanceof Error && CONNECTION.has(origin.name);
};

const COORDINATOR = new Set(['GROUP_LOAD_IN_PROGRESS', 'GROUP_COORDINATOR_NOT_AVAILABLE', 'NOT_COORDINATOR_FOR_GROUP']);

/** Whether a group's coordinator has just started, or moved: kafkajs joins again by itself a moment later, and nobody need hear of it. */
export const isCoordinatorStarting = (error: unknown): boolean => {
  const origin = originOf(error);
  return origin instanceof Error && 'type' in origin && COORDINATOR.has(String(origin.type));
};
