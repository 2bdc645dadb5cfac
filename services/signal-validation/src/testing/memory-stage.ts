import type { Batch, DocumentRef, LogEvent, OutgoingEvent } from '@switchyard/log';
import { memoryBatch } from '@switchyard/testing';

/**
 * A stage in memory for specs, one event a transaction: documents live as JSON between events. A stranger's record is more than key and
 * payload (bytes that nobody can read, headers), so the handler is given the record itself.
 */
export class MemoryStage {
  /** By `kind key`, as JSON. */
  readonly documents = new Map<string, string>();
  /** Everything that handlers left for the service's own tables. */
  readonly effects: unknown[] = [];
  now: Date;

  constructor(now: string) {
    this.now = new Date(now);
  }

  /** What the handler emitted; a dead letter is an event of the type `dead`. */
  run<Payload>(
    event: LogEvent<Payload>,
    consume: (batch: Batch<Payload>) => void,
    reads: (event: LogEvent) => readonly DocumentRef[],
  ): readonly OutgoingEvent[] {
    const { topic, key } = event;
    const batch = memoryBatch(topic, [{ key, payload: null }], {
      documents: this.#stored(),
      now: this.now,
      reads: () => reads(event),
    });
    consume({
      topic,
      size: 1,
      each: (handle) => {
        batch.each((_, unit) => {
          handle(event, unit);
        });
      },
    });
    this.effects.push(...batch.effects);
    this.documents.clear();
    for (const [kind, byKey] of Object.entries(batch.documents))
      for (const [of, value] of Object.entries(byKey)) this.documents.set(`${kind} ${of}`, JSON.stringify(value));
    const dead = batch.deadLetters.map((payload) => ({ topic: `${topic}.dlt`, type: 'dead', key, payload }));
    return [...batch.emitted, ...dead];
  }

  #stored(): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
    const documents: Record<string, Record<string, unknown>> = {};
    for (const [at, text] of this.documents) {
      const space = at.indexOf(' ');
      (documents[at.slice(0, space)] ??= {})[at.slice(space + 1)] = JSON.parse(text);
    }
    return documents;
  }
}
