import { expect } from '@jest/globals';
import { decimal, ZERO } from '@switchyard/money';
import type { NewOrder, OrderType, TimeInForce } from '../orders.js';
import type { RefusalCode } from '../refusals.js';
import { acceptedOrder, answered, idOf, market, order, refOf, scene, soon } from './scene.js';
import type { ContractCase } from './case.js';

const TYPES: readonly OrderType[] = ['market', 'limit', 'stop', 'stop_limit'];
const TIMES: readonly TimeInForce[] = ['gtc', 'ioc', 'fok', 'day', 'gtd'];
const PRICES: Readonly<Record<OrderType, Partial<NewOrder>>> = {
  market: { limitPrice: null },
  limit: { limitPrice: '64100' },
  stop: { limitPrice: null, stopPrice: '70000' },
  stop_limit: { limitPrice: '70100', stopPrice: '70000' },
};

/** What our own checks refuse, each by its own code. */
const REFUSALS: readonly (readonly [id: string, code: RefusalCode, change: Partial<NewOrder>])[] = [
  ['P11', 'OFF_TICK', { limitPrice: '60000.000001' }],
  ['P12', 'OFF_LOT', { quantity: '0.0100000000001' }],
  ['P13', 'BELOW_MIN_QUANTITY', { quantity: '0.000000001' }],
  ['P14', 'BELOW_MIN_NOTIONAL', { limitPrice: '1' }],
  ['P15', 'PAIR_NOT_LISTED', { venueSymbol: 'NOSUCHPAIR' }],
  ['P16', 'MALFORMED_ORDER', { quantity: '1e3' }],
  ['P17', 'MALFORMED_ORDER', { quantity: '-1' }],
  ['P18', 'MALFORMED_ORDER', { limitPrice: null }],
  ['P19', 'MALFORMED_ORDER', { clientOrderId: 'not an id' }],
];

export const placing: readonly ContractCase[] = [
  {
    title: 'P1 a market order takes the book level by level, at the prices it showed',
    run: async (world) => {
      const { client, instrument } = await scene(world);
      const wanted = market(instrument, { quantity: '0.02' });
      const placed = await acceptedOrder(client, await client.place(wanted, soon()), wanted);
      expect(placed).toMatchObject({ state: 'filled', side: 'buy', clientOrderId: wanted.clientOrderId });
      const found = await client.lookup(refOf(wanted));
      if (found.kind !== 'found') throw new Error(found.kind);
      expect(found.fills.map(({ price, quantity }) => `${strip(quantity)} at ${strip(price)}`)).toEqual([
        '0.01 at 64010',
        '0.01 at 64020',
      ]);
      expect(found.fillsComplete).toBe(true);
    },
  },

  {
    title: 'P2 every fill names its trade, its fee, the fee’s currency and its liquidity',
    run: async (world) => {
      const { client, instrument } = await scene(world);
      const wanted = market(instrument, { quantity: '0.02' });
      await client.place(wanted, soon());
      const found = await client.lookup(refOf(wanted));
      if (found.kind !== 'found') throw new Error(found.kind);
      expect(new Set(found.fills.map(({ tradeId }) => tradeId)).size).toBe(2);
      for (const fill of found.fills) {
        expect(fill).toMatchObject({ liquidity: 'taker', side: 'buy', venueOrderId: found.order.venueOrderId });
        expect(decimal(fill.fee.amount).gte(ZERO)).toBe(true);
        expect(fill.fee.currency).toMatch(/^[A-Z0-9]+$/);
        expect(Math.abs(fill.filledAtMs - Date.now())).toBeLessThan(60_000);
      }
    },
  },

  {
    title: 'P3 a market order never fills beyond the book: the rest expires',
    run: async (world) => {
      const { client, instrument } = await scene(world);
      const wanted = market(instrument, { quantity: '2' });
      const placed = await acceptedOrder(client, await client.place(wanted, soon()), wanted);
      expect(['expired', 'cancelled']).toContain(placed.state);
      expect(strip(placed.filledQuantity)).toBe('1.03');
    },
  },

  {
    title: 'P4 a limit order below the book rests with nothing filled',
    run: async (world) => {
      const { client, instrument } = await scene(world);
      const wanted = order(instrument);
      const placed = await acceptedOrder(client, await client.place(wanted, soon()), wanted);
      expect(placed).toMatchObject({ state: 'placed', pair: instrument.pair, venueSymbol: instrument.venueSymbol });
      expect([placed.quantity, placed.limitPrice ?? '', placed.filledQuantity].map(strip)).toEqual([
        '0.01',
        '60000',
        '0',
      ]);
    },
  },

  {
    title: 'P5 a limit order that crosses fills what its price reaches, and the rest rests',
    run: async (world) => {
      const { client, instrument } = await scene(world);
      const wanted = order(instrument, { quantity: '0.05', limitPrice: '64020' });
      const placed = await acceptedOrder(client, await client.place(wanted, soon()), wanted);
      expect(placed.state).toBe('partially_filled');
      expect(strip(placed.filledQuantity)).toBe('0.03');
    },
  },

  {
    needs: 'immediateOrCancel',
    title: 'P6 immediate-or-cancel fills what it can and lets the rest go',
    run: async (world) => {
      const { client, instrument } = await scene(world);
      const wanted = order(instrument, { quantity: '0.05', limitPrice: '64020', timeInForce: 'ioc' });
      const placed = await acceptedOrder(client, await client.place(wanted, soon()), wanted);
      expect(['expired', 'cancelled']).toContain(placed.state);
      expect(strip(placed.filledQuantity)).toBe('0.03');
    },
  },

  {
    needs: 'fillOrKill',
    title: 'P7 fill-or-kill fills nothing when it cannot fill all',
    run: async (world) => {
      const { client, instrument } = await scene(world);
      const wanted = order(instrument, { quantity: '0.05', limitPrice: '64020', timeInForce: 'fok' });
      const outcome = await client.place(wanted, soon());
      if (outcome.kind === 'refused') return;
      const placed = await acceptedOrder(client, outcome, wanted);
      expect(['expired', 'cancelled', 'rejected']).toContain(placed.state);
      expect(strip(placed.filledQuantity)).toBe('0');
    },
  },

  {
    needs: 'postOnly',
    title: 'P8 a post-only order that would trade does not',
    run: async (world) => {
      const { client, instrument } = await scene(world);
      const wanted = order(instrument, { limitPrice: '64020', postOnly: true });
      const outcome = await client.place(wanted, soon());
      if (outcome.kind === 'refused') expect(outcome.code).toBe('POST_ONLY_WOULD_TAKE');
      else {
        const placed = await acceptedOrder(client, outcome, wanted);
        expect(['expired', 'cancelled', 'rejected']).toContain(placed.state);
        expect(strip(placed.filledQuantity)).toBe('0');
      }
    },
  },

  {
    needs: 'postOnly',
    title: 'P9 a post-only order below the book rests',
    run: async (world) => {
      const { client, instrument } = await scene(world);
      const wanted = order(instrument, { postOnly: true });
      expect(await acceptedOrder(client, await client.place(wanted, soon()), wanted)).toMatchObject({
        state: 'placed',
      });
    },
  },

  ...TYPES.map((orderType): ContractCase => ({
    title: `P10 takes a ${orderType} order in each time in force of its capability table, and refuses it in the others unsent`,
    plays: orderType,
    run: async (world) => {
      const { client, instrument } = await scene(world);
      const able = world.venue.capabilities.orderTypes;
      for (const timeInForce of TIMES) {
        const clientOrderId = idOf(`${orderType}/${timeInForce}`);
        const dated = timeInForce === 'gtd' ? { expireAtMs: Date.now() + 3_600_000 } : {};
        const wanted = order(instrument, { ...PRICES[orderType], ...dated, clientOrderId, orderType, timeInForce });
        const outcome = await client.place(wanted, soon());
        const listed = able[orderType]?.includes(timeInForce) === true;
        const sent = (await world.ledger()).some((row) => row.clientOrderId === clientOrderId);
        const code = able[orderType] === undefined ? 'UNSUPPORTED_ORDER_TYPE' : 'UNSUPPORTED_TIME_IN_FORCE';
        expect({ timeInForce, sent, ...told(outcome) }).toEqual(
          listed ? { timeInForce, sent: true, kind: 'accepted' } : { timeInForce, sent: false, kind: 'refused', code },
        );
      }
    },
  })),

  ...REFUSALS.map(([id, code, change]): ContractCase => ({
    ...(code === 'BELOW_MIN_NOTIONAL' ? { needs: 'minNotional' } : {}),
    title: `${id} refuses with ${code} before anything is sent: ${JSON.stringify(change)}`,
    run: async (world) => {
      const { client, instrument } = await scene(world);
      let writes = 0;
      const outcome = await client.place(order(instrument, change), soon({ beforeWrite: () => ++writes > 0 }));
      expect(outcome).toMatchObject({ kind: 'refused', code, venueCode: null });
      expect(writes).toBe(0);
      expect(await world.ledger()).toEqual([]);
    },
  })),

  {
    title: 'P20 reports the venue’s no for lack of funds as refused, with the venue’s code',
    run: async (world) => {
      const { instrument } = await scene(world);
      const poor = world.venue.client(await world.account({ base: '0', quote: '1' }), world.permit);
      const outcome = await poor.place(market(instrument), soon());
      expect(outcome).toMatchObject({ kind: 'refused', code: 'INSUFFICIENT_FUNDS' });
      expect(outcome.kind === 'refused' && outcome.venueCode).toBeTruthy();
    },
  },

  {
    title: 'P21 reports an unknown key as refused',
    run: async (world) => {
      const { instrument, credentials } = await scene(world);
      const stranger = world.venue.client({ ...credentials, apiKey: 'nobody' }, world.permit);
      expect(await stranger.place(market(instrument), soon())).toMatchObject({
        kind: 'refused',
        code: 'BAD_CREDENTIALS',
      });
    },
  },

  {
    title:
      'P22 a second order under a live order’s client id is never a second order, and its outcome is not called a refusal',
    run: async (world) => {
      const { client, instrument } = await scene(world);
      const first = await client.place(order(instrument), soon());
      const outcome = await client.place(order(instrument), soon());
      // Coinbase answers with the order that has the id.
      const same = { kind: 'accepted', venueOrderId: first.kind === 'accepted' ? first.venueOrderId : '' };
      expect(outcome).toMatchObject(
        outcome.kind === 'accepted' ? same : { kind: 'outcomeUnknown', reason: 'duplicate' },
      );
      expect(await world.ledger()).toHaveLength(1);
    },
  },

  {
    title: 'P23 an order that is good until a date rests until then, and is gone afterwards',
    needs: 'goodTillDate',
    run: async (world) => {
      const { client, instrument } = await scene(world);
      const wanted = order(instrument, { timeInForce: 'gtd', expireAtMs: Date.now() + 3_600_000 });
      expect(await acceptedOrder(client, await client.place(wanted, soon()), wanted)).toMatchObject({
        state: 'placed',
      });
      await world.skewClock(3_700_000);
      await world.venue.marketData.serverTime();
      expect(answered(await client.openOrders(instrument))).toEqual([]);
      const found = await client.lookup(refOf(wanted));
      expect(found.kind === 'found' && ['expired', 'cancelled'].includes(found.order.state)).toBe(true);
    },
  },

  {
    title: 'P24 an order that must not rest cannot be post-only: refused before anything is sent',
    run: async (world) => {
      const { client, instrument } = await scene(world);
      const outcome = await client.place(order(instrument, { postOnly: true, timeInForce: 'ioc' }), soon());
      expect(outcome).toMatchObject({ kind: 'refused', venueCode: null });
      expect(await world.ledger()).toEqual([]);
    },
  },

  ...(['buy', 'sell'] as const).map((side): ContractCase => ({
    plays: 'fees',
    title: `P25 a ${side} pays the fee that the account is told, in the currency that the capability table names`,
    run: async (world) => {
      const { client, instrument } = await scene(world);
      const wanted = market(instrument, { side });
      await client.place(wanted, soon());
      const found = await client.lookup(refOf(wanted));
      const [fill] = found.kind === 'found' ? found.fills : [];
      if (fill === undefined) throw new Error(found.kind);
      const { base, quote } = instrument;
      const received = side === 'buy' ? base : quote;
      const { feeCurrency } = world.venue.capabilities;
      const standard = feeCurrency.startsWith('quote') ? quote : received;
      if (!feeCurrency.endsWith('OrThird')) expect(fill.fee.currency).toBe(standard);
      if (![base, quote].includes(fill.fee.currency)) return;
      const { taker } = answered(await client.fees(instrument));
      const value = fill.fee.currency === base ? decimal(fill.quantity) : decimal(fill.quantity).times(fill.price);
      const due = value.times(taker);
      // Venues book fees on a grid of their own: within a cent, or a hundred-millionth of a coin.
      const grid = decimal(fill.fee.currency === base ? '0.00000001' : '0.01');
      expect(decimal(fill.fee.amount).minus(due).abs().lte(grid)).toBe(true);
    },
  })),

  {
    title: 'P26 an id whose order is over makes a second order, or none, as the capability table says',
    needs: 'knownIdReuse',
    run: async (world) => {
      const { client, instrument } = await scene(world);
      const first = await client.place(market(instrument), soon());
      const second = await client.place(market(instrument), soon());
      const isFreeAgain = world.venue.capabilities.clientIdReuse === 'openOnly';
      expect(await world.ledger()).toHaveLength(isFreeAgain ? 2 : 1);
      if (isFreeAgain) expect(second).toMatchObject({ kind: 'accepted' });
      else if (second.kind === 'accepted') expect(first).toMatchObject({ venueOrderId: second.venueOrderId });
      else expect(second).toMatchObject({ kind: 'outcomeUnknown', reason: 'duplicate' });
    },
  },
];

const told = (outcome: { readonly kind: string; readonly code?: string }) =>
  outcome.code === undefined ? { kind: outcome.kind } : { kind: outcome.kind, code: outcome.code };

/** A decimal without trailing zeros. */
export const strip = (text: string): string =>
  decimal(text)
    .toFixed()
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '');
