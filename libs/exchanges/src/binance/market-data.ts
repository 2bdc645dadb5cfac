import { ask } from '../ccxt/call.js';
import { blotter } from '../ccxt/blot.js';
import { classify, couldNotAsk, notSent, unknown } from '../ccxt/classification.js';
import { endpoint, type CcxtExchange, type Endpoint } from '../ccxt/exchange.js';
import { amountOrNull, fields, id, judged, Nonsense, same, text, timeMs } from '../ccxt/fields.js';
import type { VenueClock } from '../ccxt/venue-clock.js';
import type { ClockReading, Instrument, InstrumentKey, OrderBook, Ticker } from '../instruments.js';
import { refused } from '../order-checks.js';
import type { Answer, CouldNotAsk, Refused } from '../outcomes.js';
import type { VenueMarketData } from '../port.js';
import { binanceCapabilities } from './capabilities.js';
import { binanceErrors } from './errors.js';
import { toInstrument } from './instruments.js';
import { toLevels } from './map.js';

/** What Binance says to anyone; it also keeps the listings and the clock that all accounts share. */
export class BinanceMarketData implements VenueMarketData {
  readonly #base: CcxtExchange;
  readonly #clock: VenueClock;
  readonly #maxAgeMs: number;
  readonly #time: Endpoint;
  readonly #depth: Endpoint;
  readonly #ticker: Endpoint;
  #listed: Listed | undefined;
  #loading: Promise<Answer<Listed>> | undefined;

  constructor(base: CcxtExchange, clock: VenueClock, maxAgeMs: number) {
    this.#base = base;
    this.#clock = clock;
    this.#maxAgeMs = maxAgeMs;
    this.#time = endpoint(base, 'publicGetTime');
    this.#depth = endpoint(base, 'publicGetDepth');
    this.#ticker = endpoint(base, 'publicGetTicker24hr');
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
    const paid = asked === undefined ? undefined : binanceCapabilities.quoteAliases[asked];
    const alias = paid === undefined ? undefined : byPair.get(`${base ?? ''}-${paid}`);
    if (alias === undefined || asked === undefined || paid === undefined) return refused('PAIR_NOT_LISTED', { pair });
    if (!usdtAsUsd) return refused('USDT_NOT_TAKEN_AS_USD', { pair, listed: alias.pair });
    return { kind: 'answered', value: { ...alias, pair, quoteAlias: { asked, paid } } };
  }

  /**
   * The listing of a venue symbol for the order path: whatever was loaded last, for an order does not wait for a reload. The first call
   * loads, and measures the clock that the first order will be signed with.
   */
  async ready(): Promise<
    { readonly kind: 'ready'; readonly of: (venueSymbol: string) => Instrument | undefined } | CouldNotAsk
  > {
    if (this.#listed === undefined) {
      const [listed] = await Promise.all([this.#listings(false), this.serverTime()]);
      if (listed.kind === 'couldNotAsk') return { ...couldNotAsk(notSent('notReady')), evidence: listed.evidence };
    }
    return { kind: 'ready', of: (venueSymbol) => this.#listed?.bySymbol.get(venueSymbol) };
  }

  /** The pair that the venue's symbol means, without alias; the symbol itself where it is not listed. */
  pairOf(venueSymbol: string): string {
    return this.#listed?.bySymbol.get(venueSymbol)?.pair ?? venueSymbol;
  }

  book(of: InstrumentKey, depth: number): Promise<Answer<OrderBook>> {
    const limit = Math.min(depth, binanceCapabilities.maxBookDepth);
    return this.#ask(
      () => this.#depth({ symbol: of.venueSymbol, limit }),
      (value) => {
        const raw = fields(value, 'book');
        return {
          pair: of.pair,
          venueSymbol: of.venueSymbol,
          bids: toLevels(raw['bids'], 'bids'),
          asks: toLevels(raw['asks'], 'asks'),
          sequence: id(raw, 'lastUpdateId'),
          receivedAtMs: Date.now(),
        };
      },
    );
  }

  ticker(of: InstrumentKey): Promise<Answer<Ticker>> {
    return this.#ask(
      () => this.#ticker({ symbol: of.venueSymbol }),
      (value) => {
        const raw = fields(value, 'ticker');
        same('symbol', text(raw, 'symbol'), of.venueSymbol);
        return {
          pair: of.pair,
          venueSymbol: of.venueSymbol,
          bid: amountOrNull(raw, 'bidPrice'),
          ask: amountOrNull(raw, 'askPrice'),
          last: amountOrNull(raw, 'lastPrice'),
          baseVolume: amountOrNull(raw, 'volume'),
          receivedAtMs: Date.now(),
        };
      },
    );
  }

  serverTime(): Promise<Answer<ClockReading>> {
    const askedAtMs = Date.now();
    const started = performance.now();
    return this.#ask(
      () => this.#time({}),
      (value) => {
        const roundTripMs = performance.now() - started;
        return this.#clock.read(timeMs(fields(value, 'time'), 'serverTime'), askedAtMs, roundTripMs);
      },
    );
  }

  /** One load at a time; while the listings are only old, a failed reload leaves them in use and says so to whoever asked for it. */
  async #listings(reload: boolean): Promise<Answer<Listed>> {
    const listed = this.#listed;
    if (!reload && listed !== undefined && performance.now() - listed.loadedAt < this.#maxAgeMs)
      return { kind: 'answered', value: listed };
    this.#loading ??= this.#load().finally(() => (this.#loading = undefined));
    const fresh = await this.#loading;
    return fresh.kind === 'couldNotAsk' && !reload && listed !== undefined
      ? { kind: 'answered', value: listed }
      : fresh;
  }

  async #load(): Promise<Answer<Listed>> {
    const answer = await this.#ask(
      () => this.#base.loadMarkets(true),
      (value) => fields(value, 'exchangeInfo'),
    );
    if (answer.kind === 'couldNotAsk') return answer;
    const all = Object.values(this.#base.markets ?? {})
      .map(toInstrument)
      .filter((instrument) => instrument !== null);
    if (all.length === 0) return couldNotAsk(unknown('nonsense', null, 'no instruments'));
    this.#listed = {
      all,
      byPair: new Map(all.map((instrument) => [instrument.pair, instrument])),
      bySymbol: new Map(all.map((instrument) => [instrument.venueSymbol, instrument])),
      loadedAt: performance.now(),
    };
    return { kind: 'answered', value: this.#listed };
  }

  async #ask<T>(run: () => Promise<unknown>, map: (value: unknown) => T): Promise<Answer<T>> {
    const answer = classify(await ask(run), binanceErrors, blotter(null));
    if (answer.kind !== 'good') return couldNotAsk(answer);
    const value = judged(() => map(answer.value));
    return value instanceof Nonsense
      ? couldNotAsk(unknown('nonsense', answer.evidence(), value.message))
      : { kind: 'answered', value };
  }
}

interface Listed {
  readonly all: readonly Instrument[];
  readonly byPair: ReadonlyMap<string, Instrument>;
  readonly bySymbol: ReadonlyMap<string, Instrument>;
  /** `performance.now()` */
  readonly loadedAt: number;
}
