import type { Level } from '../../core/book.js';
import type { Instrument } from '../../core/instrument.js';
import type { Candle } from '../../core/tape.js';
import { candlesOf, DAY_MS, lastCandle, lastDay, MINUTE_MS } from '../candles.js';
import { errors } from './errors.js';
import { money, placesOf, seconds, volume } from './format.js';
import { assetId, shortName, shortPair, streamPair } from './names.js';
import { instrumentAsked, instrumentsAsked, type PublicContext, type Route } from './route.js';

const time = ({ exchange }: PublicContext): unknown => {
  const now = exchange.now();
  return { unixtime: Math.floor(now / 1_000), rfc1123: new Date(now).toUTCString() };
};

const assets = ({ exchange }: PublicContext): unknown => {
  const known = [...exchange.state.instruments.values()].flatMap(({ base, quote }) => [base, quote]);
  return Object.fromEntries(
    [...new Set(known)].map((asset) => [
      assetId(asset),
      { aclass: 'currency', altname: shortName(asset), decimals: 10, display_decimals: 5, status: 'enabled' },
    ]),
  );
};

const pairs = (context: PublicContext): unknown => {
  const { maker, taker } = context.exchange.fees;
  const percent = (rate: typeof maker): number => Number(rate.times('100').toFixed());
  return Object.fromEntries(
    instrumentsAsked(context).map((instrument) => [
      instrument.symbol,
      {
        altname: shortPair(instrument),
        wsname: streamPair(instrument),
        aclass_base: 'currency',
        base: assetId(instrument.base),
        aclass_quote: 'currency',
        quote: assetId(instrument.quote),
        lot: 'unit',
        cost_decimals: 5,
        pair_decimals: placesOf(instrument.tick),
        lot_decimals: placesOf(instrument.lot),
        lot_multiplier: 1,
        leverage_buy: [],
        leverage_sell: [],
        fees: [[0, percent(taker)]],
        fees_maker: [[0, percent(maker)]],
        fee_volume_currency: 'ZUSD',
        margin_call: 80,
        margin_stop: 40,
        ordermin: instrument.minQuantity.toFixed(),
        costmin: instrument.minNotional.toFixed(),
        tick_size: instrument.tick.toFixed(),
        status: 'online',
      },
    ]),
  );
};

const depth = (context: PublicContext): unknown => {
  const instrument = instrumentAsked(context);
  const count = Math.min(context.parameters.integer('count') ?? 100, 500);
  const { bids, asks } = context.exchange.book(instrument);
  const at = Math.floor(context.exchange.now() / 1_000);
  const written = (levels: readonly Level[]) =>
    levels.slice(0, count).map((level) => [money(level.price), volume(level.quantity), at]);
  return { [instrument.symbol]: { asks: written(asks), bids: written(bids) } };
};

const ticker = (context: PublicContext): unknown =>
  Object.fromEntries(instrumentsAsked(context).map((instrument) => [instrument.symbol, tickerOf(context, instrument)]));

const tickerOf = ({ exchange }: PublicContext, instrument: Instrument): object => {
  const { bids, asks } = exchange.book(instrument);
  const touch = (level: Level | undefined) =>
    level === undefined
      ? ['0.00000', '0', '0.000']
      : [money(level.price), level.quantity.toFixed(0), volume(level.quantity)];
  const { last, ...day } = lastDay(exchange, instrument);
  const sinceMidnight = exchange.marketTime() % DAY_MS;
  const today = lastCandle(exchange, instrument, Math.max(MINUTE_MS, sinceMidnight));
  return {
    a: touch(asks[0]),
    b: touch(bids[0]),
    c: [money(day.close), volume(last?.quantity ?? '0')],
    v: [volume(today.volume), volume(day.volume)],
    p: [money(averageOf(today)), money(averageOf(day))],
    t: [today.trades, day.trades],
    l: [money(today.low), money(day.low)],
    h: [money(today.high), money(day.high)],
    o: money(today.open),
  };
};

const averageOf = ({ close, volume: traded, quoteVolume }: Candle): string =>
  (traded.eq('0') ? close : quoteVolume.div(traded)).toFixed(5);

const trades = (context: PublicContext): unknown => {
  const { exchange, parameters } = context;
  const instrument = instrumentAsked(context);
  // In seconds, or in nanoseconds as `last` tells it.
  const since = parameters.number('since') ?? 0;
  const sinceMs = since > 1e14 ? since / 1e6 : since * 1_000;
  const rows = exchange.trades(instrument, {
    sinceMs: sinceMs + 1,
    limit: Math.min(parameters.integer('count') ?? 1_000, 1_000),
  });
  return {
    [instrument.symbol]: rows.map(({ id, price, quantity, at, sellerTook }) => [
      money(price),
      volume(quantity),
      seconds(at),
      sellerTook ? 's' : 'b',
      'm',
      '',
      id,
    ]),
    last: `${rows.at(-1)?.at ?? exchange.marketTime()}000000`,
  };
};

const INTERVALS = [1, 5, 15, 30, 60, 240, 1_440, 10_080, 21_600];

const candles = (context: PublicContext): unknown => {
  const { exchange, parameters } = context;
  const instrument = instrumentAsked(context);
  const minutes = parameters.integer('interval') ?? 1;
  if (!INTERVALS.includes(minutes)) throw errors.argument('interval');
  const since = parameters.number('since');
  const rows = candlesOf(exchange, instrument, {
    intervalMs: minutes * MINUTE_MS,
    limit: 720,
    sinceMs: since === undefined ? undefined : since * 1_000,
  });
  return {
    [instrument.symbol]: rows.map((candle) => [
      candle.openTime / 1_000,
      money(candle.open),
      money(candle.high),
      money(candle.low),
      money(candle.close),
      money(averageOf(candle)),
      volume(candle.volume),
      candle.trades,
    ]),
    last: (rows.at(-2)?.openTime ?? rows.at(-1)?.openTime ?? 0) / 1_000,
  };
};

export const marketData: Readonly<Record<string, Route>> = {
  'GET /0/public/Time': { signed: false, answer: time },
  'GET /0/public/SystemStatus': {
    signed: false,
    answer: ({ exchange }) => ({ status: 'online', timestamp: new Date(exchange.now()).toISOString() }),
  },
  'GET /0/public/Assets': { signed: false, answer: assets },
  'GET /0/public/AssetPairs': { signed: false, answer: pairs },
  'GET /0/public/Depth': { signed: false, answer: depth },
  'GET /0/public/Ticker': { signed: false, answer: ticker },
  'GET /0/public/Trades': { signed: false, answer: trades },
  'GET /0/public/OHLC': { signed: false, answer: candles },
};
