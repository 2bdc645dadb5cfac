import { describe, expect, it } from '@jest/globals';
import { AT_REST_MS, tellingOf, type ToldSoFar } from './balance-telling.js';

const never: ToldSoFar = { dueInMs: undefined, askedAgoMs: undefined, movedAgoMs: undefined };
const telling = (so: Partial<ToldSoFar>, moved: boolean) => {
  const { tells, dueInMs } = tellingOf('acc', { ...never, ...so }, moved, 1_000);
  return [tells, dueInMs];
};

describe('the balances of a simulated account', () => {
  it.each<[string, Partial<ToldSoFar>, boolean, [boolean, number | undefined]]>([
    ['are told when the account appears, and not again by themselves', { dueInMs: 0 }, false, [true, undefined]],
    ['are told with the first order that moves them, and once more at rest', {}, true, [true, AT_REST_MS]],
    ['are told at once when the last time is a second ago', { askedAgoMs: 1_000 }, true, [true, AT_REST_MS]],
    ['wait for the rest of the second otherwise', { askedAgoMs: 400 }, true, [false, 600]],
    ['move on without being put off again', { askedAgoMs: 900, dueInMs: 100, movedAgoMs: 300 }, true, [false, 100]],
    ['are told when that second is over', { askedAgoMs: 1_000, dueInMs: 0, movedAgoMs: 600 }, false, [true, 9_400]],
    ['are told at rest, and then not again', { dueInMs: 0, movedAgoMs: AT_REST_MS }, false, [true, undefined]],
    [
      'are not put off by the telling at rest',
      { dueInMs: 5_000, movedAgoMs: 5_000, askedAgoMs: 5_000 },
      true,
      [true, AT_REST_MS],
    ],
    ['are left alone before they are due', { dueInMs: 1, movedAgoMs: 9_999 }, false, [false, 1]],
  ])('%s', (_, so, moved, expected) => {
    expect(telling(so, moved)).toEqual(expected);
  });
});
