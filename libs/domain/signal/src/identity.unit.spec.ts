import { describe, expect, it } from '@jest/globals';
import { identityKey, recognise } from './identity.js';

describe('the identity of a signal', () => {
  it.each([
    ['decides a signal seen for the first time', undefined, 'a', 'first'],
    ['decides a signal that a door admitted', { status: 'admitted', hash: 'a' }, 'a', 'first'],
    ['drops a signal that was decided', { status: 'decided', hash: 'a', outcome: 'validated' }, 'a', 'repeat'],
    [
      'refuses other content under an id that was decided',
      { status: 'decided', hash: 'a', outcome: 'rejected' },
      'b',
      'reused',
    ],
    ['refuses other content under an id that was admitted', { status: 'admitted', hash: 'a' }, 'b', 'reused'],
    ['refuses content with wrong fields under a known id', { status: 'admitted', hash: 'a' }, undefined, 'reused'],
  ] as const)('%s', (_rule, known, hash, recognition) => {
    expect(recognise(known, hash)).toBe(recognition);
  });

  it('never meets that of another user, or of a strategy with the name of a user', () => {
    const keys = [
      identityKey({ userId: 'a', signalId: 's' }),
      identityKey({ userId: 'b', signalId: 's' }),
      identityKey({ userId: 'strategy', signalId: 'a' }),
      identityKey({ strategyId: 'a', signalId: 's' }),
      identityKey({ userId: 'strategy:a', signalId: 's' }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    expect(identityKey({ userId: 'a', strategyId: 'x', signalId: 's' })).toBe(keys[0]);
  });
});
