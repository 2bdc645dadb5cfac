import type { BookStream, BookStreamListener, LostReason, Venue } from '@switchyard/exchanges';
import type { EventLog } from '@switchyard/log';
import type { Logger } from '@switchyard/observability';
import { KeptBooks, type Newest } from './kept-books.js';
import { Publisher } from './publisher.js';
import { canonicalPairs, instrumentsFor, type Watched } from './snapshot.js';
import { TradeWatch, type TradeWatchOptions } from './trade-watch.js';

export interface BookPollerOptions {
  readonly venue: Pick<Venue, 'name' | 'marketData' | 'capabilities' | 'close' | 'bookStream'>;
  /** Pairs that are wanted of every venue; what each means there is told by `instrumentsFor`. */
  readonly pairs: readonly string[];
  readonly fees: Watched['fees'];
  /** Whether the venue's stream is listened to, where it has one. */
  readonly streamed: boolean;
  /** From the end of one round to the begin of the next. */
  readonly pollMs: number;
  /** A book of which the stream has said nothing for so long is asked for. */
  readonly confirmMs: number;
  /** A streamed book is published at most so often, and more often, each `touchMs`, while its best prices move. */
  readonly publishMs: number;
  readonly touchMs: number;
  /** How often trades and tickers are asked for, at most; absent: they are not watched. */
  readonly trades?: Pick<TradeWatchOptions, 'tradesMs' | 'tickerMs' | 'onTrades' | 'onGap'>;
  /** A book that did not change is published again when what was published is this old, so that readers know it is fresh. */
  readonly republishMs: number;
  readonly depth: number;
  readonly log: Pick<EventLog, 'put'>;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** Told of each book: its age when it was published, and where it came from. */
  readonly onBook: (pair: string, ageMs: number, source: Newest['source']) => void;
  readonly onFailure: () => void;
  /** Told of each change that the stream tells, and of each book that it lost. */
  readonly onStreamed?: () => void;
  readonly onLost?: (reason: LostReason) => void;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** How long a listing is used before the venue's listings are looked at again: steps and trading pauses change. */
const LISTING_MS = 60_000;
const LONGEST_WAIT_MS = 10_000;

/**
 * Keeps one venue's books fresh: listens to its stream, asks for what the stream does not answer for, and publishes what changed.
 *
 * 1. One request a pair and round at most, one round at a time.
 * 2. A venue that gives no book at all is asked less and less often, up to every 10 s. A pair that fails alone slows no other.
 * 3. A stream that is away, silent or wrong is made up for by requests within `confirmMs` and a round, and used again as soon as it has books.
 * 4. What breaks is said once, and once that it works again; books age meanwhile, and nobody trades on old ones.
 *
 * Which book is the newest: kept-books.ts. How often one is published: publisher.ts. Trades and tickers: trade-watch.ts.
 */
export class BookPoller {
  readonly #options: BookPollerOptions;
  readonly #now: () => number;
  readonly #books: KeptBooks;
  readonly #publisher: Publisher;
  readonly #trades: TradeWatch | undefined;
  #stream: BookStream | undefined;
  #halted: readonly string[] = [];
  #listedAt = -Infinity;
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();
  #stopped = false;
  #failures = 0;
  #problem: string | undefined;
  #logProblem: string | undefined;

  constructor(options: BookPollerOptions) {
    this.#options = options;
    const { confirmMs, publishMs, touchMs, republishMs, log, onBook, venue, pollMs, trades } = options;
    this.#now = options.now ?? Date.now;
    const stream = {
      book: (symbol: string) => this.#stream?.book(symbol),
      glance: (symbol: string) => this.#stream?.glance(symbol),
      resync: (symbol: string, why: string) => this.#stream?.resync(symbol, why),
    };
    this.#books = new KeptBooks(stream, confirmMs, this.#now);
    if (trades !== undefined)
      this.#trades = new TradeWatch({
        ...{ venue, pollMs, now: this.#now },
        ...trades,
        isStreamed: () => this.#stream?.open === true,
      });
    this.#publisher = new Publisher({
      newest: (symbol) => this.#books.newest(symbol),
      flow: (symbol) => this.#trades?.flow(symbol),
      ...{ publishMs, touchMs, republishMs, log, onBook, now: this.#now },
      onProblem: (problem) => {
        this.#logProblem = problem;
        if (problem !== undefined) this.#note(`${options.venue.name}: ${problem}`);
      },
    });
  }

  /** Resolves when the first round is done, well or not. */
  async start(): Promise<void> {
    const { venue, streamed, depth } = this.#options;
    if (streamed)
      this.#stream = await venue.bookStream?.(this.#listener(), { depth, trades: this.#trades !== undefined });
    await this.round();
    this.#schedule();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#round;
    await this.#trades?.settled();
    await this.#stream?.close();
    await this.#publisher.stop();
    await this.#options.venue.close();
  }

  /** Whether the venue's stream is connected; `undefined` where none is listened to. */
  get streamIsOpen(): boolean | undefined {
    return this.#stream?.open;
  }

  /** How old the newest book of each pair is, milliseconds. */
  ages(): readonly (readonly [pair: string, ageMs: number])[] {
    return this.#books.watched.flatMap(({ instrument: { venueSymbol }, publishedAs }) => {
      const newest = this.#books.newest(venueSymbol);
      if (newest === undefined) return [];
      const ageMs = Math.max(0, this.#now() - newest.book.receivedAtMs);
      return publishedAs.map((pair) => [pair, ageMs] as const);
    });
  }

  /** How long ago the venue was last heard on the trades of each pair, milliseconds. */
  tradeAges(): readonly (readonly [pair: string, ageMs: number])[] {
    const ages = new Map(this.#trades?.ages());
    return this.#books.watched.flatMap(({ instrument: { venueSymbol }, publishedAs }) => {
      const age = ages.get(venueSymbol);
      return age === undefined ? [] : publishedAs.map((pair) => [pair, age] as const);
    });
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

  /** Asks for every book that the stream does not answer for, and publishes what changed. Never throws. */
  async round(): Promise<void> {
    const { venue } = this.#options;
    try {
      const missing = await this.#look();
      const asked = this.#books.toAsk();
      const failed = (await Promise.all(asked.map((watched) => this.#fetch(watched)))).filter(
        (problem) => problem !== undefined,
      );
      const unknown = asked.length > 0 || this.#books.watched.length === 0;
      this.#failures = unknown && failed.length === asked.length ? Math.min(this.#failures + 1, 8) : 0;
      await this.#publisher.publish(asked.map(({ instrument }) => instrument.venueSymbol));
      if (this.#failures === 0) this.#trades?.round();
      const problems = [...missing, ...failed, ...(this.#logProblem === undefined ? [] : [this.#logProblem])];
      this.#note(problems.length === 0 ? undefined : `${venue.name}: ${problems.join('; ')}`);
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
        this.#books.watch(
          traded.map((instrument) => ({
            venue: venue.name,
            instrument,
            publishedAs: canonicalPairs(instrument.pair, new Set(listed.keys())),
            fees,
          })),
        );
        this.#trades?.watch(traded);
        this.#stream?.watch(traded);
        this.#listedAt = this.#now();
      } else if (this.#books.watched.length === 0) {
        return [`no listings (${answer.message})`];
      }
    }
    return this.#halted;
  }

  /** @returns what went wrong */
  async #fetch({ instrument }: Watched): Promise<string | undefined> {
    const { venue, depth } = this.#options;
    const askedAtMs = this.#now();
    const answer = await venue.marketData.book(instrument, depth);
    if (answer.kind !== 'answered') return `no book of ${instrument.pair} (${answer.message})`;
    const { bids, asks, receivedAtMs } = answer.value;
    this.#books.answered(instrument.venueSymbol, answer.value, askedAtMs);
    this.#trades?.touch(instrument.venueSymbol, bids[0]?.[0], asks[0]?.[0], receivedAtMs);
    return undefined;
  }

  #listener(): BookStreamListener {
    const { venue, logger, onStreamed, onLost } = this.#options;
    const { name } = venue;
    let said = false;
    return {
      onUpdate: (symbol) => {
        onStreamed?.();
        const touch = this.#books.spoke(symbol);
        if (touch === undefined) return;
        this.#publisher.changed(symbol, touch);
        this.#trades?.touch(symbol, touch.bid, touch.ask, this.#now());
      },
      onLost: (symbol, reason, detail) => {
        onLost?.(reason);
        if (reason !== 'down') logger.info({ venue: name, symbol, reason, detail }, 'a streamed book is fetched anew');
      },
      onOpen: () => {
        said = false;
        logger.info({ venue: name }, 'books are streamed');
        this.#trades?.doubt();
      },
      onDown: (detail) => {
        // Said once: it is tried again and again.
        if (!said)
          logger.warn({ venue: name, detail }, 'the stream of books broke; books are asked for until it is back');
        said = true;
        this.#trades?.doubt();
      },
      onTrades: (symbol, trades) => {
        this.#trades?.streamed(symbol, trades);
      },
      onTicker: (symbol, ticker) => {
        this.#trades?.ticker(symbol, ticker);
      },
      onTradesLost: (symbol) => {
        this.#trades?.doubt(symbol);
      },
    };
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
