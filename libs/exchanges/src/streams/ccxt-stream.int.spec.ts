import { describe, expect, it } from '@jest/globals';
import { binanceStream } from '../binance/stream.js';
import { krakenStream } from '../kraken/stream.js';
import type { CcxtSocket, CcxtStream, StreamHooks } from './ccxt-stream.js';
import { ExactBook } from './exact-book.js';
import { streamInstance } from './open-book-stream.js';
import type { StreamDefinition } from './stream-definition.js';

/** ccxt's own classes without a line to anywhere: what is done to them, and what they make of a message. */

const ORIGIN = 'ws://127.0.0.1:1';

const instance = async (definition: StreamDefinition) => {
  const exchange = await streamInstance(definition, ORIGIN);
  const told: string[] = [];
  const hooks: StreamHooks = {
    origin: ORIGIN,
    read: definition.read,
    newBook: () => new ExactBook({ mostLevels: 100, ...(definition.verify && { verify: definition.verify }) }),
    snapshot: () => Promise.reject(new Error('none')),
    dialled: () => undefined,
    opened: () => undefined,
    updated: (_, hash) => told.push(hash),
    rejected: (_, hash, error) => told.push(`${hash}: ${String(error)}`),
    heard: (_, what, message) => told.push(`${what}: ${JSON.stringify(definition[what].read(message))}`),
    down: (_, detail) => told.push(detail),
  };
  exchange.hooks = hooks;
  return { exchange, told };
};

/** CRC32 of 7000112345678912345678. */
const CHECKSUM = 584361576;

const handling = (exchange: CcxtStream) =>
  exchange as CcxtStream & { handleMessage(client: CcxtSocket, message: unknown): void };

describe.each([
  ['Binance', binanceStream, 'wss://stream.binance.com:9443/ws/0'],
  ['Kraken', krakenStream, 'wss://ws.kraken.com/v2'],
])('ccxt’s stream class of %s', (_, definition, real) => {
  it('speaks to the origin that it was given, and cannot be made to speak to another', async () => {
    const { exchange } = await instance(definition);
    const urls: string[] = [];
    const collect = (value: unknown): void => {
      if (typeof value === 'string') urls.push(value);
      else if (typeof value === 'object' && value !== null) Object.values(value).forEach(collect);
    };
    collect((exchange.urls as { readonly api: unknown }).api);
    expect(urls.length).toBeGreaterThan(1);
    expect(urls.filter((url) => !url.startsWith(`${ORIGIN}/`) && url !== ORIGIN)).toEqual([]);
    for (const elsewhere of [real, `${ORIGIN}0/ws`, 'ws://127.0.0.1.evil.example/ws'])
      expect(() => exchange.client(elsewhere)).toThrow('may not go to');
    expect(() => exchange.fetch('https://api.binance.com', 'GET', undefined, undefined)).toThrow('makes no requests');
    expect(Object.keys(exchange).filter((name) => /^(public|private|sapi)(Get|Post|Put|Delete)/.test(name))).toEqual(
      [],
    );
  });
});

describe('a trade that no float holds', () => {
  it.each([
    [
      'Binance',
      binanceStream,
      '/ws/0',
      '{"e":"aggTrade","E":1795300000000,"s":"BTCUSDT","a":164325,"p":"7000.00000001","q":"1234567890123.12345678","f":1,"l":2,"T":1795300000123,"m":true,"M":true}',
      ['BTCUSDT', '164325', '7000.00000001', '1234567890123.12345678', 'sell', 1_795_300_000_123],
    ],
    [
      'Kraken',
      krakenStream,
      '/v2',
      '{"channel":"trade","type":"update","data":[{"symbol":"BTC/USD","side":"buy","price":7000.00000001,"qty":1234567890123.12345678,"ord_type":"limit","trade_id":4665906,"timestamp":"2026-11-21T22:26:40.123456Z"}]}',
      ['BTC/USD', '4665906', '7000.00000001', '1234567890123.12345678', 'buy', 1_795_300_000_123],
    ],
  ])('comes through %s’s class digit by digit', async (_, definition, path, text, expected) => {
    const { exchange, told } = await instance(definition);
    handling(exchange).handleMessage(exchange.client(`${ORIGIN}${path}`), definition.read(text));
    const [name, tradeId, price, quantity, takerSide, tradedAtMs] = expected;
    const trade = { tradeId, price, quantity, takerSide, tradedAtMs };
    expect(told).toEqual([`trades: ${JSON.stringify([[name, [trade]]])}`]);
  });

  it.each([
    ['Binance', binanceStream, '/ws/0', '{"e":"24hrMiniTicker","s":"BTCUSDT","c":"0.0025","v":"10000.10","q":"18"}'],
    [
      'Kraken',
      krakenStream,
      '/v2',
      '{"channel":"ticker","type":"update","data":[{"symbol":"BTCUSDT","bid":0.00249,"last":0.0025,"volume":10000.10}]}',
    ],
  ])('nor is a ticker of %s’s read through one', async (_, definition, path, text) => {
    const { exchange, told } = await instance(definition);
    handling(exchange).handleMessage(exchange.client(`${ORIGIN}${path}`), definition.read(text));
    expect(told).toEqual(['tickers: [["BTCUSDT",{"last":"0.0025","baseVolume":"10000.10"}]]']);
  });
});

describe('a level that no float holds', () => {
  it('comes through Binance’s class digit by digit', async () => {
    const { exchange, told } = await instance(binanceStream);
    const market = {
      id: 'BTCUSDT',
      symbol: 'BTC/USDT',
      base: 'BTC',
      quote: 'USDT',
      type: 'spot',
      spot: true,
      info: {},
    };
    (exchange as unknown as { setMarkets(of: object): void }).setMarkets({ 'BTC/USDT': market });
    const client = exchange.client(`${ORIGIN}/ws/0`);
    const book = exchange.orderBook().reset({ bids: [], asks: [['7000.10', '1']], nonce: 5, levels: 100 });
    exchange.orderbooks['BTC/USDT'] = book;
    const change = {
      e: 'depthUpdate',
      E: 1,
      s: 'BTCUSDT',
      U: 6,
      u: 7,
      a: [],
      b: [['7000.00000001', '1234567890123.12345678']],
    };
    handling(exchange).handleMessage(client, change);
    expect(book.bids.levels(5)).toEqual([['7000.00000001', '1234567890123.12345678']]);
    // The next number is missing: no book, and a reason.
    handling(exchange).handleMessage(client, { ...change, U: 9, u: 9 });
    expect(told).toEqual(['orderbook::BTC/USDT', expect.stringMatching(/^orderbook::BTC\/USDT: ChecksumError/)]);
    handling(exchange).handleMessage(client, { ...change, U: 10, u: 10 });
    expect(told).toHaveLength(2);
  });

  it('comes through Kraken’s class digit by digit, under its checksum', async () => {
    const { exchange, told } = await instance(krakenStream);
    const client = exchange.client(`${ORIGIN}/v2`);
    const message = (type: string, checksum: number): unknown =>
      krakenStream.read(
        `{"channel":"book","type":"${type}","data":[{"symbol":"BTC/USD","bids":[{"price":7000.1,"qty":123456789.12345678}],` +
          `"asks":[],"checksum":${checksum}}]}`,
      );
    handling(exchange).handleMessage(client, message('snapshot', CHECKSUM));
    expect(exchange.orderbooks['BTC/USD']?.bids.levels(5)).toEqual([['7000.1', '123456789.12345678']]);
    handling(exchange).handleMessage(client, message('update', CHECKSUM));
    handling(exchange).handleMessage(client, message('update', CHECKSUM + 1));
    // What is on its way still is of a book that has been given up.
    handling(exchange).handleMessage(client, message('update', CHECKSUM));
    expect(told).toEqual([
      'orderbook@BTC/USD',
      'orderbook@BTC/USD',
      'orderbook@BTC/USD: Error: the book differs from its checksum',
    ]);
  });

  it.each([
    ['a negative quantity', '{"price":7000.1,"qty":-1}'],
    ['an exponent', '{"price":7e3,"qty":1}'],
    ['no price', '{"qty":1}'],
  ])('and %s is nonsense: the book is given up', async (_, level) => {
    const { exchange, told } = await instance(krakenStream);
    const client = exchange.client(`${ORIGIN}/v2`);
    const text = `{"channel":"book","type":"snapshot","data":[{"symbol":"BTC/USD","bids":[${level}],"asks":[]}]}`;
    handling(exchange).handleMessage(client, krakenStream.read(text));
    expect(told).toEqual([expect.stringMatching(/^orderbook@BTC\/USD: Error: /)]);
    expect(exchange.orderbooks['BTC/USD']).toBeUndefined();
  });
});
