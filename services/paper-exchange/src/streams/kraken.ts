import { crc32 } from 'node:zlib';
import type { Book, Level } from '../core/book.js';
import type { Instrument } from '../core/instrument.js';
import { placesOf, volume, withPlaces } from '../dialects/kraken/format.js';
import type { BookFollower } from './book-feeds.js';
import type { Conversation, ConversationParts, StreamDialect } from './stream-dialect.js';

/**
 * Kraken's WebSocket API v2 as far as it tells of books: the channel `book` with snapshots, updates and checksums, `ping`, the heartbeat and
 * the status at the beginning. https://docs.kraken.com/exchange/api-reference/spot-websocket-v2/book
 */
export const krakenStreams: StreamDialect = {
  paths: /^\/v2$/,
  open: (_, parts) => new KrakenConversation(parts),
};

const DEPTHS = [10, 25, 100, 500, 1_000];

class KrakenConversation implements Conversation {
  /** By the pair's name: how many levels, and what ends it. */
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
      answer({});
    } else if (said?.method !== 'subscribe' && said?.method !== 'unsubscribe') {
      refuse('Malformed request');
    } else if (params.channel !== 'book') {
      refuse('Subscription name invalid');
    } else if (!Array.isArray(params.symbol) || params.symbol.length === 0) {
      refuse('Symbol(s) not found');
    } else if (!DEPTHS.includes(depthOf(params))) {
      refuse('Subscription depth not supported');
    } else {
      for (const symbol of params.symbol.map(String)) {
        const problem = said.method === 'subscribe' ? this.#follow(symbol, params) : this.#leave(symbol, params);
        if (problem !== undefined) refuse(problem, { symbol });
        else
          answer({
            result: { channel: 'book', depth: depthOf(params), snapshot: params.snapshot !== false, symbol },
            success: true,
          });
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
    if (this.#following.has(symbol)) return 'Already subscribed';
    const depth = depthOf(params);
    const teller = this.#teller(instrument, params.snapshot !== false);
    this.#following.set(symbol, { depth, stop: this.parts.feeds.follow({ instrument, depth, everyMs: 100 }, teller) });
    return undefined;
  }

  #leave(symbol: string, params: Params): string | undefined {
    const followed = this.#following.get(symbol);
    if (followed === undefined || followed.depth !== depthOf(params)) return 'Subscription Not Found';
    followed.stop();
    this.#following.delete(symbol);
    return undefined;
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
    return new Date(this.parts.exchange.now()).toISOString().replace('Z', '000Z');
  }
}

interface Params {
  readonly channel?: unknown;
  readonly symbol?: unknown;
  readonly depth?: unknown;
  readonly snapshot?: unknown;
}

const depthOf = ({ depth = 10 }: Params): number => Number(depth);

/** Pairs have their everyday names here, not those of the REST API: `BTC/USD`. */
const nameOf = ({ base, quote }: Instrument): string => `${base}/${quote}`;

const writerOf = ({ tick }: Instrument) => {
  const places = placesOf(tick);
  const price = (level: Level): string => withPlaces(level.price, places);
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
