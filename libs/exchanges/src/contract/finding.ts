import { expect } from '@jest/globals';
import { acceptedOrder, answered, idOf, market, order, refOf, scene, soon } from './scene.js';
import { strip } from './placing.js';
import type { LookupOutcome } from '../outcomes.js';
import type { ContractCase } from './case.js';

export const finding: readonly ContractCase[] = [
  {
    title: 'F1 finds an open order by our id alone',
    run: async (world) => {
      const { client, instrument } = await scene(world);
      const wanted = order(instrument);
      const placed = await acceptedOrder(client, await client.place(wanted, soon()), wanted);
      expect(await client.lookup(refOf(wanted))).toMatchObject({
        kind: 'found',
        order: { venueOrderId: placed.venueOrderId, clientOrderId: wanted.clientOrderId, state: 'placed' },
        fills: [],
        fillsComplete: true,
      });
    },
  },

  {
    title: 'F2 finds a filled order by our id, with all of its fills',
    run: async (world) => {
      const { client, instrument } = await scene(world);
      const wanted = market(instrument, { quantity: '0.02', side: 'sell' });
      await client.place(wanted, soon());
      const found = await client.lookup(refOf(wanted));
      expect(found).toMatchObject({ kind: 'found', order: { state: 'filled', side: 'sell' }, fillsComplete: true });
    },
  },

  {
    title: 'F3 finds a cancelled order',
    run: async (world) => {
      const { client, instrument } = await scene(world);
      const wanted = order(instrument);
      await client.place(wanted, soon());
      expect(await client.cancel(refOf(wanted), soon())).toMatchObject({ kind: 'cancelled' });
      expect(await client.lookup(refOf(wanted))).toMatchObject({ kind: 'found', order: { state: 'cancelled' } });
    },
  },

  {
    title: 'F4 finds by the venue’s id as well',
    run: async (world) => {
      const { client, instrument } = await scene(world);
      const wanted = order(instrument);
      const placed = await acceptedOrder(client, await client.place(wanted, soon()), wanted);
      expect(await client.lookup(refOf(wanted, placed.venueOrderId))).toMatchObject({ kind: 'found' });
    },
  },

  {
    title: 'F5 says "not found" of an order that never was',
    run: async (world) => {
      const { client, instrument } = await scene(world);
      expect(await client.lookup(refOf(order(instrument)))).toEqual({ kind: 'notFound' });
    },
  },

  {
    title: 'F6 says "not found" of another account’s order',
    run: async (world) => {
      const { client, instrument } = await scene(world);
      await client.place(order(instrument), soon());
      const other = world.venue.client(await world.account({ base: '1', quote: '1' }), world.permit);
      expect(await other.lookup(refOf(order(instrument)))).toEqual({ kind: 'notFound' });
    },
  },

  {
    title: 'F7 lists open orders, of one instrument or of all, and no others',
    run: async (world) => {
      const { client, instrument } = await scene(world);
      await client.place(order(instrument, { clientOrderId: idOf('a') }), soon());
      await client.place(order(instrument, { clientOrderId: idOf('b') }), soon());
      await client.place(market(instrument, { clientOrderId: idOf('c') }), soon());
      await client.cancel(refOf(order(instrument, { clientOrderId: idOf('b') })), soon());
      for (const which of [instrument, undefined]) {
        const open = answered(await client.openOrders(which));
        expect(open.map(({ clientOrderId, pair }) => [clientOrderId, pair])).toEqual([[idOf('a'), instrument.pair]]);
      }
    },
  },

  {
    title: 'F8 a cancel of a finished order, or of one that never was, finds nothing open',
    run: async (world) => {
      const { client, instrument } = await scene(world);
      const wanted = market(instrument);
      await client.place(wanted, soon());
      expect(await client.cancel(refOf(wanted), soon())).toEqual({ kind: 'notOpen' });
      expect(await client.cancel(refOf(order(instrument, { clientOrderId: idOf('x') })), soon())).toEqual({
        kind: 'notOpen',
      });
    },
  },

  {
    title: 'F9 a partly filled order keeps its fills when it is cancelled',
    run: async (world) => {
      const { client, instrument } = await scene(world);
      const wanted = order(instrument, { quantity: '0.05', limitPrice: '64020' });
      await client.place(wanted, soon());
      await client.cancel(refOf(wanted), soon());
      const found = await client.lookup(refOf(wanted));
      if (found.kind !== 'found') throw new Error(found.kind);
      expect(found.order.state).toBe('cancelled');
      expect(strip(found.order.filledQuantity)).toBe('0.03');
      expect(found.fills.map(({ quantity }) => strip(quantity))).toEqual(['0.01', '0.02']);
    },
  },

  {
    title: 'F10 trades are told in order, from a time or from behind a trade',
    run: async (world) => {
      const { client, instrument } = await scene(world);
      const before = Date.now() - 60_000;
      for (const name of ['a', 'b', 'c'])
        await client.place(market(instrument, { clientOrderId: idOf(name), side: 'sell' }), soon());
      const all = answered(await client.tradesSince(instrument, { sinceMs: before }));
      expect(all.fills).toHaveLength(3);
      expect(all.next).toBeNull();
      const [first, ...rest] = all.fills.map(({ tradeId }) => tradeId);
      const later = answered(await client.tradesSince(instrument, { afterTradeId: first ?? '' }));
      expect(later.fills.map(({ tradeId }) => tradeId)).toEqual(rest);
    },
  },

  {
    title: 'F11 balances hold what the account has, and nothing that it has not',
    run: async (world) => {
      const { client, instrument } = await scene(world);
      const balances = answered(await client.balances());
      expect(balances.map(({ asset, total }) => [asset, strip(total)]).sort()).toEqual(
        [
          [instrument.base, '10'],
          [instrument.quote, '1000000'],
        ].sort(),
      );
    },
  },

  {
    title: 'F12 fee rates are fractions: below 2 %',
    run: async (world) => {
      const { client, instrument } = await scene(world);
      const { maker, taker } = answered(await client.fees(instrument));
      for (const rate of [maker, taker]) expect(Number(rate)).toBeLessThan(0.02);
    },
  },

  {
    title: 'F13 an order that the venue has forgotten, and that never traded, is not found',
    plays: 'forget',
    run: async (world) => {
      const { client, credentials, instrument } = await scene(world);
      const wanted = order(instrument);
      const { venueOrderId } = await acceptedOrder(client, await client.place(wanted, soon()), wanted);
      await world.forget(credentials, wanted.clientOrderId);
      for (const ref of [refOf(wanted), refOf(wanted, venueOrderId)])
        expect(await client.lookup(ref)).toEqual({ kind: 'notFound' });
    },
  },

  {
    title: 'F14 an order that the venue has forgotten, but that has traded, is never said to be not there',
    plays: 'forget',
    run: async (world) => {
      const { client, credentials, instrument } = await scene(world);
      const wanted = market(instrument);
      const { venueOrderId } = await acceptedOrder(client, await client.place(wanted, soon()), wanted);
      await world.forget(credentials, wanted.clientOrderId);
      expect((await client.lookup(refOf(wanted, venueOrderId))).kind).not.toBe('notFound');
    },
  },

  {
    title: 'F15 a fill that the venue tells twice is one fill',
    plays: 'duplicate_fill',
    run: async (world) => {
      const { client, instrument } = await scene(world);
      const wanted = market(instrument, { quantity: '0.02' });
      await world.fault('duplicate_fill', 'all', 20);
      await acceptedOrder(client, await client.place(wanted, soon()), wanted);
      const found = await client.lookup(refOf(wanted));
      expect(found).toMatchObject({ kind: 'found', order: { state: 'filled' }, fillsComplete: true });
      expect(found.kind === 'found' && found.fills.map(({ quantity }) => strip(quantity))).toEqual(['0.01', '0.01']);
    },
  },

  {
    title: 'F16 a fill that the venue tells late is told in the end, and a cancel in between finds nothing open',
    plays: 'late_fill',
    run: async (world) => {
      const { client, instrument } = await scene(world);
      const wanted = order(instrument, { limitPrice: '64010' });
      await world.fault('late_fill', 'place', 1);
      expect(await acceptedOrder(client, await client.place(wanted, soon()), wanted)).toMatchObject({
        state: 'placed',
      });
      expect(await client.cancel(refOf(wanted), soon())).toEqual({ kind: 'notOpen' });
      let found = await client.lookup(refOf(wanted));
      for (
        const until = Date.now() + 5_000;
        Date.now() < until && !isFilled(found);
        found = await client.lookup(refOf(wanted))
      )
        await new Promise((resolve) => setTimeout(resolve, 50));
      expect(found).toMatchObject({ kind: 'found', order: { state: 'filled' }, fillsComplete: true });
    },
  },
];

const isFilled = (found: LookupOutcome): boolean => found.kind === 'found' && found.order.state === 'filled';
