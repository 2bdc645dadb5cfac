import { describe, expect, it } from '@jest/globals';
import type { NotSentReason, PlaceOutcome, RefusalCode } from '@switchyard/exchanges';
import { DEFAULT_RETRIES } from '@switchyard/order-domain';
import { routedOrder } from '../testing/routed-order.js';
import { taskOfOrder, type RoutedOrder } from '../tasks/task.js';
import { findingOfPlacement } from './outcome.js';

const nowMs = Date.parse('2026-11-21T03:00:00.000Z');
const routed = (hasAlternative = false): RoutedOrder => ({
  ...(taskOfOrder({
    payload: routedOrder({ sendBy: '2026-11-21T03:00:30.000Z' }),
    id: 'c',
    traceparent: undefined,
  } as never).payload as RoutedOrder),
  hasAlternative,
});
const after = (outcome: PlaceOutcome, { attempts = 1, hasAlternative = false } = {}) => {
  const { facts, retryInMs } = findingOfPlacement(
    { routed: routed(hasAlternative), epoch: '1', attempts, nowMs, random: 0.5, tookMs: 1 },
    outcome,
    DEFAULT_RETRIES,
  );
  const refusal = facts.flatMap((fact) => ('refusal' in fact ? [fact.refusal.code] : []))[0];
  return [facts.map(({ kind }) => kind).join(), refusal, retryInMs];
};
const notSent = (reason: NotSentReason, retryAfterMs: number | null = null): PlaceOutcome => ({
  kind: 'notSent',
  reason,
  message: 'x',
  retryAfterMs,
});
const refused = (code: RefusalCode): PlaceOutcome => ({
  kind: 'refused',
  code,
  message: 'x',
  facts: {},
  venueCode: null,
  retryAfterMs: null,
  evidence: null,
});

describe('after a request', () => {
  it.each<[string, PlaceOutcome, unknown[]]>([
    ['that could not connect, tries again in a second', notSent('connect'), ['notSent', undefined, 1_000]],
    [
      'that was held back by the venue’s wish, waits as long as it asked',
      notSent('rateLimited', 5_000),
      ['notSent', undefined, 5_000],
    ],
    ['that can’t be signed, gives up', notSent('unsigned'), ['gaveUp', 'CREDENTIALS_REFUSED', undefined]],
    ['for another origin, gives up', notSent('foreignOrigin'), ['gaveUp', 'MODE_MISMATCH', undefined]],
    ['refused for funds, ends', refused('INSUFFICIENT_FUNDS'), ['refused', 'INSUFFICIENT_FUNDS', undefined]],
    ['refused for its key, ends', refused('BAD_CREDENTIALS'), ['refused', 'CREDENTIALS_REFUSED', undefined]],
    ['refused for now, tries again', refused('RATE_LIMITED'), ['notSent', undefined, 1_000]],
    ['under its minimum, ends', refused('BELOW_MIN_NOTIONAL'), ['refused', 'BELOW_MINIMUM', undefined]],
    [
      'without an answer, does not know',
      { kind: 'outcomeUnknown', reason: 'timeout', message: 'x', evidence: null },
      ['outcomeUnknown', undefined, undefined],
    ],
    [
      'refused as a duplicate, does not know: an earlier copy may live',
      { kind: 'outcomeUnknown', reason: 'duplicate', message: 'x', evidence: null },
      ['outcomeUnknown', undefined, undefined],
    ],
  ])('%s', (_, outcome, expected) => {
    expect(after(outcome)).toEqual(expected);
  });

  it('hands back at once what was not sent, where routing has another venue', () => {
    expect(after(notSent('connect'), { hasAlternative: true })).toEqual(['gaveUp', 'VENUE_UNREACHABLE', undefined]);
  });

  it('gives up after the third retry', () => {
    expect(after(notSent('connect'), { attempts: 3 })).toEqual(['notSent', undefined, 4_000]);
    expect(after(notSent('connect'), { attempts: 4 })).toEqual(['gaveUp', 'VENUE_UNREACHABLE', undefined]);
  });

  it('never waits beyond the moment until which the order may be sent', () => {
    expect(after(notSent('rateLimited', 30_000))).toEqual(['gaveUp', 'VENUE_UNHEALTHY', undefined]);
  });

  it('states the end only when the fills add up', () => {
    const order = {
      ...routed(),
      venueOrderId: 'v',
      state: 'expired',
      filledQuantity: '0.01',
      placedAtMs: nowMs,
      updatedAtMs: nowMs,
    };
    const accepted = { kind: 'accepted', venueOrderId: 'v', order, fills: [] } as unknown as PlaceOutcome;
    expect(after(accepted)[0]).toBe('accepted,foundAtVenue');
    expect(after({ ...accepted, order: { ...order, filledQuantity: '0' } } as unknown as PlaceOutcome)[0]).toBe(
      'accepted,foundAtVenue,expired',
    );
  });
});
