import { describe, expect, it } from '@jest/globals';
import { brokenNumbering, brokenVersions, keysInSeveralPartitions, repeated } from './log-rules.js';
import type { TopicRecord } from './topic-log.js';

/** Records of one source, in one place of the log, with these numbers and ids. */
const source = (...numbers: readonly (readonly [sequence: number, id: string])[]): readonly TopicRecord[] =>
  numbers.map(([sequence, id], offset) => ({
    topic: 'OrderFilled',
    partition: 7,
    offset: String(offset),
    key: 'trader-1',
    headers: { ce_source: 'execution-binance/7/1', ce_sequence: String(sequence), ce_id: id },
    value: Buffer.from('{}'),
  }));

describe('what is demanded of the topics', () => {
  it.each([
    ['numbers from 1, by one', source([1, 'a'], [2, 'b'], [3, 'c']), 0, 0],
    ['a batch that was published again', source([1, 'a'], [2, 'b'], [1, 'a'], [2, 'b'], [3, 'c']), 0, 2],
    ['a number left out', source([1, 'a'], [3, 'c']), 1, 0],
    ['a beginning other than 1', source([2, 'b']), 1, 0],
    ['two events under one number', source([1, 'a'], [1, 'b']), 1, 0],
    ['numbers out of order', source([1, 'a'], [3, 'c'], [2, 'b']), 1, 0],
  ])('%s', (_, records, broken, again) => {
    expect(brokenNumbering(records)).toHaveLength(broken);
    expect(repeated(records)).toBe(again);
  });

  it('a source counts in each partition by itself, and strangers are not counted', () => {
    const [first] = source([1, 'a']);
    if (first === undefined) throw new Error('there is one');
    expect(brokenNumbering([first, { ...first, partition: 8 }, { ...first, headers: {} }])).toEqual([]);
  });

  it('a user has one partition, whatever the topic', () => {
    const [first] = source([1, 'a']);
    if (first === undefined) throw new Error('there is one');
    expect(keysInSeveralPartitions([first, { ...first, topic: 'OrderPlaced' }])).toEqual([]);
    expect(keysInSeveralPartitions([first, { ...first, topic: 'OrderPlaced', partition: 8 }])).toEqual(['trader-1']);
  });

  it('an order’s versions have no hole, in whatever order they come', () => {
    const versions = (...all: readonly number[]) => all.map((orderVersion) => ({ orderId: 'o', orderVersion }));
    expect(brokenVersions([...versions(2, 1, 3), { orderId: 'parent' }])).toEqual([]);
    expect(brokenVersions(versions(1, 3))).toEqual(['o']);
    expect(brokenVersions(versions(2))).toEqual(['o']);
  });
});
