import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadCcxtClass, withEndpoints } from '../ccxt/exchange.js';
import { market, order, refOf, soon } from '../contract/scene.js';
import type { NewOrder } from '../orders.js';
import {
  ack,
  AMEND,
  BTC,
  CANCEL,
  DETAILS,
  KEYS,
  ORD_ID,
  PLACE,
  scriptedScene,
  type ScriptedScene,
} from './scripted-scene.js';
import { rows } from './scripted-okx.js';
import { withExpiry } from './signing.js';
import { okx as definition } from './venue.js';

let scene: ScriptedScene;
beforeEach(async () => {
  scene = await scriptedScene();
});
afterEach(() => scene.close());

const sent = (what: string): unknown => JSON.parse(scene.okx.requests(what).at(-1)?.body ?? '');
const { clientOrderId } = order(BTC);

describe('a new order on the wire', () => {
  const limit = { instId: 'BTC-USDT', tdMode: 'cash', clOrdId: clientOrderId, side: 'buy', sz: '0.01', px: '60000' };
  const taking = { instId: 'BTC-USDT', tdMode: 'cash', clOrdId: clientOrderId, sz: '0.010', ordType: 'market' };

  it.each<readonly [string, NewOrder, object]>([
    ['a limit order', order(BTC), { ...limit, ordType: 'limit' }],
    [
      'its own texts',
      order(BTC, { quantity: '0.01000', limitPrice: '60000.10' }),
      { ...limit, sz: '0.01000', px: '60000.10', ordType: 'limit' },
    ],
    ['a post-only order', order(BTC, { postOnly: true }), { ...limit, ordType: 'post_only' }],
    ['immediate or cancel', order(BTC, { timeInForce: 'ioc' }), { ...limit, ordType: 'ioc' }],
    ['fill or kill', order(BTC, { timeInForce: 'fok' }), { ...limit, ordType: 'fok' }],
    [
      'a market buy, sized in base and not to be made smaller',
      market(BTC, { quantity: '0.010' }),
      { ...taking, side: 'buy', tgtCcy: 'base_ccy', banAmend: true },
    ],
    [
      'a market sell',
      market(BTC, { quantity: '0.010', side: 'sell' }),
      { ...taking, side: 'sell', tgtCcy: 'base_ccy', banAmend: true },
    ],
  ])('%s', async (_, wanted, body) => {
    scene.okx.says(PLACE, rows(ack()));
    expect(await scene.client.place(wanted, soon())).toEqual({
      kind: 'accepted',
      venueOrderId: ORD_ID,
      order: null,
      fills: [],
    });
    // Nothing else: no tag, and no broker's id in the place of ours.
    expect(sent(PLACE)).toEqual(body);
  });

  it('carries key, passphrase and signature, is signed by the venue’s clock, and expires by it', async () => {
    scene.okx.skewMs = 20_000;
    scene.okx.says(PLACE, rows(ack()));
    const before = Date.now();
    await scene.client.place(order(BTC), soon({ recvWindowMs: 3_000 }));
    const { headers } = scene.okx.requests(PLACE)[0]!;
    expect(headers).toMatchObject({
      'ok-access-key': KEYS.apiKey,
      'ok-access-passphrase': KEYS.passphrase,
      'ok-access-sign': expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/),
    });
    const signedAt = Date.parse(String(headers['ok-access-timestamp']));
    // As exactly as the clock was measured: within the round trip.
    expect(signedAt - before).toBeGreaterThan(18_000);
    expect(Number(headers['exptime']) - signedAt).toBeGreaterThanOrEqual(2_900);
    expect(Number(headers['exptime']) - signedAt).toBeLessThanOrEqual(3_000);
  });

  it('never asks for more time than a signature is good for', async () => {
    scene.okx.says(PLACE, rows(ack()));
    await scene.client.place(order(BTC), soon({ recvWindowMs: 3_600_000 }));
    const { headers } = scene.okx.requests(PLACE)[0]!;
    const signedAt = Date.parse(String(headers['ok-access-timestamp']));
    expect(Number(headers['exptime']) - signedAt).toBeLessThanOrEqual(30_000);
  });
});

describe('other requests on the wire', () => {
  it('a cancel names one id, and no expiry, which OKX has for orders and amends alone', async () => {
    scene.okx.says(CANCEL, rows(ack()));
    expect(await scene.client.cancel(refOf(order(BTC)), soon())).toEqual({ kind: 'cancelled', order: null });
    expect(sent(CANCEL)).toEqual({ instId: 'BTC-USDT', clOrdId: clientOrderId });
    expect(await scene.client.cancel(refOf(order(BTC), ORD_ID), soon())).toEqual({ kind: 'cancelled', order: null });
    expect(sent(CANCEL)).toEqual({ instId: 'BTC-USDT', ordId: ORD_ID });
    expect(scene.okx.requests(CANCEL)[0]?.headers).not.toHaveProperty('exptime');
  });

  it('an amend names what is to change, and expires', async () => {
    scene.okx.says(AMEND, rows(ack({ reqId: '' })));
    const ref = refOf(order(BTC), ORD_ID);
    const change = { quantity: null, limitPrice: '61000.0', postOnly: false };
    expect(await scene.client.amend?.(ref, change, soon())).toEqual({
      kind: 'amended',
      venueOrderId: ORD_ID,
      order: null,
    });
    expect(sent(AMEND)).toEqual({ instId: 'BTC-USDT', ordId: ORD_ID, newPx: '61000.0' });
    await scene.client.amend?.(refOf(order(BTC)), { ...change, quantity: '0.02', limitPrice: null }, soon());
    expect(sent(AMEND)).toEqual({ instId: 'BTC-USDT', clOrdId: clientOrderId, newSz: '0.02' });
    expect(scene.okx.requests(AMEND)[0]?.headers).toHaveProperty('exptime');
  });

  it('an amend that must not trade is refused unsent: OKX cannot be asked for that', async () => {
    const change = { quantity: null, limitPrice: '61000', postOnly: true };
    expect(await scene.client.amend?.(refOf(order(BTC)), change, soon())).toMatchObject({
      kind: 'refused',
      code: 'UNSUPPORTED_OPTION',
      venueCode: null,
    });
    expect(scene.okx.requests(AMEND)).toEqual([]);
  });

  it('a lookup names one id, and its question is signed with its query', async () => {
    await scene.client.lookup(refOf(order(BTC)));
    await scene.client.lookup(refOf(order(BTC), ORD_ID));
    expect(scene.okx.requests(DETAILS).map(({ query }) => query)).toEqual([
      { instId: 'BTC-USDT', clOrdId: clientOrderId },
      { instId: 'BTC-USDT', ordId: ORD_ID },
    ]);
  });

  it('without a passphrase nothing leaves', async () => {
    const { venue, okx } = scene;
    const { apiKey, secret } = KEYS;
    const permit = { mode: 'paper', origin: okx.origin } as Parameters<typeof venue.client>[1];
    const outcome = await venue.client({ apiKey, secret }, permit).place(order(BTC), soon());
    expect(outcome).toMatchObject({ kind: 'notSent', reason: 'unsigned' });
    expect(okx.requests(PLACE)).toEqual([]);
  });
});

describe('ccxt’s class as it is used here', () => {
  const instance = async () => {
    const Lean = withEndpoints(withExpiry(await loadCcxtClass('okx')), definition.ccxt.endpoints);
    return new Lean({ apiKey: 'key', secret: '22582BD0CFF14C41EDBF1AB98506286D', password: 'phrase' }) as unknown as {
      nonce: () => number;
      sign: (path: string, api: string, method: string, params: object) => { readonly headers: object };
      readonly [method: string]: unknown;
    };
  };

  it.each([
    // The key, the moment and the requests are OKX's documentation's; the signatures were made by OpenSSL.
    ['account/balance', 'GET', { ccy: 'BTC' }, 'HiZhvSfMtWJA3uUIVXV3a/bSXNPCWvYFXoGCVS8V4zY='],
    [
      'trade/order',
      'POST',
      { instId: 'BTC-USDT', tdMode: 'cash', clOrdId: 'b15', side: 'buy', ordType: 'limit', sz: '2', px: '2.15' },
      'hiz6lydej7hcNe2lYLMUB48uFwlAobLvZbQId8g2KTg=',
    ],
  ])('signs %s as the documentation says, with or without an expiry', async (path, method, params, signature) => {
    const okx = await instance();
    okx.nonce = () => Date.parse('2020-12-08T09:08:57.715Z');
    for (const expiry of [{}, { expTime: 1_597_026_383_085 }]) {
      const { headers } = okx.sign(path, 'private', method, { ...params, ...expiry });
      expect(headers).toMatchObject({
        'OK-ACCESS-TIMESTAMP': '2020-12-08T09:08:57.715Z',
        'OK-ACCESS-SIGN': signature,
      });
      expect((headers as { expTime?: string }).expTime).toBe('expTime' in expiry ? '1597026383085' : undefined);
    }
  });

  it('can neither withdraw, transfer, borrow nor set leverage', async () => {
    const endpoints = Object.keys(await instance()).filter((name) =>
      /^(public|private)(Get|Post|Put|Delete)/.test(name),
    );
    expect(endpoints.length).toBeGreaterThan(0);
    expect(
      endpoints.filter((name) => /asset|withdraw|transfer|loan|lever|margin|borrow|subaccount|convert/i.test(name)),
    ).toEqual([]);
    expect(endpoints.filter((name) => name.includes('Post')).sort()).toEqual([
      'privatePostTradeAmendOrder',
      'privatePostTradeCancelOrder',
      'privatePostTradeOrder',
    ]);
  });
});
