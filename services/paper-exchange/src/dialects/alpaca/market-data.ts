import { decimal } from '@switchyard/money';
import type { Level } from '../../core/book.js';
import type { Instrument } from '../../core/instrument.js';
import type { Candle, TapeTrade } from '../../core/tape.js';
import { candlesOf, DAY_MS, lastCandle, MINUTE_MS } from '../candles.js';
import { errors } from './errors.js';
import { figure, instant } from './format.js';
import { given, type PublicContext, type Route } from './route.js';

/** The pairs that are asked for; one that is not listed is left out of the answer, one of another form is an error. */
const asked = ({ exchange, parameters }: PublicContext): readonly Instrument[] => {
  const symbols = given(parameters, 'symbols')?.split(',');
  if (symbols === undefined) throw errors.badSymbol('');
  const malformed = symbols.find((symbol) => !/^[A-Z]+x?\/[A-Z]+$/.test(symbol));
  if (malformed !== undefined) throw errors.badSymbol(malformed);
  return symbols.flatMap((symbol) => exchange.instrument(symbol) ?? []);
};

const byPair = (context: PublicContext, tell: (instrument: Instrument) => unknown): object =>
  Object.fromEntries(asked(context).map((instrument) => [instrument.symbol, tell(instrument)]));

const now = ({ exchange }: PublicContext): string => instant(exchange.now());

const orderbooks = (context: PublicContext): unknown => ({
  orderbooks: byPair(context, (instrument) => {
    const { bids, asks } = context.exchange.book(instrument);
    const told = (levels: readonly Level[]) =>
      levels.map(({ price, quantity }) => ({ p: figure(price), s: figure(quantity) }));
    return { a: told(asks), b: told(bids), t: now(context) };
  }),
});

const quoteOf = (context: PublicContext, instrument: Instrument): object => {
  const { bids, asks } = context.exchange.book(instrument);
  const [bid, ask] = [bids[0], asks[0]];
  return {
    ap: figure(ask?.price ?? '0'),
    as: figure(ask?.quantity ?? '0'),
    bp: figure(bid?.price ?? '0'),
    bs: figure(bid?.quantity ?? '0'),
    t: now(context),
  };
};

const tradeOf = ({ id, price, quantity, at, sellerTook }: TapeTrade): object => ({
  i: id,
  p: figure(price),
  s: figure(quantity),
  t: instant(at),
  tks: sellerTook ? 'S' : 'B',
});

const lastTrade = ({ exchange }: PublicContext, instrument: Instrument): TapeTrade | undefined =>
  exchange.trades(instrument, { limit: 1 })[0];

const barOf = ({ openTime, open, high, low, close, volume, quoteVolume, trades }: Candle): object => ({
  t: instant(openTime),
  o: figure(open),
  h: figure(high),
  l: figure(low),
  c: figure(close),
  v: figure(volume),
  n: trades,
  vw: volume.eq('0') ? 0 : figure(decimal(quoteVolume.div(volume).toFixed(9))),
});

const snapshots = (context: PublicContext): unknown => ({
  snapshots: byPair(context, (instrument) => {
    const [before, today] = candlesOf(context.exchange, instrument, { intervalMs: DAY_MS, limit: 2 });
    const last = lastTrade(context, instrument);
    return {
      dailyBar: today && barOf(today),
      latestQuote: quoteOf(context, instrument),
      latestTrade: last && tradeOf(last),
      minuteBar: barOf(lastCandle(context.exchange, instrument, MINUTE_MS)),
      prevDailyBar: before && barOf(before),
    };
  }),
});

const moment = ({ parameters }: PublicContext, name: string): number | undefined => {
  const text = given(parameters, name);
  return text === undefined ? undefined : Date.parse(text);
};

const limitOf = ({ parameters }: PublicContext): number =>
  Math.max(1, Math.min(Number(given(parameters, 'limit') ?? 1_000) || 1_000, 10_000));

/** From the begin of the day on, oldest first, where nothing else is asked; `sort=desc` gives the latest, newest first. */
const trades = (context: PublicContext): unknown => {
  const { exchange } = context;
  const [now, limit] = [exchange.marketTime(), limitOf(context)];
  const newestFirst = given(context.parameters, 'sort') === 'desc';
  const range = { sinceMs: moment(context, 'start') ?? now - (now % DAY_MS), untilMs: moment(context, 'end') };
  return {
    trades: byPair(context, (instrument) => {
      if (newestFirst)
        return exchange
          .trades(instrument, { ...range, limit })
          .toReversed()
          .map(tradeOf);
      return exchange
        .trades(instrument, { ...range, limit: Number.POSITIVE_INFINITY })
        .slice(0, limit)
        .map(tradeOf);
    }),
    next_page_token: null,
  };
};

const UNITS: Readonly<Record<string, number>> = { min: MINUTE_MS, t: MINUTE_MS, h: 60 * MINUTE_MS, d: DAY_MS };

const bars = (context: PublicContext): unknown => {
  const [, count = '1', unit = ''] = /^(\d+)(min|t|h|d)/i.exec(given(context.parameters, 'timeframe') ?? '') ?? [];
  const length = UNITS[unit.toLowerCase()];
  if (length === undefined) throw errors.bad('invalid timeframe');
  const range = { sinceMs: moment(context, 'start'), untilMs: moment(context, 'end') };
  return {
    bars: byPair(context, (instrument) =>
      candlesOf(context.exchange, instrument, {
        intervalMs: Number(count) * length,
        limit: limitOf(context),
        ...range,
      }).map(barOf),
    ),
    next_page_token: null,
  };
};

/** Open to anyone: at Alpaca on a host of its own, here beside the rest. */
export const marketData: Readonly<Record<string, Route>> = {
  'GET /v1beta3/crypto/us/latest/orderbooks': { isPublic: true, answer: orderbooks },
  'GET /v1beta3/crypto/us/latest/quotes': {
    isPublic: true,
    answer: (context) => ({ quotes: byPair(context, (instrument) => quoteOf(context, instrument)) }),
  },
  'GET /v1beta3/crypto/us/latest/trades': {
    isPublic: true,
    answer: (context) => ({
      trades: byPair(context, (instrument) => {
        const last = lastTrade(context, instrument);
        return last === undefined ? null : tradeOf(last);
      }),
    }),
  },
  'GET /v1beta3/crypto/us/snapshots': { isPublic: true, answer: snapshots },
  'GET /v1beta3/crypto/us/trades': { isPublic: true, answer: trades },
  'GET /v1beta3/crypto/us/bars': { isPublic: true, answer: bars },
};
