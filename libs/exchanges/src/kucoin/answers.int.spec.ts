import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { answered, market, order, refOf, soon } from '../contract/scene.js';
import type { Usage } from '../rates.js';
import { kucoinErrors } from './errors.js';
import {
  ACCOUNTS,
  ack,
  BOOK,
  BTC,
  CANCEL,
  CANCEL_BY_ID,
  data,
  details,
  DETAILS,
  FEES,
  fill,
  FILLS,
  items,
  ORDER_ID,
  PLACE,
  saying,
  scriptedScene,
  type Script,
  type ScriptedScene,
} from './scripted-kucoin.js';

let scene: ScriptedScene;
beforeEach(async () => {
  scene = await scriptedScene();
  await scene.venue.marketData.instruments();
});
afterEach(() => scene.close());

const place = () => scene.client.place(order(BTC), soon());
const lookup = () => scene.client.lookup(refOf(order(BTC)));

describe('KuCoin’s errors', () => {
  it('each mean what their row says, for a new order', async () => {
    for (const { venueCode, example, meaning } of kucoinErrors.filter((row) => !isLimit(row.venueCode))) {
      scene.kucoin.says(PLACE, saying(venueCode, example, 400));
      const outcome = await place();
      const told = { venueCode, example, outcome };
      if ('refused' in meaning)
        expect(told).toMatchObject({ outcome: { kind: 'refused', code: meaning.refused, venueCode } });
      else if ('unknown' in meaning)
        expect(told).toMatchObject({ outcome: { kind: 'outcomeUnknown', reason: meaning.unknown } });
      else expect(told).toMatchObject({ outcome: { kind: 'outcomeUnknown', reason: 'unlisted' } });
    }
  });

  it.each<readonly [number, unknown, string]>([
    [400, { code: '400100', msg: 'size not in the given range!' }, 'unlisted'],
    [400, { code: '400100', msg: 'Parameter Error' }, 'unlisted'],
    [400, { code: '999999', msg: 'A code of tomorrow.' }, 'unlisted'],
    [200, { code: '200000', msg: 'Position does not exist' }, 'nonsense'],
    [400, '', 'unlisted'],
    [403, '<html>Attention required</html>', 'unlisted'],
    [500, { code: '200004', msg: 'Balance insufficient!' }, 'serverError'],
    [503, 'Service Temporarily Unavailable', 'serverError'],
    [200, 'null', 'unreadable'],
    [200, '[]', 'nonsense'],
    [200, {}, 'nonsense'],
    [200, { code: '200000', data: null }, 'nonsense'],
    [200, { code: '200000', data: [] }, 'nonsense'],
    ack({ orderId: '' }).concat('nonsense') as unknown as readonly [number, unknown, string],
    ack({ orderId: undefined }).concat('nonsense') as unknown as readonly [number, unknown, string],
    ack({ clientOid: 'somebody' }).concat('nonsense') as unknown as readonly [number, unknown, string],
    ack({ clientOid: null }).concat('nonsense') as unknown as readonly [number, unknown, string],
  ])('an answer of %i %j leaves the order unknown: %s', async (status, body, reason) => {
    scene.kucoin.says(PLACE, [status, body]);
    expect(await place()).toMatchObject({ kind: 'outcomeUnknown', reason });
  });

  it.each<readonly [what: string, answer: Script, headers: Readonly<Record<string, string>>, shut: object]>([
    ['429000', saying('429000', 'Too Many Requests', 429), {}, { whom: 'account', forMs: 3_000 }],
    [
      '429000 that says until when',
      saying('429000', 'Too Many Requests', 429),
      { 'gw-ratelimit-reset': '15244' },
      { whom: 'account', forMs: 15_244 },
    ],
    ['Cloudflare’s 1015', [429, 'error code: 1015'], {}, { whom: 'address', forMs: 30_000 }],
    ['Cloudflare’s 1015, as a 403', [403, 'error code: 1015\n'], {}, { whom: 'address', forMs: 30_000 }],
    ['any other 429', saying('999999', '', 429), {}, { whom: 'address', forMs: 1_000 }],
  ])('%s of a signed request keeps away whom it counts', async (_, answer, headers, shut) => {
    const usages: Usage[] = [];
    const keys = { apiKey: 'k', secret: 's', passphrase: 'p' };
    const client = scene.venue.client(keys, scene.permit, (usage) => usages.push(usage));
    scene.kucoin.headers = headers;
    scene.kucoin.says(PLACE, answer, ack());
    await client.place(order(BTC), soon());
    expect(usages).toMatchObject([{ limits: [], shut }]);
    const next = await client.place(order(BTC), soon());
    const isAddress = 'whom' in shut && shut.whom === 'address';
    expect(next).toMatchObject(isAddress ? { kind: 'notSent', reason: 'rateLimited' } : { kind: 'accepted' });
  });

  it('429000 of an open question keeps the address away, and no other answer’s countdown does', async () => {
    scene.kucoin.headers = { 'gw-ratelimit-reset': '15244' };
    scene.kucoin.says(PLACE, saying('200004', 'Balance insufficient!'));
    expect(await place()).toMatchObject({ kind: 'refused', retryAfterMs: null });
    scene.kucoin.says(BOOK, saying('429000', 'Too Many Requests', 429));
    expect(await scene.venue.marketData.book(BTC, 5)).toMatchObject({ kind: 'couldNotAsk', code: 'RATE_LIMITED' });
    expect(await place()).toMatchObject({ kind: 'notSent', reason: 'rateLimited' });
  });

  it.each([
    saying('400100', 'order_not_exist_or_not_allow_to_cancel', 400),
    saying('400100', 'order_not_exist', 400),
    saying('order_not_exist', 'order_not_exist', 400),
  ])('%j means of a cancel that nothing is open', async (...answer) => {
    scene.kucoin.says(CANCEL, answer);
    expect(await scene.client.cancel(refOf(order(BTC)), soon())).toEqual({ kind: 'notOpen' });
  });

  it.each<readonly [string, string, Parameters<typeof scene.client.cancel>[0], object]>([
    ['another id of KuCoin’s', CANCEL_BY_ID, refOf(order(BTC), ORDER_ID), { orderId: '17' }],
    ['another client id', CANCEL, refOf(order(BTC)), { clientOid: 'somebody' }],
  ])('a cancel that is answered for %s stays unknown', async (_, what, ref, row) => {
    scene.kucoin.says(what, data(row));
    expect(await scene.client.cancel(ref, soon())).toMatchObject({ kind: 'outcomeUnknown', reason: 'nonsense' });
  });

  it('a refusal of a lookup is not "not found"', async () => {
    scene.kucoin.says(DETAILS, saying('400005', 'Signature error', 401));
    expect(await lookup()).toMatchObject({ kind: 'couldNotAsk', reason: 'refused', code: 'BAD_CREDENTIALS' });
  });
});

describe('an order as KuCoin tells of it', () => {
  const found = async (order_: object, fills: readonly object[] = []) => {
    scene.kucoin.says(DETAILS, data(order_));
    scene.kucoin.says(FILLS, items(...fills));
    return lookup();
  };
  const empty = { dealSize: '0', dealFunds: '0' };
  const over = { active: false };

  it.each([
    [{ ...empty }, 'placed'],
    [{}, 'partially_filled'],
    [{ dealSize: '0.01', ...over }, 'filled'],
    [{ dealSize: '0.01' }, 'filled'],
    [{ ...over, cancelExist: true }, 'cancelled'],
    [{ ...over, ...empty }, 'cancelled'],
    [{ ...over, ...empty, postOnly: true }, 'cancelled'],
    [{ ...over, timeInForce: 'IOC' }, 'expired'],
    [{ ...over, ...empty, timeInForce: 'FOK' }, 'expired'],
  ])('%j is %s', async (change, state) => {
    const told = details(change);
    const fills = told['dealSize'] === '0' ? [] : [fill({ size: told['dealSize'] })];
    expect(await found(told, fills)).toMatchObject({ kind: 'found', order: { state }, fillsComplete: true });
  });

  it('a market order whose rest found nothing has expired', async () => {
    const told = details({ type: 'market', price: '0', ...over });
    scene.kucoin.says(DETAILS, data(told));
    scene.kucoin.says(FILLS, items(fill()));
    expect(await scene.client.lookup(refOf(market(BTC)))).toMatchObject({
      kind: 'found',
      order: { state: 'expired', orderType: 'market', limitPrice: null, filledQuantity: '0.004', filledQuote: '240' },
    });
  });

  it('order and trade as the documentation shows them are read to the digit', async () => {
    const documented = {
      id: '6717422bd51c29000775ea03',
      symbol: 'BTC-USDT',
      opType: 'DEAL',
      type: 'limit',
      side: 'buy',
      price: '70000',
      size: '0.00001',
      funds: '0.7',
      dealSize: '0.00001',
      dealFunds: '0.677176',
      remainSize: '0',
      remainFunds: '0.022824',
      cancelledSize: '0',
      cancelledFunds: '0',
      fee: '0.000677176',
      feeCurrency: 'USDT',
      stp: null,
      timeInForce: 'GTC',
      postOnly: false,
      hidden: false,
      iceberg: false,
      visibleSize: '0',
      cancelAfter: 0,
      channel: 'API',
      clientOid: order(BTC).clientOrderId,
      remark: 'order remarks',
      tags: null,
      cancelExist: false,
      tradeType: 'TRADE',
      inOrderBook: false,
      active: false,
      tax: '0',
      createdAt: 1_729_577_515_444,
      lastUpdatedAt: 1_729_577_515_481,
    };
    const trade =
      '{"id":19814995255305,"orderId":"6717422bd51c29000775ea03","counterOrderId":"67174228135f9e000709da8c",' +
      '"tradeId":11029373945659392,"symbol":"BTC-USDT","side":"buy","liquidity":"taker","type":"limit","forceTaker":false,' +
      '"price":"67717.6","size":"0.00001","funds":"0.677176","fee":"0.000677176","feeRate":"0.001","feeCurrency":"USDT",' +
      '"stop":"","tradeType":"TRADE","taxRate":"0","tax":"0","createdAt":1729577515473}';
    scene.kucoin.says(DETAILS, data(documented));
    scene.kucoin.says(FILLS, [200, `{"code":"200000","data":{"items":[${trade}],"lastId":19814995255305}}`]);
    expect(await lookup()).toEqual({
      kind: 'found',
      fillsComplete: true,
      order: {
        ...BTC,
        venueOrderId: '6717422bd51c29000775ea03',
        clientOrderId: order(BTC).clientOrderId,
        side: 'buy',
        orderType: 'limit',
        quantity: '0.00001',
        limitPrice: '70000',
        stopPrice: null,
        state: 'filled',
        filledQuantity: '0.00001',
        filledQuote: '0.677176',
        placedAtMs: 1_729_577_515_444,
        updatedAtMs: 1_729_577_515_481,
      },
      fills: [
        {
          ...BTC,
          tradeId: '19814995255305',
          venueOrderId: '6717422bd51c29000775ea03',
          side: 'buy',
          quantity: '0.00001',
          price: '67717.6',
          fee: { amount: '0.000677176', currency: 'USDT' },
          liquidity: 'taker',
          filledAtMs: 1_729_577_515_473,
        },
      ],
    });
  });

  it('an id that is longer than a float holds is read to the digit', async () => {
    const raw = JSON.stringify(fill()).replace(/"id":\d+/, '"id":11029373945659393');
    scene.kucoin.says(FILLS, [200, `{"code":"200000","data":{"items":[${raw}],"lastId":11029373945659393}}`]);
    const [told] = answered(await scene.client.orderFills({ ...BTC, venueOrderId: ORDER_ID }));
    expect(told?.tradeId).toBe('11029373945659393');
  });

  it('the two sides of a trade that an account makes with itself are two fills, by its own records', async () => {
    const shared = { tradeId: 11_029_373_945_659_392 };
    scene.kucoin.says(
      FILLS,
      items(fill({ ...shared, id: 8, side: 'sell', orderId: 'another' }), fill({ ...shared, id: 7 })),
    );
    const { fills } = answered(await scene.client.tradesSince(BTC, { sinceMs: Date.now() - 60_000 }));
    expect(fills.map(({ tradeId, side }) => [tradeId, side])).toEqual([
      ['7', 'buy'],
      ['8', 'sell'],
    ]);
  });

  it.each<readonly [what: string, change: object]>([
    ['without an id', { id: undefined }],
    ['of another symbol', { symbol: 'ETH-USDT' }],
    ['of another client order id', { clientOid: 'somebody' }],
    ['that says not whether it is over', { active: undefined }],
    ['of no side', { side: 'hold' }],
    ['with a negative filled quantity', { dealSize: '-0.004' }],
    ['filled beyond the order', { dealSize: '0.02' }],
    ['filled in exponent notation', { dealSize: '4e-3' }],
    ['of size zero', { size: '0' }],
    ['from 1970', { createdAt: 1_000 }],
    ['from tomorrow', { lastUpdatedAt: Date.now() + 3 * 86_400_000 }],
  ])('a lookup that finds an order %s has found nothing', async (_, change) => {
    expect(await found(details(change), [fill()])).toMatchObject({ kind: 'couldNotAsk', reason: 'nonsense' });
  });

  it.each<readonly [what: string, trades: readonly object[]]>([
    ['of another order', [fill({ orderId: '29' })]],
    ['of another symbol', [fill({ symbol: 'ETH-USDT' })]],
    ['of the other side', [fill({ side: 'sell' })]],
    ['beyond the order', [fill({ size: '0.02' })]],
    ['with two contents under one id', [fill(), fill({ price: '1' })]],
    ['without an id', [fill({ id: '' })]],
    ['without a fee’s currency', [fill({ feeCurrency: '' })]],
    ['of no liquidity', [fill({ liquidity: '' })]],
    ['at no price', [fill({ price: '0' })]],
    ['from 1970', [fill({ createdAt: 0 })]],
  ])('a lookup that finds trades %s has found nothing', async (_, trades) => {
    expect(await found(details(), trades)).toMatchObject({ kind: 'couldNotAsk', reason: 'nonsense' });
  });
});

describe('an account as KuCoin tells of it', () => {
  const row = (currency: string, type: string, balance: string) => ({
    id: `${type}-${currency}`,
    currency,
    type,
    balance,
    available: balance,
    holds: '0',
  });

  it('has what its trading accounts hold; what lies in main cannot be spent', async () => {
    scene.kucoin.says(
      ACCOUNTS,
      data([row('USDT', 'trade', '26.66'), row('USDT', 'main', '0.01'), row('BTC', 'trade', '0')]),
    );
    expect(answered(await scene.client.balances())).toEqual([
      { asset: 'USDT', free: '26.66', locked: '0', total: '26.66' },
    ]);
  });

  it('has what those of the order service hold, where they stand apart', async () => {
    scene.kucoin.says(ACCOUNTS, data([row('USDT', 'trade', '1'), row('USDT', 'trade_hf', '2')]));
    expect(answered(await scene.client.balances()).map(({ total }) => total)).toEqual(['2']);
  });

  it('pays the rates of the symbol that was asked for, and of no other', async () => {
    const rates = (symbol: string, takerFeeRate: string) => ({ symbol, takerFeeRate, makerFeeRate: '-0.00005' });
    scene.kucoin.says(FEES, data([rates('ETH-USDT', '0.002'), rates('BTC-USDT', '0.001')]));
    expect(answered(await scene.client.fees(BTC))).toEqual({ maker: '-0.00005', taker: '0.001', scope: 'pair' });
    scene.kucoin.says(FEES, data([rates('ETH-USDT', '0.002')]));
    expect(await scene.client.fees(BTC)).toMatchObject({ kind: 'couldNotAsk', reason: 'nonsense' });
  });
});

const isLimit = (code: string): boolean => code === '429000' || code === '1015';
