import type { Level } from '../../core/book.js';
import type { Instrument } from '../../core/instrument.js';
import type { TapeTrade } from '../../core/tape.js';
import { candlesOf, DAY_MS, lastDay, MINUTE_MS } from '../candles.js';
import { errors } from './errors.js';
import { eight } from './format.js';
import { instrumentOf, instrumentsAsked, type PublicContext, type Route } from './route.js';

const INTERVALS: Readonly<Record<string, number>> = {
  '1m': MINUTE_MS,
  '3m': 3 * MINUTE_MS,
  '5m': 5 * MINUTE_MS,
  '15m': 15 * MINUTE_MS,
  '30m': 30 * MINUTE_MS,
  '1h': 60 * MINUTE_MS,
  '2h': 120 * MINUTE_MS,
  '4h': 240 * MINUTE_MS,
  '6h': 360 * MINUTE_MS,
  '8h': 480 * MINUTE_MS,
  '12h': 720 * MINUTE_MS,
  '1d': DAY_MS,
};

const filtersOf = ({ tick, lot, minQuantity, maxQuantity, maxPrice, minNotional }: Instrument) => [
  { filterType: 'PRICE_FILTER', minPrice: eight(tick), maxPrice: eight(maxPrice), tickSize: eight(tick) },
  { filterType: 'LOT_SIZE', minQty: eight(minQuantity), maxQty: eight(maxQuantity), stepSize: eight(lot) },
  { filterType: 'MARKET_LOT_SIZE', minQty: eight('0'), maxQty: eight(maxQuantity), stepSize: eight('0') },
  {
    filterType: 'NOTIONAL',
    minNotional: eight(minNotional),
    applyMinToMarket: true,
    maxNotional: eight('9000000'),
    applyMaxToMarket: false,
    avgPriceMins: 0,
  },
  { filterType: 'MAX_NUM_ORDERS', maxNumOrders: 200 },
];

const exchangeInfo = (context: PublicContext): unknown => ({
  timezone: 'UTC',
  serverTime: context.exchange.now(),
  rateLimits: [{ rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE_MS', intervalNum: 1, limit: 6_000 }],
  exchangeFilters: [],
  symbols: instrumentsAsked(context).map((instrument) => ({
    symbol: instrument.symbol,
    status: 'TRADING',
    baseAsset: instrument.base,
    baseAssetPrecision: 8,
    quoteAsset: instrument.quote,
    quotePrecision: 8,
    quoteAssetPrecision: 8,
    baseCommissionPrecision: 8,
    quoteCommissionPrecision: 8,
    orderTypes: ['LIMIT', 'LIMIT_MAKER', 'MARKET'],
    icebergAllowed: false,
    ocoAllowed: false,
    otoAllowed: false,
    quoteOrderQtyMarketAllowed: true,
    allowTrailingStop: false,
    cancelReplaceAllowed: true,
    amendAllowed: false,
    isSpotTradingAllowed: true,
    isMarginTradingAllowed: false,
    filters: filtersOf(instrument),
    permissions: [],
    permissionSets: [['SPOT']],
    defaultSelfTradePreventionMode: 'NONE',
    allowedSelfTradePreventionModes: ['NONE'],
  })),
});

const depth = (context: PublicContext): unknown => {
  const instrument = instrumentOf(context);
  const limit = context.parameters.limit(100, 5_000);
  const lastUpdateId = context.exchange.bookVersion(instrument);
  const { bids, asks } = context.exchange.book(instrument);
  const written = (levels: readonly Level[]) =>
    levels.slice(0, limit).map(({ price, quantity }) => [eight(price), eight(quantity)]);
  return { lastUpdateId, bids: written(bids), asks: written(asks) };
};

/** Where one symbol was asked for, Binance answers with an object; else with a list. */
const oneOrAll = (context: PublicContext, write: (instrument: Instrument) => unknown): unknown => {
  const one = context.parameters.text('symbol') !== undefined;
  const written = instrumentsAsked(context).map(write);
  return one ? written[0] : written;
};

const touchOf = ({ exchange }: PublicContext, instrument: Instrument) => {
  const { bids, asks } = exchange.book(instrument);
  return {
    bidPrice: eight(bids[0]?.price ?? '0'),
    bidQty: eight(bids[0]?.quantity ?? '0'),
    askPrice: eight(asks[0]?.price ?? '0'),
    askQty: eight(asks[0]?.quantity ?? '0'),
  };
};

const bookTicker = (context: PublicContext): unknown =>
  oneOrAll(context, (instrument) => ({ symbol: instrument.symbol, ...touchOf(context, instrument) }));

const priceTicker = (context: PublicContext): unknown =>
  oneOrAll(context, (instrument) => ({
    symbol: instrument.symbol,
    price: eight(lastDay(context.exchange, instrument).close),
  }));

const dayTicker = (context: PublicContext): unknown =>
  oneOrAll(context, (instrument) => {
    const { last, ...candle } = lastDay(context.exchange, instrument);
    const change = candle.close.minus(candle.open);
    return {
      symbol: instrument.symbol,
      priceChange: eight(change),
      priceChangePercent: change.div(candle.open).times('100').toFixed(3),
      weightedAvgPrice: eight(candle.volume.eq('0') ? candle.close : candle.quoteVolume.div(candle.volume)),
      prevClosePrice: eight(candle.open),
      lastPrice: eight(candle.close),
      lastQty: eight(last?.quantity ?? '0'),
      ...touchOf(context, instrument),
      openPrice: eight(candle.open),
      highPrice: eight(candle.high),
      lowPrice: eight(candle.low),
      volume: eight(candle.volume),
      quoteVolume: eight(candle.quoteVolume),
      openTime: candle.openTime,
      closeTime: context.exchange.marketTime(),
      firstId: -1,
      lastId: last?.id ?? -1,
      count: candle.trades,
    };
  });

const tradesAsked = (context: PublicContext): readonly TapeTrade[] => {
  const { exchange, parameters } = context;
  const from = parameters.integer('fromId');
  return exchange
    .trades(instrumentOf(context), {
      sinceMs: parameters.integer('startTime'),
      untilMs: parameters.integer('endTime'),
      limit: parameters.limit(500, 1_000),
    })
    .filter(({ id }) => from === undefined || id >= from);
};

const trades = (context: PublicContext): unknown =>
  tradesAsked(context).map(({ id, price, quantity, at, sellerTook }) => ({
    id,
    price: eight(price),
    qty: eight(quantity),
    quoteQty: eight(price.times(quantity)),
    time: at,
    isBuyerMaker: sellerTook,
    isBestMatch: true,
  }));

const aggregateTrades = (context: PublicContext): unknown =>
  tradesAsked(context).map(({ id, price, quantity, at, sellerTook }) => ({
    a: id,
    p: eight(price),
    q: eight(quantity),
    f: id,
    l: id,
    T: at,
    m: sellerTook,
    M: true,
  }));

const klines = (context: PublicContext): unknown => {
  const { exchange, parameters } = context;
  const instrument = instrumentOf(context);
  const intervalMs = INTERVALS[parameters.required('interval')];
  if (intervalMs === undefined) throw errors.badInterval();
  return candlesOf(exchange, instrument, {
    intervalMs,
    limit: parameters.limit(500, 1_000),
    sinceMs: parameters.integer('startTime'),
    untilMs: parameters.integer('endTime'),
  }).map((candle) => [
    candle.openTime,
    eight(candle.open),
    eight(candle.high),
    eight(candle.low),
    eight(candle.close),
    eight(candle.volume),
    candle.closeTime,
    eight(candle.quoteVolume),
    candle.trades,
    eight('0'),
    eight('0'),
    '0',
  ]);
};

/** A deeper book weighs more, as at Binance. */
const depthWeight: Extract<Route, { signed: false }>['weight'] = (parameters) => {
  const limit = Number(parameters.text('limit') ?? 100);
  return limit <= 100 ? 5 : limit <= 500 ? 25 : limit <= 1_000 ? 50 : 250;
};

export const marketData: Readonly<Record<string, Route>> = {
  'GET /api/v3/ping': { weight: 1, signed: false, answer: () => ({}) },
  'GET /api/v3/time': { weight: 1, signed: false, answer: ({ exchange }) => ({ serverTime: exchange.now() }) },
  'GET /api/v3/exchangeInfo': { weight: 20, signed: false, answer: exchangeInfo },
  'GET /api/v3/depth': { weight: depthWeight, signed: false, answer: depth },
  'GET /api/v3/ticker/bookTicker': { weight: 2, signed: false, answer: bookTicker },
  'GET /api/v3/ticker/price': { weight: 2, signed: false, answer: priceTicker },
  'GET /api/v3/ticker/24hr': { weight: 2, signed: false, answer: dayTicker },
  'GET /api/v3/trades': { weight: 25, signed: false, answer: trades },
  'GET /api/v3/historicalTrades': { weight: 25, signed: false, answer: trades },
  'GET /api/v3/aggTrades': { weight: 4, signed: false, answer: aggregateTrades },
  'GET /api/v3/klines': { weight: 2, signed: false, answer: klines },
  'GET /sapi/v1/system/status': { weight: 1, signed: false, answer: () => ({ status: 0, msg: 'normal' }) },
};
