import { crc32 } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { until } from '@switchyard/testing';
import { listenTo, type StreamListener } from '../testing/stream-listener.js';
import { paperBinance, type PaperBinance } from '../testing/paper-binance.js';
import { paperKraken, type PaperKraken } from '../testing/paper-kraken.js';
import { paperVenue, type PaperVenue } from '../testing/paper-venue.js';

/** Streams as anybody meets them who has read the venues' documentation: without ccxt, with Node's own WebSocket. */

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});
const kept = <T extends { close(): unknown }>(one: T): T => {
  open.push(one);
  return one;
};

type Row = readonly [price: string, quantity: string];
const BIDS: readonly Row[] = [
  ['9999', '1'],
  ['9998', '2'],
  ['9997', '3'],
];
const ASKS: readonly Row[] = [
  ['10001', '1'],
  ['10002', '2'],
  ['10003', '3'],
];

const setBook = (paper: PaperVenue, symbol: string, bids: readonly Row[], asks: readonly Row[]) =>
  paper.door('POST', '/_book', { symbol, bids, asks });
const arm = (paper: PaperVenue, fault: object) => paper.door('POST', '/_faults', fault);

interface Diff {
  readonly e?: string;
  readonly s: string;
  readonly U: number;
  readonly u: number;
  readonly b: readonly Row[];
  readonly a: readonly Row[];
}
const isDiff = ({ e }: Diff): boolean => e === 'depthUpdate';
const diffsOf = ({ said }: StreamListener): readonly Diff[] => (said as Diff[]).filter(isDiff);

interface Depth {
  readonly lastUpdateId: number;
  readonly bids: readonly Row[];
  readonly asks: readonly Row[];
}
const depthOf = async (paper: PaperVenue): Promise<Depth> =>
  (await (await fetch(`${paper.url}/api/v3/depth?symbol=BTCUSDT&limit=5000`)).json()) as Depth;

/** A book of Binance's, kept as its documentation asks: snapshot, then every change that is newer. */
const followed = (snapshot: Depth, diffs: readonly Diff[]): Omit<Depth, 'lastUpdateId'> => {
  const [bids, asks] = [new Map(snapshot.bids), new Map(snapshot.asks)];
  let at = snapshot.lastUpdateId;
  for (const { U, u, b, a } of diffs) {
    if (u <= at) continue;
    if (U > at + 1) throw new Error(`a gap: ${U} after ${at}`);
    for (const [side, rows] of [
      [bids, b],
      [asks, a],
    ] as const)
      for (const [price, quantity] of rows)
        if (Number(quantity) === 0) side.delete(price);
        else side.set(price, quantity);
    at = u;
  }
  const sorted = (side: ReadonlyMap<string, string>, direction: number): readonly Row[] =>
    [...side].sort(([one], [other]) => direction * (Number(one) - Number(other)));
  return { bids: sorted(bids, -1), asks: sorted(asks, 1) };
};

const binance = async (): Promise<PaperBinance> => {
  const paper = kept(await paperBinance());
  await setBook(paper, 'BTCUSDT', BIDS, ASKS);
  return paper;
};

describe('Binance’s stream', () => {
  it('tells what changes, so that a snapshot and the changes since are the book that requests are told', async () => {
    const paper = await binance();
    const stream = kept(await listenTo(paper.url, '/ws'));
    stream.say({ method: 'SUBSCRIBE', params: ['btcusdt@depth@100ms', 'nonesuch@depth'], id: 1 });
    expect(await stream.first((message: { readonly id?: number }) => message.id === 1)).toEqual({
      result: null,
      id: 1,
    });
    await setBook(paper, 'BTCUSDT', BIDS, [['10000.5', '0.25'], ...ASKS]);
    await until(() => diffsOf(stream).length > 0);
    const snapshot = await depthOf(paper);
    // A fill, a level gone, another quantity, a new level, and the recorded market again.
    await paper.ccxt.createOrder('BTC/USDT', 'market', 'buy', '0.3');
    await until(() => diffsOf(stream).length > 1);
    await setBook(paper, 'BTCUSDT', [['9999.5', '4'], ...BIDS.slice(1)], ASKS);
    await until(() => diffsOf(stream).length > 2);
    await paper.door('DELETE', '/_book?symbol=BTCUSDT');
    await until(() => diffsOf(stream).length > 3);
    const diffs = diffsOf(stream);
    for (const [n, { U }] of diffs.slice(1).entries()) expect(U).toBe((diffs[n]?.u ?? 0) + 1);
    expect(diffs[0]).toMatchObject({ s: 'BTCUSDT', b: [], a: [['10000.50000000', '0.25000000']] });
    const { bids, asks } = await depthOf(paper);
    expect(followed(snapshot, diffsOf(stream))).toEqual({ bids, asks });
  });

  it('can be named in the address, combined, and be left', async () => {
    const paper = await binance();
    const stream = kept(await listenTo(paper.url, '/stream?streams=btcusdt@depth@100ms/ethusdt@depth'));
    stream.say({ method: 'LIST_SUBSCRIPTIONS', id: 7 });
    await stream.first((message: object) => 'result' in message);
    await setBook(paper, 'BTCUSDT', BIDS, ASKS.slice(1));
    const { stream: name } = await stream.first(
      (message: { readonly stream?: string }) => message.stream !== undefined,
    );
    expect(name).toBe('btcusdt@depth@100ms');
    stream.say({ method: 'UNSUBSCRIBE', params: ['btcusdt@depth@100ms', 'ethusdt@depth'], id: 8 });
    stream.say({ method: 'LIST_SUBSCRIPTIONS', id: 9 });
    expect(await stream.first((message: { readonly id?: number }) => message.id === 9)).toMatchObject({ result: [] });
  });

  it.each([
    ['not json', { error: { code: 3, msg: 'Invalid JSON' }, id: null }],
    [
      { method: 'SUBSCRIBE', params: ['btcusdt@kline_1m'], id: 1 },
      { error: { code: 2 }, id: 1 },
    ],
    [
      { method: 'NONESUCH', id: 2 },
      { error: { code: 2 }, id: 2 },
    ],
  ])('refuses %j with its words', async (what, expected) => {
    const paper = kept(await paperBinance());
    const stream = kept(await listenTo(paper.url, '/ws/0'));
    stream.say(what);
    expect(await stream.first((message: object) => 'error' in message)).toMatchObject(expected);
  });
});

interface BookMessage {
  readonly channel?: string;
  readonly type: 'snapshot' | 'update';
  readonly data: readonly [{ readonly symbol: string; readonly checksum: number }];
}
const isBook = ({ channel }: BookMessage): boolean => channel === 'book';

/** Rows as they stand in the text: floats would lose what the checksum is over. */
const rowsIn = (text: string, side: string): readonly Row[] =>
  [...(new RegExp(`"${side}":\\[(.*?)\\]`).exec(text)?.[1] ?? '').matchAll(/"price":([\d.]+),"qty":([\d.]+)/g)].map(
    ([, price = '', quantity = '']) => [price, quantity],
  );

/** A book of Kraken's, kept as its documentation asks: snapshot, updates, cut to the depth; and what its checksum should be. */
const krakenBook = (texts: readonly string[], depth: number) => {
  const sides = { bids: new Map<string, string>(), asks: new Map<string, string>() };
  const rows = (side: 'bids' | 'asks'): readonly Row[] =>
    [...sides[side]].sort(([one], [other]) => (side === 'bids' ? -1 : 1) * (Number(one) - Number(other)));
  for (const text of texts)
    for (const side of ['bids', 'asks'] as const) {
      for (const [price, quantity] of rowsIn(text, side))
        if (Number(quantity) === 0) sides[side].delete(price);
        else sides[side].set(price, quantity);
      for (const [price] of rows(side).slice(depth)) sides[side].delete(price);
    }
  const digits = (side: 'bids' | 'asks'): string =>
    rows(side)
      .slice(0, 10)
      .flat()
      .map((figure) => figure.replace('.', '').replace(/^0+/, ''))
      .join('');
  return { bids: rows('bids'), asks: rows('asks'), checksum: crc32(digits('asks') + digits('bids')) };
};

const kraken = async (): Promise<PaperKraken> => {
  const paper = kept(await paperKraken());
  await setBook(paper, 'XXBTZUSD', BIDS, ASKS);
  return paper;
};
const subscribe = { method: 'subscribe', params: { channel: 'book', symbol: ['BTC/USD'], depth: 10 }, req_id: 5 };

describe('Kraken’s stream', () => {
  it('begins with a snapshot; what is kept of its updates is the book of requests, and has each checksum', async () => {
    const paper = await kraken();
    const stream = kept(await listenTo(paper.url, '/v2'));
    stream.say(subscribe);
    const books = (): readonly BookMessage[] => (stream.said as BookMessage[]).filter(isBook);
    await until(() => books().length > 0);
    // Eleven bids where ten are followed, then fewer, then a fill, then the recorded market.
    const many = Array.from({ length: 11 }, (_, n): Row => [String(9_990 - n), `0.${n + 1}`]);
    await setBook(paper, 'XXBTZUSD', many, ASKS);
    await until(() => books().length > 1);
    await setBook(paper, 'XXBTZUSD', [['9990.5', '0.00000001'], ...many.slice(1)], ASKS);
    await until(() => books().length > 2);
    await paper.ccxt.createOrder('BTC/USD', 'market', 'buy', '0.4');
    await until(() => books().length > 3);
    await paper.door('DELETE', '/_book?symbol=XXBTZUSD');
    await until(() => books().length > 4);
    expect(books().map(({ type }) => type)).toEqual(['snapshot', 'update', 'update', 'update', 'update']);
    const texts = stream.texts.filter((text) => text.startsWith('{"channel":"book"'));
    for (const [n, { data }] of books().entries())
      expect(krakenBook(texts.slice(0, n + 1), 10).checksum).toBe(data[0].checksum);
    const { result } = (await (await fetch(`${paper.url}/0/public/Depth?pair=XBTUSD&count=10`)).json()) as {
      readonly result: Readonly<Record<string, { readonly bids: string[][]; readonly asks: string[][] }>>;
    };
    const { bids, asks } = krakenBook(texts, 10);
    const numbers = (rows: readonly (readonly string[])[] = []) => rows.map((row) => row.slice(0, 2).map(Number));
    expect(numbers(bids)).toEqual(numbers(result['XXBTZUSD']?.bids));
    expect(numbers(asks)).toEqual(numbers(result['XXBTZUSD']?.asks));
  });

  it('sums the book of its documentation to the number that stands there', async () => {
    const paper = kept(await paperKraken());
    const bids: readonly Row[] = [
      ['45283.5', '0.10000000'],
      ['45283.4', '1.54582015'],
      ['45282.1', '0.10000000'],
      ['45281.0', '0.10000000'],
      ['45280.3', '1.54592586'],
      ['45279.0', '0.07990000'],
      ['45277.6', '0.03310103'],
      ['45277.5', '0.30000000'],
      ['45277.3', '1.54602737'],
      ['45276.6', '0.15445238'],
    ];
    const asks: readonly Row[] = [
      ['45285.2', '0.00100000'],
      ['45286.4', '1.54571953'],
      ['45286.6', '1.54571109'],
      ['45289.6', '1.54560911'],
      ['45290.2', '0.15890660'],
      ['45291.8', '1.54553491'],
      ['45294.7', '0.04454749'],
      ['45296.1', '0.35380000'],
      ['45297.5', '0.09945542'],
      ['45299.5', '0.18772827'],
    ];
    await setBook(paper, 'XXBTZUSD', bids, asks);
    const stream = kept(await listenTo(paper.url, '/v2'));
    stream.say(subscribe);
    expect(await stream.first(isBook)).toMatchObject({ type: 'snapshot', data: [{ checksum: 3_310_070_434 }] });
  });

  it('says that it lives, answers a ping, and refuses in words what it does not have', async () => {
    const paper = await kraken();
    const stream = kept(await listenTo(paper.url, '/v2'));
    stream.say({ method: 'ping', req_id: 1 });
    stream.say(subscribe);
    stream.say(subscribe);
    stream.say({ ...subscribe, params: { ...subscribe.params, symbol: ['DOGE/USD'] } });
    stream.say({ ...subscribe, params: { ...subscribe.params, depth: 11 } });
    await stream.first(({ channel }: { readonly channel?: string }) => channel === 'heartbeat');
    expect(stream.said).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ channel: 'status' }),
        expect.objectContaining({ method: 'pong', req_id: 1 }),
        expect.objectContaining({ success: true, req_id: 5 }),
        expect.objectContaining({ success: false, error: 'Already subscribed' }),
        expect.objectContaining({ success: false, error: 'Currency pair not supported DOGE/USD' }),
        expect.objectContaining({ success: false, error: 'Subscription depth not supported' }),
      ]),
    );
  });
});

describe('a stream under a fault', () => {
  const change = async (paper: PaperVenue, quantity: string): Promise<void> => {
    await setBook(paper, 'BTCUSDT', BIDS, [['10000.5', quantity], ...ASKS]);
  };
  const following = async (paper: PaperBinance, quantity = '1'): Promise<StreamListener> => {
    const stream = kept(await listenTo(paper.url, '/stream?streams=btcusdt@depth@100ms'));
    await change(paper, quantity);
    await stream.first((message: object) => 'stream' in message);
    return stream;
  };
  const numbers = ({ said }: StreamListener) =>
    (said as { readonly data?: Diff }[]).flatMap(({ data }) => (data === undefined ? [] : [data]));

  it('down: it is cut off, and refused until the venue is back', async () => {
    const paper = await binance();
    const stream = await following(paper);
    await arm(paper, { fault: 'down' });
    await until(() => stream.closed);
    await expect(listenTo(paper.url, '/ws')).rejects.toThrow('closed');
    await paper.door('DELETE', '/_faults');
    await following(paper, '2');
  });

  it('stream_gap: one change is not told, and the next one shows by its number', async () => {
    const paper = await binance();
    const stream = await following(paper);
    await arm(paper, { fault: 'stream_gap', count: 1 });
    await change(paper, '2');
    await until(async () => (await faultsOf(paper)).length === 0);
    await change(paper, '3');
    await until(() => numbers(stream).length === 2);
    const [first, second] = numbers(stream);
    expect(second?.U).toBeGreaterThan((first?.u ?? 0) + 1);
  });

  it('stream_silent: it stays open and says nothing; requests are answered', async () => {
    const paper = await binance();
    const stream = await following(paper);
    await arm(paper, { fault: 'stream_silent', match: { path: '/stream' } });
    await change(paper, '2');
    await until(async () => ((await faultsOf(paper))[0]?.struck ?? 0) > 0);
    expect((await depthOf(paper)).asks[0]).toEqual(['10000.50000000', '2.00000000']);
    expect([stream.closed, numbers(stream).length]).toEqual([false, 1]);
    const { struck } = (await faultsOf(paper))[0] ?? {};
    expect(struck).toBeGreaterThan(0);
  });

  it('stream_cut and stream_truncated: it ends, or says half a message', async () => {
    const paper = await binance();
    const stream = await following(paper);
    await arm(paper, { fault: 'stream_truncated', count: 1 });
    await change(paper, '2');
    await until(() => stream.said.includes(undefined));
    await arm(paper, { fault: 'stream_cut', count: 1 });
    await change(paper, '3');
    await until(() => stream.closed);
  });

  it.each(['reset_before', 'http_500', 'http_429', 'html_200', 'reset_after'])(
    '%s: the handshake is a request, and fails so',
    async (fault) => {
      const paper = await binance();
      await arm(paper, { fault, count: 1, match: { path: '/ws' } });
      const refused = await listenTo(paper.url, '/ws').then(
        async (stream) => {
          await until(() => stream.closed);
          return true;
        },
        () => true,
      );
      expect(refused).toBe(true);
      kept(await listenTo(paper.url, '/ws'));
    },
  );

  it('leaves the faults of requests to requests', async () => {
    const paper = await binance();
    const stream = await following(paper);
    await arm(paper, { fault: 'http_500', count: 1 });
    await change(paper, '2');
    await until(() => numbers(stream).length === 2);
    expect((await fetch(`${paper.url}/api/v3/ping`)).status).toBe(500);
  });
});

const faultsOf = async (paper: PaperVenue) =>
  ((await (await paper.door('GET', '/_faults')).json()) as { readonly faults: readonly { readonly struck: number }[] })
    .faults;

describe('the stream door', () => {
  it('answers 404 on any other path, and at a venue without streams', async () => {
    const paper = await binance();
    await expect(listenTo(paper.url, '/v2')).rejects.toThrow('closed');
    const other = kept(await paperVenue({ venue: 'bybit' }));
    await expect(listenTo(other.url, '/ws')).rejects.toThrow('closed');
  });

  it('looks at no book while nobody listens', async () => {
    const paper = await binance();
    const stream = kept(await listenTo(paper.url, '/stream?streams=btcusdt@depth@100ms'));
    await setBook(paper, 'BTCUSDT', BIDS, ASKS.slice(1));
    await stream.first((message: object) => 'stream' in message);
    stream.close();
    await until(() => stream.closed);
    await until(async () =>
      /switchyard_paper_streams\{.*\} 0/.test(await (await fetch(`${paper.url}/metrics`)).text()),
    );
  });
});
