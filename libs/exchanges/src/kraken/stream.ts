import { crc32 } from 'node:zlib';
import { amountOrNull, fields, id, list, Nonsense, positive, text, timeMs, word } from '../ccxt/fields.js';
import type { BookLevel, PublicTrade } from '../instruments.js';
import type { CcxtSocket, CcxtStream, CcxtStreamClass } from '../streams/ccxt-stream.js';
import type { ExactBook } from '../streams/exact-book.js';
import type { ExactSide } from '../streams/exact-side.js';
import type { Named, StreamDefinition } from '../streams/stream-definition.js';

/** A message was lost: the book is not what Kraken's checksum says. */
export class ChecksumDiffers extends Error {}

const DEPTHS = [10, 25, 100, 500, 1_000];

/**
 * Kraken's channel `book` of its WebSocket API v2: a snapshot, then updates, each with a checksum over the ten best levels of either side.
 * There are no numbers: the checksum alone shows a lost message, and only ccxt's own check of it is switched off (it works on floats).
 * https://docs.kraken.com/exchange/guides/websockets/book-checksum-v2
 */
export const krakenStream: StreamDefinition = {
  id: 'pro/kraken',
  origins: { live: 'wss://ws.kraken.com', testnet: null },
  levels: (depth) => DEPTHS.find((levels) => levels >= depth) ?? 1_000,
  followsLevels: true,
  hash: (symbol) => `orderbook@${symbol}`,
  // Prices and quantities are JSON numbers in full precision: they are read as the text that they stand as, as Kraken advises.
  read: (text) => JSON.parse(text.replace(/"(price|qty|last|volume)"\s*:\s*(-?[\d.eE+-]+)/g, '"$1":"$2"')) as unknown,
  adapt: (Full: CcxtStreamClass): CcxtStreamClass => {
    const Handling = Full as new (config: Readonly<Record<string, unknown>>) => HandlingStream;
    return class extends Handling {
      /** The checksum of the message that is being handled. */
      checksum: unknown;

      override orderBook(): ExactBook {
        const book = super.orderBook();
        book.checksum = this.checksum;
        return book;
      }

      override handleOrderBook(client: CcxtSocket, message: unknown): void {
        const [told] = list(fields(message, 'message')['data'], 'data').map((entry) => fields(entry, 'book'));
        const symbol = String(told?.['symbol']);
        this.checksum = told?.['checksum'];
        if (fields(message, 'message')['type'] === 'update') {
          const book = this.orderbooks[symbol];
          // What was still on its way when the book was given up.
          if (book === undefined) return;
          book.checksum = this.checksum;
        }
        try {
          super.handleOrderBook(client, message);
        } catch (error) {
          this.orderbooks[symbol] = undefined;
          client.reject(error, krakenStream.hash(symbol));
        }
      }

      /** Its own goes through floats. */
      handleTrades(client: CcxtSocket, message: unknown): void {
        this.hooks.heard(client, 'trades', message);
      }

      /** So does this. */
      handleTicker(client: CcxtSocket, message: unknown): void {
        this.hooks.heard(client, 'tickers', message);
      }

      /** Its own is `safeNumber`. */
      customHandleDeltas(side: ExactSide, deltas: readonly unknown[]): void {
        for (const delta of deltas) {
          const { price, qty } = fields(delta, 'level');
          side.store(price, qty);
        }
      }
    };
  },
  verify: (book) => {
    const said = book.checksum;
    // Asked once for each message; ccxt cuts books to their depth at other times, too.
    book.checksum = undefined;
    if (said === undefined) return;
    if (typeof said !== 'number') throw new Nonsense('a checksum is no number');
    if (checksumOf(book) !== said) throw new ChecksumDiffers('the book differs from its checksum');
  },
  unsubscribe: (symbol, levels) => ({
    method: 'unsubscribe',
    params: { channel: 'book', symbol: [symbol], depth: levels },
  }),
  nameOf: ({ symbol }) => symbol,
  trades: {
    // The last fifty come first.
    subscribe: (exchange, symbols) => exchange.watchTradesForSymbols(symbols, undefined, undefined, { snapshot: true }),
    read: (message) =>
      rowsOf(message).map((raw): Named<readonly PublicTrade[]> => [text(raw, 'symbol'), [toTrade(raw)]]),
  },
  tickers: {
    subscribe: (exchange, symbols) => exchange.watchTickers(symbols),
    read: (message) =>
      rowsOf(message).map((raw) => [
        text(raw, 'symbol'),
        { last: amountOrNull(raw, 'last'), baseVolume: amountOrNull(raw, 'volume') },
      ]),
  },
};

const rowsOf = (message: unknown) => list(fields(message, 'message')['data'], 'data').map((row) => fields(row, 'row'));

/** Its side is the taker's, its time is of microseconds. */
const toTrade = (raw: Readonly<Record<string, unknown>>): PublicTrade => ({
  tradeId: id(raw, 'trade_id'),
  price: positive(raw, 'price'),
  quantity: positive(raw, 'qty'),
  takerSide: word(raw, 'side', { buy: 'buy', sell: 'sell' } as const),
  tradedAtMs: timeMs({ timestamp: Date.parse(text(raw, 'timestamp').replace(/(\.\d{3})\d+Z$/, '$1Z')) }, 'timestamp'),
});

interface HandlingStream extends CcxtStream {
  handleOrderBook(client: CcxtSocket, message: unknown): void;
}

const digits = (figure: string): string => figure.replace('.', '').replace(/^0+/, '');

const summed = (levels: readonly BookLevel[]): string =>
  levels.map(([price, quantity]) => digits(price) + digits(quantity)).join('');

/** CRC32 over the digits of the ten best levels, asks first. */
export const checksumOf = ({ bids, asks }: Pick<ExactBook, 'bids' | 'asks'>): number =>
  crc32(summed(asks.levels(10)) + summed(bids.levels(10)));
