import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What one request is answered with: a status and a body (a text goes as it is); `never` leaves it without an answer. */
export type Answer = readonly [status: number, body: unknown] | 'never';

export interface Received {
  /** `AddOrder` */
  readonly name: string;
  readonly params: Readonly<Record<string, string>>;
}

export const result = (of: unknown): Answer => [200, { error: [], result: of }];
export const failing = (...errors: readonly string[]): Answer => [200, { error: errors }];

/** A server that answers as a test has written for each endpoint, in order; listings and clock it has by itself. */
export class ScriptedKraken {
  readonly #server: Server;
  readonly #scripts = new Map<string, Answer[]>();
  readonly received: Received[] = [];
  #underWay = 0;
  /** The most private requests that were ever under way together. */
  mostAtOnce = 0;

  private constructor() {
    this.#server = createServer((request, response) => {
      let body = '';
      if (request.method === 'POST') {
        this.mostAtOnce = Math.max(this.mostAtOnce, (this.#underWay += 1));
        response.once('close', () => (this.#underWay -= 1));
      }
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        const url = new URL(request.url ?? '/', 'http://127.0.0.1');
        const name = url.pathname.split('/').at(-1) ?? '';
        this.received.push({ name, params: Object.fromEntries(new URLSearchParams(url.search.slice(1) || body)) });
        const answer = this.#scripts.get(name)?.shift() ?? STANDARD[name]?.() ?? failing('EGeneral:Unknown method');
        if (answer === 'never') return;
        const [status, said] = answer;
        response.writeHead(status, { 'content-type': 'application/json' });
        const text = typeof said === 'string' ? said : JSON.stringify(said);
        // A turn later, so that requests sent side by side would be seen side by side.
        setTimeout(() => response.end(text), 2);
      });
    });
  }

  static async start(): Promise<ScriptedKraken> {
    const kraken = new ScriptedKraken();
    await new Promise<void>((resolve) => kraken.#server.listen(0, '127.0.0.1', resolve));
    return kraken;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  script(name: string, ...answers: readonly Answer[]): void {
    this.#scripts.set(name, [...(this.#scripts.get(name) ?? []), ...answers]);
  }

  /** What was asked of one endpoint. */
  asked(name: string): readonly Received['params'][] {
    return this.received.filter((one) => one.name === name).map(({ params }) => params);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const pair = (altname: string, wsname: string, base: string, quote: string, places: number, more: object = {}) => ({
  altname,
  wsname,
  base,
  quote,
  pair_decimals: places,
  lot_decimals: 8,
  ordermin: '0.00005',
  costmin: '0.5',
  tick_size: places === 0 ? '1' : `0.${'1'.padStart(places, '0')}`,
  status: 'online',
  ...more,
});

/** As `AssetPairs` lists them. */
export const PAIRS = {
  XXBTZUSD: pair('XBTUSD', 'XBT/USD', 'XXBT', 'ZUSD', 1),
  XETHXXBT: pair('ETHXBT', 'ETH/XBT', 'XETH', 'XXBT', 5),
  XDGUSD: pair('XDGUSD', 'XDG/USD', 'XXDG', 'ZUSD', 7),
  SOLUSDT: pair('SOLUSDT', 'SOL/USDT', 'SOL', 'USDT', 2, { status: 'post_only' }),
  'XBTUSD:BTNL': pair('XBTUSD:BTNL', 'XBT/USD', 'XXBT', 'ZUSD', 1),
  BROKEN: pair('BROKEN', 'BRO/KEN', 'BRO', 'KEN', 1, { ordermin: 'a few' }),
};

const STANDARD: Readonly<Record<string, () => Answer>> = {
  Time: () => result({ unixtime: Math.floor(Date.now() / 1_000), rfc1123: '' }),
  AssetPairs: () => result(PAIRS),
};
