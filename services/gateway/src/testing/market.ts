import type { MarketSnapshot } from '@switchyard/contracts';

/** For specs: one level on each side. */
export const snapshot = (venue: string, pair: 'BTC-USD' | 'ETH-USD', receivedAt = new Date()): MarketSnapshot => ({
  venue,
  pair,
  instrument: {
    venueSymbol: pair.replace('-USD', 'USDT'),
    base: pair.slice(0, 3),
    quote: 'USDT',
    tickSize: '0.01',
    lotSize: '0.00001',
    minQuantity: '0.00001',
    minNotional: '5',
  },
  fees: { maker: '0.001', taker: '0.001' },
  bids: [['63999', '2']],
  asks: [['64001', '2']],
  bookHash: 'hash',
  version: receivedAt.getTime(),
  receivedAt: receivedAt.toISOString(),
});
