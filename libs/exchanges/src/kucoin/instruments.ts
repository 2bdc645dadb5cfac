import type { CcxtMarket } from '../ccxt/exchange.js';
import { amountOrNull, fields, judged, Nonsense, positive, text } from '../ccxt/fields.js';
import type { Listing } from '../ccxt/market-data.js';

/**
 * KuCoin's listing of one symbol; `null` for one that makes no sense, which is then not traded.
 * https://www.kucoin.com/docs-new/rest/spot-trading/market-data/get-all-symbols
 */
export const toListing = (market: CcxtMarket): Listing | null => {
  const read = judged(() => {
    const listing = fields(market.info, 'symbol');
    const base = text(listing, 'baseCurrency');
    const quote = text(listing, 'quoteCurrency');
    return {
      pair: `${base}-${quote}`,
      // `name` changes when a coin is renamed, `symbol` never.
      venueSymbol: text(listing, 'symbol'),
      base,
      quote,
      quoteAlias: null,
      trading: listing['enableTrading'] === true,
      tick: positive(listing, 'priceIncrement'),
      lot: positive(listing, 'baseIncrement'),
      minQuantity: positive(listing, 'baseMinSize'),
      maxQuantity: amountOrNull(listing, 'baseMaxSize'),
      maxMarketQuantity: null,
      minPrice: null,
      maxPrice: null,
      minNotional: amountOrNull(listing, 'minFunds'),
      // `quoteMaxSize` bounds orders that are sized in quote, which none of ours is.
      maxNotional: null,
    };
  });
  return read instanceof Nonsense ? null : { instrument: read, aliases: [] };
};
