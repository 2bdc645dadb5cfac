import type { Level } from '../../core/book.js';
import type { Instrument } from '../../core/instrument.js';
import { candlesOf, DAY_MS, lastDay, MINUTE_MS } from '../candles.js';
import { errors } from './errors.js';
import { priceOf, quantityOf, SIDES } from './format.js';
import { instrumentOf, instrumentsAsked, type PublicContext, type Route } from './route.js';

const INTERVALS: Readonly<Record<string, number>> = {
  '1': MINUTE_MS,
  '3': 3 * MINUTE_MS,
  '5': 5 * MINUTE_MS,
  '15': 15 * MINUTE_MS,
  '30': 30 * MINUTE_MS,
  '60': 60 * MINUTE_MS,
  '120': 120 * MINUTE_MS,
  '240': 240 * MINUTE_MS,
  '360': 360 * MINUTE_MS,
  '720': 720 * MINUTE_MS,
  D: DAY_MS,
};

const time = ({ exchange }: PublicContext): unknown => {
  const now = exchange.now();
  return { timeSecond: String(Math.floor(now / 1_000)), timeNano: `${now}000000` };
};

const instruments = (context: PublicContext): unknown => ({
  category: 'spot',
  list: instrumentsAsked(context).map((instrument) => ({
    symbol: instrument.symbol,
    baseCoin: instrument.base,
    quoteCoin: instrument.quote,
    innovation: '0',
    status: 'Trading',
    marginTrading: 'none',
    stTag: '0',
    lotSizeFilter: {
      basePrecision: instrument.lot.toFixed(),
      quotePrecision: instrument.lot.times(instrument.tick).toFixed(),
      minOrderQty: instrument.minQuantity.toFixed(),
      maxOrderQty: instrument.maxQuantity.toFixed(),
      minOrderAmt: instrument.minNotional.toFixed(),
      maxLimitOrderQty: instrument.maxQuantity.toFixed(),
      maxMarketOrderQty: instrument.maxQuantity.toFixed(),
    },
    priceFilter: { tickSize: instrument.tick.toFixed() },
    symbolType: '',
  })),
});

const orderbook = (context: PublicContext): unknown => {
  const { exchange, parameters } = context;
  const instrument = instrumentOf(context);
  const limit = parameters.limit(1, 1_000);
  const { bids, asks } = exchange.book(instrument);
  const written = (levels: readonly Level[]) =>
    levels.slice(0, limit).map(({ price, quantity }) => [priceOf(price, instrument), quantityOf(quantity, instrument)]);
  const version = exchange.bookVersion(instrument);
  return {
    s: instrument.symbol,
    b: written(bids),
    a: written(asks),
    ts: exchange.now(),
    u: version,
    seq: version,
    cts: exchange.now(),
  };
};

const tickerOf = ({ exchange }: PublicContext, instrument: Instrument): object => {
  const { bids, asks } = exchange.book(instrument);
  const candle = lastDay(exchange, instrument);
  const price = (level: Level | undefined): string => (level === undefined ? '' : priceOf(level.price, instrument));
  const size = (level: Level | undefined): string =>
    level === undefined ? '' : quantityOf(level.quantity, instrument);
  return {
    symbol: instrument.symbol,
    bid1Price: price(bids[0]),
    bid1Size: size(bids[0]),
    ask1Price: price(asks[0]),
    ask1Size: size(asks[0]),
    lastPrice: priceOf(candle.close, instrument),
    prevPrice24h: priceOf(candle.open, instrument),
    price24hPcnt: candle.close.minus(candle.open).div(candle.open).toFixed(4),
    highPrice24h: priceOf(candle.high, instrument),
    lowPrice24h: priceOf(candle.low, instrument),
    turnover24h: candle.quoteVolume.toFixed(),
    volume24h: quantityOf(candle.volume, instrument),
  };
};

const tickers = (context: PublicContext): unknown => ({
  category: 'spot',
  list: instrumentsAsked(context).map((instrument) => tickerOf(context, instrument)),
});

const recentTrades = (context: PublicContext): unknown => {
  const { exchange, parameters } = context;
  const instrument = instrumentOf(context);
  const trades = exchange.trades(instrument, {
    limit: parameters.limit(60, 60),
  });
  return {
    category: 'spot',
    list: trades.toReversed().map(({ id, price, quantity, at, sellerTook }) => ({
      execId: String(id),
      symbol: instrument.symbol,
      price: priceOf(price, instrument),
      size: quantityOf(quantity, instrument),
      side: SIDES[sellerTook ? 'sell' : 'buy'],
      time: String(at),
      isBlockTrade: false,
      isRPITrade: false,
      seq: String(id),
    })),
  };
};

const kline = (context: PublicContext): unknown => {
  const { exchange, parameters } = context;
  const instrument = instrumentOf(context);
  const intervalMs = INTERVALS[parameters.required('interval')];
  if (intervalMs === undefined) throw errors.badParameter('interval');
  const candles = candlesOf(exchange, instrument, {
    intervalMs,
    limit: parameters.limit(200, 1_000),
    sinceMs: parameters.integer('start'),
    untilMs: parameters.integer('end'),
  });
  return {
    category: 'spot',
    symbol: instrument.symbol,
    list: candles
      .toReversed()
      .map((candle) => [
        String(candle.openTime),
        ...[candle.open, candle.high, candle.low, candle.close].map((price) => priceOf(price, instrument)),
        quantityOf(candle.volume, instrument),
        candle.quoteVolume.toFixed(),
      ]),
  };
};

export const marketData: Readonly<Record<string, Route>> = {
  'GET /v5/market/time': { signed: false, answer: time },
  'GET /v5/market/instruments-info': { signed: false, answer: instruments },
  'GET /v5/market/orderbook': { signed: false, answer: orderbook },
  'GET /v5/market/tickers': { signed: false, answer: tickers },
  'GET /v5/market/recent-trade': { signed: false, answer: recentTrades },
  'GET /v5/market/kline': { signed: false, answer: kline },
};
