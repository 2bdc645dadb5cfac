import { inspect } from 'node:util';
import { expect } from '@jest/globals';
import { answered, idOf, order, refOf, scene, soon } from './scene.js';
import type { ContractCase } from './case.js';
import type { Fault } from './world.js';

const TENANTS = 60;

export const keeping: readonly ContractCase[] = [
  {
    title: `K1 ${TENANTS} accounts placing at once each place under their own key`,
    run: async (world) => {
      const { instrument } = await scene(world);
      const tenants = await Promise.all(
        Array.from({ length: TENANTS }, async (_, index) => {
          const credentials = await world.account({ base: '1', quote: '10000' });
          const wanted = order(instrument, { clientOrderId: idOf(`tenant ${index}`) });
          return { credentials, wanted, client: world.venue.client(credentials, world.permit) };
        }),
      );
      await Promise.all(tenants.map(({ client, wanted }) => client.place(wanted, soon({ recvWindowMs: 30_000 }))));
      const owner = new Map((await world.ledger()).map((row) => [row.clientOrderId, row.accountKey]));
      expect(owner.size).toBe(TENANTS);
      for (const { wanted, credentials } of tenants) expect(owner.get(wanted.clientOrderId)).toBe(credentials.apiKey);
    },
  },

  {
    title: 'K2 no secret is in a client, an outcome or an error',
    run: async (world) => {
      const { client, credentials, instrument } = await scene(world);
      const faults: readonly Fault[] = ['http_500', 'reset_after', 'html_200', 'truncated_200', 'http_429'];
      const told: unknown[] = [client, world.venue];
      const stranger = world.venue.client({ ...credentials, secret: `${credentials.secret}x` }, world.permit);
      told.push(stranger, await stranger.place(order(instrument), soon()), await stranger.balances());
      for (const fault of faults) {
        await world.fault(fault, 'place', 1);
        told.push(await client.place(order(instrument, { clientOrderId: idOf(fault) }), soon()));
      }
      told.push(await client.lookup(refOf(order(instrument))), await client.openOrders());
      for (const one of told) {
        const text = inspect(one, { depth: 20, showHidden: true, getters: true }) + JSON.stringify(one);
        expect(text).not.toContain(credentials.apiKey);
        expect(text).not.toContain(credentials.secret);
      }
    },
  },

  {
    title: 'K3 a client is only had under a permit for the venue’s origin',
    run: async (world) => {
      const { credentials } = await scene(world);
      const elsewhere = { ...world.permit, origin: 'https://elsewhere.example' };
      expect(() => world.venue.client(credentials, elsewhere)).toThrow('permit');
    },
  },

  {
    title: 'K4 two calls of one account at once don’t mix their answers',
    run: async (world) => {
      const { client, instrument } = await scene(world);
      const ids = Array.from({ length: 20 }, (_, index) => idOf(`call ${index}`));
      await Promise.all(ids.map((clientOrderId) => client.place(order(instrument, { clientOrderId }), soon())));
      const found = await Promise.all(
        ids.map((clientOrderId) => client.lookup(refOf(order(instrument, { clientOrderId })))),
      );
      expect(found.map((one) => one.kind === 'found' && one.order.clientOrderId)).toEqual(ids);
      expect(answered(await client.openOrders(instrument))).toHaveLength(20);
    },
  },

  {
    title: 'K5 two clients of one key at once each get their own answers, however many they ask for',
    run: async (world) => {
      const { client, credentials, instrument } = await scene(world);
      const second = world.venue.client(credentials, world.permit);
      const wanted = Array.from({ length: 16 }, (_, index) =>
        order(instrument, { clientOrderId: idOf(`k5 ${index}`) }),
      );
      const limits = (): ReturnType<typeof soon> => soon({ recvWindowMs: 30_000 });
      const placed = await Promise.all(
        wanted.map((one, index) => (index % 2 === 0 ? client : second).place(one, limits())),
      );
      expect(placed.map(({ kind }) => kind)).toEqual(wanted.map(() => 'accepted'));
      const found = await Promise.all(
        wanted.map((one, index) => (index % 2 === 0 ? second : client).lookup(refOf(one))),
      );
      expect(found.map((one) => one.kind === 'found' && one.order.clientOrderId)).toEqual(
        wanted.map(({ clientOrderId }) => clientOrderId),
      );
    },
  },
];
