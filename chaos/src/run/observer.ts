import pg from 'pg';

const ENDS = ['SignalRejected', 'OrderCompleted'];

/** What the log's own numbers say; no event is read for it. */
export interface Progress {
  /** Signals that have come to an end. */
  readonly ended: number;
  /** Events that stages have still to read, all stages together, of the topics that are numbered for them. */
  readonly unread: number;
}

/** Looks into the database past every relay, as the one who owns it. */
export class Observer {
  private readonly pool: pg.Pool;
  private closing: Promise<void> | undefined;

  /** @param url of the database, past every relay; the same after each start of the server */
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
    return row ?? { ended: 0, unread: 0 };
  }

  close(): Promise<void> {
    this.closing ??= this.pool.end();
    return this.closing;
  }
}

const PROGRESS = `
  with numbered as (select distinct group_name, topic from log.watermarks)
  select (select coalesce(sum(last_sequence), 0)::float8 from log.heads where topic = any ($1)) as ended,
         (select coalesce(sum(last_sequence), 0)::float8 from log.heads join numbered using (topic))
         - (select coalesce(sum(sequence), 0)::float8 from log.watermarks) as unread`;
