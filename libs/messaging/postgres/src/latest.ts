import type { EventLog, TailRecord } from '@switchyard/log';
import type { Database } from '@switchyard/persistence';

/**
 * Compacted topics as a table of newest values. Readers in this process are told at once; those in others find a value at their next poll,
 * which looks a little further back than the last one, since clocks and commits overlap. Versions make that harmless.
 */
export class LatestValues implements Pick<EventLog, 'put' | 'tail'> {
  private readonly tails = new Map<string, Tail>();
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly db: Database,
    private readonly pollMs: number,
    private readonly onError: (error: unknown) => void,
  ) {}

  async put(records: Parameters<EventLog['put']>[0]): Promise<void> {
    if (records.length === 0) return;
    await this.db.query(PUT, [
      records.map(({ topic }) => topic),
      records.map(({ key }) => key),
      records.map(({ version }) => version),
      records.map(({ payload }) => Buffer.from(JSON.stringify(payload))),
    ]);
    for (const { topic, key, version, payload } of records) this.tails.get(topic)?.take(key, version, payload);
  }

  async tail(topic: string, onRecord: (record: TailRecord<never>) => void): Promise<void> {
    const tail = this.tails.get(topic) ?? new Tail();
    this.tails.set(topic, tail);
    tail.add(onRecord);
    await this.poll(topic, tail);
    this.schedule();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private schedule(): void {
    if (this.timer !== undefined || this.stopped || this.pollMs <= 0) return;
    this.timer = setTimeout(() => {
      void Promise.all([...this.tails].map(([topic, tail]) => this.poll(topic, tail)))
        .catch(this.onError)
        .then(() => {
          this.timer = undefined;
          this.schedule();
        });
    }, this.pollMs);
    this.timer.unref();
  }

  private async poll(topic: string, tail: Tail): Promise<void> {
    const { rows } = await this.db.query<LatestRow>(CHANGED, [topic, tail.since]);
    for (const { key, version, value, changed } of rows) {
      tail.take(key, Number(version), JSON.parse(value.toString('utf8')));
      tail.since = changed;
    }
  }
}

/** The readers of one topic in this process. */
class Tail {
  since = '-infinity';
  private readonly versions = new Map<string, { readonly version: number; readonly payload: unknown }>();
  private readonly listeners: ((record: TailRecord<never>) => void)[] = [];

  add(listener: (record: TailRecord<never>) => void): void {
    this.listeners.push(listener);
    for (const [key, { payload }] of this.versions) listener({ key, payload: payload as never });
  }

  take(key: string, version: number, payload: unknown): void {
    const known = this.versions.get(key);
    if (known !== undefined && known.version >= version) return;
    this.versions.set(key, { version, payload });
    for (const listener of this.listeners) listener({ key, payload: payload as never });
  }
}

interface LatestRow {
  readonly key: string;
  readonly version: string;
  readonly value: Buffer;
  readonly changed: string;
}

const PUT = {
  name: 'log_put',
  text: `
    INSERT INTO log.latest AS l (topic, key, version, value) SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bytea[])
    ON CONFLICT (topic, key) DO UPDATE SET version = excluded.version, value = excluded.value, updated_at = clock_timestamp()
    WHERE l.version < excluded.version`,
};
const CHANGED = {
  name: 'log_changed',
  text: `SELECT key, version, value, updated_at::text AS changed FROM log.latest
         WHERE topic = $1 AND updated_at > $2::timestamptz - interval '5 s' ORDER BY updated_at`,
};
