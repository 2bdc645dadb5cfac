import { Server, type CustomTransportStrategy, type MessageHandler } from '@nestjs/microservices';
import type { Batch, Stage, StageRunner, TopicHandler } from '@switchyard/log';
import { isObservable, lastValueFrom } from 'rxjs';
import { LOG_TRANSPORT, type ConsumeOptions } from './consume.js';

/**
 * Nest's transport for the event log. Nest finds the controllers' handlers; the stage's runner calls each of them once per topic and
 * transaction, with a batch. A handler's error fails its transaction; one event's error parks its key (libs/messaging/log).
 */
export class LogServer extends Server implements CustomTransportStrategy {
  override readonly transportId = LOG_TRANSPORT;
  override readonly propagatesEventHandlerErrors = true;
  private runner: StageRunner | undefined;

  constructor(
    private readonly topicParameters: Readonly<Record<string, string>>,
    private readonly createRunner: (handlers: Stage['handlers']) => Promise<StageRunner>,
  ) {
    super();
  }

  async listen(callback: (error?: unknown) => void): Promise<void> {
    try {
      this.runner = await this.createRunner(this.topicHandlers());
      await this.runner.start();
      callback();
    } catch (error) {
      callback(error);
    }
  }

  async close(): Promise<void> {
    await this.runner?.stop();
  }

  on(): never {
    throw new Error('the log emits no events of its own: see its health and metrics');
  }

  unwrap<T>(): T {
    return this.runner as T;
  }

  private topicHandlers(): Stage['handlers'] {
    return [...this.messageHandlers].map(([pattern, handler]): TopicHandler => {
      if (handler.next !== undefined)
        throw new Error(`two handlers consume ${pattern}: one service has one handler a topic`);
      const { reads, numbering, patienceMs, overtakes } = (handler.extras ?? {}) as Partial<ConsumeOptions<never>>;
      return {
        topic: this.topicOf(pattern),
        handle: (batch) => call(handler, batch),
        ...(reads === undefined ? {} : { reads }),
        ...(numbering === undefined ? {} : { numbering }),
        ...(patienceMs === undefined ? {} : { patienceMs }),
        ...(overtakes === undefined ? {} : { overtakes }),
      };
    });
  }

  private topicOf(pattern: string): string {
    return pattern.replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = this.topicParameters[name];
      if (value === undefined) throw new Error(`the topic ${pattern} needs the parameter ${name}`);
      return value;
    });
  }
}

/** A Nest handler answers with a promise, perhaps of an observable; nothing has happened before both are done. */
const call = async (handler: MessageHandler, batch: Batch<never>): Promise<void> => {
  const answer: unknown = await handler(batch);
  if (isObservable(answer)) await lastValueFrom(answer, { defaultValue: undefined });
};
