import { describe, expect, it } from '@jest/globals';
import { order, refOf, scene, soon } from './scene.js';
import type { ContractWorld, Fault, Lack } from './world.js';

/** What each fault does to a new order, as the venue's ledger and as our outcome. */
const FAULTS: readonly (readonly [id: string, fault: Fault, outcome: object, atVenue: boolean])[] = [
  ['B1', 'reset_before', { kind: 'outcomeUnknown', reason: 'connectionLost' }, false],
  ['B2', 'reset_after', { kind: 'outcomeUnknown', reason: 'connectionLost' }, true],
  ['B3', 'hang_after', { kind: 'outcomeUnknown', reason: 'timeout' }, true],
  ['B4', 'http_500', { kind: 'outcomeUnknown', reason: 'serverError' }, false],
  ['B5', 'http_504_after', { kind: 'outcomeUnknown', reason: 'serverError' }, true],
  ['B6', 'empty_200', { kind: 'outcomeUnknown', reason: 'unreadable' }, true],
  ['B7', 'html_200', { kind: 'outcomeUnknown', reason: 'unreadable' }, true],
  ['B8', 'truncated_200', { kind: 'outcomeUnknown', reason: 'unreadable' }, true],
  ['B9', 'cut_200', { kind: 'outcomeUnknown', reason: 'connectionLost' }, true],
  ['B10', 'stall_200', { kind: 'outcomeUnknown', reason: 'timeout' }, true],
];

export const breaking = (current: () => ContractWorld, lacks: readonly Lack[]): void => {
  const faults = FAULTS.filter(([, fault]) => !lacks.includes(fault));
  describe('breaking', () => {
    it.each(faults)(
      '%s %s leaves a new order unknown, and a lookup tells the truth',
      async (_, fault, outcome, atVenue) => {
        const { client, instrument, world } = await scene(current());
        await world.fault(fault, 'place', 1);
        expect(await client.place(order(instrument), soon())).toMatchObject(outcome);
        expect(await world.ledger()).toHaveLength(atVenue ? 1 : 0);
        expect((await client.lookup(refOf(order(instrument)))).kind).toBe(atVenue ? 'found' : 'notFound');
      },
    );

    it.each(faults)(
      '%s %s makes a lookup impossible, which is not "not found"',
      async (_, fault, { reason }: { reason?: string }) => {
        const { client, instrument, world } = await scene(current());
        await client.place(order(instrument), soon());
        await world.fault(fault, 'read', 1);
        expect(await client.lookup(refOf(order(instrument)))).toMatchObject({ kind: 'couldNotAsk', reason });
      },
    );

    it.each(faults)('%s %s leaves a cancel unknown', async (_, fault, outcome) => {
      const { client, instrument, world } = await scene(current());
      await client.place(order(instrument), soon());
      await world.fault(fault, 'cancel', 1);
      expect(await client.cancel(refOf(order(instrument)), soon())).toMatchObject(outcome);
    });

    it('B11 a counted request is refused, and the address stays away as long as it was told to', async () => {
      const { client, instrument, world } = await scene(current());
      await world.fault('http_429', 'place', 1);
      const first = await client.place(order(instrument), soon());
      expect(first).toMatchObject({ kind: 'refused', code: 'RATE_LIMITED' });
      const second = await client.place(order(instrument), soon());
      expect(second).toMatchObject({ kind: 'notSent', reason: 'rateLimited' });
      expect(second.kind === 'notSent' && second.retryAfterMs).toBeGreaterThan(0);
      expect(await world.ledger()).toEqual([]);
    });

    it('B12 nothing is written once sendBy has passed', async () => {
      const { client, instrument, world } = await scene(current());
      const outcome = await client.place(order(instrument), soon({ sendBy: performance.now() }));
      expect(outcome).toMatchObject({ kind: 'notSent', reason: 'expired' });
      expect(await world.ledger()).toEqual([]);
    });

    it('B13 time that passes in the last check still counts against sendBy', async () => {
      const { client, instrument, world } = await scene(current());
      const sendBy = performance.now() + 200;
      const stall = (): boolean => {
        while (performance.now() < sendBy);
        return true;
      };
      expect(await client.place(order(instrument), soon({ sendBy, beforeWrite: stall }))).toMatchObject({
        reason: 'expired',
      });
      expect(await world.ledger()).toEqual([]);
    });

    it('B14 an order that its caller withholds is not written', async () => {
      const { client, instrument, world } = await scene(current());
      const outcome = await client.place(order(instrument), soon({ beforeWrite: () => false }));
      expect(outcome).toMatchObject({ kind: 'notSent', reason: 'withheld' });
      expect(await world.ledger()).toEqual([]);
    });

    it('B15 an order is written once', async () => {
      const { client, instrument, world } = await scene(current());
      let writes = 0;
      await client.place(order(instrument), soon({ beforeWrite: () => ++writes > 0 }));
      expect(writes).toBe(1);
      expect(await world.ledger()).toHaveLength(1);
    });

    it('B16 a clock that is off by less than a minute is measured, and orders are signed with the venue’s time', async () => {
      const world = current();
      await world.skewClock(-40_000);
      const { client, instrument } = await scene(world);
      await world.venue.marketData.serverTime();
      expect(await client.place(order(instrument), soon())).toMatchObject({ kind: 'accepted' });
    });

    it('B17 an order outside the venue’s time window is refused by the venue', async () => {
      const { client, instrument, world } = await scene(current());
      if (!world.venue.capabilities.enforcesExpiry) return;
      // The first order measures the clock; then the venue's runs away from it.
      await client.lookup(refOf(order(instrument)));
      await client.place(order(instrument, { limitPrice: '1' }), soon());
      await world.venue.marketData.serverTime();
      await world.skewClock(40_000);
      const outcome = await client.place(order(instrument), soon({ recvWindowMs: 1_000 }));
      expect(outcome).toMatchObject({ kind: 'refused', code: 'CLOCK_SKEW' });
      expect(await world.ledger()).toEqual([]);
    });
  });
};
