import type { BookGlance, BookStream, BookStreamListener, BookStreamOptions, LostReason } from '../book-stream.js';
import { judged, Nonsense } from '../ccxt/fields.js';
import type { InstrumentKey, OrderBook } from '../instruments.js';
import type { Answer } from '../outcomes.js';
import type { CcxtSocket, CcxtStream, StreamHooks } from './ccxt-stream.js';
import { ExactBook, type SnapshotRows } from './exact-book.js';
import { Patience } from './patience.js';
import type { StreamDefinition } from './stream-definition.js';

/** What a venue's stream is made from. */
export interface BookStreamParts {
  readonly definition: StreamDefinition;
  /** An instance of ccxt's class that nobody else uses, its addresses moved to `origin`. */
  readonly exchange: CcxtStream;
  readonly origin: string;
  /** Gives the instance the listings that have been loaded; the symbol under which ccxt knows an instrument. */
  readonly symbols: (venueSymbols: readonly string[]) => ReadonlyMap<string, string>;
  /** The venue's answer to a request for a book. */
  readonly snapshot: (of: InstrumentKey, levels: number) => Promise<Answer<OrderBook>>;
  readonly listener: BookStreamListener;
  readonly options: BookStreamOptions;
}

interface Watched {
  readonly key: InstrumentKey;
  /** ccxt's name of it. */
  readonly symbol: string;
  readonly patience: Patience;
  /** Present while the book is whole. */
  book: ExactBook | undefined;
  spokenAtMs: number;
  /** The number of the last book that was there, on this connection. */
  reached: number;
  /** Since when a book is waited for, by the monotonic clock; `undefined` while there is one, or none has been asked for. */
  askedAt: number | undefined;
  timer: NodeJS.Timeout | undefined;
}

/** No more symbols in one subscription. */
const SYMBOLS_A_REQUEST = 100;
const WATCHDOG_MS = 1_000;
/** A connection that held so long was a good one: the next is tried at once. */
const STABLE_MS = 10_000;

/** One connection to a venue, opened again by itself, and the books that it tells of. */
export class CcxtBookStream implements BookStream {
  readonly #parts: BookStreamParts;
  readonly #levels: number;
  readonly #reconnect = new Patience(250, 10_000, STABLE_MS);
  #watched = new Map<string, Watched>();
  #byHash = new Map<string, Watched>();
  #byName = new Map<string, Watched>();
  #client: CcxtSocket | undefined;
  #isOpen = false;
  #timer: NodeJS.Timeout | undefined;
  #watchdog: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(parts: BookStreamParts) {
    this.#parts = parts;
    this.#levels = parts.definition.levels(parts.options.depth);
    parts.exchange.hooks = this.#hooks();
  }

  get open(): boolean {
    return this.#isOpen;
  }

  watch(instruments: readonly InstrumentKey[]): void {
    const wanted = new Set(instruments.map(({ venueSymbol }) => venueSymbol));
    const same = wanted.size === this.#watched.size && [...wanted].every((symbol) => this.#watched.has(symbol));
    if (same || this.#closed) return;
    this.#giveUp();
    const symbols = this.#parts.symbols([...wanted]);
    this.#watched = new Map(
      instruments.flatMap((key): [string, Watched][] => {
        const symbol = symbols.get(key.venueSymbol);
        if (symbol === undefined) return [];
        const patience = new Patience(500, 30_000, 60_000);
        const nothing = { book: undefined, askedAt: undefined, timer: undefined };
        return [[key.venueSymbol, { key, symbol, patience, ...nothing, spokenAtMs: 0, reached: -1 }]];
      }),
    );
    this.#byHash = new Map(
      [...this.#watched.values()].map((watched) => [this.#parts.definition.hash(watched.symbol), watched]),
    );
    this.#byName = new Map(
      [...this.#watched.values()].map((watched) => {
        const { key, symbol } = watched;
        return [this.#parts.definition.nameOf({ venueSymbol: key.venueSymbol, symbol }), watched];
      }),
    );
    if (this.#watched.size > 0) this.#connect();
  }

  book(venueSymbol: string): OrderBook | undefined {
    const watched = this.#watched.get(venueSymbol);
    const book = watched?.book;
    if (watched === undefined || book === undefined) return undefined;
    const { depth } = this.#parts.options;
    return {
      ...watched.key,
      bids: book.bids.levels(depth),
      asks: book.asks.levels(depth),
      sequence: sequenceOf(book),
      receivedAtMs: watched.spokenAtMs,
    };
  }

  glance(venueSymbol: string): BookGlance | undefined {
    const watched = this.#watched.get(venueSymbol);
    const book = watched?.book;
    if (watched === undefined || book === undefined) return undefined;
    const { bids, asks } = book;
    return { bid: bids.best, ask: asks.best, sequence: sequenceOf(book), spokenAtMs: watched.spokenAtMs };
  }

  resync(venueSymbol: string, why: string): void {
    const watched = this.#watched.get(venueSymbol);
    if (watched?.book !== undefined) this.#lose(watched, 'asked', why);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#giveUp();
    clearInterval(this.#watchdog);
    // Whatever ccxt still holds ends; a connection that is being made is cut.
    const { exchange } = this.#parts;
    for (const client of Object.values(exchange.clients)) this.#drop(client);
    await exchange.close();
  }

  #connect(): void {
    this.#parts.symbols([...this.#watched.keys()]);
    this.#watchdog ??= setInterval(() => {
      this.#look();
    }, WATCHDOG_MS).unref();
    const all = [...this.#watched.values()];
    for (let from = 0; from < all.length; from += SYMBOLS_A_REQUEST) {
      const some = all.slice(from, from + SYMBOLS_A_REQUEST);
      for (const watched of some) watched.askedAt = performance.now();
      const symbols = some.map(({ symbol }) => symbol);
      this.#subscribe(symbols);
      if (this.#parts.options.trades === true) this.#subscribeTrades(symbols);
    }
  }

  /** What comes of it is told by the hooks. Where it is refused, whoever listens hears nothing, and asks. */
  #subscribeTrades(symbols: readonly string[]): void {
    const { exchange, definition } = this.#parts;
    for (const { subscribe } of [definition.trades, definition.tickers])
      subscribe(exchange, symbols).catch(() => undefined);
  }

  /** What comes of it is told by the hooks; the promise is of the first book alone. */
  #subscribe(symbols: readonly string[]): void {
    const { exchange, definition } = this.#parts;
    exchange
      .watchOrderBookForSymbols(symbols, definition.followsLevels ? this.#levels : undefined)
      .catch((error: unknown) => {
        const client = this.#client;
        if (client === undefined) this.#fell(`cannot subscribe: ${messageOf(error)}`);
      });
  }

  /** Begins one book anew, on the connection that there is. */
  #resubscribe(watched: Watched): void {
    const client = this.#client;
    if (client === undefined || this.#closed) return;
    const { exchange, definition } = this.#parts;
    const hash = definition.hash(watched.symbol);
    watched.askedAt = performance.now();
    exchange.orderbooks[watched.symbol] = undefined;
    Reflect.deleteProperty(exchange.orderbooks, watched.symbol);
    Reflect.deleteProperty(client.subscriptions, hash);
    const leave = definition.unsubscribe?.(watched.symbol, this.#levels);
    if (leave !== undefined)
      client.send(leave).catch(() => {
        // The connection is going down, and says so itself.
      });
    this.#subscribe([watched.symbol]);
  }

  #hooks(): StreamHooks {
    const { definition, origin, options } = this.#parts;
    const current = (client: CcxtSocket): boolean => client === this.#client;
    const { followsLevels, verify, read } = definition;
    return {
      origin,
      read,
      newBook: () =>
        new ExactBook({
          // What is followed is cut to its depth after each message.
          mostLevels: followsLevels ? Number.POSITIVE_INFINITY : 2 * this.#levels,
          ...(followsLevels && { follows: this.#levels }),
          ...(verify && { verify }),
        }),
      snapshot: (symbol) => this.#snapshot(symbol),
      dialled: (client) => {
        this.#client = client;
      },
      opened: (client) => {
        if (!current(client)) return;
        this.#isOpen = true;
        this.#parts.listener.onOpen();
      },
      updated: (client, hash, book) => {
        const watched = this.#byHash.get(hash);
        if (!current(client) || watched === undefined) return;
        const number = book.nonce ?? watched.reached;
        if (number < watched.reached) this.#lose(watched, 'gap', 'an older snapshot came');
        else if (!book.reaches(options.depth)) this.#lose(watched, 'shallow', 'prices have moved beyond the snapshot');
        else this.#became(watched, book, number);
      },
      rejected: (client, hash, error) => {
        const watched = this.#byHash.get(hash);
        if (!current(client) || watched === undefined) return;
        this.#lose(watched, error instanceof Nonsense ? 'nonsense' : 'gap', messageOf(error));
      },
      heard: (client, what, message) => {
        if (current(client)) this.#hear(what, message);
      },
      down: (client, detail) => {
        if (current(client)) this.#fell(detail);
      },
    };
  }

  #hear(what: 'trades' | 'tickers', message: unknown): void {
    const { definition, listener } = this.#parts;
    const symbolOf = (name: string): string | undefined => this.#byName.get(name)?.key.venueSymbol;
    if (what === 'tickers') {
      const read = judged(() => definition.tickers.read(message));
      for (const [name, ticker] of read instanceof Nonsense ? [] : read) {
        const venueSymbol = symbolOf(name);
        if (venueSymbol !== undefined) listener.onTicker?.(venueSymbol, ticker);
      }
      return;
    }
    const read = judged(() => definition.trades.read(message));
    if (read instanceof Nonsense) {
      // Of which instrument it told is not known for sure.
      for (const { key } of this.#watched.values()) listener.onTradesLost?.(key.venueSymbol, read.message);
      return;
    }
    for (const [name, trades] of read) {
      const venueSymbol = symbolOf(name);
      if (venueSymbol !== undefined) listener.onTrades?.(venueSymbol, trades);
    }
  }

  async #snapshot(symbol: string): Promise<SnapshotRows> {
    const watched = [...this.#watched.values()].find((one) => one.symbol === symbol);
    if (watched === undefined) throw new Error(`${symbol} is not watched`);
    const answer = await this.#parts.snapshot(watched.key, this.#levels);
    if (answer.kind === 'couldNotAsk') throw new Error(`no snapshot: ${answer.message}`);
    const { bids, asks, sequence } = answer.value;
    return { bids, asks, nonce: sequence === null ? undefined : Number(sequence), levels: this.#levels };
  }

  #became(watched: Watched, book: ExactBook, number: number): void {
    watched.book = book;
    watched.reached = number;
    watched.askedAt = undefined;
    watched.spokenAtMs = Date.now();
    this.#parts.listener.onUpdate(watched.key.venueSymbol);
  }

  /** The book is not to be believed; it is asked for anew, less and less often while that goes on. */
  #lose(watched: Watched, reason: LostReason, detail: string): void {
    watched.book = undefined;
    watched.askedAt = undefined;
    this.#parts.listener.onLost(watched.key.venueSymbol, reason, detail);
    clearTimeout(watched.timer);
    watched.timer = setTimeout(() => {
      this.#resubscribe(watched);
    }, watched.patience.next()).unref();
  }

  /** Books that were asked for and did not come are asked for again; where none came at all, the connection is given up. */
  #look(): void {
    const { syncDeadlineMs = 15_000 } = this.#parts.options;
    const all = [...this.#watched.values()];
    const late = all.filter(({ askedAt }) => askedAt !== undefined && performance.now() - askedAt > syncDeadlineMs);
    if (late.length > 0 && late.length === all.length) this.#fell('no book came');
    else for (const watched of late) this.#lose(watched, 'late', 'it did not come');
  }

  /** The connection is of no use any more: there are no books, and another is opened after a while. */
  #fell(detail: string): void {
    if (this.#closed || this.#timer !== undefined) return;
    const { listener } = this.#parts;
    const there = [...this.#watched.values()].filter(({ book }) => book !== undefined);
    this.#giveUp();
    for (const { key } of there) listener.onLost(key.venueSymbol, 'down', detail);
    listener.onDown(detail);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#connect();
    }, this.#reconnect.next()).unref();
  }

  #giveUp(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const client = this.#client;
    this.#client = undefined;
    if (client !== undefined) this.#drop(client);
    this.#isOpen = false;
    for (const watched of this.#watched.values()) {
      clearTimeout(watched.timer);
      watched.book = undefined;
      watched.askedAt = undefined;
      // Numbers need not go on where they stood: another server may count otherwise.
      watched.reached = -1;
      Reflect.deleteProperty(this.#parts.exchange.orderbooks, watched.symbol);
    }
  }

  /** Ends a connection at once. ccxt forgets it; the other end may hang. */
  #drop(client: CcxtSocket): void {
    Reflect.deleteProperty(this.#parts.exchange.clients, client.url);
    if (client.error === undefined) client.onError(new Error('given up'));
    client.connection?.terminate();
  }
}

const sequenceOf = ({ nonce }: ExactBook): string | null => (nonce === undefined ? null : String(nonce));

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
