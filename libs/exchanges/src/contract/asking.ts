import { expect } from '@jest/globals';
import { isDecimalString } from '@switchyard/money';
import { acceptedOrder, answered, BOOK, idOf, market, scene, soon } from './scene.js';
import { strip } from './placing.js';
import type { ContractCase } from './case.js';

export const asking: readonly ContractCase[] = [
  {
    title: 'A1 lists instruments with grid and minimums as decimals',
    run: async (world) => {
      await scene(world);
      const instruments = answered(await world.venue.marketData.instruments());
      const found = instruments.find(({ pair }) => pair === world.pair);
      expect(found).toMatchObject({
        pair: `${found?.base ?? ''}-${found?.quote ?? ''}`,
        trading: true,
        quoteAlias: null,
      });
      for (const text of [found?.tick, found?.lot, found?.minQuantity, found?.minNotional ?? '0'])
        expect(isDecimalString(text ?? '')).toBe(true);
    },
  },

  {
    title: 'A2 takes another quote for USD only where the account says so',
    needs: 'quoteAlias',
    run: async (world) => {
      await scene(world);
      if (world.aliasPair === null) return;
      const { marketData } = world.venue;
      expect(await marketData.instrument(world.aliasPair, { usdtAsUsd: false })).toMatchObject({
        kind: 'refused',
        code: 'USDT_NOT_TAKEN_AS_USD',
      });
      const stand = answered(await marketData.instrument(world.aliasPair, { usdtAsUsd: true }));
      expect(stand).toMatchObject({ pair: world.aliasPair, quoteAlias: { asked: 'USD', paid: stand.quote } });
    },
  },

  {
    title: 'A3 refuses a pair that nobody lists',
    run: async (world) => {
      await scene(world);
      const outcome = await world.venue.marketData.instrument('NOSUCH-PAIR', { usdtAsUsd: true });
      expect(outcome).toMatchObject({ kind: 'refused', code: 'PAIR_NOT_LISTED' });
    },
  },

  {
    title: 'A4 gives the book as the venue has it, best first, no deeper than asked',
    run: async (world) => {
      const { instrument } = await scene(world);
      const book = answered(await world.venue.marketData.book(instrument, 5));
      const plain = (levels: typeof book.bids) => levels.map((level) => level.map(strip));
      expect(plain(book.bids)).toEqual(plain(BOOK.bids));
      expect(plain(book.asks)).toEqual(plain(BOOK.asks));
      expect(Math.abs(book.receivedAtMs - Date.now())).toBeLessThan(5_000);
    },
  },

  {
    title: 'A5 gives bid, ask and last price, and the volume of a day where the venue tells it',
    run: async (world) => {
      const { instrument } = await scene(world);
      const { bid, ask, last, baseVolume } = answered(await world.venue.marketData.ticker(instrument));
      for (const price of [bid, ask, last]) expect(isDecimalString(price ?? '')).toBe(true);
      if (world.venue.capabilities.noDayVolume === true) expect(baseVolume).toBeNull();
      else expect(isDecimalString(baseVolume ?? '')).toBe(true);
    },
  },

  {
    title: 'A6 measures the venue’s clock by the midpoint of the round trip',
    run: async (world) => {
      await world.skewClock(30_000);
      const { offsetMs, errorMs, roundTripMs } = answered(await world.venue.marketData.serverTime());
      expect(Math.abs(offsetMs - 30_000)).toBeLessThan(errorMs + 50);
      expect(errorMs).toBeGreaterThanOrEqual(roundTripMs / 2);
    },
  },

  {
    title:
      'A7 tells everyone of a trade, oldest first, each under a name of its own, and who took where the venue says so',
    run: async (world) => {
      const { instrument, client } = await scene(world);
      const { publicTrades } = world.venue.capabilities;
      for (const [side, quantity] of [
        ['buy', '0.007'],
        ['sell', '0.009'],
      ] as const) {
        const asked = market(instrument, { side, quantity, clientOrderId: idOf(side) });
        await acceptedOrder(client, await client.place(asked, soon()), asked);
      }
      const trades = answered(await world.venue.marketData.trades(instrument, 10));
      expect(trades.length).toBeGreaterThanOrEqual(2);
      expect(trades.length).toBeLessThanOrEqual(10);
      expect(new Set(trades.map(({ tradeId }) => tradeId)).size).toBe(trades.length);
      const times = trades.map(({ tradedAtMs }) => tradedAtMs);
      expect(times).toEqual(times.toSorted((one, other) => one - other));
      const told = trades.map(({ price, quantity, takerSide }) => [strip(price), strip(quantity), takerSide]);
      const taker = (side: 'buy' | 'sell') => (publicTrades.takerSide ? side : null);
      expect(told).toContainEqual(['64010', '0.007', taker('buy')]);
      expect(told).toContainEqual(['63990', '0.009', taker('sell')]);
      const bought = trades.findLast(({ price, quantity }) => `${strip(price)} ${strip(quantity)}` === '64010 0.007');
      expect(Math.abs((bought?.tradedAtMs ?? 0) - Date.now())).toBeLessThan(5_000);
    },
  },
];
