import { count, fields, judged, Nonsense, positive, text } from '../ccxt/fields.js';
import type { CcxtMarket } from '../ccxt/exchange.js';
import type { Listing } from '../ccxt/market-data.js';
import { assetOf } from './names.js';

/**
 * An entry of `AssetPairs`; `null` for one that makes no sense, which is then not traded.
 * https://docs.kraken.com/api/docs/rest-api/get-tradable-asset-pairs
 */
export const toListing = ({ id, info }: CcxtMarket): Listing | null => {
  // `:BTNL` and the like are another venue's pairs.
  if (id.includes(':')) return null;
  const read = judged(() => {
    const raw = fields(info, 'pair');
    const base = assetOf(text(raw, 'base'));
    const quote = assetOf(text(raw, 'quote'));
    const { wsname } = raw;
    return {
      instrument: {
        pair: `${base}-${quote}`,
        venueSymbol: id,
        base,
        quote,
        quoteAlias: null,
        trading: raw['status'] === 'online',
        tick: positive(raw, 'tick_size'),
        lot: tenToTheMinus(count(raw, 'lot_decimals')),
        minQuantity: positive(raw, 'ordermin'),
        maxQuantity: null,
        maxMarketQuantity: null,
        minPrice: null,
        maxPrice: null,
        minNotional: raw['costmin'] === undefined ? null : positive(raw, 'costmin'),
        maxNotional: null,
      },
      aliases: [text(raw, 'altname'), ...(typeof wsname === 'string' && wsname !== '' ? [wsname] : [])],
    };
  });
  return read instanceof Nonsense ? null : read;
};

const tenToTheMinus = (places: number): string => (places === 0 ? '1' : `0.${'1'.padStart(places, '0')}`);
