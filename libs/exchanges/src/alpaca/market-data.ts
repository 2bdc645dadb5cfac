import type { BookLevel, InstrumentKey, PublicTrade } from '../instruments.js';
import { amount, amountOrNull, fields, id, list, positive, type Fields, word } from '../ccxt/fields.js';
import type { MarketDialect } from '../ccxt/market-data.js';
import { toListing } from './instruments.js';
import { instant } from './map.js';

/** The pair's part of an answer about many. */
const of = (value: unknown, what: string, { venueSymbol }: InstrumentKey): Fields =>
  fields(fields(fields(value, 'answer')[what], what)[venueSymbol], venueSymbol);

const about = ({ venueSymbol }: InstrumentKey) => ({ loc: 'us', symbols: venueSymbol });

/**
 * What Alpaca says of the market: books and prices to anyone (https://docs.alpaca.markets/reference/cryptolatestorderbooks-1), listings and
 * its clock to customers. Prices and sizes are JSON numbers there.
 */
export const alpacaMarket: MarketDialect = {
  toListing,
  time: {
    endpoint: 'traderPrivateGetV2Clock',
    stepMs: 0,
    params: () => ({}),
    read: (value) => instant(fields(value, 'clock'), 'timestamp'),
  },
  book: {
    endpoint: 'marketPublicGetV1beta3CryptoLocLatestOrderbooks',
    params: about,
    read: (value, _market, key) => {
      const raw = of(value, 'orderbooks', key);
      return { bids: levels(raw['b'], 'bids'), asks: levels(raw['a'], 'asks'), sequence: null };
    },
  },
  ticker: {
    endpoint: 'marketPublicGetV1beta3CryptoLocSnapshots',
    params: about,
    read: (value, _market, key) => {
      const raw = of(value, 'snapshots', key);
      const quote = fields(raw['latestQuote'], 'latestQuote');
      const trade = fields(raw['latestTrade'], 'latestTrade');
      return {
        bid: amountOrNull(plain(quote, 'bp'), 'bp'),
        ask: amountOrNull(plain(quote, 'ap'), 'ap'),
        last: amountOrNull(plain(trade, 'p'), 'p'),
        // Told of the day so far, not of the last 24 hours.
        baseVolume: null,
      };
    },
  },
  trades: {
    endpoint: 'marketPublicGetV1beta3CryptoLocTrades',
    // Without it, they are told from the day's first on.
    params: (key, limit) => ({ ...about(key), limit, sort: 'desc' }),
    read: (value, _market, { venueSymbol }) =>
      list(fields(fields(value, 'answer')['trades'], 'trades')[venueSymbol] ?? [], venueSymbol)
        .map(toTrade)
        .toReversed(),
  },
};

const levels = (value: unknown, side: string): readonly BookLevel[] =>
  list(value, side).map((entry) => {
    const level = fields(entry, 'level');
    return [positive(plain(level, 'p'), 'p'), amount(plain(level, 's'), 's')];
  });

/** One figure, written out: what is below a millionth stands as `5e-7` there. */
const plain = (raw: Fields, name: string): Fields => {
  const figure = raw[name];
  return { [name]: typeof figure === 'string' && /e/i.test(figure) ? writtenOut(figure) : figure };
};

const EXPONENT = /^(\d+)(?:\.(\d+))?e([+-]?\d{1,3})$/i;

/** `5.2e-7` as `0.00000052`: the same digits, no arithmetic. What is not of that form stays as it is, and is nonsense to its reader. */
export const writtenOut = (figure: string): string => {
  const [, whole, fraction = '', power] = EXPONENT.exec(figure) ?? [];
  if (whole === undefined || power === undefined) return figure;
  const point = whole.length + Number(power);
  const digits = `${whole}${fraction}`.padEnd(point, '0');
  const padded = point > 0 ? digits : `${'0'.repeat(1 - point)}${digits}`;
  const at = Math.max(point, 1);
  return padded.length > at ? `${padded.slice(0, at)}.${padded.slice(at)}` : padded;
};

/** `tks` is the taker's side. */
const toTrade = (value: unknown): PublicTrade => {
  const raw = fields(value, 'trade');
  return {
    tradeId: id(raw, 'i'),
    price: positive(plain(raw, 'p'), 'p'),
    quantity: positive(plain(raw, 's'), 's'),
    takerSide: word(raw, 'tks', { B: 'buy', S: 'sell' } as const),
    tradedAtMs: instant(raw, 't'),
  };
};
