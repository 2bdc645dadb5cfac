import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  mayUse,
  openVenue,
  simulatedCredentials,
  STREAMED,
  type BookStream,
  type Instrument,
  type LostReason,
  type OrderBook,
  type PublicTrade,
  type StreamedTicker,
  type Venue,
} from '@switchyard/exchanges';
import { until } from '@switchyard/testing';
import { paperVenue, type PaperVenue } from '../testing/paper-venue.js';

/** The streams of `@switchyard/exchanges`, ccxt's own classes with exact books, against the simulated venues. Another venue is a row. */

type Rows = readonly (readonly string[])[];

const BIDS: Rows = [
  ['9999', '1'],
  ['9998', '2'],
];
const ASKS: Rows = [
  ['10001', '1.00001'],
  ['10002', '2'],
];

/** The same decimals, whichever zeros stand behind them. */
const plain = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);
const sidesOf = ({ bids, asks }: Pick<OrderBook, 'bids' | 'asks'>) => ({
  bids: bids.map((level) => level.map(plain)),
  asks: asks.map((level) => level.map(plain)),
});

describe.each([
  ['binance', 'BTC-USDT', '/ws/0'],
  ['kraken', 'BTC-USD', '/v2'],
] as const)('the stream of %s', (name, pair, path) => {
  let paper: PaperVenue;
  let venue: Venue;
  let instrument: Instrument;
  let stream: BookStream;
  const lost: (readonly [LostReason, string])[] = [];
  const heard: PublicTrade[] = [];
  const tickers: StreamedTicker[] = [];
  const seen = { updates: 0, opened: 0, downs: [] as string[] };

  const setBook = (bids: Rows, asks: Rows) =>
    paper.door('POST', '/_book', { symbol: instrument.venueSymbol, bids, asks });
  const byRequest = async (): Promise<OrderBook> => {
    const answer = await venue.marketData.book(instrument, 5);
    if (answer.kind !== 'answered') throw new Error(answer.message);
    return answer.value;
  };
  const streamed = (): OrderBook | undefined => stream.book(instrument.venueSymbol);
  /** The stream's book becomes the one that requests are answered with. */
  const agrees = async (): Promise<void> => {
    const wanted = sidesOf(await byRequest());
    await until(() => {
      const book = streamed();
      return book !== undefined && JSON.stringify(sidesOf(book)) === JSON.stringify(wanted);
    });
  };

  beforeAll(async () => {
    paper = await paperVenue({ venue: name });
    venue = await openVenue(name, { origin: paper.url });
    const listed = await venue.marketData.instrument(pair, { usdtAsUsd: false });
    if (listed.kind !== 'answered') throw new Error('not listed');
    instrument = listed.value;
    const listener = {
      onUpdate: () => (seen.updates += 1),
      onLost: (_: string, reason: LostReason, detail: string) => lost.push([reason, detail]),
      onOpen: () => (seen.opened += 1),
      onDown: (detail: string) => seen.downs.push(detail),
      onTrades: (_: string, trades: readonly PublicTrade[]) => heard.push(...trades),
      onTicker: (_: string, ticker: StreamedTicker) => tickers.push(ticker),
    };
    if (venue.bookStream === undefined) throw new Error('no streams');
    stream = await venue.bookStream(listener, { depth: 5, trades: true });
    await setBook(BIDS, ASKS);
    stream.watch([instrument]);
    await until(() => streamed() !== undefined).catch((error: unknown) => {
      throw new Error(`no book: ${JSON.stringify({ lost, seen })}`, { cause: error });
    });
  });
  afterEach(async () => {
    await paper.door('DELETE', '/_faults');
    lost.splice(0);
  });
  afterAll(async () => {
    await stream.close();
    await venue.close();
    await paper.close();
  });

  it('keeps the book of requests through changes, digit by digit', async () => {
    expect(sidesOf(streamed() as OrderBook)).toEqual({ bids: BIDS, asks: ASKS });
    for (const [bids, asks] of [
      [[['9999.5', '0.12345'], ...BIDS], ASKS],
      [BIDS.slice(1), [['10000.5', '7']]],
      [[], ASKS],
      [BIDS, []],
      [BIDS, ASKS],
    ] as const) {
      await setBook(bids, asks);
      await agrees();
    }
    await paper.door('DELETE', '/_book');
    await agrees();
    expect(lost).toEqual([]);
    const { bid, ask, spokenAtMs } = stream.glance(instrument.venueSymbol) ?? {};
    expect([bid, ask]).toEqual([streamed()?.bids[0]?.[0], streamed()?.asks[0]?.[0]]);
    expect(Date.now() - (spokenAtMs ?? 0)).toBeLessThan(60_000);
  });

  it('has no book once a message was lost, fetches it anew, and has the book of requests again', async () => {
    await setBook(BIDS, ASKS);
    await agrees();
    await paper.door('POST', '/_faults', { fault: 'stream_gap', count: 1 });
    await setBook([['9999.5', '3'], ...BIDS], ASKS);
    await until(async () => /"faults":\[\]/.test(await (await paper.door('GET', '/_faults')).text()));
    // What was lost shows with the next message, and not before.
    expect(lost).toEqual([]);
    await setBook([['9999.5', '3'], ...BIDS], [['10000.5', '4'], ...ASKS]);
    await until(() => lost.length > 0);
    expect(lost.map(([reason]) => reason)).toEqual(['gap']);
    await agrees();
    await setBook(BIDS, ASKS);
    await agrees();
    expect(lost).toHaveLength(1);
  });

  it('is fetched anew where its reader knows better', async () => {
    const before = seen.updates;
    stream.resync(instrument.venueSymbol, 'it differs');
    expect([streamed(), lost]).toEqual([undefined, [['asked', 'it differs']]]);
    await until(() => seen.updates > before);
    await agrees();
  });

  it('tells of trades and tickers as requests do, digit by digit, under the same names', async () => {
    await setBook(BIDS, ASKS);
    const credentials = simulatedCredentials(name, 'streams');
    const [base, quote] = [instrument.base, instrument.quote];
    const { apiKey: accountKey, secret, passphrase } = credentials;
    const balances = { [base]: '10', [quote]: '1000000' };
    await paper.door('POST', '/_accounts', { accountKey, secret, ...(passphrase && { passphrase }), balances });
    const rules = { liveTradingEnabled: false, simulatedOrigins: [], allowedLiveOrigins: [] };
    const use = mayUse('paper', venue.origin, { ...rules, venue: venue.capabilities.origins });
    if (use.kind === 'refused') throw new Error(use.message);
    const order = { pair, venueSymbol: instrument.venueSymbol, side: 'buy', orderType: 'market' } as const;
    const none = { limitPrice: null, stopPrice: null, postOnly: false, displayQuantity: null } as const;
    for (const n of ['1', '2'])
      await venue
        .client(credentials, use.permit)
        .place(
          { ...order, ...none, timeInForce: 'gtc', quantity: `0.1234${n}`, clientOrderId: n.repeat(32) },
          { sendBy: performance.now() + 30_000, recvWindowMs: 5_000 },
        );
    const ours = () => heard.filter(({ quantity }) => quantity.startsWith('0.1234'));
    await until(() => new Set(ours().map(({ tradeId }) => tradeId)).size === 2);
    const answer = await venue.marketData.trades(instrument, 50);
    if (answer.kind !== 'answered') throw new Error(answer.message);
    const told = ({ price, quantity, ...rest }: PublicTrade) => ({
      price: plain(price),
      quantity: plain(quantity),
      ...rest,
    });
    const byRequestToo = answer.value.map(told);
    expect(ours()[0]).toMatchObject({ takerSide: 'buy' });
    for (const trade of heard.filter(({ tradeId }) => answer.value.some((one) => one.tradeId === tradeId)))
      expect(byRequestToo).toContainEqual(told(trade));
    await until(() => tickers.some(({ last }) => plain(last ?? '') === '10001'));
    expect(Number(tickers.at(-1)?.baseVolume)).toBeGreaterThan(0);
  });

  it.each(['stream_cut', 'stream_truncated'])('comes back by itself after %s', async (fault) => {
    const { opened } = seen;
    await paper.door('POST', '/_faults', { fault, count: 1, match: { path } });
    await setBook([['9999.5', String(seen.updates)], ...BIDS], ASKS);
    await until(() => seen.opened > opened);
    expect(lost.map(([reason]) => reason)).toEqual(['down']);
    await agrees();
    expect(stream.open).toBe(true);
  });

  it('has no book while the venue is down, and has it by itself when it is back', async () => {
    await paper.door('POST', '/_faults', { fault: 'down' });
    await until(() => streamed() === undefined);
    expect(stream.open).toBe(false);
    await setBook([['9997', '1']], ASKS);
    const { length } = seen.downs;
    await until(() => seen.downs.length > length);
    await paper.door('DELETE', '/_faults');
    await until(() => streamed() !== undefined);
    await agrees();
  });

  it('is one of those that deployments use', () => {
    expect(STREAMED).toContain(name);
  });
});
