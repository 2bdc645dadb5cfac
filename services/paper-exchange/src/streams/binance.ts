import { decimal } from '@switchyard/money';
import type { Level } from '../core/book.js';
import type { Instrument } from '../core/instrument.js';
import { eight } from '../dialects/binance/format.js';
import type { TapeTrade } from '../core/tape.js';
import { lastDay } from '../dialects/candles.js';
import type { BookFollower } from './book-feeds.js';
import type { Conversation, ConversationParts, StreamDialect } from './stream-dialect.js';

/**
 * Binance's market streams of books, aggregate trades and small tickers: `<symbol>@depth`, `@depth@100ms`, `@aggTrade`, `@miniTicker`, plain on `/ws` and combined on `/stream`, named
 * in the address or subscribed to. https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams
 */
export const binanceStreams: StreamDialect = {
  // ccxt numbers its connections: /ws/0 names no stream.
  paths: /^\/(stream|ws(\/.*)?)$/,
  open: ({ path, query }, parts) => {
    const combined = path === '/stream';
    const named = combined ? (new URLSearchParams(query).get('streams') ?? '').split('/') : path.split('/').slice(2);
    return new BinanceConversation(parts, combined, named);
  },
};

const STREAM = /^([a-z0-9]{1,40})@(?:depth(?:@(100|1000)ms)?|(aggTrade|miniTicker))$/;
const MOST_STREAMS = 1_024;

const nobody = (): void => undefined;

class BinanceConversation implements Conversation {
  readonly #following = new Map<string, () => void>();
  /** Tickers that have changed since the last second. */
  readonly #changed = new Map<string, Instrument>();

  constructor(
    private readonly parts: ConversationParts,
    private readonly combined: boolean,
    named: readonly string[],
  ) {
    for (const stream of named) this.#follow(stream);
  }

  hear(text: string): void {
    const said = read(text);
    if (said === undefined) {
      this.#refuse(null, 3, 'Invalid JSON');
      return;
    }
    const { method, params, id } = said;
    const streams = Array.isArray(params) ? params.filter((name) => typeof name === 'string') : [];
    switch (method) {
      case 'SUBSCRIBE': {
        const unknown = streams.find((stream) => !STREAM.test(stream));
        if (unknown !== undefined || streams.length === 0) {
          this.#refuse(id, 2, 'Invalid request: invalid stream');
          return;
        }
        if (this.#following.size + streams.length > MOST_STREAMS) {
          this.#refuse(id, 4, 'Too many subscriptions');
          return;
        }
        this.#answer(id, null);
        for (const stream of streams) this.#follow(stream);
        return;
      }
      case 'UNSUBSCRIBE':
        for (const stream of streams) {
          this.#following.get(stream)?.();
          this.#following.delete(stream);
        }
        this.#answer(id, null);
        return;
      case 'LIST_SUBSCRIPTIONS':
        this.#answer(id, [...this.#following.keys()]);
        return;
      default:
        this.#refuse(id, 2, 'Invalid request: unknown method');
    }
  }

  end(): void {
    for (const stop of this.#following.values()) stop();
    this.#following.clear();
  }

  /** A symbol that is not listed is subscribed to like any other, and never told of, as at Binance. */
  #follow(stream: string): void {
    const [, id = '', rate = '1000', kind] = STREAM.exec(stream) ?? [];
    const instrument = this.parts.exchange.instrument(id.toUpperCase());
    if (id === '' || this.#following.has(stream)) return;
    this.#following.set(stream, instrument === undefined ? nobody : this.#join(stream, instrument, rate, kind));
  }

  /** @returns what ends it */
  #join(stream: string, instrument: Instrument, rate: string, kind: string | undefined): () => void {
    const { feeds } = this.parts;
    if (kind === 'aggTrade')
      return feeds.followTrades(instrument, {
        begin: nobody,
        traded: (trades) => {
          for (const trade of trades) this.#tellTrade(stream, instrument, trade);
        },
      });
    if (kind === 'miniTicker') {
      const changed = (): void => {
        this.#changed.set(stream, instrument);
      };
      const leave = feeds.followTrades(instrument, { begin: changed, traded: changed });
      return () => {
        this.#changed.delete(stream);
        leave();
      };
    }
    const following = { instrument, depth: Number.POSITIVE_INFINITY, everyMs: Number(rate) };
    return feeds.follow(following, this.#teller(stream, instrument));
  }

  /** Each second, of those that have changed, as at Binance. */
  second(): void {
    for (const [stream, instrument] of this.#changed) {
      const { close, open, high, low, volume, quoteVolume } = lastDay(this.parts.exchange, instrument);
      this.#tell(stream, {
        e: '24hrMiniTicker',
        E: this.parts.exchange.now(),
        s: instrument.symbol,
        c: eight(close),
        o: eight(open),
        h: eight(high),
        l: eight(low),
        v: eight(volume),
        q: eight(quoteVolume),
      });
    }
    this.#changed.clear();
  }

  #tellTrade(stream: string, { symbol }: Instrument, { id, price, quantity, at, sellerTook }: TapeTrade): void {
    this.#tell(stream, {
      e: 'aggTrade',
      E: this.parts.exchange.now(),
      s: symbol,
      a: id,
      p: eight(price),
      q: eight(quantity),
      f: id,
      l: id,
      T: at,
      m: sellerTook,
      M: true,
    });
  }

  #tell(stream: string, event: object): void {
    this.parts.say(JSON.stringify(this.combined ? { stream, data: event } : event), 'anything');
  }

  #teller(stream: string, { symbol }: Instrument): BookFollower {
    const { exchange, say } = this.parts;
    return {
      // Whoever wants the whole book asks for it by request.
      begin: () => undefined,
      change: ({ after, version, bids, asks }) => {
        const event = {
          e: 'depthUpdate',
          E: exchange.now(),
          s: symbol,
          U: after + 1,
          u: version,
          b: bids.map(written),
          a: asks.map(written),
        };
        say(JSON.stringify(this.combined ? { stream, data: event } : event), 'change');
      },
    };
  }

  #answer(id: unknown, result: unknown): void {
    this.parts.say(JSON.stringify({ result, id }), 'anything');
  }

  #refuse(id: unknown, code: number, msg: string): void {
    this.parts.say(JSON.stringify({ error: { code, msg }, id }), 'anything');
  }
}

const ZERO = decimal('0');

const written = ({ price, quantity }: Level): readonly [string, string] => [
  eight(price),
  quantity.eq(ZERO) ? '0.00000000' : eight(quantity),
];

const read = (
  text: string,
): { readonly method?: unknown; readonly params?: unknown; readonly id: unknown } | undefined => {
  try {
    const said: unknown = JSON.parse(text);
    if (typeof said !== 'object' || said === null || Array.isArray(said)) return undefined;
    const { method, params, id = null } = said as { method?: unknown; params?: unknown; id?: unknown };
    return { method, params, id };
  } catch {
    return undefined;
  }
};
