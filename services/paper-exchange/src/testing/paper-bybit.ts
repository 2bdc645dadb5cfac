import type { PaperExchangeOptions } from '../index.js';
import { ccxtBybit, type CcxtBybit } from './ccxt-bybit.js';
import { paperVenue, type PaperVenue } from './paper-venue.js';

/** A paper Bybit with one customer who speaks ccxt. */
export interface PaperBybit extends PaperVenue {
  readonly ccxt: CcxtBybit;
}

export const BYBIT_KEYS = { apiKey: 'key-of-alice', secret: 'secret-of-alice' };

export const paperBybit = async (options: Partial<PaperExchangeOptions> = {}): Promise<PaperBybit> => {
  const { apiKey: accountKey, secret } = BYBIT_KEYS;
  const venue = await paperVenue({
    venue: 'bybit',
    accounts: [{ accountKey, secret, balances: { USDT: '100000', BTC: '10' } }],
    ...options,
  });
  return { ...venue, ccxt: await ccxtBybit(venue.url, BYBIT_KEYS) };
};
