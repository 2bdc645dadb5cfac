import { describe, expect, it } from '@jest/globals';
import { blotter } from '../ccxt/blot.js';
import { classify } from '../ccxt/classification.js';
import { alpacaDialect, alpacaErrors } from './errors.js';
import { writtenOut } from './market-data.js';

const told = (status: number, value: unknown) =>
  classify(
    {
      kind: 'answered',
      status,
      body: JSON.stringify(value),
      value,
      error: alpacaDialect.readError(value, { status, body: JSON.stringify(value) }),
      retryAfterMs: null,
      headers: {},
    },
    alpacaErrors,
    blotter(null),
  );

describe('Alpaca’s errors', () => {
  it.each(alpacaErrors.map((row) => [row.venueCode, row.example, row.meaning] as const))(
    '%s "%s" means %j',
    (venueCode, message, meaning) => {
      const answer = told(422, venueCode === 'none' ? { message } : { code: Number(venueCode), message });
      if ('refused' in meaning) expect(answer).toMatchObject({ kind: 'refused', code: meaning.refused, venueCode });
      else if ('unknown' in meaning) expect(answer).toMatchObject({ kind: 'outcomeUnknown', reason: meaning.unknown });
      else expect(answer).toEqual({ kind: 'notFound' });
    },
  );

  // Codes are its contract, words are not: under a code that may mean a known id, words of tomorrow leave the order unknown.
  it.each([
    [422, { code: 40010001, message: 'something else about the request' }],
    [422, { code: 40010001 }],
    [409, { code: 40910000, message: 'conflict' }],
    [404, { code: 40410000, message: 'endpoint not found' }],
    [404, { message: 'endpoint not found.' }],
    [403, { message: 'Access denied by the web application firewall' }],
    [400, { code: 40010000, message: 'request body format is invalid' }],
    [422, { code: 42210001, message: 'a code of tomorrow' }],
  ])('%i %j leaves an order unknown', (status, value) => {
    expect(told(status, value)).toMatchObject({ kind: 'outcomeUnknown', reason: 'unlisted' });
  });

  it.each([
    'client_order_id must be unique',
    'client order id must be unique.',
    'client_order_id already exists',
    'order with this id already exists',
    'duplicate order',
  ])('"%s" is never a refusal, under whichever code: an earlier copy may live', (message) => {
    for (const code of [40010001, 42210000, 40310000])
      expect(told(422, { code, message })).toMatchObject({ kind: 'outcomeUnknown', reason: 'duplicate' });
  });

  it('a 5xx is unknown, though it speaks like a refusal', () => {
    const body = { code: 40310000, message: 'insufficient balance for USD' };
    expect(told(500, body)).toMatchObject({ kind: 'outcomeUnknown', reason: 'serverError' });
  });

  it('no order, account or list is taken for an error', () => {
    for (const value of [{ id: 'x', status: 'new' }, [], [{ message: 'x' }], null])
      expect(alpacaDialect.readError(value, { status: 200, body: '' })).toBeNull();
  });
});

describe('what Alpaca says of its limit', () => {
  const read = (limit?: string, remaining?: string) =>
    alpacaDialect.readLimits({ 'x-ratelimit-limit': limit, 'x-ratelimit-remaining': remaining });

  it('is what the account has used of its minute', () => {
    expect(read('200', '195')).toEqual([{ counts: 'orders', used: 5, windowMs: 60_000 }]);
  });

  it.each([
    [undefined, '5'],
    ['200', undefined],
    ['lots', '5'],
    ['200', '-1'],
    ['200', '201'],
  ])('is not believed where it makes no sense: %j, %j left', (limit, remaining) => {
    expect(read(limit, remaining)).toEqual([]);
  });
});

describe('a figure with an exponent', () => {
  it.each([
    ['5.2e-7', '0.00000052'],
    ['5e-07', '0.0000005'],
    ['1e3', '1000'],
    ['1.25e+1', '12.5'],
    ['1.25E2', '125'],
    ['12.5e-1', '1.25'],
    ['12.5e-2', '0.125'],
    ['0.5', '0.5'],
    ['-5e-7', '-5e-7'],
    ['e5', 'e5'],
  ])('%s is written out as %s', (figure, text) => {
    expect(writtenOut(figure)).toBe(text);
  });
});
