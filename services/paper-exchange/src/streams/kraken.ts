import { crc32 } from 'node:zlib';
import type { Decimal } from '@switchyard/money';
import type { Book, Level } from '../core/book.js';
import type { Instrument } from '../core/instrument.js';
import type { TapeTrade } from '../core/tape.js';
import { lastDay } from '../dialects/candles.js';
import { placesOf, volume, withPlaces } from '../dialects/kraken/format.js';
import type { BookFollower } from './book-feeds.js';
import type { Conversation, ConversationParts, StreamDialect } from './stream-dialect.js';

/**
 * Kraken's WebSocket API v2: the channel `book` with snapshots, updates and checksums, `trade`, `ticker`, `ping`, the heartbeat and the status
 * at the beginning. https://docs.kraken.com/exchange/api-reference/spot-websocket-v2/book
 */
export const krakenStreams: StreamDialect = {
  paths: /^\/v2$/,
  open: (_, parts) => new KrakenConversation(parts),
};

const DEPTHS = [10, 25, 100, 500, 1_000];

class KrakenConversation implements Conversation {
  /** By channel and pair: how many levels, and what ends it. */
  readonly #following = new Map<string, { readonly depth: number; readonly stop: () => void }>();
  #quiet = true;

  constructor(private readonly parts: ConversationParts) {
    const data = [{ api_version: 'v2', connection_id: '1', system: 'online', version: '2.0.0' }];
    this.#tell({ channel: 'status', type: 'update', data });
  }

  hear(text: string): void {
    const time_in = this.#time();
    const said = read(text);
    const params = typeof said?.params === 'object' && said.params !== null ? (said.params as Params) : {};
    const about = { method: said?.method ?? 'unknown', ...(said?.req_id === undefined ? {} : { req_id: said.req_id }) };
    const answer = (more: object): void => {
      this.#tell({ ...about, ...more, time_in, time_out: this.#time() });
    };
    const refuse = (error: string, more: object = {}): void => {
      answer({ error, success: false, ...more });
    };
    if (said?.method === 'ping') {
      // Under a name of its own: ccxt gives a connection up whose pings are not answered so.
      answer({ method: 'pong' });
    } else if (said?.method !== 'subscribe' && said?.method !== 'unsubscribe') {
      refuse('Malformed request');
    } else if (!CHANNELS.includes(String(params.channel))) {
      refuse('Subscription name invalid');
    } else if (!Array.isArray(params.symbol) || params.symbol.length === 0) {
      refuse('Symbol(s) not found');
    } else if (params.channel === 'book' && !DEPTHS.includes(depthOf(params))) {
      refuse('Subscription depth not supported');
    } else {
      const channel = String(params.channel);
      for (const symbol of params.symbol.map(String)) {
        const problem = said.method === 'subscribe' ? this.#follow(symbol, params) : this.#leave(symbol, params);
        const levels = channel === 'book' ? { depth: depthOf(params) } : {};
        if (problem !== undefined) refuse(problem, { symbol });
        else answer({ result: { channel, ...levels, snapshot: params.snapshot !== false, symbol }, success: true });
      }
    }
  }

  second(): void {
    if (this.#quiet && this.#following.size > 0) this.#tell({ channel: 'heartbeat' });
    this.#quiet = true;
  }

  end(): void {
    for (const { stop } of this.#following.values()) stop();
    this.#following.clear();
  }

  #follow(symbol: string, params: Params): string | undefined {
    const instrument = [...this.parts.exchange.state.instruments.values()].find((one) => nameOf(one) === symbol);
    if (instrument === undefined) return `Currency pair not supported ${symbol}`;
    const [key, depth] = [keyOf(symbol, params), depthOf(params)];
    if (this.#following.has(key)) return 'Already subscribed';
    this.#following.set(key, { depth, stop: this.#join(instrument, params, depth) });
    return undefined;
  }

  /** @returns what ends it */
  #join(instrument: Instrument, params: Params, depth: number): () => void {
    const { feeds } = this.parts;
    const wantsSnapshot = params.snapshot !== false;
    switch (params.channel) {
      case 'trade':
        return feeds.followTrades(instrument, {
          begin: (trades) => {
            if (wantsSnapshot) this.#tellTrades('snapshot', instrument, trades);
          },
          traded: (trades) => {
            this.#tellTrades('update', instrument, trades);
          },
        });
      case 'ticker':
        return feeds.followTrades(instrument, {
          begin: () => {
            if (wantsSnapshot) this.#tellTicker('snapshot', instrument);
          },
          traded: () => {
            this.#tellTicker('update', instrument);
          },
        });
      default:
        return feeds.follow({ instrument, depth, everyMs: 100 }, this.#teller(instrument, wantsSnapshot));
    }
  }

  #leave(symbol: string, params: Params): string | undefined {
    const key = keyOf(symbol, params);
    const followed = this.#following.get(key);
    if (followed === undefined || followed.depth !== depthOf(params)) return 'Subscription Not Found';
    followed.stop();
    this.#following.delete(key);
    return undefined;
  }

  #tellTrades(type: string, instrument: Instrument, trades: readonly TapeTrade[]): void {
    const price = priceWriter(instrument);
    const rows = trades.map(
      (trade) =>
        `{"symbol":"${nameOf(instrument)}","side":"${trade.sellerTook ? 'sell' : 'buy'}","price":${price(trade)},` +
        `"qty":${volume(trade.quantity)},"ord_type":"market","trade_id":${trade.id},"timestamp":"${moment(trade.at)}"}`,
    );
    this.#say(`{"channel":"trade","type":"${type}","data":[${rows.join(',')}]}`, 'anything');
  }

  #tellTicker(type: string, instrument: Instrument): void {
    const { exchange } = this.parts;
    const price = priceWriter(instrument);
    const { close, open, high, low, volume: traded, quoteVolume } = lastDay(exchange, instrument);
    const { bids, asks } = exchange.book(instrument);
    const [bid, ask] = [bids[0], asks[0]];
    const at = (of: Decimal): string => price({ price: of });
    const vwap = traded.eq('0') ? close : quoteVolume.div(traded).round(10);
    this.#say(
      `{"channel":"ticker","type":"${type}","data":[{"symbol":"${nameOf(instrument)}",` +
        `"bid":${bid ? price(bid) : 0},"bid_qty":${bid ? volume(bid.quantity) : 0},` +
        `"ask":${ask ? price(ask) : 0},"ask_qty":${ask ? volume(ask.quantity) : 0},` +
        `"last":${at(close)},"volume":${volume(traded)},"vwap":${at(vwap)},"low":${at(low)},"high":${at(high)},` +
        `"change":${at(close.minus(open))},"change_pct":${close.minus(open).times('100').div(open).toFixed(2)}}]}`,
      'anything',
    );
  }

  #teller(instrument: Instrument, wantsSnapshot: boolean): BookFollower {
    const write = writerOf(instrument);
    const message = (type: string, of: Pick<Book, 'bids' | 'asks'>, now: Book): string =>
      `{"channel":"book","type":"${type}","data":[{"symbol":"${nameOf(instrument)}","bids":${write.levels(of.bids)},` +
      `"asks":${write.levels(of.asks)},"checksum":${write.checksum(now)},"timestamp":"${this.#time()}"}]}`;
    return {
      begin: (book) => {
        if (wantsSnapshot) this.#say(message('snapshot', book, book), 'anything');
      },
      change: ({ bids, asks, book }) => {
        this.#say(message('update', { bids, asks }, book), 'change');
      },
    };
  }

  #tell(what: object): void {
    this.#say(JSON.stringify(what), 'anything');
  }

  #say(text: string, what: 'change' | 'anything'): void {
    this.#quiet = false;
    this.parts.say(text, what);
  }

  #time(): string {
    return moment(this.parts.exchange.now());
  }
}

interface Params {
  readonly channel?: unknown;
  readonly symbol?: unknown;
  readonly depth?: unknown;
  readonly snapshot?: unknown;
}

const CHANNELS = ['book', 'trade', 'ticker'];

const keyOf = (symbol: string, { channel }: Params): string => `${String(channel)} ${symbol}`;

const moment = (at: number): string => new Date(at).toISOString().replace('Z', '000Z');

const depthOf = ({ depth = 10 }: Params): number => Number(depth);

/** Pairs have their everyday names here, not those of the REST API: `BTC/USD`. */
const nameOf = ({ base, quote }: Instrument): string => `${base}/${quote}`;

const priceWriter = ({ tick }: Instrument) => {
  const places = placesOf(tick);
  return (of: Pick<Level, 'price'>): string => withPlaces(of.price, places);
};

const writerOf = (instrument: Instrument) => {
  const price = priceWriter(instrument);
  const quantity = (level: Level): string => volume(level.quantity);
  const digits = (text: string): string => text.replace('.', '').replace(/^0+/, '');
  const summed = (levels: readonly Level[]): string =>
    levels
      .slice(0, 10)
      .map((level) => digits(price(level)) + digits(quantity(level)))
      .join('');
  return {
    /** Prices and quantities are JSON numbers in full precision there: `{"price":7000.0,"qty":0.10000000}`. */
    levels: (levels: readonly Level[]): string =>
      `[${levels.map((level) => `{"price":${price(level)},"qty":${quantity(level)}}`).join(',')}]`,
    /** Over the ten best of either side, https://docs.kraken.com/exchange/guides/websockets/book-checksum-v2 */
    checksum: ({ bids, asks }: Book): number => crc32(summed(asks) + summed(bids)),
  };
};

const read = (
  text: string,
): { readonly method?: unknown; readonly params?: unknown; readonly req_id?: unknown } | undefined => {
  try {
    const said: unknown = JSON.parse(text);
    return typeof said === 'object' && said !== null ? said : undefined;
  } catch {
    return undefined;
  }
};
