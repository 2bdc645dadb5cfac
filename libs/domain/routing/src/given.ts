import type { Level, MarketView, VenueFees } from '@switchyard/model';
import { prepareMarket, type AccountCap, type ApprovedOrder, type RouteInputs, type VenueFacts } from './index.js';
import { DEFAULT_ROUTING_SETTINGS } from './inputs.js';

/** Builders for the specs of this package: an ordinary order and an ordinary market, each part replaceable. */

export const NOW = new Date('2026-11-21T02:47:10.000Z');

export const book = (
  bids: readonly Level[] = [
    ['63990', '1'],
    ['63980', '2'],
    ['63970', '5'],
  ],
  asks: readonly Level[] = [
    ['64000', '1'],
    ['64010', '2'],
    ['64020', '5'],
  ],
) => ({ bids, asks });

export const view = (
  change: Partial<MarketView> = {},
  instrument: Partial<MarketView['instrument']> = {},
): MarketView => ({
  venue: 'binance',
  pair: 'BTC-USD',
  instrument: {
    venueSymbol: 'BTCUSDT',
    base: 'BTC',
    quote: 'USDT',
    tickSize: '0.01',
    lotSize: '0.00001',
    minQuantity: '0.00001',
    minNotional: '5',
    ...instrument,
  },
  book: book(),
  fees: { maker: '0.001', taker: '0.001' } satisfies VenueFees,
  receivedAt: '2026-11-21T02:47:09.000Z',
  bookHash: 'hash-1',
  ...change,
});

export const listed = (market: MarketView = view(), healthy?: boolean): VenueFacts => ({
  market: prepareMarket(market),
  known: true,
  healthy,
});

export const cap = (change: Partial<AccountCap> = {}): AccountCap => ({
  accountId: `acc-${change.venue ?? 'binance'}`,
  venue: 'binance',
  mode: 'paper',
  quantity: '10',
  reserved: '700000',
  currency: 'USDT',
  ...change,
});

export const order = (change: Partial<ApprovedOrder> = {}): ApprovedOrder => ({
  parentOrderId: 'parent-1',
  signalId: 'sig-1',
  userId: 'user-1',
  pair: 'BTC-USD',
  side: 'buy',
  signalType: 'entry',
  quantity: '0.1',
  reduceOnly: false,
  mode: 'paper',
  caps: [cap()],
  approvedAt: '2026-11-21T02:47:09.900Z',
  ...change,
});

export const inputs = (
  change: Partial<ApprovedOrder> = {},
  venues: RouteInputs['venues'] = { binance: listed() },
  rest: Partial<RouteInputs> = {},
): RouteInputs => ({
  order: order(change),
  venues,
  tried: [],
  now: NOW,
  settings: DEFAULT_ROUTING_SETTINGS,
  ...rest,
});
