import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { EVENTS } from '../topics.js';
import { arbitraryOf } from './arbitrary.js';
import { decodeDoor } from './door.js';
import { parseEvent } from './parse-event.js';
import { encodeProtobuf } from './protobuf.js';

const signal = {
  signalId: 'sig-0001',
  userId: 'user-42',
  pair: 'BTC-USD',
  side: 'buy',
  signalType: 'entry',
  generatedAt: '2026-11-21T02:47:10.123Z',
};
const bytes = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const read = (value: unknown, contentType?: string): unknown =>
  decodeDoor('TradingSignalGenerated', contentType, value instanceof Uint8Array ? value : bytes(value));
const parsed = (value: unknown) => parseEvent('TradingSignalGenerated', value);
const problems = (value: unknown) => {
  const result = parsed(value);
  return result.ok ? [] : result.problems;
};

describe('the door', () => {
  it('reads JSON where no content type is given', () => {
    expect(read(signal)).toEqual({ ok: true, value: signal });
    expect(read(signal, 'Application/JSON; charset=utf-8')).toEqual({ ok: true, value: signal });
  });

  it('reads the protobuf message of the topic; what was not sent is absent', () => {
    const sent = encodeProtobuf('TradingSignalGenerated', { ...signal, strength: 0, reduceOnly: false } as never);
    expect(read(sent, 'application/protobuf')).toEqual({
      ok: true,
      value: { ...signal, strength: 0, reduceOnly: false },
    });
  });

  it('takes null as absent, but leaves metadata as it is', () => {
    const sent = { ...signal, limitPrice: null, venues: { prefer: ['okx'], only: null }, metadata: { note: null } };
    expect(read(sent)).toEqual({
      ok: true,
      value: { ...signal, venues: { prefer: ['okx'] }, metadata: { note: null } },
    });
    expect(parsed(sent)).toEqual({
      ok: true,
      value: { ...signal, venues: { prefer: ['okx'] }, metadata: { note: null } },
    });
  });

  it.each([
    ['not JSON', bytes('{"signalId": '), undefined, 'The value is not JSON.'],
    ['empty', bytes(''), undefined, 'The value is empty.'],
    ['not UTF-8', Uint8Array.of(0x22, 0xff, 0x22), undefined, 'The value is not UTF-8 text.'],
    [
      'not protobuf',
      bytes(signal),
      'application/protobuf',
      'The value is not a protobuf message TradingSignalGenerated.',
    ],
    [
      'of another type',
      bytes(signal),
      'text/xml',
      'The content-type is neither application/json nor application/protobuf.',
    ],
  ])('says in one sentence that a value is %s', (_, value, contentType, problem) => {
    expect(read(value, contentType)).toEqual({ ok: false, problem });
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.constantFrom(undefined, 'application/protobuf'),
        (value, type) => {
          const result = decodeDoor('TradingSignalGenerated', type, value);
          if (result.ok) parseEvent('TradingSignalGenerated', result.value);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('survives a protobuf message with one byte changed or cut off', () => {
    fc.assert(
      fc.property(arbitraryOf(EVENTS.TradingSignalGenerated.schema), fc.nat(), fc.nat(255), (event, place, byte) => {
        const sent = encodeProtobuf('TradingSignalGenerated', event as never);
        const changed = sent.slice();
        changed[place % sent.length] = byte;
        for (const value of [changed, sent.subarray(0, place % sent.length)]) {
          const result = decodeDoor('TradingSignalGenerated', 'application/protobuf', value);
          if (result.ok) parseEvent('TradingSignalGenerated', result.value);
        }
      }),
    );
  });

  it('refuses an enum number of a later version by naming the values it knows', () => {
    const sent = encodeProtobuf('TradingSignalGenerated', signal as never);
    // Field 9 (side), varint.
    const later = Uint8Array.of(...sent, 0x48, 99);
    expect(read(later, 'application/protobuf')).toMatchObject({ ok: true, value: { side: 99 } });
    expect(problems({ ...signal, side: 99 })).toEqual([{ path: 'side', problem: 'must be one of "buy", "sell"' }]);
  });

  it('ignores fields of a protobuf message that it does not know', () => {
    const sent = encodeProtobuf('TradingSignalGenerated', signal as never);
    // Field 1000, varint.
    const later = Uint8Array.of(...sent, 0xc0, 0x3e, 1);
    expect(read(later, 'application/protobuf')).toEqual({ ok: true, value: signal });
  });
});

describe('parsing an event', () => {
  it('ignores unknown fields, wherever they are', () => {
    const sent = { ...signal, size: { quote: '1', note: 'x' }, venues: { only: ['okx'], note: 1 }, note: 2 };
    expect(parsed(sent)).toEqual({ ok: true, value: { ...signal, size: { quote: '1' }, venues: { only: ['okx'] } } });
  });

  it('names every bad field at once', () => {
    const bad = {
      userId: 'user 42',
      pair: 'btcusd',
      side: 'hold',
      signalType: 'entry',
      size: { quote: 250 },
      entryPrice: 64000,
      stopLoss: '-1',
      confidence: 1.5,
      reduceOnly: 'yes',
      venues: { prefer: ['okx', 'Kraken'] },
      execution: { durationS: 1.5 },
      generatedAt: 'yesterday',
    };
    expect(problems(bad)).toEqual([
      { path: 'signalId', problem: 'is required' },
      {
        path: 'userId',
        problem: 'must be 1 to 128 letters, digits or any of . _ : @ / + -, and start with a letter or digit',
      },
      { path: 'pair', problem: 'must be a canonical pair, such as "BTC-USD"' },
      { path: 'side', problem: 'must be one of "buy", "sell"' },
      { path: 'reduceOnly', problem: 'must be true or false' },
      { path: 'size.quote', problem: 'must be a decimal in a string, such as "64000.00"' },
      { path: 'confidence', problem: 'must be at most 1' },
      { path: 'entryPrice', problem: 'must be a decimal in a string, such as "64000.00"' },
      { path: 'stopLoss', problem: 'must be greater than 0' },
      { path: 'venues.prefer[1]', problem: 'must be a venue in lower case, such as "kraken"' },
      { path: 'execution.durationS', problem: 'must be a whole number' },
      { path: 'generatedAt', problem: 'must be a time in RFC 3339, such as "2026-11-21T02:47:10.123Z"' },
    ]);
  });

  it.each([
    ['two sizes at once', { size: { quote: '1', base: '1' } }, 'size', 'must be one of {"quote": "250.00"}'],
    ['an empty size', { size: {} }, 'size', 'must be one of {"quote": "250.00"}'],
    ['no owner', { userId: undefined }, 'userId', 'userId or strategyId must be given'],
    ['a time before computers', { generatedAt: '1812-01-01T00:00:00Z' }, 'generatedAt', 'must lie between the years'],
    ['a NUL in metadata', { metadata: { note: ['\0'] } }, 'metadata', 'must hold well-formed text without NUL'],
    ['half a surrogate pair', { strategy: '\ud800' }, 'strategy', 'must be well-formed text without NUL'],
    ['an exponent in a price', { entryPrice: '6e4' }, 'entryPrice', 'must be a decimal in a string'],
  ])('refuses %s', (_, part, path, problem) => {
    expect(problems({ ...signal, ...part })).toEqual([{ path, problem: expect.stringContaining(problem) }]);
  });

  it.each([null, 1, 'text', [], [signal], undefined])('refuses %p, which is no object', (value) => {
    expect(problems(value)).toHaveLength(1);
    expect(problems(value)[0].path).toBe('');
  });

  it('refuses metadata nested so deep that a reader could break on it', () => {
    const deep = JSON.parse(`${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`) as unknown;
    expect(problems({ ...signal, metadata: deep })).toEqual([
      { path: 'metadata', problem: expect.stringContaining('not be nested deeper than 32 levels') },
    ]);
  });

  it('writes times in UTC with milliseconds', () => {
    expect(parsed({ ...signal, generatedAt: '2026-11-21T04:47:10.1234+02:00' })).toMatchObject({
      value: { generatedAt: '2026-11-21T02:47:10.123Z' },
    });
  });
});
