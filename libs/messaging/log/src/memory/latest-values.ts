import type { EventLog, TailRecord } from '../log.js';

/** Compacted topics: the newest version of each key. Readers are told at once; each gets a value of its own, as if it had come by wire. */
export class MemoryLatestValues {
  private readonly topics = new Map<string, Map<string, { readonly version: number; readonly text: string }>>();
  private readonly listeners = new Map<string, ((record: TailRecord<never>) => void)[]>();

  put(records: Parameters<EventLog['put']>[0]): void {
    const texts = records.map(({ payload }) => JSON.stringify(payload));
    for (const [index, { topic, key, version }] of records.entries()) {
      const values = this.topics.get(topic) ?? new Map<string, { version: number; text: string }>();
      this.topics.set(topic, values);
      if ((values.get(key)?.version ?? -Infinity) >= version) continue;
      const text = texts[index] ?? 'null';
      values.set(key, { version, text });
      for (const listener of this.listeners.get(topic) ?? []) listener({ key, payload: JSON.parse(text) as never });
    }
  }

  tail(topic: string, onRecord: (record: TailRecord<never>) => void): void {
    this.listeners.set(topic, [...(this.listeners.get(topic) ?? []), onRecord]);
    for (const [key, { text }] of this.topics.get(topic) ?? []) onRecord({ key, payload: JSON.parse(text) as never });
  }
}
