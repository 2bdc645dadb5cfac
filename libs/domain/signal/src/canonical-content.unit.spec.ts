import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalContent } from './canonical-content.js';
import { aSignal } from './testing/signals.js';

describe('the content of a signal', () => {
  it('is the same however its fields are ordered', () => {
    const { signalId, ...rest } = aSignal({ metadata: { b: 1, a: { d: 2, c: 3 } } });
    const shuffled = { ...rest, metadata: { a: { c: 3, d: 2 }, b: 1 }, signalId };
    expect(canonicalContent(shuffled)).toBe(canonicalContent({ signalId, ...rest }));
  });

  it('is the same however its decimals and times are spelled', () => {
    const one = aSignal({ entryPrice: '64000.00', size: { quote: '250.50' }, generatedAt: '2026-11-21T02:47:10.000Z' });
    const other = aSignal({ entryPrice: '64000', size: { quote: '250.5' }, generatedAt: '2026-11-21T03:47:10+01:00' });
    expect(canonicalContent(one)).toBe(canonicalContent(other));
  });

  it('does not tell null or an empty list from an absent field', () => {
    const sparse = aSignal({ venues: { prefer: ['kraken'], only: [] }, execution: {} });
    const withNull = { ...sparse, limitPrice: null, venues: { prefer: ['kraken'] }, execution: undefined };
    expect(canonicalContent(withNull as never)).toBe(canonicalContent(sparse));
  });

  it('leaves out what the door filled in, so that a retry an hour later is the same signal', () => {
    const first = aSignal({ generatedAt: '2026-11-21T02:00:00.000Z', defaulted: ['generatedAt', 'userId'] });
    const retry = aSignal({ generatedAt: '2026-11-21T03:00:00.000Z', defaulted: ['userId', 'generatedAt'] });
    expect(canonicalContent(retry)).toBe(canonicalContent(first));
  });

  it.each([
    [{ entryPrice: '64000.01' }],
    [{ side: 'sell' }],
    [{ size: { base: '250' } }],
    [{ venues: { prefer: ['okx', 'kraken'] } }],
    [{ metadata: { note: '' } }],
    [{ generatedAt: '2026-11-21T02:47:10.124Z' }],
    [{ stopLoss: '100' }],
  ] as const)('differs where something else was sent: %j', (change) => {
    const base = { size: { quote: '250' }, venues: { prefer: ['kraken', 'okx'] } } as const;
    expect(canonicalContent(aSignal({ ...base, ...change }))).not.toBe(canonicalContent(aSignal(base)));
  });

  it('is a text for any metadata at all', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (metadata) => {
        const text = canonicalContent(aSignal({ metadata }));
        expect(canonicalContent(aSignal({ metadata: JSON.parse(JSON.stringify(metadata)) }))).toBe(text);
        expect(() => JSON.parse(text) as unknown).not.toThrow();
      }),
    );
  });

  it('is this text, letter by letter: hashes that are stored must stay what they are', () => {
    const signal = aSignal({
      size: { quote: '250.00' },
      entryPrice: '64000.10',
      confidence: 0.72,
      venues: { prefer: ['okx', 'kraken'], only: [] },
      metadata: { z: null, b: [1, null, {}], a: 'é' },
      postOnly: false,
    });
    expect(canonicalContent(signal)).toBe(
      '{"confidence":0.72,"entryPrice":"64000.1","generatedAt":"2026-11-21T02:47:10.123Z","metadata":{"a":"é","b":[1,null,{}]},' +
        '"pair":"BTC-USD","postOnly":false,"side":"buy","signalId":"sig-1","signalType":"entry","size":{"quote":"250"},' +
        '"userId":"user-42","venues":{"prefer":["okx","kraken"]}}',
    );
  });

  it('keeps 10 and 100 apart', () => {
    expect(canonicalContent(aSignal({ entryPrice: '10' }))).not.toBe(canonicalContent(aSignal({ entryPrice: '100' })));
    expect(canonicalContent(aSignal({ entryPrice: '0.10' }))).toBe(canonicalContent(aSignal({ entryPrice: '0.1' })));
  });
});
