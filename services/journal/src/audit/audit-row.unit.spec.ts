import { describe, expect, it } from '@jest/globals';
import { OWNER_HEADER } from '@switchyard/contracts';
import { eventOf, filledOrder } from '../testing/filled-order.js';
import { auditRowOf } from './audit-row.js';

const NOW = '2026-11-21T02:47:11.000Z';
const SIGNAL = {
  signalId: 'sig-1',
  userId: 'user-42',
  pair: 'BTC-USD',
  side: 'buy',
  signalType: 'entry',
  generatedAt: '2026-11-21T02:47:10.000Z',
};
const stranger = (
  key: string,
  value: unknown,
  headers: Record<string, string> = {},
  topic = 'TradingSignalGenerated',
) => auditRowOf(eventOf(topic, key, value, { id: 'e-1', partition: 3, headers }), NOW);

describe('the audit row of an event', () => {
  it('names the user and the signal of everything that our stages say of a user', () => {
    for (const event of filledOrder()) {
      expect(auditRowOf(event, NOW)).toMatchObject({ userId: 'user-42', signalId: 'sig-1', chain: 7, recordedAt: NOW });
    }
  });

  it('keeps the bytes as they came', () => {
    const bytes = Buffer.from('{"signalId" :  "sig-1"}\n');
    expect(stranger('user-42', bytes).value).toBe(bytes);
  });

  it("takes a stranger's own ids where the key agrees", () => {
    expect(stranger('user-42', SIGNAL)).toMatchObject({ userId: 'user-42', signalId: 'sig-1' });
  });

  it.each([
    ['whose key is another user', 'user-1', SIGNAL],
    ['that is not JSON', 'user-42', Buffer.from('{"signalId": "sig-1", ')],
    ['that is no object', 'user-42', ['user-42']],
    ['whose ids no index could hold', 'x'.repeat(5_000), { ...SIGNAL, userId: 'x'.repeat(5_000) }],
  ])('belongs to nobody for a record %s', (_, key, value) => {
    expect(stranger(key, value)).toMatchObject({ userId: undefined, signalId: undefined });
  });

  it("gives a strategy's own signal to no user, not even to one of the strategy's name", () => {
    const own = { ...SIGNAL, userId: undefined, strategyId: 'user-42' };
    expect(stranger('user-42', own)).toMatchObject({ userId: undefined, signalId: 'sig-1' });
    expect(stranger('user-43', own)).toMatchObject({ userId: undefined, signalId: undefined });
    const ours = (topic: string, headers: Record<string, string>) =>
      auditRowOf(
        eventOf(topic, 'user-42', own, {
          ...{ id: 'e-1', partition: 3, source: 'signal-validation/3/1', sequence: 1, correlationId: 'sig-1' },
          headers,
        }),
        NOW,
      );
    const nobodys = { userId: undefined, signalId: 'sig-1' };
    expect(ours('TradingSignalGenerated', { [OWNER_HEADER]: 'strategy' })).toMatchObject(nobodys);
    expect(ours('StrategySignalDecided', {})).toMatchObject(nobodys);
    expect(ours('TradingSignalGenerated', {})).toMatchObject({ userId: 'user-42', signalId: 'sig-1' });
  });

  it('shows a dead letter to nobody but its own user, whoever delivers it', () => {
    const letter = (key: string) =>
      auditRowOf(
        eventOf('TradingSignalGenerated.signal-validation.dlt', key, SIGNAL, {
          id: 'e-1',
          partition: 0,
          source: 'signal-validation/3/1',
          sequence: 1,
        }),
        NOW,
      );
    expect(letter('user-1').userId).toBeUndefined();
    expect(letter('user-42').userId).toBe('user-42');
  });

  it('does not take a stranger’s record for ours when an operator puts it back to its topic', () => {
    const back = (key: string, source: string) =>
      auditRowOf(eventOf('TradingSignalGenerated', key, SIGNAL, { id: 'e-1', partition: 3, source, sequence: 1 }), NOW)
        .userId;
    expect(back('user-1', 'gateway/3/1')).toBeUndefined();
    expect(back('user-42', 'gateway/3/1')).toBe('user-42');
    expect(back('user-42', 'signal-validation/3/1')).toBe('user-42');
  });

  it('says of a dead letter why it is one', () => {
    const headers = { dlt_code: 'KEY_MISMATCH', dlt_message: 'Key the record by its userId.' };
    expect(stranger('user-1', SIGNAL, headers, 'TradingSignalGenerated.signal-validation.dlt').reason).toBe(
      'KEY_MISMATCH: Key the record by its userId.',
    );
    expect(stranger('user-1', SIGNAL, headers).reason).toBeUndefined();
  });

  it('holds only text that Postgres can', () => {
    const row = stranger('a\0b\ud800', SIGNAL);
    expect(row.key).toBe('a\ufffdb\ufffd');
    expect(stranger('y'.repeat(100_000), SIGNAL).key).toHaveLength(1_024);
  });

  it('remembers a content type that is not JSON', () => {
    expect(stranger('user-42', SIGNAL, { 'content-type': 'application/json' }).contentType).toBeUndefined();
    expect(stranger('user-42', Buffer.of(1), { 'content-type': 'application/protobuf' }).contentType).toBe(
      'application/protobuf',
    );
  });
});
