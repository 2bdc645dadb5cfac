import type { Level } from '../../core/book.js';
import type { Instrument } from '../../core/instrument.js';
import { candlesOf, DAY_MS, lastDay, MINUTE_MS } from '../candles.js';
import { errors } from './errors.js';
import { short } from './format.js';
import { instrumentOf, type PublicContext, type Route } from './route.js';

const HOUR_MS = 60 * MINUTE_MS;
const INTERVALS: Readonly<Record<string, number>> = {
  '1min': MINUTE_MS,
  '3min': 3 * MINUTE_MS,
  '5min': 5 * MINUTE_MS,
  '15min': 15 * MINUTE_MS,
  '30min': 30 * MINUTE_MS,
  '1hour': HOUR_MS,
  '2hour': 2 * HOUR_MS,
  '4hour': 4 * HOUR_MS,
  '6hour': 6 * HOUR_MS,
  '8hour': 8 * HOUR_MS,
  '12hour': 12 * HOUR_MS,
  '1day': DAY_MS,
  '1week': 7 * DAY_MS,
};
const MOST_CANDLES = 1_500;

const time = ({ exchange }: PublicContext): unknown => exchange.now();

const symbols = ({ exchange }: PublicContext): unknown =>
  [...exchange.state.instruments.values()].map((instrument) => ({
    symbol: instrument.symbol,
    name: instrument.symbol,
    baseCurrency: instrument.base,
    quoteCurrency: instrument.quote,
    feeCurrency: instrument.quote,
    market: 'USDS',
    baseMinSize: instrument.minQuantity.toFixed(),
    quoteMinSize: instrument.minNotional.toFixed(),
    baseMaxSize: instrument.maxQuantity.toFixed(),
    quoteMaxSize: '99999999',
    baseIncrement: instrument.lot.toFixed(),
    quoteIncrement: '0.000001',
    priceIncrement: instrument.tick.toFixed(),
    priceLimitRate: '0.1',
    minFunds: instrument.minNotional.toFixed(),
    isMarginEnabled: false,
    enableTrading: true,
    feeCategory: 1,
    makerFeeCoefficient: '1.00',
    takerFeeCoefficient: '1.00',
    st: false,
    callauctionIsEnabled: false,
    callauctionPriceFloor: null,
    callauctionPriceCeiling: null,
    callauctionFirstStageStartTime: null,
    callauctionSecondStageStartTime: null,
    callauctionThirdStageStartTime: null,
    tradingStartTime: null,
  }));

const written = (levels: readonly Level[], most: number) =>
  levels.slice(0, most).map(({ price, quantity }) => [short(price), short(quantity)]);

const book =
  (most: number) =>
  (context: PublicContext): unknown => {
    const { exchange } = context;
    const instrument = instrumentOf(context);
    const { bids, asks } = exchange.book(instrument);
    return {
      time: exchange.now(),
      sequence: String(exchange.bookVersion(instrument)),
      bids: written(bids, most),
      asks: written(asks, most),
    };
  };

const best = (level: Level | undefined) => ({
  price: level === undefined ? null : short(level.price),
  size: level === undefined ? null : short(level.quantity),
});

const level1 = (context: PublicContext): unknown => {
  const { exchange } = context;
  const instrument = instrumentOf(context);
  const { bids, asks } = exchange.book(instrument);
  const [bid, ask] = [best(bids[0]), best(asks[0])];
  const [last] = exchange.trades(instrument, { limit: 1 });
  return {
    time: exchange.now(),
    sequence: String(exchange.bookVersion(instrument)),
    price: last === undefined ? null : short(last.price),
    size: last === undefined ? null : short(last.quantity),
    bestBid: bid.price,
    bestBidSize: bid.size,
    bestAsk: ask.price,
    bestAskSize: ask.size,
  };
};

const statsOf = ({ exchange }: PublicContext, instrument: Instrument): object => {
  const { bids, asks } = exchange.book(instrument);
  const { open, high, low, close, volume, quoteVolume } = lastDay(exchange, instrument);
  return {
    symbol: instrument.symbol,
    buy: best(bids[0]).price,
    sell: best(asks[0]).price,
    changeRate: close.minus(open).div(open).toFixed(4),
    changePrice: short(close.minus(open)),
    high: short(high),
    low: short(low),
    vol: short(volume),
    volValue: short(quoteVolume),
    last: short(close),
    averagePrice: null,
    takerFeeRate: short(exchange.fees.taker),
    makerFeeRate: short(exchange.fees.maker),
    takerCoefficient: '1',
    makerCoefficient: '1',
  };
};

const stats = (context: PublicContext): unknown => ({
  time: context.exchange.now(),
  ...statsOf(context, instrumentOf(context)),
});

const allTickers = (context: PublicContext): unknown => ({
  time: context.exchange.now(),
  ticker: [...context.exchange.state.instruments.values()].map((instrument) => ({
    ...statsOf(context, instrument),
    symbolName: instrument.symbol,
  })),
});

/** The last hundred trades, the latest last; times are nanoseconds. */
const histories = (context: PublicContext): unknown => {
  const { exchange } = context;
  const trades = exchange.trades(instrumentOf(context), { limit: 100 });
  return trades.map(({ id, price, quantity, at, sellerTook }) => ({
    sequence: String(id),
    price: short(price),
    size: short(quantity),
    side: sellerTook ? 'sell' : 'buy',
    time: at * 1_000_000,
  }));
};

/** Newest first; times are seconds. */
const candles = (context: PublicContext): unknown => {
  const { exchange, parameters } = context;
  const instrument = instrumentOf(context);
  const intervalMs = INTERVALS[parameters.required('type')];
  if (intervalMs === undefined) throw errors.bad('type');
  const [startAt, endAt] = [parameters.integer('startAt') ?? 0, parameters.integer('endAt') ?? 0];
  const told = candlesOf(exchange, instrument, {
    intervalMs,
    limit: startAt === 0 ? 100 : MOST_CANDLES,
    sinceMs: startAt === 0 ? undefined : startAt * 1_000,
    // The end itself does not belong to what is asked for.
    untilMs: endAt === 0 ? undefined : endAt * 1_000 - 1,
  });
  return told
    .toReversed()
    .map(({ openTime, open, close, high, low, volume, quoteVolume }) => [
      String(openTime / 1_000),
      ...[open, close, high, low, volume, quoteVolume].map(short),
    ]);
};

export const marketData: Readonly<Record<string, Route>> = {
  'GET /api/v1/timestamp': { signed: false, answer: time },
  'GET /api/v1/status': { signed: false, answer: () => ({ status: 'open', msg: '' }) },
  'GET /api/v2/symbols': { signed: false, answer: symbols },
  'GET /api/v1/market/orderbook/level1': { signed: false, answer: level1 },
  'GET /api/v1/market/orderbook/level2_20': { signed: false, answer: book(20) },
  'GET /api/v1/market/orderbook/level2_100': { signed: false, answer: book(100) },
  'GET /api/v3/market/orderbook/level2': { signed: true, answer: book(Number.POSITIVE_INFINITY) },
  'GET /api/v1/market/stats': { signed: false, answer: stats },
  'GET /api/v1/market/allTickers': { signed: false, answer: allTickers },
  'GET /api/v1/market/histories': { signed: false, answer: histories },
  'GET /api/v1/market/candles': { signed: false, answer: candles },
};
