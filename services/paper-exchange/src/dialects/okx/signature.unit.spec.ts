import { afterEach, describe, expect, it } from '@jest/globals';
import { openAccount } from '../../core/open-account.js';
import { aVenue, type AVenue } from '../../testing/a-venue.js';
import type { VenueRequest } from '../dialect.js';
import { authenticate, timingError } from './signature.js';

/**
 * The key, the moment and the requests are those of OKX's own documentation; the signatures were made by OpenSSL:
 * `printf '%s' "$time$method$path$body" | openssl dgst -sha256 -hmac "$secret" -binary | base64`.
 */
const SECRET = '22582BD0CFF14C41EDBF1AB98506286D';
const TIME = '2020-12-08T09:08:57.715Z';
const ORDER =
  '{"instId":"BTC-USDT","tdMode":"cash","clOrdId":"b15","side":"buy","ordType":"limit","sz":"2","px":"2.15"}';

const question = (change: Partial<VenueRequest> = {}, headers: VenueRequest['headers'] = {}): VenueRequest => ({
  method: 'GET',
  path: '/api/v5/account/balance',
  query: 'ccy=BTC',
  body: '',
  ip: '127.0.0.1',
  ...change,
  headers: {
    'ok-access-key': 'documented',
    'ok-access-passphrase': 'phrase',
    'ok-access-timestamp': TIME,
    'ok-access-sign': 'HiZhvSfMtWJA3uUIVXV3a/bSXNPCWvYFXoGCVS8V4zY=',
    ...headers,
  },
});
const order = (headers: VenueRequest['headers'] = {}): VenueRequest =>
  question(
    { method: 'POST', path: '/api/v5/trade/order', query: '', body: ORDER },
    { 'ok-access-sign': 'hiz6lydej7hcNe2lYLMUB48uFwlAobLvZbQId8g2KTg=', ...headers },
  );

const open: AVenue[] = [];
const venueAt = (ms: number): AVenue['exchange'] => {
  const made = aVenue(undefined, { ms });
  open.push(made);
  openAccount(made.exchange, { accountKey: 'documented', secret: SECRET, passphrase: 'phrase', balances: {} });
  return made.exchange;
};
afterEach(async () => {
  for (const each of open.splice(0)) await each.exchange.close();
});

const codeOf = (run: () => unknown): string => {
  try {
    run();
    return 'taken';
  } catch (error) {
    return (error as { readonly code: string }).code;
  }
};

describe('a signature', () => {
  it('is good over time, method, path with query, and body', () => {
    const exchange = venueAt(Date.parse(TIME));
    expect(authenticate(exchange, question()).accountKey).toBe('documented');
    expect(authenticate(exchange, order()).accountKey).toBe('documented');
  });

  it.each<readonly [string, VenueRequest, string]>([
    ['of another query', question({ query: 'ccy=ETH' }), '50113'],
    ['of another path', question({ path: '/api/v5/account/config' }), '50113'],
    ['of another method', question({ method: 'POST' }), '50113'],
    ['of another body', { ...order(), body: ORDER.replace('"2"', '"3"') }, '50113'],
    ['of another time', question({}, { 'ok-access-timestamp': '2020-12-08T09:08:57.716Z' }), '50113'],
    ['that is none', question({}, { 'ok-access-sign': 'x' }), '50113'],
    ['that is missing', question({}, { 'ok-access-sign': '' }), '50106'],
    ['without a time', question({}, { 'ok-access-timestamp': '' }), '50107'],
    ['at a time that is none', question({}, { 'ok-access-timestamp': '1607418537715' }), '50112'],
    ['without a key', question({}, { 'ok-access-key': undefined }), '50103'],
    ['of an unknown key', question({}, { 'ok-access-key': 'nobody' }), '50119'],
    ['without a passphrase', question({}, { 'ok-access-passphrase': undefined }), '50104'],
    ['with a wrong passphrase', question({}, { 'ok-access-passphrase': 'phrases' }), '50105'],
    ['for demo trading', question({}, { 'x-simulated-trading': '1' }), '50101'],
  ])('%s is refused', (_, request, code) => {
    expect(codeOf(() => authenticate(venueAt(Date.parse(TIME)), request))).toBe(code);
  });
});

describe('a request', () => {
  const late = (afterMs: number, expTime?: number): string | undefined =>
    timingError(
      venueAt(Date.parse(TIME) + afterMs),
      order(expTime === undefined ? {} : { exptime: String(Date.parse(TIME) + expTime) }),
      true,
    )?.code;

  it.each([
    [30_000, undefined, undefined],
    [30_001, undefined, '50102'],
    [-30_000, undefined, undefined],
    [-30_001, undefined, '50102'],
    [1_000, 1_000, undefined],
    [1_001, 1_000, '50036'],
    [30_001, 60_000, '50102'],
  ])('that comes %d ms after its signature, with an expiry %s ms after it, is told %s', (afterMs, expTime, code) => {
    expect(late(afterMs, expTime)).toBe(code);
  });

  it('that is no order has no expiry of its own', () => {
    const cancel = order({ exptime: String(Date.parse(TIME) - 1) });
    expect(timingError(venueAt(Date.parse(TIME)), cancel, false)).toBeUndefined();
  });
});
