import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MadeBook, type Change } from './made-book.js';
import { accept, type ServerSocket } from './socket.js';

/**
 * Venues that stream as fast as they are read: each speaks Binance's or Kraken's messages, on a port of its own, in a process apart from what
 * is measured. `{pairs, venues}` as the argument; `{send: n}` tells each to send that many changes, `{trade: n}` that many trades, `{sent}` that
 * they are written.
 */
interface Venue {
  readonly kind: 'binance' | 'kraken';
  readonly url: string;
  /** Writes so many changes, all books in turn. */
  send(changes: number): Promise<void>;
  /** Writes so many trades, of all pairs in turn, each numbered one further. */
  trade(trades: number): Promise<void>;
}

const CHANGES_A_WRITE = 50;
const FOLLOWED = 25;

const namesOf = (pairs: number): readonly string[] =>
  Array.from({ length: pairs }, (_, n) => `P${String(n).padStart(3, '0')}`);

const start = (kind: Venue['kind'], pairs: number): Promise<Venue> => {
  const books = new Map(namesOf(pairs).map((name, n) => [name, new MadeBook(100 + n)]));
  const names = [...books.keys()];
  let reader: ServerSocket | undefined;
  let turn = 0;
  const traded = new Map<string, number>();
  const speech = kind === 'binance' ? binance(books) : kraken(books);
  const server = createServer((request, response) => {
    speech.answer(request, response);
  });
  server.on('upgrade', (request, socket) => {
    reader = accept(request, socket, (text, from) => void from.send(speech.hear(text)));
  });
  const written = async (count: number, text: (name: string, book: MadeBook) => string): Promise<void> => {
    for (let left = count; left > 0;) {
      const now = Math.min(left, CHANGES_A_WRITE);
      const texts: string[] = [];
      for (let n = 0; n < now; n += 1) {
        const name = names[turn++ % names.length] ?? '';
        const book = books.get(name);
        if (book !== undefined) texts.push(text(name, book));
      }
      left -= now;
      if (reader === undefined) throw new Error('nobody listens');
      await reader.send(texts);
    }
  };
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      resolve({
        kind,
        url: `http://127.0.0.1:${port}`,
        send: (changes) => written(changes, (name, book) => speech.change(name, book, book.change())),
        trade: (trades) =>
          written(trades, (name, book) => {
            const number = (traded.get(name) ?? 0) + 1;
            traded.set(name, number);
            const { bids, asks } = book.best(1);
            const buys = number % 3 === 0;
            return speech.trade(name, { number, price: (buys ? asks : bids)[0]?.[0] ?? '1', buys });
          }),
      });
    });
  });
};

interface Speech {
  answer(request: IncomingMessage, response: ServerResponse): void;
  hear(text: string): readonly string[];
  change(name: string, book: MadeBook, change: Change): string;
  trade(name: string, trade: MadeTrade): string;
}

interface MadeTrade {
  readonly number: number;
  readonly price: string;
  readonly buys: boolean;
}

const json = (response: ServerResponse, body: unknown): void => {
  response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
};

const asked = (request: IncomingMessage, name: string): string =>
  new URL(request.url ?? '/', 'http://localhost').searchParams.get(name) ?? '';

const binance = (books: ReadonlyMap<string, MadeBook>): Speech => ({
  answer: (request, response) => {
    const path = request.url ?? '';
    if (path.startsWith('/api/v3/exchangeInfo')) {
      const symbols = [...books.keys()].map((name) => ({
        ...{ symbol: `${name}USDT`, status: 'TRADING', baseAsset: name, quoteAsset: 'USDT' },
        ...{ baseAssetPrecision: 8, quotePrecision: 8, quoteAssetPrecision: 8, isSpotTradingAllowed: true },
        ...{ orderTypes: ['LIMIT', 'MARKET'], permissions: [], permissionSets: [['SPOT']] },
        filters: [
          { filterType: 'PRICE_FILTER', minPrice: '0.01', maxPrice: '1000000', tickSize: '0.01' },
          { filterType: 'LOT_SIZE', minQty: '0.00001', maxQty: '9000', stepSize: '0.00001' },
          { filterType: 'NOTIONAL', minNotional: '5', maxNotional: '9000000' },
        ],
      }));
      json(response, { timezone: 'UTC', serverTime: Date.now(), rateLimits: [], exchangeFilters: [], symbols });
      return;
    }
    // What is compared with a request adds nothing.
    if (path.startsWith('/api/v3/aggTrades')) {
      json(response, []);
      return;
    }
    const book = books.get(asked(request, 'symbol').replace(/USDT$/, ''));
    json(response, { lastUpdateId: book?.number ?? 0, ...book?.best(Number(asked(request, 'limit'))) });
  },
  hear: (text) => [JSON.stringify({ result: null, id: (JSON.parse(text) as { readonly id: number }).id })],
  change: (name, { number }, { bids, asks }) =>
    `{"e":"depthUpdate","E":${Date.now()},"s":"${name}USDT","U":${number},"u":${number},"b":${JSON.stringify(bids)},"a":${JSON.stringify(asks)}}`,
  trade: (name, { number, price, buys }) =>
    `{"e":"aggTrade","E":${Date.now()},"s":"${name}USDT","a":${number},"p":"${price}","q":"0.12345678","f":1,"l":1,"T":${Date.now()},"m":${!buys},"M":true}`,
});

const kraken = (books: ReadonlyMap<string, MadeBook>): Speech => {
  const levels = (side: Change['bids']): string =>
    side.map(([price, quantity]) => `{"price":${price},"qty":${quantity}}`).join(',');
  const told = (type: string, name: string, book: MadeBook, { bids, asks }: Change): string =>
    `{"channel":"book","type":"${type}","data":[{"symbol":"${name}/USD","bids":[${levels(bids)}],"asks":[${levels(asks)}],` +
    `"checksum":${book.checksum()},"timestamp":"2026-11-21T00:00:00.000000Z"}]}`;
  return {
    answer: (request, response) => {
      const path = request.url ?? '';
      if (path.startsWith('/0/public/AssetPairs')) {
        const pairs = [...books.keys()].map((name): [string, object] => [
          `${name}USD`,
          {
            ...{ altname: `${name}USD`, wsname: `${name}/USD`, aclass_base: 'currency', base: name, quote: 'ZUSD' },
            ...{ aclass_quote: 'currency', lot: 'unit', cost_decimals: 5, pair_decimals: 2, lot_decimals: 8 },
            ...{ lot_multiplier: 1, leverage_buy: [], leverage_sell: [], fees: [[0, 0.4]], fees_maker: [[0, 0.25]] },
            ...{ ordermin: '0.0001', costmin: '0.5', tick_size: '0.01', status: 'online' },
          },
        ]);
        json(response, { error: [], result: Object.fromEntries(pairs) });
        return;
      }
      const name = asked(request, 'pair').replace(/USD$/, '');
      if (path.startsWith('/0/public/Trades')) {
        json(response, { error: [], result: { [`${name}USD`]: [], last: '0' } });
        return;
      }
      const { bids = [], asks = [] } = books.get(name)?.best(Number(asked(request, 'count'))) ?? {};
      const rows = (side: Change['bids']) => side.map((level) => [...level, 0]);
      json(response, { error: [], result: { [`${name}USD`]: { bids: rows(bids), asks: rows(asks) } } });
    },
    hear: (text) => {
      const { method, params } = JSON.parse(text) as {
        readonly method: string;
        readonly params?: { readonly channel: string; readonly symbol: readonly string[] };
      };
      if (method !== 'subscribe' || params?.channel !== 'book') return [JSON.stringify({ method: 'pong' })];
      return params.symbol.flatMap((symbol) => {
        const name = symbol.replace('/USD', '');
        const book = books.get(name);
        return book === undefined ? [] : [told('snapshot', name, book, book.best(FOLLOWED))];
      });
    },
    change: (name, book, change) => told('update', name, book, change),
    trade: (name, { number, price, buys }) =>
      `{"channel":"trade","type":"update","data":[{"symbol":"${name}/USD","side":"${buys ? 'buy' : 'sell'}","price":${price},"qty":0.12345678,"ord_type":"market","trade_id":${number},"timestamp":"${new Date().toISOString()}"}]}`,
  };
};

const { pairs, kinds } = JSON.parse(process.argv[2] ?? '{}') as {
  readonly pairs: number;
  readonly kinds: readonly Venue['kind'][];
};
const venues = await Promise.all(kinds.map((kind) => start(kind, pairs)));
process.on('message', ({ send = 0, trade = 0 }: { readonly send?: number; readonly trade?: number }) => {
  void Promise.all(venues.map((venue) => (trade > 0 ? venue.trade(trade) : venue.send(send)))).then(() =>
    process.send?.({ sent: true }),
  );
});
process.on('disconnect', () => process.exit(0));
process.send?.({ venues: venues.map(({ kind, url }) => ({ kind, url })) });
