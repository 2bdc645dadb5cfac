/* eslint-disable @typescript-eslint/no-non-null-assertion -- indices are taken modulo the length. */
import {
  DEFAULT_ROUTING_SETTINGS,
  prepareMarket,
  type ApprovedOrder,
  type PreparedMarket,
  type RouteInputs,
  type RoutingSettings,
} from '@switchyard/routing-domain';

/** Ticks, lots, minimums and first-tier fees as the venues have them for BTC (November 2026; see docs/concepts/routing.md). */
const VENUES = [
  {
    venue: 'binance',
    quote: 'USDT',
    tick: 2,
    lot: 5,
    minQuantity: '0.00001',
    minNotional: '5',
    maker: '0.001',
    taker: '0.001',
  },
  {
    venue: 'kraken',
    quote: 'USD',
    tick: 1,
    lot: 8,
    minQuantity: '0.00005',
    minNotional: '0.5',
    maker: '0.0025',
    taker: '0.004',
  },
  {
    venue: 'coinbase',
    quote: 'USD',
    tick: 2,
    lot: 8,
    minQuantity: '0.00000001',
    minNotional: '1',
    maker: '0.004',
    taker: '0.006',
  },
  {
    venue: 'bybit',
    quote: 'USDT',
    tick: 1,
    lot: 6,
    minQuantity: '0.000011',
    minNotional: '5',
    maker: '0.001',
    taker: '0.001',
  },
  {
    venue: 'okx',
    quote: 'USDT',
    tick: 1,
    lot: 8,
    minQuantity: '0.00001',
    minNotional: '0',
    maker: '0.0008',
    taker: '0.001',
  },
] as const;

const LEVELS = 20;
const MID = 64_000;
const NOW = Date.parse('2026-11-21T12:00:00.000Z');

/** A seeded stream of fractions (mulberry32): the same scenario in every run. */
const seeded = (seed: number) => {
  let state = seed;
  return (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

const decimalOf = (units: number, places: number): string => {
  const digits = String(units).padStart(places + 1, '0');
  return places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`;
};

const step = (places: number): string => (places === 0 ? '1' : `0.${'0'.repeat(places - 1)}1`);

/** One venue's book of 20 levels a side, a few dollars apart, 0.05 to 2 BTC each. */
const marketOf = (
  { venue, tick, lot, ...rest }: (typeof VENUES)[number],
  snapshot: number,
  draw: () => number,
): PreparedMarket => {
  const offset = (draw() - 0.5) * 10;
  const side = (sign: 1 | -1) => {
    let price = MID + offset + sign * (0.5 + draw() * 2);
    return Array.from({ length: LEVELS }, () => {
      price += sign * (0.1 + draw() * 4);
      const size = 0.05 + draw() ** 2 * 1.95;
      return [decimalOf(Math.round(price * 10 ** tick), tick), decimalOf(Math.round(size * 10 ** lot), lot)] as const;
    });
  };
  return prepareMarket({
    venue,
    pair: 'BTC-USD',
    instrument: {
      venueSymbol: 'BTCUSDT',
      base: 'BTC',
      quote: rest.quote,
      tickSize: step(tick),
      lotSize: step(lot),
      minQuantity: rest.minQuantity,
      minNotional: rest.minNotional,
    },
    book: { bids: side(-1), asks: side(1) },
    fees: { maker: rest.maker, taker: rest.taker },
    receivedAt: new Date(NOW - 200 - snapshot).toISOString(),
    bookHash: `${venue}-${snapshot}`,
  });
};

export interface Mix {
  /** Of an order's size, BTC. */
  readonly size: (draw: () => number) => number;
  readonly settings?: Partial<RoutingSettings>;
}

/** Half of the orders up to 0.1 BTC, a third up to 1, the others up to 12: sizes as traders send them, not as books would like them. */
export const MIXED: Mix = {
  size: (draw) => {
    const kind = draw();
    if (kind < 0.5) return 0.0005 + draw() * 0.1;
    return kind < 0.85 ? 0.1 + draw() * 0.9 : 1 + draw() * 11;
  },
};

/** Orders that no venue takes alone at the best price: 4 to 12 BTC. */
export const LARGE: Mix = { size: (draw) => 4 + draw() * 8 };

export interface Scenario {
  readonly orders: readonly ApprovedOrder[];
  /** What is known of the venues, one after the other. */
  readonly snapshots: readonly RouteInputs['venues'][];
  readonly settings: RoutingSettings;
}

const SNAPSHOTS = 8;

/** Different orders for different users, and a few snapshots of five venues that they meet. */
export const scenario = (count: number, { size, settings }: Mix, seed = 7): Scenario => {
  const draw = seeded(seed);
  const snapshots = Array.from({ length: SNAPSHOTS }, (_, index) =>
    Object.fromEntries(
      VENUES.map((venue) => [
        venue.venue,
        {
          market: marketOf(venue, index, draw),
          known: true,
          healthy: true,
          record: {
            executions: 500,
            successRate: 0.99 - draw() / 50,
            latencyMs: 40 + draw() * 200,
            queueDepth: Math.floor(draw() * 20),
          },
          history: { executions: 100, successRate: 1, latencyMs: 120, slippage: 0.0002 },
        },
      ]),
    ),
  );
  const orders = Array.from({ length: count }, (_, index) => orderOf(index, size(draw), draw));
  return { orders, snapshots, settings: { ...DEFAULT_ROUTING_SETTINGS, ...settings } };
};

/** Seven of ten go to the market, the others are limits near the touch or ask for nothing in particular. */
const orderOf = (index: number, btc: number, draw: () => number): ApprovedOrder => {
  const side = draw() < 0.5 ? 'buy' : 'sell';
  const quantity = decimalOf(Math.round(btc * 1e8), 8);
  const kind = draw();
  return {
    parentOrderId: `parent-${index}`,
    signalId: `signal-${index}`,
    userId: `user-${index}`,
    pair: 'BTC-USD',
    side,
    signalType: 'entry',
    ...(kind < 0.7 ? { orderType: 'market' as const } : {}),
    ...(kind >= 0.85 ? { orderType: 'limit' as const, limitPrice: side === 'buy' ? '64020' : '63980' } : {}),
    quantity,
    reduceOnly: false,
    mode: 'paper',
    // Texts of their own, as they come out of an event.
    caps: VENUES.map(({ venue, quote }) => ({
      accountId: `account-${index}-${venue}`,
      venue,
      mode: 'paper' as const,
      quantity: decimalOf(Math.round(btc * 1e8), 8),
      reserved: side === 'buy' ? decimalOf(Math.ceil(btc * 65_000 * 100), 2) : quantity,
      currency: side === 'buy' ? quote : 'BTC',
    })),
    approvedAt: new Date(NOW - 5).toISOString(),
  };
};

/** The inputs of one decision, made for it as the service makes them. Books change every so many decisions. */
export const inputsOf = ({ orders, snapshots, settings }: Scenario, index: number): RouteInputs => ({
  order: orders[index % orders.length]!,
  venues: snapshots[Math.floor(index / orders.length) % snapshots.length]!,
  tried: [],
  now: new Date(NOW),
  settings,
});
