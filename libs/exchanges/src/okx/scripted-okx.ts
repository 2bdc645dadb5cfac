import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it came over the socket. */
export interface Heard {
  /** `GET /api/v5/trade/order` */
  readonly what: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
}

/** What a request is answered with: a status, and a body that is written as JSON unless it is text. */
export type Script = readonly [status: number, body: unknown];

/** Answers with rows, as OKX does where all is well. */
export const rows = (...data: readonly unknown[]): Script => [200, { code: '0', msg: '', data }];

/** Refuses in the row of an order. */
export const refusing = (sCode: string, sMsg = ''): Script => [
  200,
  { code: '1', msg: 'All operations failed', data: [{ clOrdId: '', ordId: '', sCode, sMsg, tag: '', ts: '1' }] },
];

export const LISTED = {
  instType: 'SPOT',
  instId: 'BTC-USDT',
  baseCcy: 'BTC',
  quoteCcy: 'USDT',
  state: 'live',
  tickSz: '0.1',
  lotSz: '0.00000001',
  minSz: '0.00001',
  maxLmtSz: '9999999999',
  maxMktSz: '1000000',
  maxLmtAmt: '20000000',
  maxMktAmt: '1000000',
  lever: '10',
};

/** An OKX that says what a test tells it to, and remembers what it was asked. It lists one pair and knows the time; lists are empty. */
export class ScriptedOkx {
  readonly heard: Heard[] = [];
  /** What each kind of request is answered with, one after the other; the last one goes on. */
  readonly script = new Map<string, readonly (Script | ((heard: Heard) => Script))[]>();
  /** How far its clock is ahead of ours. */
  skewMs = 0;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<ScriptedOkx> {
    const server = createServer();
    const okx = new ScriptedOkx(server);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const url = new URL(request.url ?? '/', 'http://okx');
        const heard = {
          what: `${request.method ?? ''} ${url.pathname}`,
          query: Object.fromEntries(url.searchParams),
          body: Buffer.concat(chunks).toString('utf8'),
          headers: request.headers,
        };
        okx.heard.push(heard);
        const [status, body] = okx.#answer(heard);
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(typeof body === 'string' ? body : JSON.stringify(body));
      });
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    return okx;
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
      case 'GET /api/v5/public/instruments':
        return rows(LISTED);
      case 'GET /api/v5/public/time':
        return rows({ ts: String(Date.now() + this.skewMs) });
      case 'GET /api/v5/trade/order':
        return [200, { code: '51603', msg: 'Order does not exist', data: [] }];
      default:
        return rows();
    }
  }
}
