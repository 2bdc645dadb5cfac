import type { CcxtMarket } from '../ccxt/exchange.js';
import { amountOrNull, fields, judged, Nonsense, positive, same, text } from '../ccxt/fields.js';
import type { Instrument } from '../instruments.js';

/**
 * OKX's listing of one symbol as an instrument; `null` for one that makes no sense, or of another market than spot, which is then not
 * traded. https://www.okx.com/docs-v5/en/#public-data-rest-api-get-instruments
 */
export const toInstrument = (market: CcxtMarket): Instrument | null => {
  const read = judged(() => {
    const listing = fields(market.info, 'instrument');
    same('instType', text(listing, 'instType'), 'SPOT');
    const base = text(listing, 'baseCcy');
    const quote = text(listing, 'quoteCcy');
    return {
      pair: `${base}-${quote}`,
      venueSymbol: text(listing, 'instId'),
      base,
      quote,
      quoteAlias: null,
      // `preopen`, `suspend`, `rebase`, `post_only` and `test` are not.
      trading: listing['state'] === 'live',
      tick: positive(listing, 'tickSz'),
      lot: positive(listing, 'lotSz'),
      minQuantity: positive(listing, 'minSz'),
      maxQuantity: amountOrNull(listing, 'maxLmtSz'),
      // Bounds of market orders (`maxMktSz`, `maxMktAmt`) and of values (`maxLmtAmt`) are in dollars by OKX's own rates: left to the venue.
      maxMarketQuantity: null,
      minPrice: null,
      maxPrice: null,
      // OKX asks for a least quantity alone.
      minNotional: null,
      maxNotional: null,
    };
  });
  return read instanceof Nonsense ? null : read;
};
