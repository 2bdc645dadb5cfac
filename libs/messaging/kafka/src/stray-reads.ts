import type { Batch, Kafka } from 'kafkajs';
import type { ChunkBuffer } from './chunk-buffer.js';
import { startingOffsets, type Offset } from './starting-offsets.js';

/**
 * Notices when kafkajs fetches from another place than is due, and sends it back there. Two things make it leave its place:
 *
 * 1. The offset that is due is not in the log any more (deleted unread, or the topic was made anew): kafkajs goes on elsewhere, and says
 *    so in its log at most. Here it is told as `PositionLost`, and reading goes on at the first record that there is.
 * 2. A leader moved while a batch of its partition was waiting: kafkajs notes that batch as read after it was told to seek, and fetches
 *    behind it. What lies between would never be read.
 */
export class StrayReads {
  private readonly sought = new Set<string>();

  constructor(
    private readonly kafka: Kafka,
    private readonly buffer: Pick<ChunkBuffer, 'due' | 'passed'>,
    private readonly onError: (error: unknown) => void,
    private readonly seek: (place: Offset) => void,
  ) {}

  /** @returns whether the batch is one of those: it is not to be taken, and kafkajs will be sent back */
  caught(batch: Batch, assigned: () => boolean): boolean {
    const { topic, partition } = batch;
    const due = this.buffer.due(topic, partition);
    if (due === undefined) return false;
    if (BigInt(fetchedFrom(batch)) <= due && BigInt(batch.highWatermark) >= due) return false;
    const place = `${topic}/${String(partition)}`;
    if (this.sought.has(place)) return true;
    this.sought.add(place);
    void this.sendBack(topic, partition, due, assigned).finally(() => this.sought.delete(place));
    return true;
  }

  private async sendBack(topic: string, partition: number, due: bigint, assigned: () => boolean): Promise<void> {
    for (let wait = 50; assigned(); wait = Math.min(wait * 2, 2_000)) {
      try {
        const stopped = [{ topic, partition, position: due.toString() }];
        const [place] = await startingOffsets(this.kafka, [{ topic, partitions: [partition] }], stopped, this.onError);
        // By then it may have come back by itself.
        if (place === undefined || !assigned() || this.buffer.due(topic, partition) !== due) return;
        this.buffer.passed(topic, partition, due, place.offset);
        this.seek(place);
        return;
      } catch (error) {
        this.onError(error);
        await new Promise((resume) => setTimeout(resume, wait));
      }
    }
  }
}

/** The offset that kafkajs asked for; its types leave it out. */
const fetchedFrom = (batch: Batch): string => (batch as Batch & { readonly fetchedOffset: string }).fetchedOffset;
