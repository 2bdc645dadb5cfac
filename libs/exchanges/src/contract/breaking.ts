import { expect } from '@jest/globals';
import { order, refOf, scene, soon } from './scene.js';
import type { ContractCase } from './case.js';
import type { Fault } from './world.js';

/** What each fault does to a new order, as the venue's ledger and as our outcome. */
const FAULTS: readonly (readonly [
  id: string,
  fault: Fault,
  outcome: { readonly kind: string; readonly reason: string },
  atVenue: boolean,
])[] = [
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

/** Those that leave a request without an answer. */
const HANGING: readonly Fault[] = ['hang_after', 'stall_200'];

export const breaking: readonly ContractCase[] = [
  ...FAULTS.flatMap(([id, fault, outcome, atVenue]): readonly ContractCase[] => [
    {
      title: `${id} ${fault} leaves a new order unknown, and a lookup tells the truth`,
      plays: fault,
      hangs: HANGING.includes(fault),
      run: async (world) => {
        const { client, instrument } = await scene(world);
        await world.fault(fault, 'place', 1);
        expect(await client.place(order(instrument), soon())).toMatchObject(outcome);
        expect(await world.ledger()).toHaveLength(atVenue ? 1 : 0);
        expect((await client.lookup(refOf(order(instrument)))).kind).toBe(atVenue ? 'found' : 'notFound');
      },
    },
    {
      title: `${id} ${fault} makes a lookup impossible, which is not "not found"`,
      plays: fault,
      hangs: HANGING.includes(fault),
      run: async (world) => {
        const { client, instrument } = await scene(world);
        await client.place(order(instrument), soon());
        await world.fault(fault, 'read', 1);
        expect(await client.lookup(refOf(order(instrument)))).toMatchObject({
          kind: 'couldNotAsk',
          reason: outcome.reason,
        });
      },
    },
    {
      title: `${id} ${fault} leaves a cancel unknown`,
      plays: fault,
      hangs: HANGING.includes(fault),
      run: async (world) => {
        const { client, instrument } = await scene(world);
        await client.place(order(instrument), soon());
        await world.fault(fault, 'cancel', 1);
        expect(await client.cancel(refOf(order(instrument)), soon())).toMatchObject(outcome);
      },
    },
  ]),

  {
    title: 'B11 a counted request is refused, and the address stays away as long as it was told to',
    run: async (world) => {
      const { client, instrument } = await scene(world);
      await world.fault('http_429', 'place', 1);
      const first = await client.place(order(instrument), soon());
      expect(first).toMatchObject({ kind: 'refused', code: 'RATE_LIMITED' });
      const second = await client.place(order(instrument), soon());
      expect(second).toMatchObject({ kind: 'notSent', reason: 'rateLimited' });
      expect(second.kind === 'notSent' && second.retryAfterMs).toBeGreaterThan(0);
      expect(await world.ledger()).toEqual([]);
    },
  },

  {
    title: 'B12 nothing is written once sendBy has passed',
    run: async (world) => {
      const { client, instrument } = await scene(world);
      const outcome = await client.place(order(instrument), soon({ sendBy: performance.now() }));
      expect(outcome).toMatchObject({ kind: 'notSent', reason: 'expired' });
      expect(await world.ledger()).toEqual([]);
    },
  },

  {
    title: 'B13 time that passes in the last check still counts against sendBy',
    run: async (world) => {
      const { client, instrument } = await scene(world);
      const sendBy = performance.now() + 200;
      const stall = (): boolean => {
        while (performance.now() < sendBy);
        return true;
      };
      expect(await client.place(order(instrument), soon({ sendBy, beforeWrite: stall }))).toMatchObject({
        reason: 'expired',
      });
      expect(await world.ledger()).toEqual([]);
    },
  },

  {
    title: 'B14 an order that its caller withholds is not written',
    run: async (world) => {
      const { client, instrument } = await scene(world);
      const outcome = await client.place(order(instrument), soon({ beforeWrite: () => false }));
      expect(outcome).toMatchObject({ kind: 'notSent', reason: 'withheld' });
      expect(await world.ledger()).toEqual([]);
    },
  },

  {
    title: 'B15 an order is written once',
    run: async (world) => {
      const { client, instrument } = await scene(world);
      let writes = 0;
      await client.place(order(instrument), soon({ beforeWrite: () => ++writes > 0 }));
      expect(writes).toBe(1);
      expect(await world.ledger()).toHaveLength(1);
    },
  },

  {
    title: 'B16 a clock that is off by less than a minute is measured, and orders are signed with the venue’s time',
    run: async (world) => {
      await world.skewClock(-40_000);
      const { client, instrument } = await scene(world);
      await world.venue.marketData.serverTime();
      expect(await client.place(order(instrument), soon())).toMatchObject({ kind: 'accepted' });
    },
  },

  {
    title: 'B17 an order outside the venue’s time window is not taken',
    needs: 'expiry',
    run: async (world) => {
      const { client, instrument } = await scene(world);
      // The first order measures the clock; then the venue's runs away from it.
      await client.lookup(refOf(order(instrument)));
      await client.place(order(instrument, { quantity: '0.000000001' }), soon());
      await world.venue.marketData.serverTime();
      await world.skewClock(40_000);
      const outcome = await client.place(
        order(instrument),
        soon({ recvWindowMs: Math.max(1_000, world.venue.capabilities.minRecvWindowMs) }),
      );
      // Some venues say that it came too late, others only that it timed out: then the lists tell that it is not there.
      // Coinbase has one word for every token that is not good, the late ones too.
      if (outcome.kind === 'refused') expect(['CLOCK_SKEW', 'BAD_CREDENTIALS']).toContain(outcome.code);
      else expect(outcome.kind).toBe('outcomeUnknown');
      await world.venue.marketData.serverTime();
      expect(await client.lookup(refOf(order(instrument)))).toEqual({ kind: 'notFound' });
      expect(await world.ledger()).toEqual([]);
    },
  },

  {
    title: 'B18 the venue’s no, in its own words, is a refusal with its own code, and no order',
    plays: 'refuse',
    run: async (world) => {
      const { client, instrument } = await scene(world);
      await world.fault('refuse', 'place', 1);
      const outcome = await client.place(order(instrument), soon());
      expect(outcome).toMatchObject({ kind: 'refused' });
      expect(outcome.kind === 'refused' && outcome.venueCode).toBeTruthy();
      expect(await world.ledger()).toEqual([]);
      expect(await client.place(order(instrument), soon())).toMatchObject({ kind: 'accepted' });
    },
  },
];
