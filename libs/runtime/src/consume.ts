import { EventPattern } from '@nestjs/microservices';
import type { DocumentRef, LogEvent, TopicHandler } from '@switchyard/log';

/** The transport's id in Nest's handler registry. */
export const LOG_TRANSPORT = Symbol('switchyard:log');

export interface ConsumeOptions<Payload> {
  /** May hold `{venue}`, filled from the service's `topicParameters`. */
  readonly topic: string;
  readonly reads?: (event: LogEvent<Payload>) => readonly DocumentRef[];
  readonly numbering?: TopicHandler['numbering'];
  readonly patienceMs?: TopicHandler['patienceMs'];
  readonly overtakes?: TopicHandler['overtakes'];
}

/**
 * Marks a controller's method as the handler of a topic. The method takes the topic's events of one transaction:
 *
 *     @Consume<SignalValidated>({ topic: 'SignalValidated', reads: (event) => [{ kind: 'user', key: event.key }] })
 *     onSignalValidated(@Payload() batch: Batch<SignalValidated>): void {
 *       batch.each((event, unit) => { ... });
 *     }
 */
export const Consume = <Payload = unknown>({ topic, ...options }: ConsumeOptions<Payload>): MethodDecorator =>
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-arguments -- without it another overload is taken
  EventPattern<string>(topic, LOG_TRANSPORT, options);
