import { describe, expect, it } from '@jest/globals';
import { Account } from '../../core/account.js';
import { aVenue } from '../../testing/a-venue.js';
import { openAccount } from '../../core/open-account.js';
import { krakenSign } from '../../testing/paper-kraken.js';
import { KrakenError } from './errors.js';
import { Parameters } from './parameters.js';
import { authenticate, checkDeadline, Nonces } from './signature.js';

/** The example of Kraken's documentation (https://docs.kraken.com/api/docs/guides/spot-rest-auth). */
const SECRET = 'kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg==';
const PATH = '/0/private/AddOrder';
const NONCE = '1616492376594';
const BODY = `nonce=${NONCE}&ordertype=limit&pair=XBTUSD&price=37500&type=buy&volume=1.25`;
const SIGN = '4/dpxb3iT4tp/ZCVEwSnEsLxx0bqyhLpdfOpc6fn7OR8+UClSV5n9E6aSS8MPtnRfp32bAb0nmbRn6H8ndwLUQ==';

const KEY = 'key-of-the-documentation';
const { exchange, clock } = aVenue();
openAccount(exchange, { accountKey: KEY, secret: SECRET, passphrase: '', balances: {} });

const request = (change: object = {}) => ({
  method: 'POST',
  path: PATH,
  query: '',
  body: BODY,
  headers: { 'api-key': KEY, 'api-sign': SIGN },
  ip: '127.0.0.1',
  ...change,
});

const errorOf = (act: () => unknown): string => {
  try {
    act();
    return 'none';
  } catch (error) {
    if (error instanceof KrakenError) return error.text;
    throw error;
  }
};

const verdictOf = (change: object = {}, body = BODY): string =>
  errorOf(() => authenticate(exchange, request({ body, ...change }), new Parameters('', body)));

describe('API-Sign', () => {
  it('is what Kraken’s documentation computes, and who signed so is known', () => {
    expect(krakenSign(PATH, NONCE, BODY, SECRET)).toBe(SIGN);
    expect(authenticate(exchange, request(), new Parameters('', BODY)).accountKey).toBe(KEY);
  });

  it.each([
    ['another path', { path: '/0/private/CancelOrder' }, 'EAPI:Invalid signature'],
    ['another body', { body: BODY.replace('1.25', '9.25') }, 'EAPI:Invalid signature'],
    [
      'another signature',
      { headers: { 'api-key': KEY, 'api-sign': SIGN.replace('4/', '5/') } },
      'EAPI:Invalid signature',
    ],
    ['half a signature', { headers: { 'api-key': KEY, 'api-sign': SIGN.slice(0, 40) } }, 'EAPI:Invalid signature'],
    ['none', { headers: { 'api-key': KEY } }, 'EAPI:Invalid signature'],
    ['an unknown key', { headers: { 'api-key': 'nobody', 'api-sign': SIGN } }, 'EAPI:Invalid key'],
    ['no key', { headers: { 'api-sign': SIGN } }, 'EAPI:Invalid key'],
  ])('with %s is refused', (_, change, error) => {
    expect(verdictOf(change)).toBe(error);
  });

  it.each(['', 'soon', '-1', '1.5', '12345678901234567890'])('over the nonce "%s" is refused', (nonce) => {
    expect(verdictOf({}, BODY.replace(NONCE, nonce))).toBe('EAPI:Invalid nonce');
  });
});

describe('the nonces of a key', () => {
  it('only ever rise, each key by itself, beyond what a double can hold', () => {
    const nonces = new Nonces();
    const isNext = (accountKey: string, nonce: string): boolean =>
      nonces.isNext(new Account(accountKey, '', '', 0), new Parameters('', `nonce=${nonce}`));
    expect(isNext('alice', '9007199254740993')).toBe(true);
    expect(isNext('alice', '9007199254740993')).toBe(false);
    expect(isNext('alice', '9007199254740992')).toBe(false);
    expect(isNext('bob', '5')).toBe(true);
    expect(isNext('alice', '9007199254740994')).toBe(true);
  });
});

describe('a deadline', () => {
  const at = (ms: number): string => new Date(clock.ms + ms).toISOString();
  it.each([
    ['two seconds off', () => at(2_000), 'none'],
    ['a minute off', () => at(60_000), 'none'],
    ['less than two seconds off', () => at(1_999), 'EGeneral:Invalid arguments:deadline'],
    ['more than a minute off', () => at(60_001), 'EGeneral:Invalid arguments:deadline'],
    ['over', () => at(0), 'EService:Deadline elapsed'],
    ['in seconds', () => String(Math.floor(clock.ms / 1_000) + 5), 'EGeneral:Invalid arguments:deadline'],
    ['in other words', () => 'tomorrow', 'EGeneral:Invalid arguments:deadline'],
  ])('%s', (_, deadline, error) => {
    const parameters = new Parameters('', `deadline=${encodeURIComponent(deadline())}`);
    expect(
      errorOf(() => {
        checkDeadline(exchange, parameters);
      }),
    ).toBe(error);
  });

  it('is nobody’s duty', () => {
    expect(
      errorOf(() => {
        checkDeadline(exchange, new Parameters('', ''));
      }),
    ).toBe('none');
  });
});
