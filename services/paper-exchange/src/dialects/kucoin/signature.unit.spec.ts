import { afterEach, describe, expect, it } from '@jest/globals';
import { openAccount } from '../../core/open-account.js';
import { aVenue, type AVenue } from '../../testing/a-venue.js';
import type { VenueRequest } from '../dialect.js';
import { authenticate, timingError } from './signature.js';

/**
 * Key, secret and passphrase are those of the tests of KuCoin's own library (github.com/Kucoin/kucoin-universal-sdk, MIT licence), the
 * requests those of KuCoin's documentation; the signatures were made by OpenSSL:
 * `printf '%s' "$time$method$path$body" | openssl dgst -sha256 -hmac "$secret" -binary | base64`.
 */
const KEY = 'test_api_key';
const TIME = '1729176273859';
const ORDER =
  '{"type": "limit", "symbol": "BTC-USDT", "side": "buy", "price": "50000", "size": "0.00001", ' +
  '"clientOid": "5c52e11203aa677f33e493fb", "remark": "order remarks"}';

const question = (change: Partial<VenueRequest> = {}, headers: VenueRequest['headers'] = {}): VenueRequest => ({
  method: 'GET',
  path: '/api/v1/trade-fees',
  query: 'symbols=BTC-USDT',
  body: '',
  ip: '127.0.0.1',
  ...change,
  headers: {
    'kc-api-key': KEY,
    'kc-api-key-version': '3',
    'kc-api-passphrase': 'Ikr9KjwgA4urCb5Az1TNKgQELW10z84iOq+wsZsRRz0=',
    'kc-api-timestamp': TIME,
    'kc-api-sign': 'x9Ohujh4h30Gd8Qv73R377gMY+VziHFOLeOrTcK2aCU=',
    ...headers,
  },
});
const order = question(
  { method: 'POST', path: '/api/v1/hf/orders', query: '', body: ORDER },
  { 'kc-api-sign': 'P2BRI4NDc08+buhzB9a7UhDdSUasXW2Q9HcP7+c949E=' },
);
/** The documentation's example of what is signed as it was before it was encoded. */
const encoded = question(
  { path: '/api/v1/sub/api-key', query: 'apiKey=67b3&subName=test&passphrase=abc%21%40%2311' },
  { 'kc-api-sign': 'g+u9xjFyDz+CyA898fYW1Wg1fkwbazM7NDKOM3ZbUq8=' },
);

const open: AVenue[] = [];
const venueAt = (ms: number): AVenue['exchange'] => {
  const made = aVenue(undefined, { ms });
  open.push(made);
  const credentials = { accountKey: KEY, secret: 'test_api_secret', passphrase: 'test_passphrase' };
  openAccount(made.exchange, { ...credentials, balances: {} });
  return made.exchange;
};
afterEach(async () => {
  for (const each of open.splice(0)) await each.exchange.close();
});

describe('a signature', () => {
  it('is good over time, method, path with query, and body, and beside it the passphrase', () => {
    const exchange = venueAt(Number(TIME));
    for (const request of [question(), order, encoded, question({}, { 'kc-api-key-version': '2' })])
      expect(authenticate(exchange, request)).toMatchObject({ account: { accountKey: KEY }, timestamp: TIME });
  });

  it.each<readonly [string, VenueRequest, string]>([
    ['of another query', question({ query: 'symbols=ETH-USDT' }), '400005'],
    ['of another path', question({ path: '/api/v1/base-fee' }), '400005'],
    ['of another method', question({ method: 'DELETE' }), '400005'],
    ['of another body', { ...order, body: ORDER.replace('50000', '60000') }, '400005'],
    ['of another time', question({}, { 'kc-api-timestamp': '1729176273860' }), '400005'],
    ['that is none', question({}, { 'kc-api-sign': 'x' }), '400005'],
    ['that is missing', question({}, { 'kc-api-sign': '' }), '400001'],
    ['without a time', question({}, { 'kc-api-timestamp': '' }), '400001'],
    ['at a time that is none', question({}, { 'kc-api-timestamp': 'noon' }), '400002'],
    ['without a key', question({}, { 'kc-api-key': undefined }), '400001'],
    ['of an unknown key', question({}, { 'kc-api-key': 'nobody' }), '400003'],
    ['without a passphrase', question({}, { 'kc-api-passphrase': undefined }), '400001'],
    ['with a passphrase that is not encrypted', question({}, { 'kc-api-passphrase': 'test_passphrase' }), '400004'],
    ['of a key of version 1', question({}, { 'kc-api-key-version': '1' }), '400009'],
  ])('%s is refused', (_, request, code) => {
    expect(() => authenticate(venueAt(Number(TIME)), request)).toThrow(expect.objectContaining({ code }));
  });

  it.each([
    [5_000, undefined],
    [5_001, '400002'],
    [-5_000, undefined],
    [-5_001, '400002'],
  ])('that comes %d ms after its time is told %s', (afterMs, code) => {
    expect(timingError(venueAt(Number(TIME) + afterMs), TIME)?.code).toBe(code);
  });
});
