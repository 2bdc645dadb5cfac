import type { MarketSnapshot } from '@switchyard/contracts';
import type { Venue } from '@switchyard/exchanges';
import type { EventLog } from '@switchyard/log';
import type { Logger } from '@switchyard/observability';
import { canonicalPairs, instrumentsFor, snapshotsOf, type Watched } from './snapshot.js';

export interface BookPollerOptions {
  readonly venue: Pick<Venue, 'name' | 'marketData' | 'capabilities' | 'close'>;
  /** Pairs that are wanted of every venue; what each means there is told by `instrumentsFor`. */
  readonly pairs: readonly string[];
  readonly fees: Watched['fees'];
  /** From the end of one round to the begin of the next. */
  readonly pollMs: number;
  /** A book that did not change is published again after this, so that readers know it is fresh. */
  readonly republishMs: number;
  readonly depth: number;
  readonly log: Pick<EventLog, 'put'>;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** Told of each book: its age when it was published. */
  readonly onBook: (pair: string, ageMs: number) => void;
  readonly onFailure: () => void;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** How long a listing is used before the venue's listings are looked at again: steps and trading pauses change. */
const LISTING_MS = 60_000;
const LONGEST_WAIT_MS = 10_000;

interface Published {
  readonly hash: string;
  readonly version: number;
  readonly at: number;
}

/**
 * Keeps one venue's books fresh: fetches each at an interval and publishes what changed.
 *
 * 1. One request a pair and round, one round at a time.
 * 2. A venue that gives no book at all is asked less and less often, up to every 10 s. A pair that fails alone slows no other.
 * 3. Versions rise with each snapshot, also when the clock is set back.
 * 4. What breaks is said once, and once that it works again; books age meanwhile, and nobody trades on old ones.
 */
export class BookPoller {
  readonly #options: BookPollerOptions;
  readonly #now: () => number;
  readonly #published = new Map<string, Published>();
  #watched: readonly Watched[] = [];
  #halted: readonly string[] = [];
  #listedAt = -Infinity;
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();
  #stopped = false;
  #failures = 0;
  #problem: string | undefined;

  constructor(options: BookPollerOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** Resolves when the first round is done, well or not. */
  async start(): Promise<void> {
    await this.round();
    this.#schedule();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#round;
    await this.#options.venue.close();
  }

  /** Undefined while all is well, else a sentence. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** How long the next round waits, milliseconds. */
  get waitMs(): number {
    const { pollMs } = this.#options;
    return Math.min(pollMs * 2 ** this.#failures, Math.max(LONGEST_WAIT_MS, pollMs));
  }

  /** Fetches every book once and publishes what changed. Never throws. */
  async round(): Promise<void> {
    const { venue } = this.#options;
    try {
      const missing = await this.#look();
      const books = await Promise.all(this.#watched.map((watched) => this.#fetch(watched)));
      const failed = books.flatMap((book) => (book.kind === 'failed' ? [book.problem] : []));
      this.#failures = failed.length === books.length ? Math.min(this.#failures + 1, 8) : 0;
      const problems = [...missing, ...failed];
      this.#note(problems.length === 0 ? undefined : `${venue.name}: ${problems.join('; ')}`);
      await this.#publish(books.flatMap((book) => (book.kind === 'book' ? book.snapshots : [])));
    } catch (error) {
      // What is published next time is newer; nothing has to be kept.
      this.#note(`${venue.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #schedule(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#round = this.round().then(() => {
        this.#schedule();
      });
    }, this.waitMs);
  }

  /** Brings the watched instruments up to date. @returns what is wrong with the listings */
  async #look(): Promise<readonly string[]> {
    const { venue, pairs, fees } = this.#options;
    if (this.#now() - this.#listedAt >= LISTING_MS) {
      const answer = await venue.marketData.instruments();
      if (answer.kind === 'answered') {
        const listed = new Map(answer.value.map((instrument) => [instrument.pair, instrument]));
        const meant = instrumentsFor(pairs, listed, venue.capabilities.quoteAliases);
        const traded = meant.filter(({ trading }) => trading);
        this.#halted = meant.filter(({ trading }) => !trading).map(({ pair }) => `${pair} is not traded there`);
        if (meant.length === 0) this.#halted = [`none of ${pairs.join(', ')} is listed there`];
        this.#watched = traded.map((instrument) => ({
          venue: venue.name,
          instrument,
          publishedAs: canonicalPairs(instrument.pair, new Set(listed.keys())),
          fees,
        }));
        this.#listedAt = this.#now();
      } else if (this.#watched.length === 0) {
        return [`no listings (${answer.message})`];
      }
    }
    return this.#halted;
  }

  async #fetch(
    watched: Watched,
  ): Promise<
    | { readonly kind: 'book'; readonly snapshots: readonly MarketSnapshot[] }
    | { readonly kind: 'failed'; readonly problem: string }
  > {
    const { venue, depth } = this.#options;
    const answer = await venue.marketData.book(watched.instrument, depth);
    return answer.kind === 'answered'
      ? { kind: 'book', snapshots: snapshotsOf(watched, answer.value) }
      : { kind: 'failed', problem: `no book of ${watched.instrument.pair} (${answer.message})` };
  }

  async #publish(snapshots: readonly MarketSnapshot[]): Promise<void> {
    const { log, republishMs, onBook } = this.#options;
    const now = this.#now();
    const due = snapshots.flatMap((snapshot): MarketSnapshot[] => {
      const before = this.#published.get(snapshot.pair);
      if (before?.hash === snapshot.bookHash && Math.abs(now - before.at) < republishMs) return [];
      return [{ ...snapshot, version: Math.max(snapshot.version, (before?.version ?? 0) + 1) }];
    });
    if (due.length === 0) return;
    await log.put(
      due.map((snapshot) => ({
        topic: 'MarketSnapshot',
        key: `${snapshot.venue}/${snapshot.pair}`,
        version: snapshot.version,
        payload: snapshot,
      })),
    );
    for (const { pair, bookHash: hash, version, receivedAt } of due) {
      this.#published.set(pair, { hash, version, at: now });
      onBook(pair, Math.max(0, now - Date.parse(receivedAt)));
    }
  }

  #note(problem: string | undefined): void {
    const { venue, logger, onFailure } = this.#options;
    if (problem !== undefined) onFailure();
    if (problem !== undefined && this.#problem === undefined)
      logger.warn({ venue: venue.name, problem }, 'books are missing; asking again');
    if (problem === undefined && this.#problem !== undefined)
      logger.info({ venue: venue.name }, 'all books are there again');
    this.#problem = problem;
  }
}
