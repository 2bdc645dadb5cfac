import type { LogEvent } from '../event.js';
import type { ParkedEvent, StageChanges } from '../store.js';

/** An event that waits for an operator, as the operator sees it. */
export interface ParkedRow {
  readonly id: string;
  readonly partition: number;
  readonly key: string;
  readonly topic: string;
  /** Why it failed; null where it waits only because an earlier one of its key does. */
  readonly reason: string | null;
  readonly attempts: number;
}

/** The keys of one group whose events wait for an operator, and those events in the order in which they came. */
export class ParkedEvents {
  private readonly events = new Map<string, { readonly event: LogEvent; reason: string | null; attempts: number }>();
  private readonly keys = new Map<string, { readonly partition: number; readonly key: string; release: boolean }>();
  private nextId = 1;

  get size(): number {
    return this.events.size;
  }

  keysOf(partitions: ReadonlySet<number>): ReadonlySet<string> {
    const keys = new Set<string>();
    for (const { partition, key } of this.keys.values()) if (partitions.has(partition)) keys.add(key);
    return keys;
  }

  list(): readonly ParkedRow[] {
    return [...this.events].map(
      ([
        id,
        {
          event: { partition, key, topic },
          reason,
          attempts,
        },
      ]) => ({
        id,
        partition,
        key,
        topic,
        reason,
        attempts,
      }),
    );
  }

  release(key: string): void {
    for (const parked of this.keys.values()) if (parked.key === key) parked.release = true;
  }

  releasable(partitions: ReadonlySet<number>, max: number): readonly ParkedEvent[] {
    const released: ParkedEvent[] = [];
    for (const [id, { event }] of this.events) {
      if (released.length >= max) break;
      if (!partitions.has(event.partition)) continue;
      if (this.keys.get(at(event))?.release === true) released.push({ id, event });
    }
    return released;
  }

  store({ parked, unparked, releaseFailed }: StageChanges): void {
    for (const { event, reason, first } of parked) {
      const { partition, key } = event;
      if (first && !this.keys.has(at(event))) this.keys.set(at(event), { partition, key, release: false });
      this.events.set(String(this.nextId), { event, reason: first ? reason : null, attempts: 0 });
      this.nextId += 1;
    }
    for (const { id } of unparked) this.events.delete(id);
    for (const key of new Set(unparked.map(at))) if (!this.isWaiting(key)) this.keys.delete(key);
    for (const failed of releaseFailed) {
      const parkedEvent = this.events.get(failed.id);
      if (parkedEvent !== undefined) {
        parkedEvent.attempts += 1;
        parkedEvent.reason = failed.reason;
      }
      const key = this.keys.get(at(failed));
      if (key !== undefined) key.release = false;
    }
  }

  private isWaiting(key: string): boolean {
    for (const { event } of this.events.values()) if (at(event) === key) return true;
    return false;
  }
}

const at = ({ partition, key }: { readonly partition: number; readonly key: string }): string =>
  `${String(partition)}\n${key}`;
