import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { order } from '../contract/scene.js';
import type { InstrumentKey } from '../instruments.js';
import { mayUse, type OriginPermit } from '../origin.js';
import type { Venue, VenueClient } from '../port.js';
import { openVenue } from '../venues.js';
import { kucoinCapabilities } from './capabilities.js';

/** A request as it came over the socket. */
export interface Heard {
  /** `GET /api/v1/hf/orders/active` */
  readonly what: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
}

/** What a request is answered with: a status, and a body that is written as JSON unless it is text. */
export type Script = readonly [status: number, body: unknown];

export const data = (of: unknown): Script => [200, { code: '200000', data: of }];
export const items = (...rows: readonly object[]): Script =>
  data({ items: rows, lastId: (rows.at(-1) as { readonly id?: unknown } | undefined)?.id ?? 0 });
export const saying = (code: string, msg = '', status = 200): Script => [status, { code, msg }];

export const BTC: InstrumentKey = { pair: 'BTC-USDT', venueSymbol: 'BTC-USDT' };
export const KEYS = { apiKey: 'key-of-a-tenant', secret: 'secret-of-a-tenant', passphrase: 'phrase-of-a-tenant' };
export const ORDER_ID = '6717422bd51c29000775ea03';
const { clientOrderId } = order(BTC);

const HF = '/api/v1/hf/orders';
export const PLACE = `POST ${HF}`;
export const CANCEL = `DELETE ${HF}/client-order/${clientOrderId}`;
export const CANCEL_BY_ID = `DELETE ${HF}/${ORDER_ID}`;
export const DETAILS = `GET ${HF}/client-order/${clientOrderId}`;
export const DETAILS_BY_ID = `GET ${HF}/${ORDER_ID}`;
export const ACTIVE = `GET ${HF}/active`;
export const SYMBOLS = `GET ${HF}/active/symbols`;
export const DONE = `GET ${HF}/done`;
export const FILLS = 'GET /api/v1/hf/fills';
export const ACCOUNTS = 'GET /api/v1/accounts';
export const FEES = 'GET /api/v1/trade-fees';
export const BOOK = 'GET /api/v1/market/orderbook/level2_20';

/** As KuCoin's documentation shows it. */
export const LISTED = {
  symbol: 'BTC-USDT',
  name: 'BTC-USDT',
  baseCurrency: 'BTC',
  quoteCurrency: 'USDT',
  feeCurrency: 'USDT',
  market: 'USDS',
  baseMinSize: '0.00001',
  quoteMinSize: '0.1',
  baseMaxSize: '10000000000',
  quoteMaxSize: '99999999',
  baseIncrement: '0.00000001',
  quoteIncrement: '0.000001',
  priceIncrement: '0.1',
  priceLimitRate: '0.1',
  minFunds: '0.1',
  isMarginEnabled: true,
  enableTrading: true,
};

/** What answers for a new order. */
export const ack = (change: object = {}): Script => data({ orderId: ORDER_ID, clientOid: clientOrderId, ...change });

/** The order of `contract/scene.ts`, 0.004 of 0.01 filled, as KuCoin tells of it. */
export const details = (change: object = {}): Readonly<Record<string, unknown>> => ({
  id: ORDER_ID,
  clientOid: clientOrderId,
  symbol: 'BTC-USDT',
  opType: 'DEAL',
  type: 'limit',
  side: 'buy',
  price: '60000',
  size: '0.01',
  funds: '600',
  dealSize: '0.004',
  dealFunds: '240',
  fee: '0.24',
  feeCurrency: 'USDT',
  timeInForce: 'GTC',
  postOnly: false,
  cancelExist: false,
  active: true,
  createdAt: Date.now(),
  lastUpdatedAt: Date.now(),
  ...change,
});

/** A trade of it. */
export const fill = (change: object = {}): Readonly<Record<string, unknown>> => ({
  id: 19_814_995_255_305,
  orderId: ORDER_ID,
  counterOrderId: '67174228135f9e000709da8c',
  tradeId: 11_029_373_945_659_392,
  symbol: 'BTC-USDT',
  side: 'buy',
  liquidity: 'taker',
  type: 'limit',
  price: '60000',
  size: '0.004',
  funds: '240',
  fee: '0.24',
  feeRate: '0.001',
  feeCurrency: 'USDT',
  createdAt: Date.now(),
  ...change,
});

/** A KuCoin that says what a test tells it to, and remembers what it was asked. It lists one pair and knows the time; lists are empty. */
export class ScriptedKucoin {
  readonly heard: Heard[] = [];
  /** What each kind of request is answered with, one after the other; the last one goes on. */
  readonly script = new Map<string, readonly (Script | ((heard: Heard) => Script))[]>();
  /** How far its clock is ahead of ours. */
  skewMs = 0;
  listed: object = LISTED;
  /** Headers of every answer. */
  headers: Readonly<Record<string, string>> = {};
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<ScriptedKucoin> {
    const server = createServer();
    const kucoin = new ScriptedKucoin(server);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const url = new URL(request.url ?? '/', 'http://kucoin');
        const heard = {
          what: `${request.method ?? ''} ${url.pathname}`,
          query: Object.fromEntries(url.searchParams),
          body: Buffer.concat(chunks).toString('utf8'),
          headers: request.headers,
        };
        kucoin.heard.push(heard);
        const [status, body] = kucoin.#answer(heard);
        response.writeHead(status, { 'content-type': 'application/json', ...kucoin.headers });
        response.end(typeof body === 'string' ? body : JSON.stringify(body));
      });
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    return kucoin;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The requests of one kind, oldest first. */
  requests(what: string): readonly Heard[] {
    return this.heard.filter((heard) => heard.what === what);
  }

  says(what: string, ...answers: readonly (Script | ((heard: Heard) => Script))[]): void {
    this.script.set(what, answers);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((closed) => this.#server.close(closed));
  }

  #answer(heard: Heard): Script {
    const [next, ...later] = this.script.get(heard.what) ?? [];
    if (next !== undefined) {
      if (later.length > 0) this.script.set(heard.what, later);
      return typeof next === 'function' ? next(heard) : next;
    }
    switch (heard.what) {
      case 'GET /api/v2/symbols':
        return data([this.listed]);
      case 'GET /api/v1/timestamp':
        return data(Date.now() + this.skewMs);
      case ACTIVE:
        return data([]);
      case SYMBOLS:
        return data({ symbols: [] });
      case DONE:
      case FILLS:
        return items();
      default:
        return saying('400100', 'order_not_exist', 400);
    }
  }
}

/** A scripted KuCoin with one account at it. */
export interface ScriptedScene {
  readonly kucoin: ScriptedKucoin;
  readonly venue: Venue;
  readonly permit: OriginPermit;
  readonly client: VenueClient;
  close(): Promise<void>;
}

export const scriptedScene = async (): Promise<ScriptedScene> => {
  const kucoin = await ScriptedKucoin.start();
  const venue = await openVenue('kucoin', { origin: kucoin.origin });
  const use = mayUse('paper', kucoin.origin, {
    venue: kucoinCapabilities.origins,
    liveTradingEnabled: false,
    simulatedOrigins: [],
    allowedLiveOrigins: [],
  });
  if (use.kind === 'refused') throw new Error(use.message);
  return {
    kucoin,
    venue,
    permit: use.permit,
    client: venue.client(KEYS, use.permit),
    close: async () => {
      await venue.close();
      await kucoin.close();
    },
  };
};
