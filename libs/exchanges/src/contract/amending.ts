import { expect } from '@jest/globals';
import type { OrderChange } from '../orders.js';
import type { VenueClient } from '../port.js';
import type { ContractCase } from './case.js';
import { strip } from './placing.js';
import { acceptedOrder, answered, idOf, market, order, refOf, scene, soon } from './scene.js';

const change = (to: Partial<OrderChange>): OrderChange => ({
  quantity: null,
  limitPrice: null,
  postOnly: false,
  ...to,
});

const amendOf = (client: VenueClient): NonNullable<VenueClient['amend']> => {
  if (client.amend === undefined) throw new Error('the capability table says that this venue can amend');
  return client.amend.bind(client);
};

/** Price and quantity of an order as a lookup tells them. */
const standing = async (client: VenueClient, ref: Parameters<VenueClient['lookup']>[0]) => {
  const found = await client.lookup(ref);
  if (found.kind !== 'found') throw new Error(found.kind);
  const { limitPrice, quantity, filledQuantity, state } = found.order;
  return { limitPrice: strip(limitPrice ?? ''), quantity: strip(quantity), filled: strip(filledQuantity), state };
};

export const amending: readonly ContractCase[] = [
  {
    title: 'M1 a client can amend exactly where its capability table says so',
    run: async (world) => {
      const { client } = await scene(world);
      expect(client.amend !== undefined).toBe(world.venue.capabilities.amend);
    },
  },

  {
    title: 'M2 an amended order has its new price and quantity, and is the only one that rests',
    needs: 'amend',
    run: async (world) => {
      const { client, instrument } = await scene(world);
      const wanted = order(instrument);
      const { venueOrderId } = await acceptedOrder(client, await client.place(wanted, soon()), wanted);
      const outcome = await amendOf(client)(
        refOf(wanted, venueOrderId),
        change({ limitPrice: '61000', quantity: '0.02' }),
        soon(),
      );
      expect(outcome).toMatchObject({ kind: 'amended' });
      const open = answered(await client.openOrders(instrument));
      expect(open.map(({ limitPrice, quantity }) => [limitPrice ?? '', quantity].map(strip))).toEqual([
        ['61000', '0.02'],
      ]);
    },
  },

  {
    title: 'M3 a partly filled order keeps its fills when it is amended',
    needs: 'amend',
    run: async (world) => {
      const { client, instrument } = await scene(world);
      const wanted = order(instrument, { quantity: '0.05', limitPrice: '64020' });
      await client.place(wanted, soon());
      expect(await amendOf(client)(refOf(wanted), change({ limitPrice: '60000' }), soon())).toMatchObject({
        kind: 'amended',
      });
      const [open] = answered(await client.openOrders(instrument));
      expect(strip(open?.limitPrice ?? '')).toBe('60000');
      const fills = answered(await client.tradesSince(instrument, { sinceMs: Date.now() - 60_000 }));
      expect(fills.fills.map(({ quantity }) => strip(quantity))).toEqual(['0.01', '0.02']);
    },
  },

  {
    title: 'M4 a post-only change that would trade is refused, and the order stays as it was',
    needs: 'amendPostOnly',
    run: async (world) => {
      const { client, instrument } = await scene(world);
      const wanted = order(instrument, { postOnly: true });
      await client.place(wanted, soon());
      const outcome = await amendOf(client)(refOf(wanted), change({ limitPrice: '64020', postOnly: true }), soon());
      expect(outcome).toMatchObject({ kind: 'refused', code: 'POST_ONLY_WOULD_TAKE' });
      expect(await standing(client, refOf(wanted))).toMatchObject({ limitPrice: '60000', state: 'placed' });
    },
  },

  {
    title: 'M5 an amend of a finished order, or of one that never was, finds nothing open',
    needs: 'amend',
    run: async (world) => {
      const { client, instrument } = await scene(world);
      const wanted = market(instrument);
      await client.place(wanted, soon());
      const never = order(instrument, { clientOrderId: idOf('never') });
      for (const each of [wanted, never])
        expect(await amendOf(client)(refOf(each), change({ quantity: '0.02' }), soon())).toEqual({ kind: 'notOpen' });
    },
  },

  ...(
    [
      ['OFF_TICK', { limitPrice: '60000.000001' }],
      ['OFF_LOT', { quantity: '0.0100000000001' }],
      ['BELOW_MIN_QUANTITY', { quantity: '0.000000001' }],
      ['MALFORMED_ORDER', {}],
    ] as const
  ).map(([code, to]): ContractCase => ({
    title: `M6 a change to ${JSON.stringify(to)} is refused with ${code} before anything is sent`,
    needs: 'amend',
    run: async (world) => {
      const { client, instrument } = await scene(world);
      await client.place(order(instrument), soon());
      let writes = 0;
      const outcome = await amendOf(client)(
        refOf(order(instrument)),
        change(to),
        soon({ beforeWrite: () => ++writes > 0 }),
      );
      expect(outcome).toMatchObject({ kind: 'refused', code, venueCode: null });
      expect(writes).toBe(0);
    },
  })),

  {
    title: 'M7 an amend whose reply is lost is unknown, and the open orders tell what became of it',
    needs: 'amend',
    run: async (world) => {
      const { client, instrument } = await scene(world);
      const wanted = order(instrument);
      const { venueOrderId } = await acceptedOrder(client, await client.place(wanted, soon()), wanted);
      await world.fault('reset_after', 'amend', 1);
      const outcome = await amendOf(client)(refOf(wanted, venueOrderId), change({ limitPrice: '61000' }), soon());
      expect(outcome).toMatchObject({ kind: 'outcomeUnknown', reason: 'connectionLost' });
      const open = answered(await client.openOrders(instrument));
      expect(open.map(({ limitPrice }) => strip(limitPrice ?? ''))).toEqual(['61000']);
    },
  },

  {
    title: 'M8 nothing is amended once sendBy has passed',
    needs: 'amend',
    run: async (world) => {
      const { client, instrument } = await scene(world);
      const wanted = order(instrument);
      await client.place(wanted, soon());
      const late = soon({ sendBy: performance.now() });
      expect(await amendOf(client)(refOf(wanted), change({ limitPrice: '61000' }), late)).toMatchObject({
        kind: 'notSent',
        reason: 'expired',
      });
      expect(await standing(client, refOf(wanted))).toMatchObject({ limitPrice: '60000' });
    },
  },
];
