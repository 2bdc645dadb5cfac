import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { LogEvent } from './event.js';
import { RecordEvent } from './record.js';
import { SequenceGate, type Verdict } from './sequence-gate.js';
import { watermarkKey, type Watermark } from './store.js';

const TOPIC = 'OrderApproved';
const event = (sequence: number, source: string | undefined = 'risk/3/1'): LogEvent =>
  new RecordEvent(
    { key: 'user-1', id: '', type: TOPIC, time: '', value: Buffer.from('{}') },
    { topic: TOPIC, partition: 3, source, sequence },
  );
const marks = (sequence: number, generation = 1, origin = 'risk/3'): Map<string, Watermark> =>
  new Map([[watermarkKey(TOPIC, 3, origin), { generation, sequence }]]);

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe('what a stage lets in', () => {
  const none = new Map<string, Watermark>();
  it.each<[string, ReadonlyMap<string, Watermark>, LogEvent, Verdict]>([
    ['the next number', marks(4), event(5), 'fresh'],
    ['the last number again', marks(4), event(4), 'duplicate'],
    ['a number long seen', marks(4), event(1), 'duplicate'],
    ['a number too far', marks(4), event(6), 'gap'],
    ['the first of a source, where nothing is known', none, event(1), 'fresh'],
    ['a later one, where nothing is known: the log starts there', none, event(7), 'fresh'],
    ['a later one of a new source, where others are known', marks(4, 1, 'risk/9'), event(7), 'gap'],
    ['the first of a new source, where others are known', marks(4, 1, 'risk/9'), event(1), 'fresh'],
    ['the first of a higher generation', marks(4), event(1, 'risk/3/2'), 'fresh'],
    ['a later one of a higher generation', marks(4), event(2, 'risk/3/2'), 'gap'],
    ['anything of a lower generation', marks(4, 2), event(5, 'risk/3/1'), 'stale_generation'],
    ['a duplicate of a lower generation', marks(4, 2), event(1, 'risk/3/1'), 'stale_generation'],
  ])('%s', (_, watermarks, incoming, verdict) => {
    expect(new SequenceGate(watermarks, false).admit(incoming, 'dense')).toBe(verdict);
  });

  it('compacted topics may skip numbers, but not repeat them', () => {
    const gate = new SequenceGate(marks(4), false);
    expect([9, 9, 5, 10].map((n) => gate.admit(event(n), 'compacted'))).toEqual([
      'fresh',
      'duplicate',
      'duplicate',
      'fresh',
    ]);
  });

  it("numbers at a door are a stranger's word where strangers can write, and ours where they can't", () => {
    expect(new SequenceGate(marks(4), true).admit(event(1), 'door')).toBe('fresh');
    expect(new SequenceGate(marks(4), false).admit(event(1), 'door')).toBe('duplicate');
    expect(new SequenceGate(marks(4), true).admit(event(1), 'dense')).toBe('duplicate');
  });

  it('what has no source is the business of its handler', () => {
    const gate = new SequenceGate(marks(4), true);
    const stranger = new RecordEvent(
      { key: 'user-1', id: '', type: TOPIC, time: '', value: Buffer.from('{}') },
      { topic: TOPIC, partition: 3, source: undefined, sequence: 0 },
    );
    expect([gate.admit(stranger, 'dense'), gate.admit(stranger, 'dense')]).toEqual(['fresh', 'fresh']);
    expect(gate.advanced()).toEqual([]);
  });

  it('after a gap nothing of that source passes, though it would follow; others do', () => {
    const gate = new SequenceGate(new Map([...marks(4), ...marks(2, 1, 'routing/3')]), false);
    expect(gate.admit(event(6), 'dense')).toBe('gap');
    expect(gate.admit(event(5), 'dense')).toBe('gap');
    expect(gate.admit(event(3, 'routing/3/1'), 'dense')).toBe('fresh');
    expect(gate.advanced()).toEqual([{ topic: TOPIC, partition: 3, origin: 'routing/3', generation: 1, sequence: 3 }]);
  });

  it('only the first source of a transaction may start a topic and partition in its middle', () => {
    const gate = new SequenceGate(none, false);
    expect(gate.admit(event(7), 'dense')).toBe('fresh');
    expect(gate.admit(event(7, 'risk/4/1'), 'dense')).toBe('gap');
  });

  it('admits 1, 2, 3... once each, however prefixes are repeated, reordered and cut into transactions', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ from: fc.integer({ min: 1, max: 12 }), count: fc.integer({ min: 1, max: 6 }) })),
        fc.integer({ min: 1, max: 5 }),
        (runs, perTransaction) => {
          let watermarks = marks(0);
          const admitted: number[] = [];
          const deliver = (numbers: readonly number[]): void => {
            for (let at = 0; at < numbers.length; at += perTransaction) {
              const gate = new SequenceGate(watermarks, false);
              for (const n of numbers.slice(at, at + perTransaction))
                if (gate.admit(event(n), 'dense') === 'fresh') admitted.push(n);
              const [row] = gate.advanced();
              if (row !== undefined) watermarks = marks(row.sequence);
            }
          };
          deliver(runs.flatMap(({ from, count }) => upTo(12).slice(from - 1, from - 1 + count)));
          expect(admitted).toEqual(upTo(admitted.length));
          deliver(upTo(12));
          expect(admitted).toEqual(upTo(12));
        },
      ),
    );
  });
});
