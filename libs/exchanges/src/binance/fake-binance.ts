import { createHmac, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ceilTo, decimal, plain, ZERO, type Decimal } from '@switchyard/money';
import type { BookSides, Fault, FaultTarget, LedgerOrder } from '../contract/world.js';

/**
 * Just enough of Binance's spot REST API to run the contract against: it checks signatures and time windows, keeps accounts, matches
 * against a book set by hand, and breaks on demand. It is a test double: it trusts its caller with grids and limits.
 */
export class FakeBinance {
  readonly #server: Server;
  readonly #secrets = new Map<string, string>();
  readonly #balances = new Map<string, Map<string, Decimal>>();
  readonly #orders: FakeOrder[] = [];
  readonly #faults: { readonly fault: Fault; readonly target: FaultTarget; left: number }[] = [];
  #book: BookSides = { bids: [], asks: [] };
  #skewMs = 0;
  #lastId = 0;
  /** Every request that arrived, as `METHOD /path`. */
  readonly requests: string[] = [];
  /** Answers made up by a test, by `METHOD /path`; used once, in order. */
  readonly scripted = new Map<string, Scripted[]>();

  private constructor() {
    this.#server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        this.#handle(request, response, body);
      });
    });
  }

  static async start(): Promise<FakeBinance> {
    const fake = new FakeBinance();
    await new Promise<void>((resolve) => fake.#server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  account(balances: Readonly<Record<string, string>>): { readonly apiKey: string; readonly secret: string } {
    const keys = { apiKey: `key-${randomUUID()}`, secret: `secret-${randomUUID()}` };
    this.#secrets.set(keys.apiKey, keys.secret);
    this.#balances.set(keys.apiKey, new Map(Object.entries(balances).map(([asset, free]) => [asset, decimal(free)])));
    return keys;
  }

  setBook(book: BookSides): void {
    this.#book = book;
  }

  skewClock(milliseconds: number): void {
    this.#skewMs = milliseconds;
  }

  fault(fault: Fault, target: FaultTarget, count: number): void {
    this.#faults.push({ fault, target, left: count });
  }

  clearFaults(): void {
    this.#faults.length = 0;
  }

  ledger(): readonly LedgerOrder[] {
    return this.#orders.map(({ orderId, clientOrderId, apiKey, quantity }) => ({
      venueOrderId: String(orderId),
      clientOrderId,
      accountKey: apiKey,
      quantity: plain(quantity),
    }));
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #handle(request: IncomingMessage, response: ServerResponse, body: string): void {
    const { pathname, search } = new URL(request.url ?? '/', this.origin);
    const name = `${request.method ?? ''} ${pathname}`;
    this.requests.push(name);
    const script = this.scripted.get(name)?.shift();
    if (script !== undefined) {
      script(response);
      return;
    }
    const fault = this.#takeFault(name);
    if (fault === 'reset_before') request.socket.resetAndDestroy();
    else if (fault === 'http_500') reply(response, 500, '');
    else if (fault === 'http_429') reply(response, 429, TOO_MANY, { 'retry-after': '1' });
    else this.#answer(request, response, fault, this.#serve(name, search.slice(1) || body, request));
  }

  #answer(request: IncomingMessage, response: ServerResponse, fault: Fault | undefined, answer: FakeAnswer): void {
    const json = JSON.stringify(answer.body);
    if (fault === 'hang_after') return;
    if (fault === 'reset_after') request.socket.resetAndDestroy();
    else if (fault === 'http_504_after') reply(response, 504, '<html>504</html>');
    else if (fault === 'empty_200') reply(response, 200, '');
    else if (fault === 'html_200') reply(response, 200, '<html><body>Welcome</body></html>');
    else if (fault === 'truncated_200') reply(response, 200, json.slice(0, json.length / 2));
    else if (fault === 'cut_200') {
      response.writeHead(200, { 'content-length': json.length });
      response.write(json.slice(0, json.length / 2), () => request.socket.destroy());
    } else if (fault === 'stall_200') {
      response.writeHead(200, { 'content-length': json.length });
      response.write(json.slice(0, json.length / 2));
    } else reply(response, answer.status, json);
  }

  #takeFault(name: string): Fault | undefined {
    const target: FaultTarget =
      name === 'POST /api/v3/order' ? 'place' : name === 'DELETE /api/v3/order' ? 'cancel' : 'read';
    const found = this.#faults.find((fault) => fault.left > 0 && fault.target === target && !OPEN_TO_ALL.has(name));
    if (found !== undefined) found.left -= 1;
    return found?.fault;
  }

  #serve(name: string, query: string, request: IncomingMessage): FakeAnswer {
    const params = new URLSearchParams(query);
    const now = Date.now() + this.#skewMs;
    if (name === 'GET /api/v3/time') return ok({ serverTime: now });
    if (name === 'GET /api/v3/exchangeInfo') return ok({ timezone: 'UTC', serverTime: now, symbols: SYMBOLS });
    if (name === 'GET /api/v3/depth') return ok({ lastUpdateId: 7, ...this.#book });
    if (name === 'GET /api/v3/ticker/24hr') return ok({ ...TICKER, symbol: params.get('symbol') });
    if (name === 'GET /api/v3/aggTrades') {
      const trades = this.#orders.filter(({ symbol }) => symbol === params.get('symbol')).flatMap(aggregatesOf);
      return ok(trades.slice(-Number(params.get('limit') ?? 500)));
    }
    const apiKey = request.headers['x-mbx-apikey'];
    const secret = typeof apiKey === 'string' ? this.#secrets.get(apiKey) : undefined;
    if (typeof apiKey !== 'string' || secret === undefined)
      return no(401, -2015, 'Invalid API-key, IP, or permissions for action.');
    const [, signed = '', signature] = /^(.*)&signature=(\w+)$/.exec(query) ?? [];
    if (createHmac('sha256', secret).update(signed).digest('hex') !== signature)
      return no(400, -1022, 'Signature for this request is not valid.');
    const sentAt = Number(params.get('timestamp'));
    if (sentAt > now + 1_000 || now > sentAt + Number(params.get('recvWindow') ?? 5_000))
      return no(400, -1021, 'Timestamp for this request is outside of the recvWindow.');
    return this.#servePrivate(name, params, apiKey, now);
  }

  #servePrivate(name: string, params: URLSearchParams, apiKey: string, now: number): FakeAnswer {
    const mine = this.#orders.filter(
      (order) => order.apiKey === apiKey && order.symbol === (params.get('symbol') ?? order.symbol),
    );
    const found = mine.findLast((order) => {
      const orderId = params.get('orderId');
      return orderId === null
        ? order.clientOrderId === params.get('origClientOrderId')
        : String(order.orderId) === orderId;
    });
    switch (name) {
      case 'POST /api/v3/order':
        return this.#place(params, apiKey, mine, now);
      case 'GET /api/v3/order':
        return found === undefined || found.forgotten ? no(400, -2013, 'Order does not exist.') : ok(shown(found));
      case 'DELETE /api/v3/order':
        if (found === undefined || !isOpen(found)) return no(400, -2011, 'Unknown order sent.');
        found.status = 'CANCELED';
        found.updateTime = now;
        return ok({
          ...shown(found),
          origClientOrderId: found.clientOrderId,
          clientOrderId: 'cancel-1',
          transactTime: now,
        });
      case 'GET /api/v3/openOrders':
        return ok(mine.filter(isOpen).map(shown));
      case 'GET /api/v3/allOrders':
        return ok(mine.filter(({ forgotten }) => !forgotten).map(shown));
      case 'GET /api/v3/myTrades': {
        const from = Number(params.get('fromId') ?? 0);
        const orderId = params.get('orderId');
        const trades = mine.filter((order) => orderId === null || String(order.orderId) === orderId).flatMap(tradesOf);
        return ok(trades.filter(({ id }) => id >= from));
      }
      case 'GET /api/v3/account':
        return ok({
          balances: [...(this.#balances.get(apiKey) ?? [])].map(([asset, free]) => ({
            asset,
            free: free.toFixed(8),
            locked: '0.00000000',
          })),
        });
      case 'GET /api/v3/account/commission':
        return ok({ symbol: params.get('symbol'), standardCommission: { maker: '0.00100000', taker: '0.00120000' } });
      default:
        return no(404, -1, `the fake has no ${name}`);
    }
  }

  #place(params: URLSearchParams, apiKey: string, mine: readonly FakeOrder[], now: number): FakeAnswer {
    const text = (name: string): string => params.get(name) ?? '';
    const [type, timeInForce] = [text('type'), params.get('timeInForce') ?? 'GTC'];
    const buys = text('side') === 'BUY';
    const quantity = decimal(text('quantity'));
    const limit = params.get('price') === null ? null : decimal(text('price'));
    if (mine.some((order) => isOpen(order) && order.clientOrderId === text('newClientOrderId')))
      return no(400, -2010, 'Duplicate order sent.');
    const matches = type.startsWith('STOP') ? [] : this.#matches(buys, quantity, limit);
    const filled = matches.reduce((sum, match) => sum.plus(match.quantity), ZERO);
    if (type === 'LIMIT_MAKER' && filled.gt(ZERO)) return no(400, -2010, 'Order would immediately match and take.');
    const reserve = buys ? matches.reduce((sum, match) => sum.plus(match.quantity.times(match.price)), ZERO) : quantity;
    if ((this.#balances.get(apiKey)?.get(buys ? 'USDT' : 'BTC') ?? ZERO).lt(reserve))
      return no(400, -2010, 'Account has insufficient balance for requested action.');
    const killed = timeInForce === 'FOK' && filled.lt(quantity);
    const fills = killed ? [] : matches.map((match) => ({ ...match, id: this.#nextId() }));
    const immediate = type === 'MARKET' || timeInForce === 'IOC' || killed;
    const done = !killed && filled.eq(quantity);
    const order: FakeOrder = {
      apiKey,
      symbol: text('symbol'),
      orderId: this.#nextId(),
      clientOrderId: text('newClientOrderId'),
      side: text('side'),
      type,
      quantity,
      price: limit ?? ZERO,
      stopPrice: decimal(params.get('stopPrice') ?? '0'),
      fills,
      status: done ? 'FILLED' : immediate ? 'EXPIRED' : fills.length > 0 ? 'PARTIALLY_FILLED' : 'NEW',
      time: now,
      updateTime: now,
      forgotten: false,
    };
    this.#orders.push(order);
    const fee = (fill: FakeFill): string =>
      ceilTo(fill.quantity.times(decimal('0.0012')), decimal('0.00000001')).toFixed(8);
    return ok({
      ...shown(order),
      transactTime: now,
      fills: fills.map((fill) => ({
        price: fill.price.toFixed(8),
        qty: fill.quantity.toFixed(8),
        commission: fee(fill),
        commissionAsset: buys ? 'BTC' : 'USDT',
        tradeId: fill.id,
      })),
    });
  }

  /** What the book gives, level by level. */
  #matches(
    buys: boolean,
    quantity: Decimal,
    limit: Decimal | null,
  ): readonly { readonly price: Decimal; readonly quantity: Decimal }[] {
    let left = quantity;
    return (buys ? this.#book.asks : this.#book.bids).flatMap(([priceText, quantityText]) => {
      const price = decimal(priceText);
      const reached = limit === null || (buys ? price.lte(limit) : price.gte(limit));
      if (!reached || left.eq(ZERO)) return [];
      const taken = decimal(quantityText).lt(left) ? decimal(quantityText) : left;
      left = left.minus(taken);
      return [{ price, quantity: taken }];
    });
  }

  /** Drops an order from every list, as venues do with old ones. */
  forget(clientOrderId: string): void {
    for (const order of this.#orders) if (order.clientOrderId === clientOrderId) order.forgotten = true;
  }

  #nextId(): number {
    return (this.#lastId += 1);
  }
}

export type Scripted = (response: ServerResponse) => void;

/** A scripted answer with this status and JSON body (a string goes as it is). */
export const answering =
  (status: number, body: unknown): Scripted =>
  (response) => {
    reply(response, status, typeof body === 'string' ? body : JSON.stringify(body));
  };

interface FakeFill {
  readonly id: number;
  readonly price: Decimal;
  readonly quantity: Decimal;
}

interface FakeOrder {
  readonly apiKey: string;
  readonly symbol: string;
  readonly orderId: number;
  readonly clientOrderId: string;
  readonly side: string;
  readonly type: string;
  readonly quantity: Decimal;
  readonly price: Decimal;
  readonly stopPrice: Decimal;
  readonly fills: readonly FakeFill[];
  status: string;
  readonly time: number;
  updateTime: number;
  forgotten: boolean;
}

interface FakeAnswer {
  readonly status: number;
  readonly body: unknown;
}

const OPEN_TO_ALL = new Set(['GET /api/v3/time', 'GET /api/v3/exchangeInfo']);
const TOO_MANY = JSON.stringify({ code: -1003, msg: 'Too many requests.' });
const TICKER = { bidPrice: '63999.99', askPrice: '64000.01', lastPrice: '64000.00', volume: '1234.5' };

const ok = (body: unknown): FakeAnswer => ({ status: 200, body });
const no = (status: number, code: number, msg: string): FakeAnswer => ({ status, body: { code, msg } });

const reply = (
  response: ServerResponse,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
};

const isOpen = ({ status }: FakeOrder): boolean => status === 'NEW' || status === 'PARTIALLY_FILLED';

const shown = (order: FakeOrder): Readonly<Record<string, unknown>> => ({
  symbol: order.symbol,
  orderId: order.orderId,
  clientOrderId: order.clientOrderId,
  side: order.side,
  type: order.type,
  price: order.price.toFixed(8),
  stopPrice: order.stopPrice.toFixed(8),
  origQty: order.quantity.toFixed(8),
  executedQty: order.fills.reduce((sum, fill) => sum.plus(fill.quantity), ZERO).toFixed(8),
  cummulativeQuoteQty: order.fills.reduce((sum, fill) => sum.plus(fill.quantity.times(fill.price)), ZERO).toFixed(8),
  status: order.status,
  time: order.time,
  updateTime: order.updateTime,
});

const tradesOf = (order: FakeOrder): readonly { readonly id: number }[] =>
  order.fills.map((fill) => ({
    symbol: order.symbol,
    id: fill.id,
    orderId: order.orderId,
    price: fill.price.toFixed(8),
    qty: fill.quantity.toFixed(8),
    commission: '0.00000001',
    commissionAsset: order.side === 'BUY' ? 'BTC' : 'USDT',
    time: order.time,
    isBuyer: order.side === 'BUY',
    isMaker: false,
  }));

const aggregatesOf = ({ fills, side, time }: FakeOrder): readonly object[] =>
  fills.map(({ id, price, quantity }) => ({
    a: id,
    p: price.toFixed(8),
    q: quantity.toFixed(8),
    T: time,
    m: side === 'SELL',
  }));

const listing = (base: string, quote: string, tick: string, lot: string, status: string) => ({
  symbol: `${base}${quote}`,
  status,
  baseAsset: base,
  quoteAsset: quote,
  baseAssetPrecision: 8,
  quoteAssetPrecision: 8,
  orderTypes: ['LIMIT', 'LIMIT_MAKER', 'MARKET', 'STOP_LOSS', 'STOP_LOSS_LIMIT'],
  isSpotTradingAllowed: true,
  permissions: ['SPOT'],
  filters: [
    { filterType: 'PRICE_FILTER', minPrice: tick, maxPrice: '1000000.00000000', tickSize: tick },
    { filterType: 'LOT_SIZE', minQty: lot, maxQty: '9000.00000000', stepSize: lot },
    { filterType: 'MARKET_LOT_SIZE', minQty: '0.00000000', maxQty: '120.00000000', stepSize: '0.00000000' },
    { filterType: 'NOTIONAL', minNotional: '5.00000000', applyMinToMarket: true, maxNotional: '9000000.00000000' },
  ],
});

const SYMBOLS = [
  listing('BTC', 'USDT', '0.01000000', '0.00001000', 'TRADING'),
  listing('ETH', 'USDT', '0.01000000', '0.00010000', 'TRADING'),
  listing('LTC', 'USDT', '0.01000000', '0.00100000', 'BREAK'),
];
