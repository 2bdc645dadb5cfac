import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from '@switchyard/observability';
import type { Database, Statement } from '@switchyard/persistence';

export interface SweeperOptions {
  /** How long a finished parent order is remembered. */
  readonly rememberMs: number;
  readonly booksDays: number;
  /** Pause between two pages; none while a page yields. Default 10 s. */
  readonly everyMs?: number;
  /** Documents looked at in one page. Default 1,000. */
  readonly page?: number;
}

const EVERY_MS = 10_000;
const PAGE = 1_000;

/**
 * Removes what has been remembered long enough: tombstones of parent orders, and books no decision of the last weeks used. It goes
 * through the documents page by page in the order of their keys, at a flat cost, and faster while it finds much. Tombstones are written
 * once and never again, so it can't take one away from under the stage.
 */
export class Sweeper implements OnApplicationBootstrap, OnApplicationShutdown {
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> | undefined;
  #stopped = false;
  #after = '';
  #booksSweptOn = '';

  constructor(
    private readonly db: Database,
    private readonly options: SweeperOptions,
    private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.#schedule(this.options.everyMs ?? EVERY_MS);
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#round;
  }

  /** One page. True if more is to be found at once. */
  async sweep(now: Date): Promise<boolean> {
    const page = this.options.page ?? PAGE;
    const before = new Date(now.getTime() - this.options.rememberMs).toISOString();
    const { rows } = await this.db.query<{ last: string | null; seen: number; gone: number }>(SWEEP_PARENTS, [
      this.#after,
      page,
      before,
    ]);
    const { last, seen, gone } = rows[0] ?? { last: null, seen: 0, gone: 0 };
    this.#after = seen < page ? '' : (last ?? '');
    await this.#sweepBooks(now);
    return seen === page && gone > page / 2;
  }

  async #sweepBooks(now: Date): Promise<void> {
    const day = now.toISOString().slice(0, 10);
    if (day === this.#booksSweptOn) return;
    await this.db.query(SWEEP_BOOKS, [day, this.options.booksDays]);
    this.#booksSweptOn = day;
  }

  #schedule(inMs: number): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#round = this.#run();
    }, inMs).unref();
  }

  async #run(): Promise<void> {
    let more = false;
    try {
      more = await this.sweep(new Date());
    } catch (error) {
      this.logger.warn({ err: error }, 'finished orders could not be swept; it is tried again');
    }
    this.#schedule(more ? 0 : (this.options.everyMs ?? EVERY_MS));
  }
}

const SWEEP_PARENTS: Statement = {
  name: 'routing-sweep-parents',
  text: `
    WITH page AS (SELECT key, doc FROM documents WHERE kind = 'parent' AND key > $1 ORDER BY key LIMIT $2),
    old AS (SELECT key FROM page WHERE left(doc, 15) = '{"completedAt":' AND doc::json ->> 'completedAt' < $3),
    gone AS (DELETE FROM documents d USING old WHERE d.kind = 'parent' AND d.key = old.key RETURNING 1)
    SELECT max(key) AS last, count(*)::int AS seen, (SELECT count(*) FROM gone)::int AS gone FROM page`,
};

const SWEEP_BOOKS: Statement = {
  name: 'routing-sweep-books',
  text: 'DELETE FROM books WHERE used_on < $1::date - $2::int',
};
