import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { order } from '../contract/scene.js';
import type { InstrumentKey } from '../instruments.js';
import { mayUse } from '../origin.js';
import type { Credentials, Venue, VenueClient } from '../port.js';
import { openVenue } from '../venues.js';
import { coinbaseCapabilities } from './capabilities.js';
import { coinbaseKeysOf } from './keys.js';

export const BTC: InstrumentKey = { pair: 'BTC-USD', venueSymbol: 'BTC-USD' };
export const KEYS: Credentials = coinbaseKeysOf('alice');
/** The client order id of every order here. */
export const OURS = order(BTC).clientOrderId;
export const ORDER_ID = '0c000000-0000-4000-8000-000000000007';

const API = '/api/v3/brokerage';
export const PLACE = `POST ${API}/orders`;
export const CANCEL = `POST ${API}/orders/batch_cancel`;
export const EDIT = `POST ${API}/orders/edit`;
export const ORDERS = `GET ${API}/orders/historical/batch`;
export const ORDER = `GET ${API}/orders/historical/${ORDER_ID}`;
export const FILLS = `GET ${API}/orders/historical/fills`;
export const ACCOUNTS = `GET ${API}/accounts`;
export const PRODUCTS = `GET ${API}/market/products`;

/** A request as it came over the wire. */
export interface SeenRequest {
  /** `GET /api/v3/brokerage/accounts` */
  readonly name: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface ScriptedAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object goes as JSON, text as it is. */
  readonly body: unknown;
  /** How long the answer takes, milliseconds. */
  readonly afterMs?: number;
}

export const listing = (change: object = {}) => ({
  product_id: 'BTC-USD',
  base_increment: '0.00000001',
  quote_increment: '0.01',
  quote_min_size: '1',
  quote_max_size: '150000000',
  base_min_size: '0.00000001',
  base_max_size: '3400',
  is_disabled: false,
  status: 'online',
  cancel_only: false,
  limit_only: false,
  post_only: false,
  trading_disabled: false,
  auction_mode: false,
  product_type: 'SPOT',
  quote_currency_id: 'USD',
  base_currency_id: 'BTC',
  alias: '',
  alias_to: [],
  view_only: false,
  price_increment: '0.01',
  ...change,
});

/** Without a script, what nobody asked about: no orders, no fills. */
const DEFAULTS: Readonly<Record<string, () => ScriptedAnswer>> = {
  [`GET ${API}/time`]: () => ({ body: { epochMillis: String(Date.now()) } }),
  [PRODUCTS]: () => ({ body: { products: [listing()], num_products: 1 } }),
  [ORDERS]: () => ({ body: { orders: [], has_next: false, cursor: '' } }),
  [FILLS]: () => ({ body: { fills: [], cursor: '' } }),
};

/** A Coinbase that says what a test makes it say, to see what is made of it. It checks nothing. */
export class ScriptedCoinbase {
  readonly requests: SeenRequest[] = [];
  readonly #scripts = new Map<string, ScriptedAnswer[]>();

  private constructor(private readonly server: Server) {
    server.on('request', (request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        const { pathname, searchParams: query } = new URL(request.url ?? '/', this.origin);
        const name = `${request.method ?? ''} ${pathname}`;
        this.requests.push({ name, query, headers: request.headers, body });
        const answer = this.#scripts.get(name)?.shift() ?? DEFAULTS[name]?.() ?? { status: 404, body: '' };
        const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
        setTimeout(() => {
          response.writeHead(answer.status ?? 200, answer.headers).end(text);
        }, answer.afterMs ?? 0);
      });
    });
  }

  static async start(): Promise<ScriptedCoinbase> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new ScriptedCoinbase(server);
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The next answers to this request, in turn; then the usual ones. */
  script(name: string, ...answers: readonly ScriptedAnswer[]): void {
    this.#scripts.set(name, [...answers]);
  }

  asked(name: string): readonly SeenRequest[] {
    return this.requests.filter((request) => request.name === name);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** A scripted Coinbase and a client of it. */
export interface ScriptedScene {
  readonly coinbase: ScriptedCoinbase;
  readonly venue: Venue;
  readonly client: VenueClient;
  clientOf(credentials: Credentials): VenueClient;
  close(): Promise<void>;
}

export const scriptedScene = async (): Promise<ScriptedScene> => {
  const coinbase = await ScriptedCoinbase.start();
  const venue = await openVenue('coinbase', { origin: coinbase.origin, transport: { deadlineMs: 5_000 } });
  const rules = { liveTradingEnabled: false, simulatedOrigins: [], allowedLiveOrigins: [] };
  const use = mayUse('paper', coinbase.origin, { ...rules, venue: coinbaseCapabilities.origins });
  if (use.kind === 'refused') throw new Error(use.message);
  const clientOf = (credentials: Credentials): VenueClient => venue.client(credentials, use.permit);
  return {
    coinbase,
    venue,
    client: clientOf(KEYS),
    clientOf,
    close: async () => {
      await venue.close();
      await coinbase.close();
    },
  };
};

/** The answer to `order(BTC)`, taken. */
export const taken = (change: object = {}) => ({
  success: true,
  failure_reason: 'UNKNOWN_FAILURE_REASON',
  order_id: ORDER_ID,
  success_response: { order_id: ORDER_ID, product_id: 'BTC-USD', side: 'BUY', client_order_id: OURS, ...change },
  order_configuration: null,
});

/** Not taken, with the reason under `error`. */
export const notTaken = (why: object) => ({
  success: false,
  failure_reason: 'UNKNOWN_FAILURE_REASON',
  order_id: '',
  error_response: { error: 'UNKNOWN_FAILURE_REASON', message: '', error_details: '', ...why },
  order_configuration: null,
});

/** `order(BTC)` as Coinbase tells of it: a limit buy of 0.01 at 60,000 that has filled 0.004. */
export const orderRow = (change: object = {}) => ({
  order_id: ORDER_ID,
  product_id: 'BTC-USD',
  order_configuration: { limit_limit_gtc: { base_size: '0.01', limit_price: '60000', post_only: false } },
  side: 'BUY',
  client_order_id: OURS,
  status: 'OPEN',
  time_in_force: 'GOOD_UNTIL_CANCELLED',
  created_time: new Date(Date.now() - 1_000).toISOString(),
  filled_size: '0.004',
  average_filled_price: '60000',
  filled_value: '240',
  pending_cancel: false,
  size_in_quote: false,
  order_type: 'LIMIT',
  product_type: 'SPOT',
  last_fill_time: new Date().toISOString(),
  ...change,
});

/** The fill that did. */
export const fillRow = (change: object = {}) => ({
  entry_id: 'e1',
  trade_id: 't1',
  order_id: ORDER_ID,
  trade_time: new Date().toISOString(),
  trade_type: 'FILL',
  price: '60000',
  size: '0.004',
  commission: '1.44',
  product_id: 'BTC-USD',
  sequence_timestamp: new Date().toISOString(),
  liquidity_indicator: 'MAKER',
  size_in_quote: false,
  side: 'BUY',
  ...change,
});

export const orders = (...rows: readonly object[]): ScriptedAnswer => ({
  body: { orders: rows, sequence: '0', has_next: false, cursor: '' },
});

export const fills = (...rows: readonly object[]): ScriptedAnswer => ({ body: { fills: rows, cursor: '' } });
