import type { CcxtMarket } from '../ccxt/exchange.js';
import { fields, flag, judged, Nonsense, positive, text } from '../ccxt/fields.js';
import type { Listing } from '../ccxt/market-data.js';

/**
 * An asset of `GET /v2/assets` as an instrument; `null` where it is no crypto pair or makes no sense. Orders say `BTC/USD`, positions
 * `BTCUSD`. The least worth that Alpaca asks of a purchase in dollars is not in its listings and does not hold for sales, so it is not here
 * either: a position that has fallen below it can still be sold (see request.ts).
 */
export const toListing = (market: CcxtMarket): Listing | null => {
  const read = judged(() => {
    const asset = fields(market.info, 'asset');
    const venueSymbol = text(asset, 'symbol');
    const [base, quote, more] = venueSymbol.split('/');
    if (text(asset, 'class') !== 'crypto' || !base || !quote || more !== undefined)
      throw new Nonsense('no crypto pair');
    const instrument = {
      pair: `${base}-${quote}`,
      venueSymbol,
      base,
      quote,
      quoteAlias: null,
      trading: text(asset, 'status') === 'active' && flag(asset, 'tradable'),
      tick: positive(asset, 'price_increment'),
      lot: flag(asset, 'fractionable') ? positive(asset, 'min_trade_increment') : '1',
      minQuantity: positive(asset, 'min_order_size'),
      maxQuantity: null,
      maxMarketQuantity: null,
      minPrice: null,
      maxPrice: null,
      minNotional: null,
      maxNotional: null,
    };
    return { instrument, aliases: [`${base}${quote}`] };
  });
  return read instanceof Nonsense ? null : read;
};
