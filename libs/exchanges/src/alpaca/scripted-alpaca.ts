import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it stood on the wire. */
export interface Asked {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

export type Answering = (asked: Asked) => readonly [status: number, body: unknown];

/** A server that says what a test tells it to, by `METHOD /path` (or by method alone), and remembers what it was asked. */
export class ScriptedAlpaca {
  readonly asked: Asked[] = [];
  readonly answers = new Map<string, Answering>();

  private constructor(
    private readonly server: Server,
    readonly origin: string,
  ) {}

  static async start(): Promise<ScriptedAlpaca> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const scripted = new ScriptedAlpaca(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { pathname, searchParams } = new URL(request.url ?? '/', scripted.origin);
        const text = Buffer.concat(chunks).toString();
        const method = request.method ?? '';
        const body: unknown = text === '' ? null : JSON.parse(text);
        const asked = { method, path: pathname, query: searchParams, headers: request.headers, body };
        scripted.asked.push(asked);
        const answer = scripted.answers.get(`${method} ${pathname}`) ?? scripted.answers.get(method) ?? NOT_FOUND;
        const [status, told] = answer(asked);
        const written = typeof told === 'string' ? told : JSON.stringify(told);
        response.writeHead(status, { 'content-type': 'application/json' }).end(written);
      });
    });
    scripted.answers.set('GET /v2/assets', () => [200, ASSETS]);
    scripted.answers.set('GET /v2/clock', () => [200, { timestamp: new Date().toISOString() }]);
    scripted.answers.set('GET /v2/account', () => [200, ACCOUNT]);
    return scripted;
  }

  /** What was asked beside listings and clock, as `METHOD /path`. */
  get calls(): readonly string[] {
    return this.asked
      .filter(({ path }) => path !== '/v2/assets' && path !== '/v2/clock')
      .map(({ method, path }) => `${method} ${path}`);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}

const NOT_FOUND: Answering = ({ query }) => [
  404,
  { code: 40410000, message: `order not found for ${query.get('client_order_id') ?? ''}` },
];

const asset = (symbol: string, more: object = {}): object => ({
  id: '276e2673-764b-4ab6-a611-caf665ca6340',
  class: 'crypto',
  exchange: 'CRYPTO',
  symbol,
  name: symbol,
  status: 'active',
  tradable: true,
  marginable: false,
  maintenance_margin_requirement: 100,
  shortable: false,
  easy_to_borrow: false,
  fractionable: true,
  attributes: [],
  min_order_size: '0.000026873',
  min_trade_increment: '0.000000001',
  price_increment: '1',
  ...more,
});

const ASSETS = [
  asset('BTC/USD'),
  asset('BTC/USDT'),
  asset('SHIB/USDT', { fractionable: false, min_order_size: '86880', price_increment: '0.00000001' }),
  asset('OLD/USD', { tradable: false }),
  asset('BROKEN/USD', { price_increment: '0' }),
  asset('AAPL', { class: 'us_equity' }),
];

/** The money of an account with a purchase open and some crypto. */
export const ACCOUNT = {
  currency: 'USD',
  cash: '5.92',
  non_marginable_buying_power: '5.92',
  equity: '58.6',
  position_market_value: '42.68',
  crypto_tier: 1,
};
