import type { VenueCapabilities } from '../capabilities.js';
import type {
  BookLevel,
  ClockReading,
  Instrument,
  InstrumentKey,
  OrderBook,
  PublicTrade,
  Ticker,
} from '../instruments.js';
import { refused } from '../order-checks.js';
import type { Answer, CouldNotAsk, Refused } from '../outcomes.js';
import type { VenueMarketData } from '../port.js';
import { readAnswer, type Params } from './account-calls.js';
import type { Blot } from './blot.js';
import { ask } from './call.js';
import { classify, couldNotAsk, notSent, unknown, type ErrorRow } from './classification.js';
import { endpoint, type CcxtExchange, type CcxtMarket, type Endpoint } from './exchange.js';
import type { VenueClock } from './venue-clock.js';

/** How one venue tells of its market: its endpoints as ccxt names them, and how each answer is read. Readers throw Nonsense. */
export interface MarketDialect {
  /** A listing as ccxt's `loadMarkets` gives it; `null` for one that makes no sense, which is then not traded. */
  readonly toListing: (market: CcxtMarket) => Listing | null;
  readonly time: MarketQuestion<readonly [], number> & {
    /** The steps in which the venue tells its time, milliseconds; 0 where it tells milliseconds. */
    readonly stepMs: number;
  };
  readonly book: MarketQuestion<
    readonly [of: InstrumentKey, depth: number],
    Pick<OrderBook, 'bids' | 'asks' | 'sequence'>
  >;
  readonly ticker: MarketQuestion<readonly [of: InstrumentKey], Pick<Ticker, 'bid' | 'ask' | 'last' | 'baseVolume'>>;
  /** The latest, oldest first. */
  readonly trades: MarketQuestion<readonly [of: InstrumentKey, most: number], readonly PublicTrade[]>;
}

export interface MarketQuestion<Asked extends readonly unknown[], T> {
  readonly endpoint: string;
  readonly params: (...asked: Asked) => Params;
  readonly read: (value: unknown, market: OrderMarket, ...asked: Asked) => T;
}

export interface Listing {
  readonly instrument: Instrument;
  /** Other names that the venue's answers have for the instrument's symbol. */
  readonly aliases: readonly string[];
}

/** What the order path knows of the market. */
export interface OrderMarket {
  /**
   * The listing of a venue symbol: whatever was loaded last, for an order does not wait for a reload. The first call loads, and measures
   * the clock that the first order will be signed with.
   */
  ready(): Promise<
    { readonly kind: 'ready'; readonly of: (venueSymbol: string) => Instrument | undefined } | CouldNotAsk
  >;
  /** The venue's symbol that a name in an answer stands for; the name itself where it is not listed. */
  symbolOf(name: string): string;
  /** The pair that the venue's symbol means, without alias; the symbol itself where it is not listed. */
  pairOf(venueSymbol: string): string;
}

/** What a venue says to anyone; it also keeps the listings and the clock that all accounts share. */
export class CcxtMarketData implements VenueMarketData, OrderMarket {
  readonly #parts: MarketParts;
  readonly #endpoints: Readonly<Record<'time' | 'book' | 'ticker' | 'trades', Endpoint>>;
  #listed: Listed | undefined;
  #loading: Promise<Answer<Listed>> | undefined;

  constructor(parts: MarketParts) {
    this.#parts = parts;
    const { base, dialect } = parts;
    this.#endpoints = {
      time: endpoint(base, dialect.time.endpoint),
      book: endpoint(base, dialect.book.endpoint),
      ticker: endpoint(base, dialect.ticker.endpoint),
      trades: endpoint(base, dialect.trades.endpoint),
    };
  }

  async instruments({ reload = false }: { readonly reload?: boolean } = {}): Promise<Answer<readonly Instrument[]>> {
    const listed = await this.#listings(reload);
    return listed.kind === 'answered' ? { kind: 'answered', value: listed.value.all } : listed;
  }

  async instrument(
    pair: string,
    { usdtAsUsd }: { readonly usdtAsUsd: boolean },
  ): Promise<Answer<Instrument> | Refused> {
    const listed = await this.#listings(false);
    if (listed.kind === 'couldNotAsk') return listed;
    const { byPair } = listed.value;
    const own = byPair.get(pair);
    if (own !== undefined) return { kind: 'answered', value: own };
    const [base, asked] = pair.split('-');
    const paid = asked === undefined ? undefined : this.#parts.capabilities.quoteAliases[asked];
    const alias = paid === undefined ? undefined : byPair.get(`${base ?? ''}-${paid}`);
    if (alias === undefined || asked === undefined || paid === undefined) return refused('PAIR_NOT_LISTED', { pair });
    if (!usdtAsUsd) return refused('USDT_NOT_TAKEN_AS_USD', { pair, listed: alias.pair });
    return { kind: 'answered', value: { ...alias, pair, quoteAlias: { asked, paid } } };
  }

  async ready(): ReturnType<OrderMarket['ready']> {
    if (this.#listed === undefined) {
      const [listed] = await Promise.all([this.#listings(false), this.serverTime()]);
      if (listed.kind === 'couldNotAsk') return { ...couldNotAsk(notSent('notReady')), evidence: listed.evidence };
    }
    return { kind: 'ready', of: (venueSymbol) => this.#listed?.bySymbol.get(venueSymbol) };
  }

  symbolOf(name: string): string {
    return this.#listed?.byAlias.get(name) ?? name;
  }

  pairOf(venueSymbol: string): string {
    return this.#listed?.bySymbol.get(venueSymbol)?.pair ?? venueSymbol;
  }

  book({ pair, venueSymbol }: InstrumentKey, depth: number): Promise<Answer<OrderBook>> {
    const { book } = this.#parts.dialect;
    const of = { pair, venueSymbol };
    const levels = Math.min(depth, this.#parts.capabilities.maxBookDepth);
    return this.#ask(
      () => this.#endpoints.book(book.params(of, levels)),
      (value) => {
        const { bids, asks, sequence } = book.read(value, this, of, levels);
        const best = (side: readonly BookLevel[]): readonly BookLevel[] => side.slice(0, levels);
        return { ...of, bids: best(bids), asks: best(asks), sequence, receivedAtMs: Date.now() };
      },
    );
  }

  ticker({ pair, venueSymbol }: InstrumentKey): Promise<Answer<Ticker>> {
    const { ticker } = this.#parts.dialect;
    const of = { pair, venueSymbol };
    return this.#ask(
      () => this.#endpoints.ticker(ticker.params(of)),
      (value) => ({ ...of, ...ticker.read(value, this, of), receivedAtMs: Date.now() }),
    );
  }

  trades({ pair, venueSymbol }: InstrumentKey, most: number): Promise<Answer<readonly PublicTrade[]>> {
    const { trades } = this.#parts.dialect;
    const of = { pair, venueSymbol };
    const asked = Math.min(most, this.#parts.capabilities.publicTrades.most);
    return this.#ask(
      () => this.#endpoints.trades(trades.params(of, asked)),
      (value) => trades.read(value, this, of, asked).slice(-asked),
    );
  }

  serverTime(): Promise<Answer<ClockReading>> {
    const { clock, dialect } = this.#parts;
    const askedAtMs = Date.now();
    const started = performance.now();
    return this.#ask(
      () => this.#endpoints.time(dialect.time.params()),
      (value) => {
        const roundTripMs = performance.now() - started;
        return clock.read(dialect.time.read(value, this), askedAtMs, roundTripMs, dialect.time.stepMs);
      },
    );
  }

  /** One load at a time; while the listings are only old, a failed reload leaves them in use and says so to whoever asked for it. */
  async #listings(reload: boolean): Promise<Answer<Listed>> {
    const listed = this.#listed;
    if (!reload && listed !== undefined && performance.now() - listed.loadedAt < this.#parts.maxAgeMs)
      return { kind: 'answered', value: listed };
    this.#loading ??= this.#load().finally(() => (this.#loading = undefined));
    const fresh = await this.#loading;
    return fresh.kind === 'couldNotAsk' && !reload && listed !== undefined
      ? { kind: 'answered', value: listed }
      : fresh;
  }

  async #load(): Promise<Answer<Listed>> {
    const { base, dialect } = this.#parts;
    const answer = await this.#ask(
      () => base.loadMarkets(true),
      // An object or a list: what it says is read listing by listing.
      (value) => value,
    );
    if (answer.kind === 'couldNotAsk') return answer;
    const listings = Object.values(base.markets ?? {})
      .map(dialect.toListing)
      .filter((listing) => listing !== null);
    if (listings.length === 0) return couldNotAsk(unknown('nonsense', null, 'no instruments'));
    const all = listings.map(({ instrument }) => instrument);
    this.#listed = {
      all,
      byPair: new Map(all.map((instrument) => [instrument.pair, instrument])),
      bySymbol: new Map(all.map((instrument) => [instrument.venueSymbol, instrument])),
      byAlias: new Map(
        listings.flatMap(({ instrument, aliases }) => aliases.map((alias) => [alias, instrument.venueSymbol] as const)),
      ),
      loadedAt: performance.now(),
    };
    return { kind: 'answered', value: this.#listed };
  }

  async #ask<T>(run: () => Promise<unknown>, read: (value: unknown) => T): Promise<Answer<T>> {
    const answer = readAnswer(classify(await ask(run), this.#parts.errors, this.#parts.blot), read);
    return answer.kind === 'answered' ? { kind: 'answered', value: answer.value } : answer;
  }
}

export interface MarketParts {
  readonly base: CcxtExchange;
  readonly clock: VenueClock;
  readonly capabilities: VenueCapabilities;
  readonly dialect: MarketDialect;
  readonly errors: readonly ErrorRow[];
  readonly blot: Blot;
  /** Listings older than this are loaded again when next asked for. */
  readonly maxAgeMs: number;
}

interface Listed {
  readonly all: readonly Instrument[];
  readonly byPair: ReadonlyMap<string, Instrument>;
  readonly bySymbol: ReadonlyMap<string, Instrument>;
  readonly byAlias: ReadonlyMap<string, string>;
  /** `performance.now()` */
  readonly loadedAt: number;
}
