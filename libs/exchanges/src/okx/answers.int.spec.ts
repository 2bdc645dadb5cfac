import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { market, order, refOf, soon } from '../contract/scene.js';
import type { Usage } from '../rates.js';
import { okxErrors } from './errors.js';
import { refusing, rows } from './scripted-okx.js';
import {
  ack,
  BTC,
  CANCEL,
  details,
  DETAILS,
  fill,
  FILLS,
  ORD_ID,
  PLACE,
  scriptedScene,
  type ScriptedScene,
} from './scripted-scene.js';

let scene: ScriptedScene;
beforeEach(async () => {
  scene = await scriptedScene();
  await scene.venue.marketData.instruments();
});
afterEach(() => scene.close());

const place = () => scene.client.place(order(BTC), soon());
const lookup = () => scene.client.lookup(refOf(order(BTC)));

describe('OKX’s errors', () => {
  it.each(okxErrors.map((row) => [row.venueCode, row.example, row.meaning] as const))(
    '%s "%s" means %j for a new order, in the order’s row or for the whole request',
    async (venueCode, msg, meaning) => {
      for (const answer of [refusing(venueCode, msg), [200, { code: venueCode, msg, data: [] }] as const]) {
        const { okx, venue, client, close } = await scriptedScene();
        await venue.marketData.instruments();
        okx.says(PLACE, answer);
        const outcome = await client.place(order(BTC), soon());
        if ('refused' in meaning) expect(outcome).toMatchObject({ kind: 'refused', code: meaning.refused, venueCode });
        else if ('unknown' in meaning)
          expect(outcome).toMatchObject({ kind: 'outcomeUnknown', reason: meaning.unknown });
        else expect(outcome).toMatchObject({ kind: 'outcomeUnknown', reason: 'unlisted' });
        await close();
      }
    },
  );

  it('has one row a code', () => {
    const codes = okxErrors.map(({ venueCode }) => venueCode);
    expect(new Set(codes).size).toBe(codes.length);
  });

  it.each([
    [200, { code: '1', msg: 'Operation failed.', data: [] }, 'unlisted'],
    [200, { code: '1', msg: 'All operations failed', data: [ack()] }, 'unlisted'],
    [200, { code: '2', msg: 'Bulk operation partially succeeded.', data: [ack()] }, 'unlisted'],
    [200, { code: '59999', msg: 'A code of tomorrow.', data: [] }, 'unlisted'],
    [200, { code: '0', msg: '', data: [ack({ sCode: '51999', sMsg: 'A code of tomorrow.' })] }, 'unlisted'],
    [400, '', 'unlisted'],
    [403, '<html>Attention required</html>', 'unlisted'],
    [429, 'error code: 1015', 'unlisted'],
    [500, refusing('51008')[1], 'serverError'],
    [503, { code: '50001', msg: 'Service temporarily unavailable.', data: [] }, 'serverError'],
    [500, { code: 500, data: {}, error_code: '500', error_message: 'Internal Server Error' }, 'serverError'],
    [200, 'null', 'unreadable'],
    [200, '"0"', 'unreadable'],
    [200, '[]', 'nonsense'],
    [200, {}, 'nonsense'],
    [200, { code: '0', msg: '', data: [] }, 'nonsense'],
    [200, { code: '0', msg: '', data: [ack(), ack()] }, 'nonsense'],
    [200, { code: '0', msg: '', data: {} }, 'nonsense'],
    [200, { code: '0', msg: '', data: ['ok'] }, 'nonsense'],
    [200, { code: '0', msg: '', data: [ack({ ordId: '' })] }, 'nonsense'],
    [200, { code: '0', msg: '', data: [ack({ ordId: undefined })] }, 'nonsense'],
    [200, { code: '0', msg: '', data: [ack({ clOrdId: 'somebody' })] }, 'nonsense'],
    [200, { code: '0', msg: '', data: [ack({ clOrdId: '' })] }, 'nonsense'],
  ] as const)('an answer of %i %j leaves the order unknown: %s', async (status, body, reason) => {
    scene.okx.says(PLACE, [status, body]);
    expect(await place()).toMatchObject({ kind: 'outcomeUnknown', reason });
  });

  it('a refusal keeps the venue’s words as evidence', async () => {
    scene.okx.says(PLACE, refusing('51008', 'Order failed. Insufficient USDT balance in account'));
    const outcome = await place();
    expect(outcome).toMatchObject({ kind: 'refused', facts: { venueCode: '51008' }, evidence: { httpStatus: 200 } });
    expect(outcome.kind === 'refused' && outcome.evidence?.body).toContain('Insufficient USDT balance');
  });

  it.each([
    ['50011', 429, 'address', 2_000],
    ['50011', 200, 'address', 2_000],
    ['50061', 200, 'account', 2_000],
    ['50013', 429, 'address', 1_000],
  ])('%s, with status %d, keeps the %s away for %d ms', async (code, status, whom, forMs) => {
    const usages: Usage[] = [];
    const permit = { mode: 'paper', origin: scene.okx.origin } as Parameters<typeof scene.venue.client>[1];
    const keys = { apiKey: 'k', secret: 's', passphrase: 'p' };
    const client = scene.venue.client(keys, permit, (usage) => usages.push(usage));
    scene.okx.says(PLACE, [status, { code, msg: '', data: [] }], rows(ack()));
    await client.place(order(BTC), soon());
    expect(usages).toMatchObject([{ limits: [], shut: { whom, forMs } }]);
    const next = await client.place(order(BTC), soon());
    expect(next).toMatchObject(whom === 'address' ? { kind: 'notSent', reason: 'rateLimited' } : { kind: 'accepted' });
  });

  it.each(['51400', '51401', '51402', '51405', '51603'])('%s means of a cancel that nothing is open', async (code) => {
    scene.okx.says(CANCEL, refusing(code));
    expect(await scene.client.cancel(refOf(order(BTC)), soon())).toEqual({ kind: 'notOpen' });
  });

  it('a cancel that is under way already is not known to have been taken', async () => {
    scene.okx.says(CANCEL, refusing('51410', 'Cancellation failed as the order is already in canceling status.'));
    expect(await scene.client.cancel(refOf(order(BTC)), soon())).toMatchObject({ kind: 'outcomeUnknown' });
  });

  it.each([
    ['another id of OKX’s', refOf(order(BTC), ORD_ID), ack({ ordId: '17' })],
    ['another client id', refOf(order(BTC)), ack({ clOrdId: 'somebody' })],
  ])('a cancel that is answered for %s stays unknown', async (_, ref, row) => {
    scene.okx.says(CANCEL, rows(row));
    expect(await scene.client.cancel(ref, soon())).toMatchObject({ kind: 'outcomeUnknown', reason: 'nonsense' });
  });

  it('a refusal of a lookup is not "not found"', async () => {
    scene.okx.says(DETAILS, [401, { code: '50113', msg: 'Invalid signature.' }]);
    expect(await lookup()).toMatchObject({ kind: 'couldNotAsk', reason: 'refused', code: 'BAD_CREDENTIALS' });
  });
});

describe('an order as OKX tells of it', () => {
  const found = async (order_: object, fills: readonly object[] = []) => {
    scene.okx.says(DETAILS, rows(order_));
    scene.okx.says(FILLS, rows(...fills));
    return lookup();
  };
  const empty = { accFillSz: '0', avgPx: '' };
  const full = { accFillSz: '0.01' };

  it.each([
    [{ state: 'live', ...empty }, 'placed'],
    [{ state: 'partially_filled' }, 'partially_filled'],
    [{ state: 'filled', ...full }, 'filled'],
    [{ state: 'canceled', cancelSource: '1' }, 'cancelled'],
    [{ state: 'canceled', cancelSource: '0', ...empty }, 'cancelled'],
    [{ state: 'canceled', cancelSource: '20', ...empty }, 'cancelled'],
    [{ state: 'canceled', ordType: 'ioc', cancelSource: '14' }, 'expired'],
    [{ state: 'canceled', ordType: 'fok', cancelSource: '13', ...empty }, 'expired'],
    [{ state: 'canceled', ordType: 'post_only', cancelSource: '31', ...empty }, 'expired'],
    [{ state: 'canceled', ordType: 'post_only', cancelSource: '1', ...empty }, 'cancelled'],
    [{ state: 'canceled', cancelSource: '32' }, 'expired'],
  ])('%j is %s', async (change, state) => {
    const { accFillSz } = details(change) as { readonly accFillSz: string };
    const outcome = await found(details(change), accFillSz === '0' ? [] : [fill({ fillSz: accFillSz })]);
    expect(outcome).toMatchObject({ kind: 'found', order: { state }, fillsComplete: true });
  });

  it('a market order whose rest found nothing has expired, whatever OKX says of why', async () => {
    const wanted = market(BTC);
    const change = { ordType: 'market', px: '', tgtCcy: 'base_ccy', state: 'canceled', cancelSource: '0' };
    scene.okx.says(DETAILS, rows(details(change)));
    scene.okx.says(FILLS, rows(fill()));
    expect(await scene.client.lookup(refOf(wanted))).toMatchObject({
      kind: 'found',
      order: { state: 'expired', orderType: 'market', limitPrice: null, filledQuantity: '0.004' },
    });
  });

  it('a fee is what OKX writes as negative; a rebate is a negative fee', async () => {
    const fills = [
      fill({ tradeId: '1', fillSz: '0.001', fee: '-0.000001' }),
      fill({ tradeId: '2', fillSz: '0.001', fee: '0.5', feeCcy: 'USDT', execType: 'M' }),
      fill({ tradeId: '3', fillSz: '0.002', fee: '0' }),
    ];
    const outcome = await found(details(), fills.toReversed());
    expect(outcome.kind === 'found' && outcome.fills.map(({ fee, liquidity }) => [fee, liquidity])).toEqual([
      [{ amount: '0.000001', currency: 'BTC' }, 'taker'],
      [{ amount: '-0.5', currency: 'USDT' }, 'maker'],
      [{ amount: '0', currency: 'BTC' }, 'taker'],
    ]);
  });

  it.each<readonly [what: string, change: object]>([
    ['without an id', { ordId: undefined }],
    ['of another symbol', { instId: 'ETH-USDT' }],
    ['of another client order id', { clOrdId: 'somebody' }],
    ['in an unknown state', { state: 'wonderful' }],
    ['in the state "constructor"', { state: 'constructor' }],
    ['of no side', { side: 'hold' }],
    ['with a negative filled quantity', { accFillSz: '-0.004' }],
    ['filled beyond the order', { accFillSz: '0.02' }],
    ['filled by a float', { accFillSz: 0.004 }],
    ['filled in exponent notation', { accFillSz: '4e-3' }],
    ['called filled, and is not', { state: 'filled' }],
    ['called live, and has fills', { state: 'live' }],
    ['of size zero', { sz: '0' }],
    ['sized in quote', { tgtCcy: 'quote_ccy' }],
    ['from 1970', { cTime: '1000' }],
    ['from tomorrow', { uTime: String(Date.now() + 3 * 86_400_000) }],
  ])('a lookup that finds an order %s has found nothing', async (_, change) => {
    expect(await found(details(change), [fill()])).toMatchObject({ kind: 'couldNotAsk', reason: 'nonsense' });
  });

  it.each<readonly [what: string, trades: readonly object[]]>([
    ['of another order', [fill({ ordId: '29' })]],
    ['of another symbol', [fill({ instId: 'ETH-USDT' })]],
    ['of the other side', [fill({ side: 'sell' })]],
    ['beyond the order', [fill({ fillSz: '0.02' })]],
    ['with two contents under one id', [fill(), fill({ fillPx: '1' })]],
    ['without a trade id', [fill({ tradeId: '' })]],
    ['without a fee’s currency', [fill({ feeCcy: '' })]],
    ['of no liquidity', [fill({ execType: '' })]],
    ['at no price', [fill({ fillPx: '0' })]],
    ['from 1970', [fill({ fillTime: '0' })]],
  ])('a lookup that finds trades %s has found nothing', async (_, trades) => {
    expect(await found(details(), trades)).toMatchObject({ kind: 'couldNotAsk', reason: 'nonsense' });
  });

  it('a trade as Hummingbot has recorded it (github.com/hummingbot/hummingbot, Apache-2.0) is read to the digit', async () => {
    const recorded = {
      fillSz: '0.001',
      fillPxVol: '',
      fillFwdPx: '',
      fee: '-0.000001',
      ordId: '1877236041473081344',
      feeRate: '-0.001',
      clOrdId: 'e847386590ce4dBC203f7abec8c7dcd9',
      posSide: 'net',
      fillMarkVol: '',
      tag: 'e847386590ce4dBC',
      execType: 'T',
      fillIdxPx: '',
      side: 'buy',
      fillPx: '62398.1',
      fillPnl: '0',
      instType: 'SPOT',
      fillPxUsd: '',
      instId: 'BTC-USDT',
      billId: '1877236041573744642',
      subType: '1',
      fillTime: '1728448393707',
      tradeId: '582529691',
      fillMarkPx: '',
      feeCcy: 'BTC',
      ts: '1728448393708',
    };
    scene.okx.says(FILLS, rows(recorded));
    expect(await scene.client.orderFills({ ...BTC, venueOrderId: recorded.ordId })).toEqual({
      kind: 'answered',
      value: [
        {
          ...BTC,
          tradeId: '582529691',
          venueOrderId: '1877236041473081344',
          side: 'buy',
          quantity: '0.001',
          price: '62398.1',
          fee: { amount: '0.000001', currency: 'BTC' },
          liquidity: 'taker',
          filledAtMs: 1_728_448_393_707,
        },
      ],
    });
  });

  it('two rows for one order are nonsense', async () => {
    scene.okx.says(DETAILS, rows(details(), details()));
    expect(await lookup()).toMatchObject({ kind: 'couldNotAsk', reason: 'nonsense' });
  });
});
