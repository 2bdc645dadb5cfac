import { decimal, ZERO } from '@switchyard/money';
import type { CcxtMarket } from '../ccxt/exchange.js';
import { amount, amountOrNull, fields, judged, list, Nonsense, positive, text, type Fields } from '../ccxt/fields.js';
import type { Instrument } from '../instruments.js';

/**
 * Binance's listing of one symbol as an instrument; `null` for a listing that makes no sense, which is then not traded.
 * Filters: https://developers.binance.com/docs/binance-spot-api-docs/filters
 */
export const toInstrument = (market: CcxtMarket): Instrument | null => {
  const read = judged(() => {
    const listing = fields(market.info, 'symbol');
    const filters = new Map<string, Fields>();
    for (const entry of list(listing['filters'], 'filters')) {
      const filter = fields(entry, 'filter');
      filters.set(text(filter, 'filterType'), filter);
    }
    const prices = required(filters, 'PRICE_FILTER');
    const lots = required(filters, 'LOT_SIZE');
    const marketLots = filters.get('MARKET_LOT_SIZE');
    // NOTIONAL replaced MIN_NOTIONAL; a symbol has one of them.
    const notional = filters.get('NOTIONAL') ?? filters.get('MIN_NOTIONAL');
    const base = text(listing, 'baseAsset');
    const quote = text(listing, 'quoteAsset');
    return {
      pair: `${base}-${quote}`,
      venueSymbol: text(listing, 'symbol'),
      base,
      quote,
      quoteAlias: null,
      trading: listing['status'] === 'TRADING' && listing['isSpotTradingAllowed'] !== false,
      tick: positive(prices, 'tickSize'),
      lot: positive(lots, 'stepSize'),
      minQuantity: amount(lots, 'minQty'),
      maxQuantity: amountOrNull(lots, 'maxQty'),
      maxMarketQuantity: smaller(marketLots && amountOrNull(marketLots, 'maxQty'), amountOrNull(lots, 'maxQty')),
      minPrice: amountOrNull(prices, 'minPrice'),
      maxPrice: amountOrNull(prices, 'maxPrice'),
      minNotional: notional === undefined ? null : amountOrNull(notional, 'minNotional'),
      maxNotional: notional === undefined ? null : amountOrNull(notional, 'maxNotional'),
    };
  });
  return read instanceof Nonsense ? null : read;
};

const required = (filters: ReadonlyMap<string, Fields>, name: string): Fields => {
  const filter = filters.get(name);
  if (filter === undefined) throw new Nonsense(`${name} is missing`);
  return filter;
};

const smaller = (one: string | null | undefined, other: string | null): string | null => {
  if (one === null || one === undefined || decimal(one).eq(ZERO)) return other;
  return other === null || decimal(one).lt(decimal(other)) ? one : other;
};
