import type { PaperExchangeOptions } from '../index.js';
import { ccxtBinance, type CcxtBinance } from './ccxt-binance.js';
import { paperVenue, type PaperVenue } from './paper-venue.js';

/** A paper Binance with one customer who speaks ccxt. */
export interface PaperBinance extends PaperVenue {
  readonly ccxt: CcxtBinance;
}

export const KEYS = { apiKey: 'key-of-alice', secret: 'secret-of-alice' };

export const paperBinance = async (options: Partial<PaperExchangeOptions> = {}): Promise<PaperBinance> => {
  const venue = await paperVenue({
    venue: 'binance',
    accounts: [{ accountKey: KEYS.apiKey, secret: KEYS.secret, balances: { USDT: '100000', BTC: '10' } }],
    ...options,
  });
  return { ...venue, ccxt: await ccxtBinance(venue.url, KEYS) };
};
