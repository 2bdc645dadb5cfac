import { describe, expect, it } from '@jest/globals';
import { deadLetterOf } from './dead-letter.js';
import { encodeRecord } from './frame.js';
import { RecordEvent } from './record.js';

const strange = (key: string, value: Buffer, headers: Record<string, string> = {}) =>
  deadLetterOf(
    new RecordEvent(
      { key, id: 'record-1', type: '', time: '', value },
      { topic: 'In', partition: 3, source: undefined, sequence: 0 },
      headers,
    ),
    'risk',
    'UNREADABLE',
    'It is not JSON.',
    '2026-11-21T10:00:00.000Z',
  );

describe('a dead letter', () => {
  it('keeps what is of a size that people write', () => {
    const { key, value, extra } = strange('ann', Buffer.from('{'), { 'content-type': 'application/json' });
    expect([key, value.toString(), extra?.['content-type']]).toEqual(['ann', '{', 'application/json']);
    expect(Object.keys(extra ?? {})).not.toContain('dlt_value_bytes');
  });

  it('fits the log whatever a stranger wrote, and says what was cut', () => {
    const headers = Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`h${String(n)}`, 'x'.repeat(2_000)]));
    const record = strange('k'.repeat(1_000_000), Buffer.alloc(5_000_000), headers);
    expect(encodeRecord(record).length).toBeLessThan(400_000);
    expect(record.extra).toMatchObject({ dlt_key_length: '1000000', dlt_value_bytes: '5000000', dlt_headers: '5000' });
  });

  it('holds no text that Postgres or JSON refuses', () => {
    const { key, extra } = strange('a\0b\uD800', Buffer.from(''), { 'x\0': '\uDC00' });
    expect(key).toBe('a\uFFFDb\uFFFD');
    expect(
      Object.entries(extra ?? {})
        .flat()
        .every((text) => text.isWellFormed() && !text.includes('\0')),
    ).toBe(true);
  });
});
