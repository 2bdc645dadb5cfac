import { describe, expect, it } from '@jest/globals';
import type { Batch } from '@switchyard/log';
import { memoryBatch } from './memory-batch.js';

interface Deposit {
  readonly amount: string;
}

const deposits = (batch: Batch<Deposit>): void => {
  batch.each((event, unit) => {
    if (event.payload.amount === '') {
      unit.deadLetter('NO_AMOUNT', 'there is no amount');
      return;
    }
    const before = unit.get<readonly string[]>('account', event.key) ?? [];
    unit.put('account', event.key, [...before, event.payload.amount]);
    if (event.payload.amount === 'broken') throw new Error('broken');
    unit.emit({ topic: 'Deposited', type: 'Deposited', key: event.key, payload: { at: unit.now } });
    unit.effect({ insert: event.payload.amount });
  });
};

describe('a batch in memory, for the tests of handlers', () => {
  it('gives back documents, events, effects and dead letters', () => {
    const now = new Date('2026-11-21T10:00:00.000Z');
    const batch = memoryBatch<Deposit>(
      'Deposit',
      [
        { key: 'ann', payload: { amount: '5' } },
        { key: 'ann', payload: { amount: '7' } },
        { key: 'bob', payload: { amount: '' } },
      ],
      { documents: { account: { ann: ['1'], eve: [] } }, now },
    );
    deposits(batch);
    expect(batch.documents).toEqual({ account: { ann: ['1', '5', '7'], eve: [] } });
    expect(batch.emitted.map(({ key, payload }) => [key, payload])).toEqual([
      ['ann', { at: now }],
      ['ann', { at: now }],
    ]);
    expect(batch.effects).toEqual([{ insert: '5' }, { insert: '7' }]);
    expect(batch.deadLetters).toMatchObject([{ code: 'NO_AMOUNT', event: { key: 'bob' } }]);
  });

  it('keeps nothing of an event whose handling throws, and lets the test see the error', () => {
    const batch = memoryBatch<Deposit>('Deposit', [
      { key: 'ann', payload: { amount: '5' } },
      { key: 'ann', payload: { amount: 'broken' } },
    ]);
    expect(() => {
      deposits(batch);
    }).toThrow('broken');
    expect(batch.documents).toEqual({ account: { ann: ['5'] } });
    expect(batch.emitted).toHaveLength(1);
  });

  it('refuses to read what the reads do not name', () => {
    const batch = memoryBatch<Deposit>('Deposit', [{ key: 'ann', payload: { amount: '5' } }], { reads: () => [] });
    expect(() => {
      deposits(batch);
    }).toThrow('not named');
  });

  it('refuses an event that the log would refuse', () => {
    const batch = memoryBatch<Deposit>('Deposit', [{ key: 'ann', payload: { amount: '5' } }]);
    expect(() => {
      batch.each((event, unit) => {
        unit.emit({ topic: 'T', type: 'T', key: event.key, payload: 'x'.repeat(1_000_000) });
      });
    }).toThrow('at most 900000');
  });

  it('forgets what is deleted, and hands documents over as their JSON', () => {
    const given = { at: new Date(0) };
    const batch = memoryBatch('T', [{ key: 'k', payload: {} }], { documents: { kind: { k: given, l: given } } });
    batch.each((_, unit) => {
      expect(unit.get('kind', 'k')).toEqual({ at: '1970-01-01T00:00:00.000Z' });
      unit.delete('kind', 'k');
      expect(unit.get('kind', 'k')).toBeUndefined();
    });
    expect(batch.documents).toEqual({ kind: { l: { at: '1970-01-01T00:00:00.000Z' } } });
  });

  it('makes the same ids of the same events', () => {
    const ids = () =>
      memoryBatch('T', [
        { key: 'a', payload: 1 },
        { key: 'a', payload: 1 },
      ]).events.map(({ id }) => id);
    expect(ids()).toEqual(ids());
    expect(new Set(ids()).size).toBe(2);
  });
});
