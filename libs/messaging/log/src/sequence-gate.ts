import type { LogEvent } from './event.js';
import type { TopicHandler } from './stage.js';
import { watermarkKey, type Watermark, type WatermarkRow } from './store.js';

export type Verdict = 'fresh' | 'duplicate' | 'gap' | 'stale_generation';

/**
 * Tells the fresh from the seen, and notices what is missing. One gate lives for one transaction.
 *
 * 1. A source's numbers in a topic and partition are dense from 1: lower or equal to the watermark is a duplicate, more than one higher is
 *    a gap. After a gap nothing of that source passes until the missing number comes.
 * 2. A higher generation starts at 1 again; a lower one never passes.
 * 3. A group that knows nothing yet of a topic and partition starts where the log starts, whatever number that is.
 * 4. Compacted topics may skip numbers. Doors are not judged where strangers can write.
 */
export class SequenceGate {
  private readonly seen = new Map<string, WatermarkRow>();
  private readonly known: ReadonlySet<string>;
  private readonly gapped = new Set<string>();

  constructor(
    private readonly watermarks: ReadonlyMap<string, Watermark>,
    private readonly strangers: boolean,
  ) {
    this.known = new Set([...watermarks.keys()].map((key) => key.slice(0, key.lastIndexOf('\n'))));
  }

  admit(event: LogEvent, numbering: NonNullable<TopicHandler['numbering']>): Verdict {
    if (event.source === undefined || (numbering === 'door' && this.strangers)) return 'fresh';
    const slash = event.source.lastIndexOf('/');
    const origin = event.source.slice(0, slash);
    const generation = Number(event.source.slice(slash + 1));
    const key = watermarkKey(event.topic, event.partition, origin);
    const mark = this.seen.get(key) ?? this.watermarks.get(key);
    const verdict = this.judge(event, numbering, generation, mark, key);
    if (verdict === 'gap') this.gapped.add(key);
    if (verdict === 'fresh') {
      this.seen.set(key, {
        topic: event.topic,
        partition: event.partition,
        origin,
        generation,
        sequence: event.sequence,
      });
    }
    return verdict;
  }

  private judge(
    { topic, partition, sequence }: LogEvent,
    numbering: NonNullable<TopicHandler['numbering']>,
    generation: number,
    mark: Watermark | undefined,
    key: string,
  ): Verdict {
    if (this.gapped.has(key)) return 'gap';
    if (mark !== undefined && generation < mark.generation) return 'stale_generation';
    const last = mark === undefined || generation > mark.generation ? 0 : mark.sequence;
    if (sequence <= last) return 'duplicate';
    if (sequence === last + 1 || numbering === 'compacted') return 'fresh';
    const fresh =
      mark === undefined && !this.known.has(`${topic}\n${partition}`) && !this.startedHere(topic, partition);
    return fresh ? 'fresh' : 'gap';
  }

  /** Whether this very transaction has already taken something of the topic and partition. */
  private startedHere(topic: string, partition: number): boolean {
    for (const row of this.seen.values()) if (row.topic === topic && row.partition === partition) return true;
    return false;
  }

  /** What to store. */
  advanced(): readonly WatermarkRow[] {
    return [...this.seen.values()];
  }
}
