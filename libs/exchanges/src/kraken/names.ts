import { Nonsense } from '../ccxt/fields.js';
import type { OrderMarket } from '../ccxt/market-data.js';
import type { InstrumentKey } from '../instruments.js';

/**
 * Kraken's ids for what it has traded longest; every other asset's id is its name. It prefixes coins with X, money with Z, and calls Bitcoin
 * XBT and Dogecoin XDG (https://support.kraken.com/articles/360001206766).
 */
const ASSETS: Readonly<Record<string, string>> = {
  XBT: 'BTC',
  XXBT: 'BTC',
  XDG: 'DOGE',
  XXDG: 'DOGE',
  XETC: 'ETC',
  XETH: 'ETH',
  XLTC: 'LTC',
  XMLN: 'MLN',
  XREP: 'REP',
  XXLM: 'XLM',
  XXMR: 'XMR',
  XXRP: 'XRP',
  XZEC: 'ZEC',
  ZAUD: 'AUD',
  ZCAD: 'CAD',
  ZEUR: 'EUR',
  ZGBP: 'GBP',
  ZJPY: 'JPY',
  ZUSD: 'USD',
};

export const assetOf = (id: string): string => (Object.hasOwn(ASSETS, id) ? (ASSETS[id] ?? id) : id);

/**
 * Answers call a pair by its id (`XXBTZUSD`), its short name (`XBTUSD`) or its name in streams (`XBT/USD`); the listing knows all three. Of
 * a pair that is listed no more, the short name of an old id is known by its form.
 */
export const samePair = (name: string, { venueSymbol }: InstrumentKey, market: OrderMarket): void => {
  if (market.symbolOf(name) !== venueSymbol && name !== shortNameOf(venueSymbol))
    throw new Nonsense('pair is not the one asked for');
};

const shortNameOf = (id: string): string => id.replace(/^[XZ](\w{3})[XZ](\w{3})$/, '$1$2');
