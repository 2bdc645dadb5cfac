import type { CcxtMarket } from '../ccxt/exchange.js';
import { amount, amountOrNull, fields, judged, Nonsense, positive, same, text, type Fields } from '../ccxt/fields.js';
import type { Instrument } from '../instruments.js';

/**
 * Coinbase's listing of a product as an instrument; `null` for one that is no spot product, or that makes no sense.
 * Fields: https://docs.cdp.coinbase.com/api-reference/advanced-trade-api/rest-api/products/list-products
 */
export const toInstrument = (market: CcxtMarket): Instrument | null => {
  const read = judged(() => {
    const product = fields(market.info, 'product');
    if (product['product_type'] !== 'SPOT') return null;
    const base = assetOf(text(product, 'base_currency_id'));
    const quote = assetOf(text(product, 'quote_currency_id'));
    return {
      pair: `${base}-${quote}`,
      venueSymbol: text(product, 'product_id'),
      base,
      quote,
      quoteAlias: null,
      trading: product['status'] === 'online' && CLOSED.every((flag) => product[flag] !== true),
      tick: positive(product, product['price_increment'] === undefined ? 'quote_increment' : 'price_increment'),
      lot: positive(product, 'base_increment'),
      minQuantity: amount(product, 'base_min_size'),
      maxQuantity: amountOrNull(product, 'base_max_size'),
      maxMarketQuantity: null,
      minPrice: null,
      maxPrice: null,
      minNotional: amountOrNull(product, 'quote_min_size'),
      maxNotional: amountOrNull(product, 'quote_max_size'),
    };
  });
  return read instanceof Nonsense ? null : read;
};

/** Any of these, and no order of every kind is taken. */
const CLOSED = ['is_disabled', 'trading_disabled', 'cancel_only', 'post_only', 'auction_mode', 'view_only'];

/** Coinbase's names that everybody else has given up. */
const RENAMED: Readonly<Record<string, string>> = { CGLD: 'CELO' };

export const assetOf = (currency: string): string => RENAMED[currency] ?? currency;

/** What a product is paid in, as its name says: `BTC-USD`. */
export const quoteOf = (venueSymbol: string): string => assetOf(venueSymbol.slice(venueSymbol.lastIndexOf('-') + 1));

/**
 * The product that an answer names must be the one asked about, or share its book: Coinbase keeps one for a pair in USD and in USDC (`alias`
 * in its listings) and may answer about the one under the other's name.
 */
export const sameBook = (raw: Fields, asked: string): void => {
  same('the book of product_id', bookOf(text(raw, 'product_id')), bookOf(asked));
};

const bookOf = (venueSymbol: string): string => venueSymbol.replace(/-USDC$/, '-USD');
