import type { Listing } from '../ccxt/market-data.js';
import type { CcxtMarket } from '../ccxt/exchange.js';
import { amountOrNull, fields, judged, Nonsense, positive, text } from '../ccxt/fields.js';

/**
 * Bybit's listing of one spot symbol; `null` for one that makes no sense, which is then not traded. Fields:
 * https://bybit-exchange.github.io/docs/v5/market/instrument. `minOrderQty` and `maxOrderAmt` are deprecated, and no longer checked.
 */
export const toListing = (market: CcxtMarket): Listing | null => {
  const read = judged(() => {
    const listing = fields(market.info, 'symbol');
    const lots = fields(listing['lotSizeFilter'], 'lotSizeFilter');
    const base = text(listing, 'baseCoin');
    const quote = text(listing, 'quoteCoin');
    const lot = positive(lots, 'basePrecision');
    const mostOfAny = amountOrNull(lots, 'maxOrderQty');
    return {
      pair: `${base}-${quote}`,
      venueSymbol: text(listing, 'symbol'),
      base,
      quote,
      quoteAlias: null,
      trading: listing['status'] === 'Trading',
      tick: positive(fields(listing['priceFilter'], 'priceFilter'), 'tickSize'),
      lot,
      minQuantity: lot,
      maxQuantity: amountOrNull(lots, 'maxLimitOrderQty') ?? mostOfAny,
      maxMarketQuantity: amountOrNull(lots, 'maxMarketOrderQty') ?? mostOfAny,
      minPrice: null,
      maxPrice: null,
      minNotional: amountOrNull(lots, 'minOrderAmt'),
      maxNotional: null,
    };
  });
  return read instanceof Nonsense ? null : { instrument: read, aliases: [] };
};
