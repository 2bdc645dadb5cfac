import type { Database } from '@switchyard/persistence';

export interface HousekeepingOptions {
  readonly db: Database;
  /** `consumed`: rows go once every group has read them (the Postgres log). `published`: once they were sent on (Kafka). */
  readonly dropWhen: 'consumed' | 'published';
  /** Topics of which nothing is dropped: whoever comes later needs the newest value of every key. */
  readonly keepTopics?: readonly string[];
  /** Rows younger than this stay in any case: for replay, and for the eyes of whoever looks for a fault. */
  readonly keepMs: number;
  readonly everyMs: number;
  readonly onError: (error: unknown) => void;
}

/** Removes stored batches that nobody needs any more, a bounded number at a time. One process at a time does it. */
export class Housekeeping {
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: HousekeepingOptions) {}

  start(): void {
    this.timer = setInterval(() => {
      this.round = this.sweep().catch(this.options.onError);
    }, this.options.everyMs);
    this.timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.round;
  }

  /** @returns how many rows went */
  async sweep(): Promise<number> {
    const { db, dropWhen, keepMs, keepTopics = [] } = this.options;
    return db.transaction(async (tx) => {
      const { rows } = await tx.query<{ mine: boolean }>(
        "SELECT pg_try_advisory_xact_lock(hashtext('switchyard:housekeeping')) AS mine",
      );
      if (rows[0]?.mine !== true) return 0;
      const { rowCount } = await tx.query(dropWhen === 'consumed' ? DROP_CONSUMED : DROP_PUBLISHED, [
        keepMs / 1_000,
        MOST_AT_ONCE,
        keepTopics,
      ]);
      return rowCount;
    });
  }
}

const MOST_AT_ONCE = 20_000;

const drop = (needed: string): string => `
  DELETE FROM log.batches WHERE ctid = ANY (ARRAY (
    SELECT b.ctid FROM log.batches b
    WHERE b.created_at < now() - make_interval(secs => $1::float8) AND b.topic <> ALL ($3::text[]) AND NOT EXISTS (${needed})
    ORDER BY b.created_at LIMIT $2
  ))`;

const DROP_CONSUMED = drop(`
  SELECT FROM log.subscriptions s
  LEFT JOIN log.watermarks w
    ON w.group_name = s.group_name AND w.topic = b.topic AND w.partition = b.partition
   AND w.origin = split_part(b.source, '/', 1) || '/' || split_part(b.source, '/', 2)
  WHERE s.topic = b.topic
    AND (w.generation IS NULL OR w.generation < split_part(b.source, '/', 3)::int
         OR (w.generation = split_part(b.source, '/', 3)::int AND w.sequence < b.last_sequence))`);

const DROP_PUBLISHED = drop(`
  SELECT FROM log.shards s
  WHERE s.deployment = split_part(b.source, '/', 1) AND s.partition = split_part(b.source, '/', 2)::int AND s.published_through < b.batch`);
