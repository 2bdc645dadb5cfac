import { describe, expect, it } from '@jest/globals';
import { newOrder, type ChildOrder } from '@switchyard/order-domain';
import { nextLookMs } from './next-look.js';

const order = (status: ChildOrder['status']): ChildOrder => ({ ...newOrder('1'), status });
const OLD = { ageMs: 60_000, settled: 0, mayHaveArrived: true };

describe('the next question about an order', () => {
  it('comes ever more rarely while nothing is heard', () => {
    expect(nextLookMs(order('unknown'), OLD)).toBe(6_000);
  });

  it('follows at once when the proof that it never arrived has begun: others wait behind it', () => {
    expect(nextLookMs(order('unknown'), { ...OLD, lookup: 'negative' })).toBe(500);
  });

  it('follows soon when the venue could not be asked: it may be back', () => {
    expect(nextLookMs(order('unknown'), { ...OLD, lookup: 'unasked' })).toBe(2_000);
    expect(nextLookMs(order('unknown'), { ...OLD, ageMs: 1_000, lookup: 'unasked' })).toBe(500);
  });

  it('is not hurried for an order that rests', () => {
    expect(nextLookMs(order('placed'), { ...OLD, lookup: 'unasked' })).toBe(6_000);
  });

  it('is none for what waits to be sent', () => {
    expect(nextLookMs(order('queued'), { ...OLD, lookup: 'unasked' })).toBeNull();
  });
});
