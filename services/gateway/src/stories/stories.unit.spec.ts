import { describe, expect, it } from '@jest/globals';
import type { AuditRecord } from '../journal/audit-record.js';
import { orderHistory } from './order-history.js';
import { signalStory } from './signal-story.js';

let rows = 0;
const record = (topic: string, payload: unknown, fields: Partial<AuditRecord> = {}): AuditRecord => {
  rows += 1;
  return {
    chain: 1,
    row: rows,
    topic,
    key: 'alice',
    userId: 'alice',
    signalId: 's-1',
    eventId: `e-${rows}`,
    type: topic,
    source: 'risk/1/1',
    sequence: rows,
    causationId: undefined,
    time: '2026-11-21T02:47:10.000Z',
    contentType: undefined,
    recordedAt: new Date(rows),
    reason: undefined,
    hash: Buffer.alloc(32),
    value: payload instanceof Buffer ? payload : Buffer.from(JSON.stringify(payload)),
    ...fields,
  };
};
const story = (...records: readonly AuditRecord[]) => signalStory('s-1', 'alice', records);

const sent = record('TradingSignalGenerated', { signalId: 's-1', pair: 'BTC-USD', defaulted: ['userId'] });
const approved = record('OrderApproved', { parentOrderId: 'p' });
const refused = (code: string) =>
  record('SignalRejected', { stage: 'validation', code, message: 'no', facts: { a: 1 } });

describe('what became of a signal', () => {
  it.each([
    ['accepted', [sent]],
    ['rejected', [sent, refused('SIGNAL_STALE')]],
    ['accepted', [sent, refused('SIGNAL_ID_REUSED')]],
    ['working', [sent, approved]],
    ['done', [sent, approved, record('OrderCompleted', { parentOrderId: 'p' })]],
  ] as const)('is %s after its events', (status, records) => {
    expect(story(...records).status).toBe(status);
  });

  it('shows what was sent first, not what came later under the same id, and nothing that the door filled in', () => {
    const again = record('TradingSignalGenerated', { signalId: 's-1', pair: 'ETH-USD' });
    expect(story(again, sent)).toMatchObject({ pair: 'BTC-USD' });
    expect(story(sent)).not.toHaveProperty('defaulted');
  });

  it('says why an exit waits, since when, and no more of it once it is decided', () => {
    const held = (code: string, heldAt: string) =>
      record('SignalHeld', { parentOrderId: 'p', code, message: 'wait', facts: { waitsFor: ['e'] }, heldAt });
    const since = '2026-11-21T02:47:10.500Z';
    const waiting = [sent, held('ENTRY_UNDER_WAY', since), held('ENTRY_RESTS', '2026-11-21T02:47:16.000Z')];
    expect(story(...waiting)).toMatchObject({
      status: 'accepted',
      held: { code: 'ENTRY_RESTS', message: 'wait', facts: { waitsFor: ['e'] }, since },
    });
    expect(story(...waiting, refused('SIGNAL_ID_REUSED'))).toHaveProperty('held');
    for (const decided of [approved, refused('NOTHING_TO_CLOSE')])
      expect(story(...waiting, decided)).not.toHaveProperty('held');
    expect(
      orderHistory({ orderId: 'p', parentOrderId: 'p' }, waiting.slice(1)).map(({ event, reason }) => [event, reason]),
    ).toEqual([
      ['SignalHeld', 'wait'],
      ['SignalHeld', 'wait'],
    ]);
  });

  it('names why routing found no way as a refusal', () => {
    const failed = record('OrderFailed', { stage: 'routing', code: 'NO_SUITABLE_VENUE', message: 'none', facts: {} });
    expect(story(sent, approved, failed).refusals).toEqual([
      { stage: 'routing', code: 'NO_SUITABLE_VENUE', message: 'none', facts: {} },
    ]);
  });

  it('says why its only order failed at the venue, once no other can take its place', () => {
    const why = { stage: 'execution', code: 'VENUE_REFUSED', message: 'The venue refused.', facts: { orderId: 'c' } };
    const failed = record('OrderFailed', { ...why, orderId: 'c', status: 'rejected' });
    const completed = (status: string) => record('OrderCompleted', { parentOrderId: 'p', status });
    expect(story(sent, approved, failed).refusals).toEqual([]);
    expect(story(sent, approved, failed, completed('rejected'))).toMatchObject({ status: 'done', refusals: [why] });
    expect(story(sent, approved, failed, completed('filled')).refusals).toEqual([]);
  });

  it('is told in spite of bytes that nobody can read', () => {
    expect(story(record('TradingSignalGenerated', Buffer.from('{')), sent).status).toBe('accepted');
  });
});

describe("an order's history", () => {
  const child = (orderId: string, ms: number) =>
    record(
      'OrderPlaced',
      { orderId, parentOrderId: 'p', venue: 'binance', venueOrderId: `v-${orderId}`, signalId: 's-1', userId: 'alice' },
      { time: `2026-11-21T02:47:10.${String(ms).padStart(3, '0')}Z`, source: 'execution-binance/1/1' },
    );
  const records = [child('c2', 30), child('c1', 20), sent, record('BalanceUpdated', { accountId: 'a' })];
  const events = (orderId: string) =>
    orderHistory({ orderId, parentOrderId: 'p' }, records).map(({ reason }) => reason);

  it('of a child leaves out what happened to its siblings', () => {
    expect(events('c1')).toHaveLength(2);
    expect(events('c1').at(-1)).toBe('binance accepted the order as v-c1.');
  });

  it('of a parent tells of all its children, in the order of time', () => {
    expect(events('p').slice(1)).toEqual([
      'binance accepted the order as v-c1.',
      'binance accepted the order as v-c2.',
    ]);
  });

  it('names the service, and leaves out of the facts what every step would repeat', () => {
    expect(orderHistory({ orderId: 'c1', parentOrderId: 'p' }, records).at(-1)).toMatchObject({
      service: 'execution-binance',
      facts: { orderId: 'c1', parentOrderId: 'p', venue: 'binance', venueOrderId: 'v-c1' },
    });
  });
});
