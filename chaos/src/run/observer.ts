import pg from 'pg';

const ENDS = ['SignalRejected', 'OrderCompleted'];

/** What the log's own numbers say; no event is read for it. */
export interface Progress {
  /** Signals that have come to an end. */
  readonly ended: number;
  /** Events written, and events that the journal has recorded, of the topics that it numbers. */
  readonly written: number;
  readonly recorded: number;
}

/** Looks into the database past every relay, as the one who owns it. */
export class Observer {
  private pool: pg.Pool;

  /** @param url asked at each connection: a server that was started again may have another */
  constructor(url: string) {
    this.pool = new pg.Pool({
      connectionString: url,
      max: 2,
      connectionTimeoutMillis: 3_000,
      query_timeout: 600_000,
      application_name: 'chaos',
      options: '-c search_path=journal,log',
    });
    // Killed with the server; the next query makes another connection.
    this.pool.on('error', () => undefined);
    this.pool.on('connect', (client) => client.on('error', () => undefined));
  }

  async query<Row extends object>(text: string, parameters: readonly unknown[] = []): Promise<readonly Row[]> {
    const { rows } = await this.pool.query<Row & pg.QueryResultRow>(text, [...parameters]);
    return rows;
  }

  /** Partitions by `deployment member`. */
  async owners(): Promise<ReadonlyMap<string, readonly number[]>> {
    const rows = await this.query<{ name: string; partitions: readonly number[] }>(
      `select deployment || ' ' || owner as name, array_agg(partition order by partition) as partitions
       from log.shards where owner is not null group by 1`,
    );
    return new Map(rows.map(({ name, partitions }) => [name, partitions]));
  }

  async progress(): Promise<Progress> {
    const [row] = await this.query<Progress>(PROGRESS, [ENDS]);
    return row ?? { ended: 0, written: 0, recorded: 0 };
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}

const PROGRESS = `
  with numbered as (select distinct topic from log.watermarks where group_name = 'journal')
  select (select coalesce(sum(last_sequence), 0)::float8 from log.heads where topic = any ($1)) as ended,
         (select coalesce(sum(last_sequence), 0)::float8 from log.heads join numbered using (topic)) as written,
         (select coalesce(sum(sequence), 0)::float8 from log.watermarks where group_name = 'journal') as recorded`;
