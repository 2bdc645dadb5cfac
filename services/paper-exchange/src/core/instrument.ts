import { Decimal, decimal } from '@switchyard/money';
import { readCsv } from './csv.js';
import { REFERENCE_ASSETS, type ReferenceAsset, type VenueName } from './venue.js';

/** What can be traded at a venue, and on which grid. Quantities in base, prices and `minNotional` in quote. */
export interface Instrument {
  /** The venue's own symbol. */
  readonly symbol: string;
  readonly base: ReferenceAsset;
  readonly quote: string;
  readonly tick: Decimal;
  readonly lot: Decimal;
  readonly minQuantity: Decimal;
  readonly minNotional: Decimal;
  readonly maxQuantity: Decimal;
  readonly maxPrice: Decimal;
}

/** Which dollar a venue quotes its first-class pairs in (the map is explicit: USDT is never taken for USD silently). */
const QUOTE: Readonly<Record<VenueName, string>> = {
  binance: 'USDT',
  kraken: 'USD',
  coinbase: 'USD',
  bybit: 'USDT',
  okx: 'USDT',
  alpaca: 'USD',
  kucoin: 'USDT',
};

/** Least worth of an order against the venue's dollar, where it has one beside its least quantity. */
const MIN_NOTIONAL: Readonly<Partial<Record<VenueName, string>>> = {
  // `costmin` of its dollar pairs.
  kraken: '0.5',
  // `quote_min_size` of its dollar products.
  coinbase: '1',
  // `minOrderAmt`, which Bybit checks instead of a least quantity.
  bybit: '5',
  // `minFunds`.
  kucoin: '0.1',
};

const isReferenceAsset = (asset: string): asset is ReferenceAsset => REFERENCE_ASSETS.some((known) => known === asset);

/** The instruments of a venue that have a reference path, from the files in `data`. Empty for a venue that they don't know. */
export const instrumentsOf = (venue: VenueName): readonly Instrument[] =>
  [...readCsv('instruments.csv'), ...readCsv('instruments-documented.csv')].flatMap((row) => {
    const { symbol = '', quote_currency: quote = '', tick_size = '', lot_size = '', min_order_size = '' } = row;
    const base = symbol.slice(0, symbol.length - quote.length);
    if (row['venue'] !== venue || quote !== QUOTE[venue] || !isReferenceAsset(base)) return [];
    const lot = decimal(lot_size);
    // Binance's last column is a minimum notional; everywhere else it is a minimum quantity (data/README.md).
    const minimum = decimal(min_order_size);
    const minNotional = venue === 'binance' ? minimum : decimal(MIN_NOTIONAL[venue] ?? '0');
    return [
      {
        symbol: row['venue_symbol'] ?? symbol,
        base,
        quote,
        tick: decimal(tick_size),
        lot,
        minQuantity: venue === 'binance' ? lot : minimum,
        minNotional,
        maxQuantity: decimal('9000'),
        maxPrice: decimal('1000000'),
      },
    ];
  });

/** A whole number of steps as a decimal: the edge between the integers of the book model and money. */
export const steps = (count: number, step: Decimal): Decimal => step.times(new Decimal(String(count)));
