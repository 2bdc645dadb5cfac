import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadCcxtClass } from '../ccxt/exchange.js';
import { market, order, refOf, soon } from '../contract/scene.js';
import { coinbaseKeysOf } from './keys.js';
import {
  BTC,
  CANCEL,
  KEYS,
  ORDER_ID,
  ORDERS,
  PLACE,
  scriptedScene,
  taken,
  type ScriptedScene,
  type SeenRequest,
} from './scripted-coinbase.js';
import { createAuthToken, LONGEST_WINDOW_MS, voidAfter } from './token.js';

type Part = Readonly<Record<string, unknown>>;

const partOf = (token: string, index: number): Part =>
  JSON.parse(Buffer.from(token.split('.')[index] ?? '', 'base64url').toString()) as Part;

const isSignedBy = (token: string, privatePem: string): boolean => {
  const [header = '', claims = '', signature = ''] = token.split('.');
  const key = { key: createPublicKey(privatePem), dsaEncoding: 'ieee-p1363' } as const;
  return verify('sha256', Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, 'base64url'));
};

const URL_OF_ORDERS = 'https://api.coinbase.com/api/v3/brokerage/orders';
const NOON_S = Date.UTC(2026, 10, 21, 12) / 1_000;

const signer = (nowMs: number, secret = KEYS.secret) => ({ apiKey: KEYS.apiKey, secret, nonce: () => nowMs });
const tokenAt = (nowMs: number, url = URL_OF_ORDERS, secret = KEYS.secret): string =>
  createAuthToken.call(signer(nowMs, secret), 0, 'POST', url);

describe('the token of a request', () => {
  it('says what ccxt’s own says of the same moment, under a signature that the key’s public half verifies', async () => {
    const Coinbase = await loadCcxtClass('coinbase');
    const ccxt = new Coinbase({ ...KEYS }) as unknown as {
      createAuthToken(seconds: number, method: string, url: string): string;
    };
    for (const [method, url] of [
      ['POST', URL_OF_ORDERS],
      ['GET', `${URL_OF_ORDERS}/historical/batch?order_status=OPEN&limit=250`],
    ] as const) {
      const theirs = ccxt.createAuthToken(NOON_S, method, url);
      // It begins five seconds ago: a clock that is measured is never quite right.
      const ours = createAuthToken.call(signer((NOON_S + 5) * 1_000), 0, method, url);
      expect(partOf(ours, 1)).toEqual(partOf(theirs, 1));
      expect({ ...partOf(ours, 0), nonce: '' }).toEqual({ ...partOf(theirs, 0), nonce: '' });
      expect(partOf(ours, 0)['nonce']).toMatch(/^[0-9a-f]{32}$/);
      expect(Object.keys(partOf(ours, 1))).toEqual(Object.keys(partOf(theirs, 1)));
      for (const token of [ours, theirs]) expect(isSignedBy(token, KEYS.secret)).toBe(true);
      expect(isSignedBy(ours, coinbaseKeysOf('bob').secret)).toBe(false);
    }
  });

  it('claims the key, the issuer, two minutes, and one method, host and path', () => {
    const claims = partOf(tokenAt(NOON_S * 1_000 + 999, `${URL_OF_ORDERS}?limit=1`), 1);
    expect(claims).toEqual({
      sub: KEYS.apiKey,
      iss: 'coinbase-cloud',
      aud: ['retail_rest_api_proxy'],
      nbf: NOON_S - 5,
      iat: NOON_S - 5,
      exp: NOON_S - 5 + 120,
      uri: 'POST api.coinbase.com/api/v3/brokerage/orders',
    });
    expect(partOf(tokenAt(0, 'http://127.0.0.1:9003/api/v3/brokerage/time'), 1)['uri']).toBe(
      'POST 127.0.0.1:9003/api/v3/brokerage/time',
    );
  });

  it('is never the same twice', () => {
    expect(tokenAt(0)).not.toBe(tokenAt(0));
  });

  it('is void when its window is over, never later', () => {
    for (const [nowMs, windowMs] of [
      [NOON_S * 1_000, 5_000],
      [NOON_S * 1_000 + 999, 2_000],
      [NOON_S * 1_000 + 1, LONGEST_WINDOW_MS],
    ] as const) {
      const { exp, nbf } = partOf(
        voidAfter(windowMs, () => tokenAt(nowMs)),
        1,
      ) as { exp: number; nbf: number };
      expect(exp * 1_000).toBeLessThanOrEqual(nowMs + windowMs);
      expect(exp * 1_000).toBeGreaterThan(nowMs + windowMs - 1_000);
      expect(exp - nbf).toBeLessThanOrEqual(120);
    }
  });

  it('is made with a key as key files write it, and as PKCS 8', () => {
    const inOneLine = KEYS.secret.replaceAll('\n', '\\n');
    expect(isSignedBy(tokenAt(0, URL_OF_ORDERS, inOneLine), KEYS.secret)).toBe(true);
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    expect(isSignedBy(tokenAt(0, URL_OF_ORDERS, pkcs8), pkcs8)).toBe(true);
  });
});

describe('a request over the wire', () => {
  let scene: ScriptedScene;
  beforeEach(async () => {
    scene = await scriptedScene();
  });
  afterEach(() => scene.close());

  const claimsOf = (request: SeenRequest | undefined): Part => {
    const [, token = ''] = request?.headers.authorization?.split('Bearer ') ?? [];
    expect(isSignedBy(token, KEYS.secret)).toBe(true);
    return partOf(token, 1);
  };
  const nowS = (): number => Date.now() / 1_000;

  it('carries the window of an order and of a cancel; a question lives two minutes', async () => {
    scene.coinbase.script(PLACE, { body: taken() });
    await scene.client.place(order(BTC), soon({ recvWindowMs: 30_000 }));
    await scene.client.cancel(refOf(order(BTC), ORDER_ID), soon({ recvWindowMs: 20_000 }));
    await scene.client.openOrders();
    for (const [name, seconds] of [
      [PLACE, 30],
      [CANCEL, 20],
    ] as const) {
      const claims = claimsOf(scene.coinbase.asked(name)[0]);
      expect(Math.abs(Number(claims['exp']) - nowS() - seconds)).toBeLessThan(15);
      expect(claims['uri']).toBe(`POST ${new URL(scene.coinbase.origin).host}${name.slice('POST '.length)}`);
    }
    const question = claimsOf(scene.coinbase.asked(ORDERS)[0]);
    expect(Number(question['exp']) - Number(question['nbf'])).toBe(120);
  });

  it('that may have come after its token was void blames no key: nothing was taken, and it may go again', async () => {
    const unauthorized = { status: 401, body: 'Unauthorized' };
    scene.coinbase.script(PLACE, { ...unauthorized, afterMs: 1_100 }, unauthorized);
    const place = () => scene.client.place(order(BTC), soon({ recvWindowMs: 2_000 }));
    expect(await place()).toMatchObject({ kind: 'refused', code: 'CLOCK_SKEW' });
    const again = await place();
    // On a machine that stalls the second answer comes late, too.
    if (again.kind === 'refused') expect(['BAD_CREDENTIALS', 'CLOCK_SKEW']).toContain(again.code);
    expect(again.kind).toBe('refused');
  });

  it('is given no longer a window than a token can have', async () => {
    scene.coinbase.script(PLACE, { body: taken() });
    await scene.client.place(order(BTC), soon({ recvWindowMs: 600_000 }));
    const { exp, nbf } = claimsOf(scene.coinbase.asked(PLACE)[0]);
    expect(Number(exp) - Number(nbf)).toBeLessThanOrEqual(120);
  });

  it('is signed by the venue’s clock', async () => {
    scene.coinbase.script('GET /api/v3/brokerage/time', { body: { epochMillis: String(Date.now() + 3_600_000) } });
    await scene.venue.marketData.serverTime();
    await scene.client.openOrders();
    const { nbf } = claimsOf(scene.coinbase.asked(ORDERS)[0]);
    expect(Math.abs(Number(nbf) - nowS() - 3_600)).toBeLessThan(20);
  });

  it.each([
    ['Ed25519', () => generateKeyPairSync('ed25519').privateKey],
    ['another curve', () => generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey],
  ])('is not sent under a key that Coinbase does not take for this (%s)', async (_, key) => {
    const secret = key().export({ type: 'pkcs8', format: 'pem' }).toString();
    const outcome = await scene.clientOf({ ...KEYS, secret }).place(market(BTC), soon());
    expect(outcome).toMatchObject({ kind: 'notSent', reason: 'unsigned' });
    expect(scene.coinbase.asked(PLACE)).toEqual([]);
  });

  it.each([
    ['a broken PEM', KEYS.secret.slice(0, 60)],
    ['an Ed25519 key as Coinbase issues it', Buffer.alloc(64, 7).toString('base64')],
    ['none', ''],
  ])('is not sent under %s', async (_, secret) => {
    const outcome = await scene.clientOf({ ...KEYS, secret }).place(market(BTC), soon());
    expect(outcome).toMatchObject({ kind: 'notSent', reason: 'unsigned' });
    expect(scene.coinbase.asked(PLACE)).toEqual([]);
  });

  it('for the market carries no key, and asks for an answer that is fresh', async () => {
    await scene.venue.marketData.instruments();
    const { headers } = scene.coinbase.asked('GET /api/v3/brokerage/market/products')[0]!;
    expect(headers.authorization).toBeUndefined();
    expect(headers['cache-control']).toBe('no-cache');
  });
});

describe('a key for a simulator', () => {
  it('is always the same for one seed, another for another, of the form that Coinbase issues', () => {
    expect(coinbaseKeysOf('a')).toEqual(coinbaseKeysOf('a'));
    expect(coinbaseKeysOf('a').apiKey).not.toBe(coinbaseKeysOf('b').apiKey);
    expect(coinbaseKeysOf('a').secret).not.toBe(coinbaseKeysOf('b').secret);
    expect(coinbaseKeysOf('a').apiKey).toMatch(/^organizations\/[0-9a-f-]{36}\/apiKeys\/[0-9a-f-]{36}$/);
    expect(coinbaseKeysOf('a').secret).toMatch(/^-----BEGIN EC PRIVATE KEY-----\n/);
  });
});
