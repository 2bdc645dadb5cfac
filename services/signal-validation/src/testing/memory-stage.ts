import type { Batch, DocumentRef, LogEvent, OutgoingEvent, Unit } from '@switchyard/log';

/** A stage in memory for specs: documents live as JSON between events, and what `reads` did not name can't be read. */
export class MemoryStage {
  readonly documents = new Map<string, string>();
  readonly emitted: OutgoingEvent[] = [];
  now: Date;

  constructor(now: string) {
    this.now = new Date(now);
  }

  run<Payload>(
    event: LogEvent<Payload>,
    consume: (batch: Batch<Payload>) => void,
    reads: (event: LogEvent) => readonly DocumentRef[],
  ): readonly OutgoingEvent[] {
    const named = new Set(reads(event).map(({ kind, key }) => `${kind} ${key}`));
    const before = this.emitted.length;
    const unit: Unit = {
      now: this.now,
      get: <T>(kind: string, key: string): T | undefined => {
        if (!named.has(`${kind} ${key}`)) throw new Error(`${kind} ${key} was not named`);
        const text = this.documents.get(`${kind} ${key}`);
        return text === undefined ? undefined : (JSON.parse(text) as T);
      },
      put: (kind, key, value) => {
        this.documents.set(`${kind} ${key}`, JSON.stringify(value));
      },
      delete: (kind, key) => {
        this.documents.delete(`${kind} ${key}`);
      },
      emit: (outgoing) => {
        this.emitted.push(outgoing);
      },
      effect: () => undefined,
      deadLetter: (code, message) => {
        this.emitted.push({ topic: `${event.topic}.dlt`, type: 'dead', key: event.key, payload: { code, message } });
      },
    };
    consume({
      topic: event.topic,
      size: 1,
      each: (handle) => {
        handle(event, unit);
      },
    });
    return this.emitted.slice(before);
  }
}
