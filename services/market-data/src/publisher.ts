import type { MarketFlow, MarketSnapshot } from '@switchyard/contracts';
import type { EventLog } from '@switchyard/log';
import type { Newest } from './kept-books.js';
import { trimmed } from './same-prices.js';
import { snapshotsOf } from './snapshot.js';

export interface PublisherOptions {
  /** The newest book of an instrument at the moment in which it is published. */
  readonly newest: (symbol: string) => Newest | undefined;
  /** What traded in it lately. It goes with the book, and is no reason to publish one. */
  readonly flow?: (symbol: string) => MarketFlow | undefined;
  /** A book that changes all the time is published at most so often, ms. */
  readonly publishMs: number;
  /** One whose best price moved, at most so often, ms. */
  readonly touchMs: number;
  /** A book that did not change is published again when what was published is this old, so that readers know that it is fresh. */
  readonly republishMs: number;
  readonly log: Pick<EventLog, 'put'>;
  /** Told of each book: its age when it was published, and where it came from. */
  readonly onBook: (pair: string, ageMs: number, source: Newest['source']) => void;
  /** What is wrong with the log; `undefined` when it took something again. */
  readonly onProblem: (problem: string | undefined) => void;
  readonly now: () => number;
}

interface Published {
  readonly hash: string;
  readonly version: number;
  readonly atMs: number;
  readonly receivedAtMs: number;
  readonly bid: string | undefined;
  readonly ask: string | undefined;
}

/**
 * Writes books to the log at a bounded pace.
 *
 * 1. Of each instrument at most one is waiting, and it is none yet: the newest book is taken when its turn comes. A slow log sees fewer
 *    books, never older ones, and memory does not grow.
 * 2. One write at a time.
 * 3. Versions rise with each snapshot of an instrument, also when the clock is set back.
 */
export class Publisher {
  readonly #options: PublisherOptions;
  readonly #published = new Map<string, Published>();
  /** When the next book of an instrument may be published, by `performance.now()`. */
  readonly #due = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #writing: Promise<void> | undefined;
  #stopped = false;

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  /** The stream changed a book; these are its best prices. */
  changed(symbol: string, { bid, ask }: { readonly bid: string; readonly ask: string }): void {
    const { publishMs, touchMs, now } = this.#options;
    const before = this.#published.get(symbol);
    const moved = before === undefined || before.bid !== trimmed(bid) || before.ask !== trimmed(ask);
    const since = before === undefined ? Number.POSITIVE_INFINITY : Math.abs(now() - before.atMs);
    this.#dueIn(symbol, Math.max(0, (moved ? touchMs : publishMs) - since));
  }

  /** These are to be looked at now. Resolves when what is to be published of them has been. */
  async publish(symbols: readonly string[]): Promise<void> {
    for (const symbol of symbols) this.#due.set(symbol, performance.now());
    await this.#writing;
    await this.#flush();
  }

  /** How many instruments wait for their turn. */
  get waiting(): number {
    return this.#due.size;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#writing;
  }

  #dueIn(symbol: string, ms: number): void {
    const at = performance.now() + ms;
    if ((this.#due.get(symbol) ?? Number.POSITIVE_INFINITY) <= at) return;
    this.#due.set(symbol, at);
    this.#wake(at);
  }

  #wake(at: number): void {
    if (this.#stopped || at >= this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(
      () => {
        this.#timerAt = Number.POSITIVE_INFINITY;
        void this.#flush();
      },
      Math.max(0, at - performance.now()),
    );
  }

  /** Never throws: what was not written waits for another turn. */
  async #flush(): Promise<void> {
    // Who is writing looks again when it has written.
    if (this.#writing !== undefined || this.#stopped) return;
    const now = performance.now();
    const symbols = [...this.#due].flatMap(([symbol, at]) => (at <= now ? [symbol] : []));
    for (const symbol of symbols) this.#due.delete(symbol);
    if (symbols.length > 0) {
      this.#writing = this.#write(symbols);
      await this.#writing;
      this.#writing = undefined;
    }
    this.#wake(Math.min(...this.#due.values()));
  }

  async #write(symbols: readonly string[]): Promise<void> {
    const { log, newest, onBook, onProblem, publishMs, now } = this.#options;
    const books = symbols.flatMap((symbol) => {
      const found = newest(symbol);
      return found === undefined ? [] : this.#snapshots(symbol, found);
    });
    if (books.length === 0) return;
    try {
      await log.put(
        books.flatMap(({ snapshots }) =>
          snapshots.map((snapshot) => ({
            topic: 'MarketSnapshot',
            key: `${snapshot.venue}/${snapshot.pair}`,
            version: snapshot.version,
            payload: snapshot,
          })),
        ),
      );
    } catch (error) {
      for (const { symbol } of books) this.#dueIn(symbol, publishMs);
      onProblem(error instanceof Error ? error.message : String(error));
      return;
    }
    onProblem(undefined);
    for (const { symbol, snapshots, source, receivedAtMs } of books) {
      const [first] = snapshots;
      if (first === undefined) continue;
      const { bookHash: hash, version, bids, asks } = first;
      const [bid, ask] = [bids[0]?.[0], asks[0]?.[0]];
      this.#published.set(symbol, { hash, version, atMs: now(), receivedAtMs, bid, ask });
      for (const { pair } of snapshots) onBook(pair, Math.max(0, now() - receivedAtMs), source);
    }
  }

  #snapshots(symbol: string, { watched, book, source }: Newest): readonly Written[] {
    const { republishMs, now, flow } = this.#options;
    const before = this.#published.get(symbol);
    const snapshots = snapshotsOf(watched, book, flow?.(symbol));
    const hash = snapshots[0]?.bookHash;
    const isSame = before !== undefined && before.hash === hash;
    // Nothing new is known of a book that was confirmed when it was published, and not since.
    const isFresh =
      isSame && (before.receivedAtMs === book.receivedAtMs || Math.abs(now() - before.receivedAtMs) < republishMs);
    if (isFresh) return [];
    const versioned = snapshots.map((snapshot) => ({
      ...snapshot,
      version: Math.max(snapshot.version, (before?.version ?? 0) + 1),
    }));
    return [{ symbol, snapshots: versioned, source, receivedAtMs: book.receivedAtMs }];
  }
}

interface Written {
  readonly symbol: string;
  readonly snapshots: readonly MarketSnapshot[];
  readonly source: Newest['source'];
  readonly receivedAtMs: number;
}
