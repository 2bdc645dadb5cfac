import { describe, expect, it } from '@jest/globals';
import type { OrderFilled } from '@switchyard/contracts';
import fc from 'fast-check';
import { filledOrder } from '../testing/filled-order.js';
import { Changes } from './changes.js';
import { failed, filled, mergeOrderChanges, type OrderChange } from './order-change.js';

const changesOf = (events: ReturnType<typeof filledOrder>): Changes => {
  const changes = new Changes();
  for (const event of events) changes.add(event);
  return changes;
};

describe('changes of orders', () => {
  it('come to the same whatever order the topics are read in', () => {
    const expected = changesOf(filledOrder());
    fc.assert(
      fc.property(fc.shuffledSubarray([...filledOrder()], { minLength: filledOrder().length }), (events) => {
        expect(changesOf(events).orders).toEqual(expected.orders);
      }),
      { numRuns: 60 },
    );
  });

  it('tell parent and child apart, each with its own status', () => {
    const { orders } = changesOf(filledOrder());
    expect(orders.get('parent-sig-1')).toMatchObject({
      status: 'filled',
      filledQuantity: '0.03',
      averagePrice: '64020',
    });
    expect(orders.get('child-sig-1')).toMatchObject({
      status: 'filled',
      filledQuantity: '0.03',
      clientOrderId: 'client-sig-1',
      venueOrderId: 'venue-sig-1',
      placedAt: '2026-11-21T02:47:10.020Z',
    });
  });

  const base: OrderChange = {
    orderId: 'o',
    parentOrderId: 'p',
    signalId: 's',
    userId: 'u',
    orderVersion: 1,
    status: 'placed',
    rank: 20,
    filledQuantity: '0',
    createdAt: '2026-11-21T02:47:10.000Z',
    opens: false,
  };

  it('let a fill that completes an order stand above its cancellation', () => {
    const cancelled: OrderChange = { ...base, status: 'cancelled', rank: 43, filledQuantity: '0.5' };
    const complete: OrderChange = { ...base, status: 'filled', rank: 50, filledQuantity: '1' };
    for (const merged of [mergeOrderChanges(cancelled, complete), mergeOrderChanges(complete, cancelled)])
      expect(merged).toMatchObject({ status: 'filled', filledQuantity: '1' });
  });

  it('show an order that was said to have failed and turned up after all as what it is', () => {
    const fill = filledOrder().find(({ topic }) => topic === 'OrderFilled')!.payload as OrderFilled;
    const refusal = { code: 'VENUE_UNREACHABLE', message: 'It never arrived.', facts: {}, retriable: true } as const;
    const end = { stage: 'execution', status: 'failed', cumulativeQuantity: '0', failedAt: fill.filledAt } as const;
    const gone = failed({ ...fill, ...refusal, ...end, orderVersion: 2 });
    const found = filled({ ...fill, orderStatus: 'partially_filled', orderVersion: 3 });
    for (const merged of [mergeOrderChanges(gone, found), mergeOrderChanges(found, gone)])
      expect(merged).toMatchObject({ status: 'partially_filled', endedAt: undefined });
    const before = filled({ ...fill, orderStatus: 'partially_filled', orderVersion: 1 });
    expect(mergeOrderChanges(before, gone)).toMatchObject({ status: 'failed' });
  });

  it('compare quantities as decimals, not as text', () => {
    const merged = mergeOrderChanges({ ...base, filledQuantity: '9' }, { ...base, filledQuantity: '10' });
    expect(merged.filledQuantity).toBe('10');
  });

  it('keep why a parent failed when its completion follows', () => {
    const refused: OrderChange = { ...base, status: 'failed', rank: 40, code: 'NO_SUITABLE_VENUE' };
    const completed: OrderChange = { ...base, status: 'failed', rank: 60 };
    expect(mergeOrderChanges(completed, refused)).toMatchObject({ rank: 60, code: 'NO_SUITABLE_VENUE' });
  });
});
