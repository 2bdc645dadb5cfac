import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { answered, order, refOf } from '../contract/scene.js';
import { LISTED, rows, type Heard, type Script } from './scripted-okx.js';
import {
  BTC,
  details,
  DETAILS,
  fill,
  FILLS,
  FILLS_HISTORY,
  HISTORY,
  ORD_ID,
  PENDING,
  scriptedScene,
  type ScriptedScene,
} from './scripted-scene.js';

let scene: ScriptedScene;
beforeEach(async () => {
  scene = await scriptedScene();
});
afterEach(() => scene.close());

const { clientOrderId } = order(BTC);
const FILLED = { state: 'filled', accFillSz: '0.01' };
const DAY = 86_400_000;

/** A list as OKX pages it: newest first, behind `after`, within `begin` and `end` by `at`. */
const paged =
  (all: readonly Readonly<Record<string, unknown>>[], cursor: string, at: string) =>
  ({ query }: Heard): Script =>
    rows(
      ...all
        .filter((row) => query['after'] === undefined || BigInt(String(row[cursor])) < BigInt(query['after']))
        .filter((row) => Number(row[at]) >= Number(query['begin'] ?? 0))
        .filter((row) => Number(row[at]) <= Number(query['end'] ?? Infinity))
        .toSorted((a, b) => (BigInt(String(a[cursor])) < BigInt(String(b[cursor])) ? 1 : -1))
        .slice(0, Number(query['limit'])),
    );
const many = <T>(count: number, make: (index: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, i) => make(i));
const trade = (index: number, change: object = {}) =>
  fill({ billId: String(1_000 + index), tradeId: `t${index}`, ...change }) as Readonly<Record<string, unknown>>;
const another = (index: number, change: object = {}) =>
  details({ ordId: String(1_000 + index), clOrdId: `other${index}`, ...change }) as Readonly<Record<string, unknown>>;

describe('an order that OKX says does not exist', () => {
  const lookup = (change: object = {}) => scene.client.lookup({ ...refOf(order(BTC)), ...change });

  it('is not found only after open orders, past orders and trades were asked', async () => {
    expect(await lookup()).toEqual({ kind: 'notFound' });
    const asked = [DETAILS, PENDING, HISTORY, FILLS].map((what) => scene.okx.requests(what).length);
    expect(asked).toEqual([1, 1, 1, 1]);
  });

  it.each([
    ['open', PENDING, details({ state: 'live', accFillSz: '0' }), 'placed'],
    ['past', HISTORY, details(FILLED), 'filled'],
  ])('and is among the %s orders is found', async (_, list, row, state) => {
    scene.okx.says(list, rows(another(1), row));
    scene.okx.says(FILLS, rows(fill({ fillSz: '0.01' })));
    expect(await lookup()).toMatchObject({ kind: 'found', order: { state, clientOrderId } });
  });

  it('and is on the second page of open orders is found', async () => {
    const ours = details({ ordId: '17', state: 'live', accFillSz: '0' }) as Readonly<Record<string, unknown>>;
    scene.okx.says(PENDING, paged([...many(100, (i) => another(i)), ours], 'ordId', 'cTime'));
    expect(await lookup()).toMatchObject({ kind: 'found', order: { venueOrderId: '17' } });
    expect(scene.okx.requests(PENDING).map(({ query }) => query['after'])).toEqual([undefined, '1000']);
  });

  it.each([PENDING, HISTORY, FILLS])('is not "not found" while %s cannot be asked', async (list) => {
    scene.okx.says(list, [503, '']);
    expect(await lookup()).toMatchObject({ kind: 'couldNotAsk', reason: 'serverError' });
  });

  it('and has traded under our id is not "not found"', async () => {
    scene.okx.says(FILLS, rows(fill({ clOrdId: 'other' }), fill()));
    expect(await lookup()).toMatchObject({ kind: 'couldNotAsk', reason: 'nonsense', evidence: { httpStatus: 200 } });
  });

  it('and has traded under its own id, days ago, is not "not found"', async () => {
    scene.okx.says(FILLS_HISTORY, ({ query }) => rows(...(query['ordId'] === ORD_ID ? [fill({ clOrdId: '' })] : [])));
    expect(await lookup({ venueOrderId: ORD_ID })).toMatchObject({ kind: 'couldNotAsk', reason: 'nonsense' });
  });

  it('two orders under our id are nonsense: a person must look', async () => {
    scene.okx.says(PENDING, rows(details(), details({ ordId: '17' })));
    expect(await lookup()).toMatchObject({ kind: 'couldNotAsk', reason: 'nonsense' });
  });

  it('strangers’ orders that this port has no words for hide nothing', async () => {
    const strange = another(1, { ordType: 'market', tgtCcy: 'quote_ccy', sz: '100', ...FILLED });
    scene.okx.says(HISTORY, rows(strange, details(FILLED)));
    scene.okx.says(FILLS, rows(fill({ fillSz: '0.01' })));
    expect(await lookup()).toMatchObject({ kind: 'found', order: { venueOrderId: ORD_ID } });
  });

  it('is searched for no further back than it can have been sent', async () => {
    const at = (index: number) => String(Date.now() - (300 - index) * 60_000);
    scene.okx.says(
      HISTORY,
      paged(
        many(300, (i) => another(i, { ...FILLED, cTime: at(i) })),
        'ordId',
        'cTime',
      ),
    );
    expect(await lookup({ sentAfterMs: Date.now() - 90 * 60_000 })).toEqual({ kind: 'notFound' });
    expect(scene.okx.requests(HISTORY)).toHaveLength(1);
    expect(await lookup()).toEqual({ kind: 'notFound' });
    expect(scene.okx.requests(HISTORY)).toHaveLength(1 + 4);
  });

  it('a list that comes again and again is not read for ever', async () => {
    scene.okx.says(PENDING, rows(...many(100, (i) => another(i))));
    expect(await lookup()).toMatchObject({ kind: 'couldNotAsk', reason: 'nonsense' });
    expect(scene.okx.requests(PENDING)).toHaveLength(2);
  });
});

describe('open orders', () => {
  it('are all told, oldest first, of one pair or of the account', async () => {
    const live = (index: number) => another(index, { state: 'live', accFillSz: '0' });
    scene.okx.says(PENDING, paged(many(250, live), 'ordId', 'cTime'));
    for (const pair of [BTC, undefined]) {
      const open = answered(await scene.client.openOrders(pair));
      expect(open.map(({ venueOrderId }) => venueOrderId)).toEqual(many(250, (i) => String(1_000 + i)));
    }
    expect(scene.okx.requests(PENDING)[0]?.query).toEqual({ instType: 'SPOT', instId: 'BTC-USDT', limit: '100' });
    expect(scene.okx.requests(PENDING)[3]?.query).toEqual({ instType: 'SPOT', limit: '100' });
  });
});

describe('an order’s fills', () => {
  const found = async () => {
    const outcome = await scene.client.lookup(refOf(order(BTC)));
    return outcome.kind === 'found'
      ? { complete: outcome.fillsComplete, trades: outcome.fills.map(({ tradeId }) => tradeId) }
      : outcome;
  };

  it('are told once each, oldest first, though OKX tells them twice and newest first', async () => {
    scene.okx.says(DETAILS, rows(details(FILLED)));
    scene.okx.says(FILLS, rows(...[2, 1, 1, 0].map((i) => trade(i, { fillSz: i === 0 ? '0.002' : '0.004' }))));
    expect(await found()).toEqual({ complete: true, trades: ['t0', 't1', 't2'] });
    expect(scene.okx.requests(FILLS_HISTORY)).toEqual([]);
  });

  it('that are older than three days are in the history', async () => {
    scene.okx.says(DETAILS, rows(details(FILLED)));
    scene.okx.says(FILLS, rows(trade(1, { fillSz: '0.004' })));
    const long = { fillTime: String(Date.now() - 4 * DAY) };
    scene.okx.says(FILLS_HISTORY, rows(trade(1, { fillSz: '0.004' }), trade(0, { fillSz: '0.006', ...long })));
    expect(await found()).toEqual({ complete: true, trades: ['t0', 't1'] });
    expect(scene.okx.requests(FILLS_HISTORY)[0]?.query).toMatchObject({ instType: 'SPOT', ordId: ORD_ID });
  });

  it('that OKX does not tell yet are said to be missing', async () => {
    scene.okx.says(DETAILS, rows(details(FILLED)));
    expect(await found()).toEqual({ complete: false, trades: [] });
  });

  it('are not told at all while the history cannot be asked', async () => {
    scene.okx.says(DETAILS, rows(details(FILLED)));
    scene.okx.says(FILLS_HISTORY, [500, '']);
    expect(await found()).toMatchObject({ kind: 'couldNotAsk', reason: 'serverError' });
  });
});

describe('trades', () => {
  const since = async (from: Parameters<typeof scene.client.tradesSince>[1]) =>
    answered(await scene.client.tradesSince(BTC, from));

  it('since a time are told in ascending order, all pages of them', async () => {
    const begin = Date.now() - 60_000;
    scene.okx.says(
      FILLS,
      paged(
        many(250, (i) => trade(i)),
        'billId',
        'fillTime',
      ),
    );
    const page = await since({ sinceMs: begin });
    expect(page.fills.map(({ tradeId }) => tradeId)).toEqual(many(250, (i) => `t${i}`));
    expect(page.next).toBeNull();
    expect(scene.okx.requests(FILLS)[0]?.query).toEqual({
      instType: 'SPOT',
      instId: 'BTC-USDT',
      begin: String(begin),
      limit: '100',
    });
  });

  it('that are too many for one answer come in parts, none left out', async () => {
    const begin = Date.now() - 3_000_000;
    const all = many(2_500, (i) => trade(i, { fillTime: String(begin + 1_000 * i) }));
    scene.okx.says(FILLS, paged(all, 'billId', 'fillTime'));
    const told = new Set<string>();
    let parts = 0;
    let next: Parameters<typeof scene.client.tradesSince>[1] | null = { sinceMs: begin };
    for (; next !== null && parts < 20; parts += 1) {
      const page = await since(next);
      expect(page.fills.length).toBeLessThan(1_100);
      expect(page.fills.map(({ filledAtMs }) => filledAtMs)).toEqual(
        page.fills.map(({ filledAtMs }) => filledAtMs).toSorted((a, b) => a - b),
      );
      for (const { tradeId } of page.fills) told.add(tradeId);
      ({ next } = page);
    }
    expect([told.size, next]).toEqual([2_500, null]);
    expect(parts).toBeGreaterThan(2);
  });

  it('that are too many in one moment are told together: a moment has no halves', async () => {
    const at = Date.now() - 1_000;
    scene.okx.says(
      FILLS,
      paged(
        many(1_200, (i) => trade(i, { fillTime: String(at) })),
        'billId',
        'fillTime',
      ),
    );
    const told = new Set<string>();
    let next: Parameters<typeof scene.client.tradesSince>[1] | null = { sinceMs: at };
    for (let parts = 0; next !== null && parts < 20; parts += 1) {
      const page = await since(next);
      for (const { tradeId } of page.fills) told.add(tradeId);
      ({ next } = page);
    }
    expect([told.size, next]).toEqual([1_200, null]);
  });

  it('of more than three days ago are in the history, and go on in the other list', async () => {
    const begin = Date.now() - 5 * DAY;
    const all = many(5, (i) => trade(i, { fillTime: String(begin + i * DAY + 1_000) }));
    scene.okx.says(FILLS_HISTORY, paged(all, 'billId', 'fillTime'));
    scene.okx.says(FILLS, paged(all.slice(2), 'billId', 'fillTime'));
    const first = await since({ sinceMs: begin });
    expect(first.fills.map(({ tradeId }) => tradeId)).toEqual(['t0', 't1', 't2']);
    const second = await since(first.next ?? { sinceMs: 0 });
    expect([second.fills.map(({ tradeId }) => tradeId), second.next]).toEqual([['t3', 't4'], null]);
  });

  it('behind a trade are those that came after it, wherever it stands', async () => {
    const all = many(250, (i) => trade(i, { fillTime: String(Date.now() - 1_000 + i) }));
    scene.okx.says(FILLS, paged(all, 'billId', 'fillTime'));
    expect((await since({ afterTradeId: 't247' })).fills.map(({ tradeId }) => tradeId)).toEqual(['t248', 't249']);
    expect((await since({ afterTradeId: 't9' })).fills).toHaveLength(240);
    expect((await since({ afterTradeId: 't249' })).fills).toEqual([]);
    scene.okx.says(FILLS, paged(all.slice(200), 'billId', 'fillTime'));
    scene.okx.says(FILLS_HISTORY, paged(all, 'billId', 'fillTime'));
    const long = await since({ afterTradeId: 't9' });
    expect(long.fills.map(({ tradeId }) => tradeId)).toEqual(many(240, (i) => `t${i + 10}`));
  });

  it('behind one that is nowhere cannot be told', async () => {
    expect(await scene.client.tradesSince(BTC, { afterTradeId: 't9' })).toMatchObject({
      kind: 'couldNotAsk',
      reason: 'nonsense',
    });
  });
});

describe('balances and fees', () => {
  const BALANCE = 'GET /api/v5/account/balance';
  const FEES = 'GET /api/v5/account/trade-fee';

  it('what is free and what is held; nothing that is empty', async () => {
    // As ccxt has recorded it (github.com/ccxt/ccxt, MIT licence, ts/src/test/static/response/okx.json).
    const btc = { ccy: 'BTC', availBal: '0.6612664522199999', frozenBal: '0.4', cashBal: '1.06126645222', eq: '1' };
    const eth = { ccy: 'ETH', availBal: '0', frozenBal: '0', cashBal: '0', eq: '0' };
    scene.okx.says(BALANCE, rows({ details: [btc, eth] }));
    expect(answered(await scene.client.balances())).toEqual([
      { asset: 'BTC', free: '0.6612664522199999', locked: '0.4', total: '1.06126645222' },
    ]);
  });

  it.each([
    ['no number', { availBal: '' }],
    ['a debt', { cashBal: '-100' }],
  ])('a balance that is %s is no answer', async (_, change) => {
    scene.okx.says(
      BALANCE,
      rows({ details: [{ ccy: 'USDT', availBal: '0', frozenBal: '0', cashBal: '0', ...change }] }),
    );
    expect(await scene.client.balances()).toMatchObject({ kind: 'couldNotAsk', reason: 'nonsense' });
  });

  const groups = { maker: '', taker: '', feeGroup: [{ groupId: '1', maker: '-0.0008', taker: '-0.001' }] };
  const before = {
    maker: '-0.0008',
    taker: '-0.001',
    makerUSDC: '-0.0006',
    takerUSDC: '-0.0007',
    fiat: [{ ccy: 'EUR', maker: '-0.002', taker: '-0.0035' }],
  };
  it.each<readonly [string, string, object, string, string]>([
    ['of the instrument’s group', 'BTC-USDT', groups, '0.0008', '0.001'],
    ['of pairs in USDT', 'BTC-USDT', before, '0.0008', '0.001'],
    ['of pairs in another dollar', 'BTC-USDC', before, '0.0006', '0.0007'],
    ['of pairs in fiat money', 'BTC-EUR', before, '0.002', '0.0035'],
    ['that OKX pays', 'BTC-USDT', { ...before, maker: '0.00005' }, '-0.00005', '0.001'],
  ])('rates %s', async (_, venueSymbol, row, maker, taker) => {
    scene.okx.says(FEES, rows(row));
    const fees = answered(await scene.client.fees({ pair: venueSymbol, venueSymbol }));
    expect(fees).toEqual({ maker, taker, scope: 'pair' });
    expect(scene.okx.requests(FEES)[0]?.query).toEqual({ instType: 'SPOT', instId: venueSymbol });
  });
});

describe('the market', () => {
  it('lists what makes sense, as OKX writes it; what is not live is not traded', async () => {
    scene.okx.says(
      'GET /api/v5/public/instruments',
      rows(
        LISTED,
        { ...LISTED, instId: 'ETH-USDT', baseCcy: 'ETH', state: 'suspend' },
        { ...LISTED, instId: 'BTC-USD', quoteCcy: 'USD' },
        { ...LISTED, instId: 'SOL-USDT', baseCcy: 'SOL', tickSz: '' },
      ),
    );
    const listed = answered(await scene.venue.marketData.instruments());
    expect(listed.map(({ venueSymbol, trading }) => [venueSymbol, trading])).toEqual([
      ['BTC-USDT', true],
      ['ETH-USDT', false],
      ['BTC-USD', true],
    ]);
    expect(listed[0]).toMatchObject({
      pair: 'BTC-USDT',
      tick: '0.1',
      lot: '0.00000001',
      minQuantity: '0.00001',
      maxQuantity: '9999999999',
      maxMarketQuantity: null,
      minNotional: null,
      maxNotional: null,
    });
    // Where OKX lists dollars, nobody's USDT is taken for them.
    const own = await scene.venue.marketData.instrument('BTC-USD', { usdtAsUsd: true });
    expect(own).toMatchObject({ value: { venueSymbol: 'BTC-USD', quoteAlias: null } });
  });

  it('tells book and ticker as OKX writes them', async () => {
    const book = { asks: [['41006.8', '0.60038921', '0', '1']], bids: [['41006.3', '0.30178218', '0', '2']], ts: '1' };
    scene.okx.says('GET /api/v5/market/books', rows({ ...book, seqId: 77 }), rows(book));
    const { marketData } = scene.venue;
    expect(answered(await marketData.book(BTC, 1_000))).toMatchObject({
      asks: [['41006.8', '0.60038921']],
      bids: [['41006.3', '0.30178218']],
      sequence: '77',
    });
    expect(answered(await marketData.book(BTC, 5)).sequence).toBeNull();
    expect(scene.okx.requests('GET /api/v5/market/books').map(({ query }) => query['sz'])).toEqual(['400', '5']);
    const ticker = { instId: 'BTC-USDT', last: '51240', askPx: '51240', bidPx: '', vol24h: '10474.12' };
    scene.okx.says('GET /api/v5/market/ticker', rows(ticker), rows({ ...ticker, instId: 'ETH-USDT' }));
    expect(answered(await marketData.ticker(BTC))).toMatchObject({
      last: '51240',
      ask: '51240',
      bid: null,
      baseVolume: '10474.12',
    });
    expect(await marketData.ticker(BTC)).toMatchObject({ kind: 'couldNotAsk', reason: 'nonsense' });
  });

  it('is asked without a key', async () => {
    await scene.venue.marketData.instruments();
    await scene.venue.marketData.serverTime();
    for (const { headers } of scene.okx.heard) expect(headers).not.toHaveProperty('ok-access-key');
    expect(scene.okx.heard.map(({ what }) => what)).toEqual([
      'GET /api/v5/public/instruments',
      'GET /api/v5/public/time',
    ]);
  });
});
