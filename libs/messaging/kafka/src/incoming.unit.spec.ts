import { describe, expect, it } from '@jest/globals';
import { headersOf, type LogRecord } from '@switchyard/log';
import type { KafkaMessage } from 'kafkajs';
import { eventOf } from './incoming.js';

const message = (part: object): KafkaMessage =>
  Object.assign(
    {
      key: Buffer.from('user-1'),
      value: Buffer.from('{"a":1}'),
      timestamp: '1763690400000',
      offset: '7',
      attributes: 0,
      headers: {},
    },
    part,
  );
const asBuffers = (headers: Record<string, string>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Buffer.from(value)]));

describe('a Kafka record as an event', () => {
  it('of ours keeps its id, number and every header', () => {
    const record: LogRecord = {
      key: 'user-1',
      id: 'abc',
      type: 'OrderFilled',
      time: '2026-11-21T02:47:10.123Z',
      causationId: 'c',
      correlationId: 'sig-1',
      traceparent: '00-aa-bb-01',
      extra: { 'content-type': 'application/protobuf', dlt_code: 'UNREADABLE' },
      value: Buffer.from('{"a":1}'),
    };
    const headers = headersOf(record, 'execution-binance/3/1', 12);
    const event = eventOf('OrderFilled', 3, message({ headers: asBuffers(headers) }));
    expect(event).toMatchObject({ id: 'abc', source: 'execution-binance/3/1', sequence: 12, key: 'user-1' });
    expect(event.headers).toEqual(headers);
    expect(event.payload).toEqual({ a: 1 });
  });

  it("of a stranger has an id made from its place, the time of the broker, and the topic's type", () => {
    const event = eventOf('TradingSignalGenerated', 3, message({ headers: { 'content-type': 'application/json' } }));
    expect(event.source).toBeUndefined();
    expect(event.sequence).toBe(0);
    expect(event.id).toMatch(/^[0-9a-f]{32}$/);
    expect(event.id).not.toBe(eventOf('TradingSignalGenerated', 3, message({ offset: '8' })).id);
    expect(event.id).toBe(eventOf('TradingSignalGenerated', 3, message({})).id);
    expect(event.type).toBe('TradingSignalGenerated');
    expect(event.time).toBe('2025-11-21T02:00:00.000Z');
    expect(event.headers).toEqual({ 'content-type': 'application/json' });
  });

  it.each([
    ['no number', { ce_source: 'risk/1/1' }],
    ['a number below 1', { ce_source: 'risk/1/1', ce_sequence: '0' }],
    ['a number that is none', { ce_source: 'risk/1/1', ce_sequence: 'many' }],
    ['a source of another form', { ce_source: 'https://example.com', ce_sequence: '1' }],
  ])('is a stranger’s where it claims %s', (_, headers) => {
    const event = eventOf('A', 0, message({ headers: { ...headers, ce_id: 'mine' } }));
    expect(event.source).toBeUndefined();
    expect(event.id).not.toBe('mine');
  });

  it('is read without key, value or headers, and with headers given twice', () => {
    const bare = eventOf('A', 0, message({ key: null, value: null, headers: undefined, timestamp: 'x' }));
    expect(bare.key).toBe('');
    expect(bare.value).toHaveLength(0);
    expect(eventOf('A', 0, message({ headers: { x: ['1', '2'], y: undefined } })).headers).toEqual({ x: '1' });
  });
});
