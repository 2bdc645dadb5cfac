import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it came over the wire. */
export interface SeenRequest {
  /** `GET /v5/order/realtime` */
  readonly name: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface ScriptedAnswer {
  readonly status?: number;
  /** An object goes as JSON, text as it is. */
  readonly body: unknown;
}

/** An answer as v5 gives it: code 0 and this result, at the present time. */
export const ok = (result: unknown): ScriptedAnswer => ({
  body: { retCode: 0, retMsg: 'OK', result, retExtInfo: {}, time: Date.now() },
});

export const refusing = (retCode: number, retMsg: string, status = 200): ScriptedAnswer => ({
  status,
  body: { retCode, retMsg, result: {}, retExtInfo: {}, time: Date.now() },
});

const LISTING = {
  symbol: 'BTCUSDT',
  baseCoin: 'BTC',
  quoteCoin: 'USDT',
  status: 'Trading',
  marginTrading: 'utaOnly',
  lotSizeFilter: {
    basePrecision: '0.000001',
    quotePrecision: '0.0000001',
    minOrderQty: '0.000011',
    maxOrderQty: '83',
    minOrderAmt: '5',
    maxOrderAmt: '8000000',
    maxLimitOrderQty: '83',
    maxMarketOrderQty: '41.5',
  },
  priceFilter: { tickSize: '0.1' },
};

/** Without a script, what nobody asked about: no orders, no trades. */
const DEFAULTS: Readonly<Record<string, () => ScriptedAnswer>> = {
  'GET /v5/market/time': () => ok({}),
  'GET /v5/market/instruments-info': () => ok({ category: 'spot', list: [LISTING] }),
  'GET /v5/order/realtime': () => ok({ list: [], nextPageCursor: '' }),
  'GET /v5/order/history': () => ok({ list: [], nextPageCursor: '' }),
  'GET /v5/execution/list': () => ok({ list: [], nextPageCursor: '' }),
};

/** A Bybit that says what a test makes it say, to see what is made of it. It checks nothing. */
export class ScriptedBybit {
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
        const answer =
          this.#scripts.get(name)?.shift() ?? DEFAULTS[name]?.() ?? refusing(10017, 'Route not found.', 404);
        const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
        response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' }).end(text);
      });
    });
  }

  static async start(): Promise<ScriptedBybit> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new ScriptedBybit(server);
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
