import { describe, expect, it } from '@jest/globals';
import { OwnedDocuments } from './owned-documents.js';

const user = (key: string, partition: number, text: string | undefined) => ({ kind: 'user', key, partition, text });
const ref = (key: string) => ({ kind: 'user', key });
const owning = (...partitions: readonly (readonly [number, number])[]) => new Map(partitions);

describe("a stage's documents in memory", () => {
  it('are known under the epoch alone under which they came', () => {
    const documents = new OwnedDocuments();
    documents.keep([user('ann', 2, '{"n":1}')], owning([2, 7]));
    expect([...documents.known([ref('ann'), ref('bob')], owning([2, 7], [3, 1]))]).toEqual([['user\nann', '{"n":1}']]);
    expect(documents.known([ref('ann')], owning([2, 8])).size).toBe(0);
    expect(documents.known([ref('ann')], owning([3, 7])).size).toBe(0);
  });

  it('are not kept of a partition that the transaction does not own', () => {
    const documents = new OwnedDocuments();
    documents.keep([user('ann', 2, '{}')], owning([3, 7]));
    expect(documents.known([ref('ann')], owning([2, 7])).size).toBe(0);
  });

  it('are forgotten where they are deleted, and where nobody knows', () => {
    const documents = new OwnedDocuments();
    const epochs = owning([2, 7], [3, 7]);
    documents.keep([user('ann', 2, '{}'), user('bob', 2, '{}'), user('cid', 3, '{}')], epochs);
    documents.keep([user('ann', 2, undefined)], epochs);
    const names = [ref('ann'), ref('bob'), ref('cid')];
    expect([...documents.known(names, epochs).keys()]).toEqual(['user\nbob', 'user\ncid']);
    documents.forget(new Set([2]));
    expect([...documents.known(names, epochs).keys()]).toEqual(['user\ncid']);
    documents.forget();
    expect(documents.known(names, epochs).size).toBe(0);
  });

  it('take bounded room: who was not asked for the longest goes first', () => {
    const documents = new OwnedDocuments(30);
    const epochs = owning([2, 7]);
    for (const key of ['ann', 'bob', 'cid']) documents.keep([user(key, 2, 'x'.repeat(10))], epochs);
    documents.known([ref('ann')], epochs);
    documents.keep([user('dan', 2, 'x'.repeat(10))], epochs);
    const names = ['ann', 'bob', 'cid', 'dan'].map(ref);
    expect([...documents.known(names, epochs).keys()]).toEqual(['user\nann', 'user\ncid', 'user\ndan']);
    documents.keep([user('eve', 2, 'x'.repeat(31))], epochs);
    expect(documents.known([...names, ref('eve')], epochs).size).toBe(0);
  });
});
