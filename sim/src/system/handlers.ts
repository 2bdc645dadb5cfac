import type { Batch, LogEvent, TopicHandler } from '@switchyard/log';
import type { ConsumeOptions } from '@switchyard/runtime';
import 'reflect-metadata';

/** Where Nest keeps what `@Consume` said of a method. */
const PATTERN = 'microservices:pattern';
const OPTIONS = 'microservices:pattern_extras';

/** A consumer's methods as a stage's handlers, as the runtime makes them of a Nest application's. */
export const handlersOf = (consumer: object): readonly TopicHandler[] => {
  const prototype = Object.getPrototypeOf(consumer) as Record<string, unknown>;
  return Object.getOwnPropertyNames(prototype).flatMap((name): readonly TopicHandler[] => {
    const method = prototype[name];
    if (typeof method !== 'function') return [];
    const patterns = Reflect.getMetadata(PATTERN, method) as readonly string[] | undefined;
    const options = (Reflect.getMetadata(OPTIONS, method) ?? {}) as Partial<ConsumeOptions<never>>;
    const { reads, numbering, patienceMs, overtakes } = options;
    return (patterns ?? []).map((topic) => ({
      topic,
      handle: (batch: Batch<never>) => method.call(consumer, batch) as void | Promise<void>,
      ...(reads === undefined ? {} : { reads }),
      ...(numbering === undefined ? {} : { numbering }),
      ...(patienceMs === undefined ? {} : { patienceMs }),
      ...(overtakes === undefined ? {} : { overtakes }),
    }));
  });
};

/** The same handler, telling of each event that it is given. */
export const watched = (handler: TopicHandler, onEvent: (event: LogEvent) => void): TopicHandler => ({
  ...handler,
  handle: (batch) =>
    handler.handle({
      topic: batch.topic,
      size: batch.size,
      each: (handle) => {
        batch.each((event, unit) => {
          onEvent(event);
          handle(event, unit);
        });
      },
    }),
});
