import type { Batch, DocumentRef, LogEvent, OutgoingEvent, Unit } from '@switchyard/log';

/** A stage in memory for specs: documents survive as JSON, and a document that `reads` did not name can't be read. */
export class MemoryStage {
  readonly documents = new Map<string, string>();
  readonly emitted: OutgoingEvent[] = [];
  readonly effects: unknown[] = [];
  now: Date;

  constructor(now: string) {
    this.now = new Date(now);
  }

  run<Payload>(
    topic: string,
    payload: Payload,
    consume: (batch: Batch<Payload>) => void,
    reads: readonly DocumentRef[],
  ): void {
    const event = { topic, type: topic, payload } as unknown as LogEvent<Payload>;
    consume({
      topic,
      size: 1,
      each: (handle) => {
        handle(event, this.#unit(reads));
      },
    });
  }

  /** What was emitted since the last call. */
  take(): readonly OutgoingEvent[] {
    return this.emitted.splice(0);
  }

  document<T>(kind: string, key: string): T | undefined {
    const text = this.documents.get(`${kind} ${key}`);
    return text === undefined ? undefined : (JSON.parse(text) as T);
  }

  #unit(reads: readonly DocumentRef[]): Unit {
    const named = new Set(reads.map(({ kind, key }) => `${kind} ${key}`));
    return {
      now: this.now,
      get: <T>(kind: string, key: string): T | undefined => {
        if (!named.has(`${kind} ${key}`)) throw new Error(`${kind} ${key} was not named`);
        return this.document<T>(kind, key);
      },
      put: (kind, key, value) => {
        this.documents.set(`${kind} ${key}`, JSON.stringify(value));
      },
      delete: (kind, key) => {
        this.documents.delete(`${kind} ${key}`);
      },
      emit: (event) => {
        this.emitted.push(event);
      },
      effect: (effect) => {
        this.effects.push(effect);
      },
      deadLetter: (code, message) => {
        throw new Error(`${code} ${message}`);
      },
    };
  }
}
