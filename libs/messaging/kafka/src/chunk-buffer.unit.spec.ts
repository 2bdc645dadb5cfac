import { describe, expect, it } from '@jest/globals';
import type { Chunk } from '@switchyard/log';
import type { KafkaMessage } from 'kafkajs';
import { ChunkBuffer } from './chunk-buffer.js';

const message = (offset: number, source?: string, sequence = 0): KafkaMessage => ({
  key: Buffer.from('user-1'),
  value: Buffer.from('{}'),
  timestamp: '0',
  attributes: 0,
  offset: String(offset),
  ...(source === undefined
    ? {}
    : { headers: { ce_source: Buffer.from(source), ce_sequence: Buffer.from(String(sequence)) } }),
});
const messages = (from: number, to: number): KafkaMessage[] =>
  Array.from({ length: to - from + 1 }, (_, i) => message(from + i));

const filled = (): ChunkBuffer => {
  const buffer = new ChunkBuffer();
  buffer.open('A', 3, 10n);
  buffer.add('A', 3, messages(10, 19), '25');
  return buffer;
};
const only = (chunks: readonly Chunk[]): Chunk => {
  expect(chunks).toHaveLength(1);
  return chunks[0]!;
};
const offsets = (chunk: Chunk): string => `${chunk.events.length} up to ${chunk.position ?? ''}`;

describe('the buffer of a member', () => {
  it('hands over one chunk of a partition at a time, in order, with where to go on after it', () => {
    const buffer = filled();
    const first = only(buffer.take(6));
    expect(offsets(first)).toBe('6 up to 16');
    expect(buffer.take(6)).toEqual([]);
    buffer.settle(first);
    expect(offsets(only(buffer.take(6)))).toBe('4 up to 20');
  });

  it('serves the partitions in turn', () => {
    const buffer = filled();
    buffer.open('A', 4, 0n);
    buffer.add('A', 4, messages(0, 9), '10');
    const first = only(buffer.take(2));
    buffer.settle(first);
    expect(only(buffer.take(2)).partition).toBe(4);
  });

  it('lets what was given back rest, then hands it over again first', () => {
    const buffer = filled();
    const first = only(buffer.take(6));
    buffer.giveBack(first);
    expect(buffer.take(6)).toEqual([]);
    expect(buffer.hasReady).toBe(false);
    buffer.rested(buffer.resting());
    expect(only(buffer.take(6)).events.map(({ id }) => id)).toEqual(first.events.map(({ id }) => id));
  });

  it('drops what a fetch from before a seek brings', () => {
    const buffer = filled();
    expect(buffer.add('A', 3, messages(15, 22), '25')).toBe(3);
    expect(buffer.add('A', 3, messages(10, 22), '25')).toBe(0);
    expect(offsets(only(buffer.take(100)))).toBe('13 up to 23');
  });

  it('passes over offsets that hold nothing for readers, where they are due', () => {
    const buffer = filled();
    buffer.passed('A', 3, 15n, 18n);
    expect(buffer.due('A', 3)).toBe(20n);
    buffer.passed('A', 3, 20n, 22n);
    expect(buffer.due('A', 3)).toBe(22n);
    expect(buffer.due('A', 4)).toBeUndefined();
  });

  it('takes nothing of a partition that is not open, and settles a former assignment without effect', () => {
    const buffer = filled();
    const old = only(buffer.take(6));
    buffer.closeAll();
    expect(buffer.add('A', 3, messages(30, 31), '32')).toBe(0);
    buffer.open('A', 3, 10n);
    buffer.add('A', 3, messages(10, 11), '25');
    const fresh = only(buffer.take(6));
    buffer.settle(old);
    buffer.giveBack(old);
    expect(buffer.take(6)).toEqual([]);
    buffer.settle(fresh);
    expect(buffer.moved()).toEqual([{ topic: 'A', partition: 3, offset: '12' }]);
    expect(buffer.moved()).toEqual([]);
  });

  it('counts what it holds and what still lies in the log', () => {
    const buffer = filled();
    const chunk = only(buffer.take(6));
    expect(buffer.held).toEqual({ records: 4, bytes: 8, out: 6 });
    expect(buffer.lag()).toEqual(new Map([['A', 15]]));
    buffer.settle(chunk);
    expect(buffer.lag()).toEqual(new Map([['A', 9]]));
    buffer.close('A', 3);
    expect(buffer.held).toEqual({ records: 0, bytes: 0, out: 0 });
  });

  it('does not give back what was handled before the rest failed', () => {
    const buffer = filled();
    buffer.giveBack(only(buffer.take(6)), 4);
    expect(buffer.moved()).toEqual([{ topic: 'A', partition: 3, offset: '14' }]);
    buffer.rested(buffer.resting());
    expect(offsets(only(buffer.take(6)))).toBe('6 up to 20');
  });

  describe('of what was given back', () => {
    const after = (position: string, stored?: string): string => {
      const buffer = new ChunkBuffer();
      buffer.open('A', 3, 10n, stored);
      buffer.add('A', 3, messages(10, 19), '25');
      buffer.giveBack(only(buffer.take(6)));
      buffer.skipRead([{ topic: 'A', partition: 3, position }]);
      buffer.rested(buffer.resting());
      const held = buffer.held.records;
      const [chunk] = buffer.take(6);
      return chunk === undefined ? 'none' : `${offsets(chunk)} of ${held}`;
    };

    it('leaves out what was stored though the answer of the commit got lost', () => {
      expect(after('16', '10')).toBe('4 up to 20 of 4');
      expect(after('16')).toBe('4 up to 20 of 4');
      expect(after('20', '10')).toBe('none');
    });

    it('leaves out nothing where nothing was stored', () => {
      expect(after('10', '10')).toBe('6 up to 16 of 10');
    });

    it('leaves out nothing by the position of a topic that was made anew since', () => {
      expect(after('15', '15')).toBe('6 up to 16 of 10');
      expect(after('50')).toBe('6 up to 16 of 10');
    });

    it('leaves out nothing by what was stored of a topic that is made anew while it is read', () => {
      const buffer = new ChunkBuffer();
      buffer.open('A', 3, 10n, '10');
      buffer.add('A', 3, messages(10, 19), '20');
      buffer.settle(only(buffer.take(10)));
      // Deleted and made again: it begins at 0.
      buffer.passed('A', 3, 20n, 0n);
      buffer.add('A', 3, messages(0, 29), '30');
      buffer.giveBack(only(buffer.take(100)));
      buffer.skipRead([{ topic: 'A', partition: 3, position: '20' }]);
      buffer.rested(buffer.resting());
      expect(offsets(only(buffer.take(100)))).toBe('30 up to 30');
    });
  });

  it('gives back all of a compacted topic, whose numbers may have holes', () => {
    const buffer = new ChunkBuffer(new Set(['A']));
    buffer.open('A', 3, 0n);
    buffer.add('A', 3, [message(0, 'accounts/3/1', 7), message(1, 'accounts/3/1', 9)], '99');
    buffer.giveBack(only(buffer.take(100)));
    buffer.skipGaps(new Map([['A\n3\naccounts/3', { generation: 1, sequence: 4 }]]));
    buffer.rested(buffer.resting());
    expect(only(buffer.take(100)).events.map(({ sequence }) => sequence)).toEqual([7, 9]);
  });

  describe('at a gap', () => {
    const marks = new Map([['A\n3\nrisk/3', { generation: 1, sequence: 1 }]]);
    const given = (...sequences: readonly [source: string, sequence: number][]): string[] => {
      const buffer = new ChunkBuffer();
      buffer.open('A', 3, 0n);
      buffer.add(
        'A',
        3,
        sequences.map(([source, sequence], i) => message(i, source, sequence)),
        '99',
      );
      buffer.giveBack(only(buffer.take(100)));
      buffer.skipGaps(marks);
      buffer.rested(buffer.resting());
      return buffer
        .take(100)
        .flatMap(({ events }) => events.map(({ source, sequence }) => `${source ?? ''} ${sequence}`));
    };

    it('leaves out what stands behind the missing number, of that source only', () => {
      expect(given(['risk/3/1', 3], ['other/3/1', 1], ['risk/3/1', 4])).toEqual(['other/3/1 1']);
    });

    it('goes on when the missing number and what follows it have come', () => {
      expect(given(['risk/3/1', 3], ['risk/3/1', 2], ['risk/3/1', 3])).toEqual(['risk/3/1 2', 'risk/3/1 3']);
    });

    it('keeps what was seen already, and a new generation from its first number', () => {
      expect(given(['risk/3/1', 1], ['risk/3/2', 1], ['risk/3/1', 2])).toEqual([
        'risk/3/1 1',
        'risk/3/2 1',
        'risk/3/1 2',
      ]);
    });
  });
});
