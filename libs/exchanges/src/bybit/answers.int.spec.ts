import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { market, order, refOf, soon } from '../contract/scene.js';
import { bybitErrors } from './errors.js';
import { ok, refusing } from './scripted-bybit.js';
import {
  acknowledgement,
  AMEND,
  BTC,
  CANCEL,
  KEYS,
  listed,
  orderRow,
  ORDERS,
  PAST,
  PLACE,
  scriptedScene,
  tradeRow,
  TRADES,
  type ScriptedScene,
} from './scripted-scene.js';

let scene: ScriptedScene;
beforeEach(async () => {
  scene = await scriptedScene();
});
afterEach(() => scene.close());

const ref = refOf(order(BTC));

describe('Bybit’s errors', () => {
  it.each(
    bybitErrors
      .filter(({ venueCode }) => !['401', '403'].includes(venueCode))
      .map((row) => [row.venueCode, row.example, row.meaning] as const),
  )('%s "%s" means %j for a new order', async (venueCode, words, meaning) => {
    scene.bybit.script(PLACE, refusing(Number(venueCode), words));
    const outcome = await scene.client.place(order(BTC), soon());
    if ('refused' in meaning) expect(outcome).toMatchObject({ kind: 'refused', code: meaning.refused, venueCode });
    else if ('unknown' in meaning) expect(outcome).toMatchObject({ kind: 'outcomeUnknown', reason: meaning.unknown });
    else expect(outcome).toMatchObject({ kind: 'outcomeUnknown', reason: 'unlisted' });
  });

  it.each(
    bybitErrors.filter(({ meaning }) => 'notFound' in meaning).map((row) => [row.venueCode, row.example] as const),
  )('%s "%s" says of a cancel or an amend that nothing is open', async (venueCode, words) => {
    scene.bybit.script(CANCEL, refusing(Number(venueCode), words));
    scene.bybit.script(AMEND, refusing(Number(venueCode), words));
    expect(await scene.client.cancel(ref, soon())).toEqual({ kind: 'notOpen' });
    const change = { quantity: '0.02', limitPrice: null, postOnly: false };
    expect(await scene.client.amend?.(ref, change, soon())).toEqual({ kind: 'notOpen' });
  });

  it.each([
    [200, { retCode: 170149, retMsg: 'Create order failed', result: {} }, 'unlisted'],
    [200, { retCode: 170035, retMsg: 'Submitted to the system for processing!', result: {} }, 'unlisted'],
    [200, { retCode: 999999, retMsg: 'A code of tomorrow.', result: {} }, 'unlisted'],
    [403, '<html>Forbidden</html>', 'unlisted'],
    [404, '', 'unlisted'],
    [302, '', 'unlisted'],
    [500, { retCode: 170131, retMsg: 'Insufficient balance.', result: {} }, 'serverError'],
    [502, '<html>Bad gateway</html>', 'serverError'],
    [200, 'null', 'unreadable'],
    [200, '"accepted"', 'unreadable'],
    [200, '[]', 'nonsense'],
    [200, {}, 'nonsense'],
    [200, { result: acknowledgement() }, 'nonsense'],
  ])('an answer of %i %j leaves the order unknown: %s', async (status, body, reason) => {
    scene.bybit.script(PLACE, { status, body });
    expect(await scene.client.place(order(BTC), soon())).toMatchObject({ kind: 'outcomeUnknown', reason });
  });

  it('a 401 without a word is a key that is not accepted', async () => {
    scene.bybit.script(PLACE, { status: 401, body: '' });
    expect(await scene.client.place(order(BTC), soon())).toMatchObject({ kind: 'refused', code: 'BAD_CREDENTIALS' });
  });

  it('"403, access too frequent" refuses the order, and keeps the address away for ten minutes', async () => {
    scene.bybit.script(PLACE, { status: 403, body: '403, access too frequent' });
    expect(await scene.client.place(order(BTC), soon())).toMatchObject({ kind: 'refused', code: 'RATE_LIMITED' });
    const next = await scene.client.place(order(BTC), soon());
    expect(next).toMatchObject({ kind: 'notSent', reason: 'rateLimited' });
    expect(next.kind === 'notSent' && next.retryAfterMs).toBeGreaterThan(9 * 60_000);
    expect(scene.bybit.asked(PLACE)).toHaveLength(1);
  });

  it('a limit of one account’s calls silences nobody else', async () => {
    scene.bybit.script(PLACE, refusing(10006, 'Too many visits. Exceeded the API Rate Limit.'), ok(acknowledgement()));
    expect(await scene.client.place(order(BTC), soon())).toMatchObject({ kind: 'refused', code: 'RATE_LIMITED' });
    expect(await scene.client.place(order(BTC), soon())).toMatchObject({ kind: 'accepted' });
  });
});

describe('an acknowledgement', () => {
  it('is told from one that makes no sense', async () => {
    scene.bybit.script(PLACE, ok(acknowledgement()));
    expect(await scene.client.place(order(BTC), soon())).toEqual({
      kind: 'accepted',
      venueOrderId: '2100000000000000256',
      order: null,
      fills: [],
    });
  });

  it('holds though its numbers stand as text, as ccxt writes them where one is too long', async () => {
    const recorded = { retCode: '0', retMsg: 'OK', result: acknowledgement(), retExtInfo: {}, time: '1749814467805' };
    scene.bybit.script(PLACE, { body: recorded }, { body: { ...recorded, retCode: '170131' } });
    expect(await scene.client.place(order(BTC), soon())).toMatchObject({ kind: 'accepted' });
    expect(await scene.client.place(order(BTC), soon())).toMatchObject({ kind: 'refused', code: 'INSUFFICIENT_FUNDS' });
  });

  it.each([
    ['without an id', { orderId: undefined }],
    ['with an empty id', { orderId: '' }],
    ['of another client order id', { orderLinkId: 'somebody-else' }],
    ['without a client order id', { orderLinkId: '' }],
  ])('%s leaves the order unknown, with the answer as evidence', async (_, change) => {
    const answer = ok(acknowledgement(change));
    scene.bybit.script(PLACE, answer);
    const outcome = await scene.client.place(order(BTC), soon());
    expect(outcome).toMatchObject({ kind: 'outcomeUnknown', reason: 'nonsense' });
    expect(outcome.kind === 'outcomeUnknown' && outcome.evidence?.body).toBe(JSON.stringify(answer.body));
  });

  it('of another order leaves a cancel unknown', async () => {
    scene.bybit.script(CANCEL, ok(acknowledgement({ orderLinkId: 'somebody-else' })));
    expect(await scene.client.cancel(ref, soon())).toMatchObject({ kind: 'outcomeUnknown', reason: 'nonsense' });
    scene.bybit.script(CANCEL, ok(acknowledgement({ orderId: '7' })));
    const known = { ...ref, venueOrderId: '2100000000000000256' };
    expect(await scene.client.cancel(known, soon())).toMatchObject({ kind: 'outcomeUnknown', reason: 'nonsense' });
  });
});

describe('a lookup', () => {
  it('tells the order and its trades', async () => {
    scene.bybit.script(ORDERS, ok(listed(orderRow())));
    scene.bybit.script(TRADES, ok(listed(tradeRow())));
    expect(await scene.client.lookup(ref)).toMatchObject({
      kind: 'found',
      order: { venueOrderId: '2100000000000000256', state: 'partially_filled', filledQuantity: '0.004000' },
      fills: [{ tradeId: '2290000000000000001', fee: { amount: '0.000004', currency: 'BTC' }, liquidity: 'maker' }],
      fillsComplete: true,
    });
  });

  it.each([
    ['of another client order id, as ccxt’s own lookup may be given', { orderLinkId: 'somebody-else' }],
    ['without a client order id', { orderLinkId: '' }],
    ['of another symbol', { symbol: 'ETHUSDT' }],
    ['without an id', { orderId: '' }],
    ['in an unknown state', { orderStatus: 'Wonderful' }],
    ['in the state "constructor"', { orderStatus: 'constructor' }],
    ['of an unknown side', { side: 'Both' }],
    ['with a negative filled quantity', { cumExecQty: '-0.004' }],
    ['filled beyond the order', { cumExecQty: '0.02' }],
    ['filled by a float', { cumExecQty: 0.004 }],
    ['filled in exponent notation', { cumExecQty: '4e-3' }],
    ['called filled, and is not', { orderStatus: 'Filled' }],
    ['called new, and has fills', { orderStatus: 'New' }],
    ['from 1970', { createdTime: '1000' }],
    ['from next week', { createdTime: String(Date.now() + 7 * 86_400_000) }],
  ])('that finds an order %s has found nothing', async (_, change) => {
    scene.bybit.script(ORDERS, ok(listed(orderRow(change))));
    expect(await scene.client.lookup(ref)).toMatchObject({ kind: 'couldNotAsk', reason: 'nonsense' });
  });

  it('by the venue’s id does not take another order for it', async () => {
    scene.bybit.script(ORDERS, ok(listed(orderRow({ orderId: '7' }))));
    const known = { ...ref, venueOrderId: '2100000000000000256' };
    expect(await scene.client.lookup(known)).toMatchObject({ kind: 'couldNotAsk', reason: 'nonsense' });
  });

  it('that finds two orders under one id has found nothing', async () => {
    scene.bybit.script(ORDERS, ok(listed(orderRow(), orderRow({ orderId: '7' }))));
    expect(await scene.client.lookup(ref)).toMatchObject({ kind: 'couldNotAsk', reason: 'nonsense' });
  });

  it('finds an order that Bybit forgot at a restart among past orders', async () => {
    scene.bybit.script(
      PAST,
      ok(listed(orderRow({ orderStatus: 'PartiallyFilledCanceled', cancelType: 'CancelByUser' }))),
    );
    scene.bybit.script(TRADES, ok(listed(tradeRow())));
    expect(await scene.client.lookup(ref)).toMatchObject({ kind: 'found', order: { state: 'cancelled' } });
  });

  it('says "not found" after three empty lists, and not while one of them cannot be asked', async () => {
    expect(await scene.client.lookup(ref)).toEqual({ kind: 'notFound' });
    expect([ORDERS, PAST, TRADES].map((name) => scene.bybit.asked(name).length)).toEqual([1, 1, 1]);
    for (const name of [ORDERS, PAST, TRADES]) {
      scene.bybit.script(name, refusing(10016, 'Server error.', 503));
      expect(await scene.client.lookup(ref)).toMatchObject({ kind: 'couldNotAsk', reason: 'serverError' });
    }
  });

  it('says of an order that no list has but that traded neither "found" nor "not found"', async () => {
    scene.bybit.script(TRADES, ok(listed(tradeRow())));
    expect(await scene.client.lookup(ref)).toMatchObject({ kind: 'couldNotAsk', reason: 'nonsense' });
  });

  it('of an order that was sent weeks ago reads past orders week by week from there', async () => {
    const sentAfterMs = Date.now() - 20 * 86_400_000;
    expect(await scene.client.lookup({ ...ref, sentAfterMs })).toEqual({ kind: 'notFound' });
    const starts = scene.bybit.asked(PAST).map(({ query }) => Number(query.get('startTime')));
    expect(starts).toHaveLength(3);
    expect(Math.abs(starts[0]! - sentAfterMs)).toBeLessThan(120_000);
    expect(starts[1]! - starts[0]!).toBe(7 * 86_400_000);
  });

  it.each([
    ['of another order', [tradeRow({ orderId: '7' })]],
    ['of another symbol', [tradeRow({ symbol: 'ETHUSDT' })]],
    ['of the other side', [tradeRow({ side: 'Sell' })]],
    ['beyond the order', [tradeRow({ execQty: '0.02' })]],
    ['at no price', [tradeRow({ execPrice: '0' })]],
    ['without an id', [tradeRow({ execId: '' })]],
    ['with two contents under one id', [tradeRow({ execQty: '0.001' }), tradeRow({ execQty: '0.002' })]],
    ['from 1970', [tradeRow({ execTime: '0' })]],
  ])('that finds trades %s has found nothing', async (_, trades) => {
    scene.bybit.script(ORDERS, ok(listed(orderRow())));
    scene.bybit.script(TRADES, ok(listed(...trades)));
    expect(await scene.client.lookup(ref)).toMatchObject({ kind: 'couldNotAsk', reason: 'nonsense' });
  });

  it('counts a trade told twice once, says that one is missing, and takes no funding for a trade', async () => {
    const answers: readonly (readonly [object[], object])[] = [
      [[tradeRow(), tradeRow()], { fillsComplete: true, fills: [{ tradeId: '2290000000000000001' }] }],
      [[], { fillsComplete: false, fills: [] }],
      [[tradeRow({ execType: 'Funding' })], { fillsComplete: false, fills: [] }],
    ];
    for (const [trades, expected] of answers) {
      scene.bybit.script(ORDERS, ok(listed(orderRow())));
      scene.bybit.script(TRADES, ok(listed(...trades)));
      expect(await scene.client.lookup(ref)).toMatchObject({ kind: 'found', ...expected });
    }
  });
});

describe('the state of an order', () => {
  const nothing = { cumExecQty: '0', cumExecValue: '0' };
  it.each([
    [{ orderStatus: 'New', ...nothing }, 'placed'],
    [{ orderStatus: 'PartiallyFilled' }, 'partially_filled'],
    [{ orderStatus: 'Filled', cumExecQty: '0.01' }, 'filled'],
    [{ orderStatus: 'Cancelled', cancelType: 'CancelByUser', ...nothing }, 'cancelled'],
    [{ orderStatus: 'PartiallyFilledCanceled', cancelType: 'CancelByUser' }, 'cancelled'],
    [{ orderStatus: 'Cancelled', cancelType: 'CancelByAdmin', ...nothing }, 'cancelled'],
    [{ orderStatus: 'Cancelled', cancelType: 'CancelBySmp', ...nothing }, 'expired'],
    [{ orderStatus: 'PartiallyFilledCanceled', timeInForce: 'IOC' }, 'expired'],
    [{ orderStatus: 'Cancelled', timeInForce: 'FOK', rejectReason: 'EC_CancelForNoFullFill', ...nothing }, 'expired'],
    [{ orderStatus: 'Cancelled', timeInForce: 'PostOnly', cancelType: 'CancelByUser', ...nothing }, 'cancelled'],
    // Both are documented and seen for a post-only order that would have taken.
    [{ orderStatus: 'Cancelled', rejectReason: 'EC_PostOnlyWillTakeLiquidity', ...nothing }, 'rejected'],
    [{ orderStatus: 'Rejected', rejectReason: 'EC_PostOnlyWillTakeLiquidity', ...nothing }, 'rejected'],
    [{ orderStatus: 'Rejected', rejectReason: 'EC_Others', ...nothing }, 'rejected'],
  ])('%j is %s', async (change, state) => {
    scene.bybit.script(ORDERS, ok(listed(orderRow(change))));
    scene.bybit.script(TRADES, ok(listed(tradeRow({ execQty: '0.004' }))));
    expect(await scene.client.lookup(ref)).toMatchObject({ kind: 'found', order: { state } });
  });

  it('of a market order holds no limit, though Bybit tells how far its price may slip', async () => {
    const change = { orderType: 'Market', marketUnit: 'baseCoin', timeInForce: 'IOC', orderStatus: 'Filled' };
    scene.bybit.script(ORDERS, ok(listed(orderRow({ ...change, price: '67200.0', cumExecQty: '0.01' }))));
    const found = await scene.client.lookup(refOf(market(BTC)));
    expect(found).toMatchObject({ order: { orderType: 'market', limitPrice: null, quantity: '0.010000' } });
  });

  it('of somebody’s order that was sized in money has the quantity that it came to', async () => {
    const spent = { orderType: 'Market', marketUnit: '', qty: '240', timeInForce: 'IOC', orderStatus: 'Filled' };
    scene.bybit.script(ORDERS, ok(listed(orderRow(spent))));
    expect(await scene.client.openOrders(BTC)).toMatchObject({ value: [{ quantity: '0.004000' }] });
  });
});

describe('fees', () => {
  it.each([
    ['what Bybit names, a third coin too', { feeCurrency: 'MNT' }, 'MNT'],
    ['the base where a buy names none', { feeCurrency: '' }, 'BTC'],
    ['the quote where a sale names none', { feeCurrency: '', side: 'Sell' }, 'USDT'],
    ['the quote where a buy earns a rebate', { feeCurrency: '', execFee: '-0.1' }, 'USDT'],
  ])('come in %s', async (_, change, currency) => {
    scene.bybit.script(TRADES, ok(listed(tradeRow(change))));
    const fills = await scene.client.orderFills({ ...BTC, venueOrderId: '2100000000000000256' });
    expect(fills).toMatchObject({ value: [{ fee: { currency } }] });
  });

  it('come in USDT where the account takes that for USD', async () => {
    scene.bybit.script(TRADES, ok(listed(tradeRow({ feeCurrency: '', side: 'Sell' }))));
    const alias = { pair: 'BTC-USD', venueSymbol: 'BTCUSDT', venueOrderId: '2100000000000000256' };
    expect(await scene.client.orderFills(alias)).toMatchObject({ value: [{ fee: { currency: 'USDT' } }] });
  });
});

describe('balances', () => {
  const wallet = (coin: object) => ok({ list: [{ accountType: 'UNIFIED', coin: [coin] }] });

  it('are the account’s own money: less what it borrowed, free of what orders and margin hold', async () => {
    const coin = {
      coin: 'USDT',
      walletBalance: '150.5',
      locked: '20',
      spotBorrow: '50',
      totalOrderIM: '0.5',
      totalPositionIM: '',
    };
    scene.bybit.script('GET /v5/account/wallet-balance', wallet(coin));
    expect(await scene.client.balances()).toEqual({
      kind: 'answered',
      value: [{ asset: 'USDT', free: '80', locked: '20', total: '100.5' }],
    });
  });

  it('never tell more free than there is', async () => {
    scene.bybit.script('GET /v5/account/wallet-balance', wallet({ coin: 'BTC', walletBalance: '1', locked: '2' }));
    expect(await scene.client.balances()).toMatchObject({ value: [{ free: '0', total: '1' }] });
  });
});

describe('secrets', () => {
  it('are blotted out where Bybit answers a bad signature with all that was signed', async () => {
    scene.bybit.script(PLACE, refusing(10004, `error sign! origin_string[1700000000000${KEYS.apiKey}5000{}]`));
    const outcome = await scene.client.place(order(BTC), soon());
    expect(outcome).toMatchObject({ kind: 'refused', code: 'BAD_CREDENTIALS' });
    const text = inspect(outcome, { depth: 9 });
    expect(text).toContain('origin_string[1700000000000***5000{}]');
    expect(text).not.toContain(KEYS.apiKey);
  });
});
