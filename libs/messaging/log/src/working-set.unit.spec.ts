import { describe, expect, it } from '@jest/globals';
import { RecordEvent } from './record.js';
import { documentKey } from './store.js';
import { EventTooLarge, EventUnit, MAX_VALUE_BYTES, WorkingSet } from './working-set.js';

const NOW = new Date('2026-11-21T10:00:00.000Z');
const cause = new RecordEvent(
  {
    key: 'user-1',
    id: 'cause-1',
    type: 'SignalValidated',
    time: '',
    correlationId: 'sig-1',
    extra: { 'x-note': 'free' },
    value: Buffer.from('what came'),
  },
  { topic: 'SignalValidated', partition: 5, source: 'signal-validation/5/1', sequence: 8 },
);
const setWith = (texts: Record<string, string> = {}, named: readonly string[] = ['user-1', 'user-2']) =>
  new WorkingSet(
    NOW,
    new Map(Object.entries(texts).map(([key, text]) => [documentKey('user', key), text])),
    new Set(named.map((key) => documentKey('user', key))),
    'risk',
    8,
  );
const unitOf = (set: WorkingSet) => new EventUnit(set, cause, '00-trace-span-01');
const approved = (payload: unknown = {}) => ({ topic: 'OrderApproved', type: 'OrderApproved', key: 'user-1', payload });

describe('what the events of a transaction read and write', () => {
  it('an event sees its own writes at once, and those of accepted ones before it', () => {
    const set = setWith({ 'user-1': '{"n":1}' });
    const first = unitOf(set);
    expect(first.get('user', 'user-1')).toEqual({ n: 1 });
    first.put('user', 'user-1', { n: 2 });
    expect(first.get('user', 'user-1')).toEqual({ n: 2 });
    expect(unitOf(set).get('user', 'user-1')).toEqual({ n: 1 });
    set.accept(first);
    const second = unitOf(set);
    expect(second.get('user', 'user-1')).toEqual({ n: 2 });
    second.delete('user', 'user-1');
    expect(second.get('user', 'user-1')).toBeUndefined();
    set.accept(second);
    expect(set.documents()).toEqual([{ kind: 'user', key: 'user-1', partition: 5, text: undefined }]);
  });

  it('an event that is not accepted leaves nothing', () => {
    const set = setWith();
    const unit = unitOf(set);
    unit.put('user', 'user-1', { n: 9 });
    unit.emit(approved());
    unit.effect('insert');
    expect([set.documents(), set.outgoing, set.effects]).toEqual([[], [], []]);
  });

  it('an event whose outgoing one is too large leaves nothing, not even what came before it', () => {
    const set = setWith();
    const unit = unitOf(set);
    unit.put('user', 'user-1', { n: 9 });
    unit.effect('insert');
    unit.emit(approved());
    unit.emit(approved('x'.repeat(MAX_VALUE_BYTES)));
    expect(() => {
      set.accept(unit);
    }).toThrow(EventTooLarge);
    expect([set.documents(), set.outgoing, set.effects]).toEqual([[], [], []]);
    expect(unitOf(set).get('user', 'user-1')).toBeUndefined();
  });

  it('takes an event that just fits', () => {
    const set = setWith();
    const unit = unitOf(set);
    unit.emit(approved('x'.repeat(MAX_VALUE_BYTES - 2)));
    set.accept(unit);
    expect(set.outgoing[0]?.record.value).toHaveLength(MAX_VALUE_BYTES);
  });

  it('refuses to read what was not loaded', () => {
    expect(() => unitOf(setWith()).get('user', 'user-3')).toThrow('not named');
  });

  it('what is emitted carries its cause, its trace and the time of the transaction', () => {
    const set = setWith();
    const unit = unitOf(set);
    unit.emit(approved());
    set.accept(unit);
    expect(set.outgoing).toEqual([
      {
        shard: 5,
        topic: 'OrderApproved',
        partition: 5,
        record: expect.objectContaining({
          key: 'user-1',
          causationId: 'cause-1',
          correlationId: 'sig-1',
          traceparent: '00-trace-span-01',
          time: NOW.toISOString(),
        }),
      },
    ]);
  });

  it('gives events of one type and cause different ids by their role, and the same ones at a replay', () => {
    const ids = () => {
      const set = setWith();
      const unit = unitOf(set);
      for (const role of ['child/0', 'child/1']) unit.emit({ ...approved(), role });
      set.accept(unit);
      return set.outgoing.map(({ record }) => record.id);
    };
    expect(new Set(ids()).size).toBe(2);
    expect(ids()).toEqual(ids());
  });

  it('a dead letter keeps the original bytes, key and headers, and says from where and why', () => {
    const set = setWith();
    const unit = unitOf(set);
    unit.deadLetter('KEY_IS_NOT_USER', 'The key is not the userId.');
    set.accept(unit);
    expect(set.outgoing).toMatchObject([
      {
        shard: 5,
        topic: 'SignalValidated.risk.dlt',
        partition: 0,
        record: {
          key: 'user-1',
          type: 'SignalValidated',
          causationId: 'cause-1',
          extra: {
            'x-note': 'free',
            dlt_code: 'KEY_IS_NOT_USER',
            dlt_message: 'The key is not the userId.',
            dlt_topic: 'SignalValidated',
            dlt_partition: '5',
            dlt_source: 'signal-validation/5/1',
            dlt_sequence: '8',
          },
        },
      },
    ]);
    expect(Buffer.from(set.outgoing[0]?.record.value ?? []).toString()).toBe('what came');
  });
});
