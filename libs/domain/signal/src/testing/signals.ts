import type { AccountPolicy, Pair, Signal, UserPolicy } from '@switchyard/model';
import { MarketBoard, type Snapshot } from '../market-board.js';

/** A signal, a user and a market that pass every check; a spec changes what it is about. */
export const NOW = new Date('2026-11-21T02:47:11.000Z');

export const aSignal = (change: Partial<Signal> = {}): Signal => ({
  signalId: 'sig-1',
  userId: 'user-42',
  pair: 'BTC-USD',
  side: 'buy',
  signalType: 'entry',
  generatedAt: '2026-11-21T02:47:10.123Z',
  ...change,
});

export const anAccount = (change: Partial<AccountPolicy> = {}): AccountPolicy => ({
  accountId: 'acc-1',
  venue: 'binance',
  mode: 'paper',
  market: 'spot',
  enabled: true,
  usdtAsUsd: true,
  timeZone: 'UTC',
  ...change,
});

export const aPolicy = (change: Partial<UserPolicy> = {}): UserPolicy => ({
  userId: 'user-42',
  version: 1,
  enabled: true,
  mode: 'paper',
  limits: {},
  accounts: [anAccount()],
  ...change,
});

export const aSnapshot = (change: Partial<Snapshot> = {}): Snapshot => ({
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
  },
  fees: { maker: '0.001', taker: '0.001' },
  bids: [['63990', '2']],
  asks: [['64010', '2']],
  version: 1,
  receivedAt: '2026-11-21T02:47:10.900Z',
  ...change,
});

export const aMarket = (...snapshots: readonly Snapshot[]): MarketBoard => {
  const board = new MarketBoard(10_000);
  for (const snapshot of snapshots.length === 0 ? [aSnapshot()] : snapshots) board.put(snapshot);
  return board;
};

export const ethereum: Snapshot = aSnapshot({
  pair: 'ETH-USD' satisfies Pair,
  bids: [['2999', '50']],
  asks: [['3001', '50']],
});
