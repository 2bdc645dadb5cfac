import type { Level } from '../../core/book.js';
import type { Instrument } from '../../core/instrument.js';
import type { TapeTrade } from '../../core/tape.js';
import { candlesOf, DAY_MS, lastDay, MINUTE_MS } from '../candles.js';
import { errors } from './errors.js';
import { short } from './format.js';
import { asksSpot, instrumentOf, type PublicContext, type Route } from './route.js';

const HOUR_MS = 60 * MINUTE_MS;

/** Bars that open at a multiple of their length since the Unix epoch. */
const BARS: Readonly<Record<string, number>> = {
  '1m': MINUTE_MS,
  '3m': 3 * MINUTE_MS,
  '5m': 5 * MINUTE_MS,
  '15m': 15 * MINUTE_MS,
  '30m': 30 * MINUTE_MS,
  '1H': HOUR_MS,
  '2H': 2 * HOUR_MS,
  '4H': 4 * HOUR_MS,
  '6Hutc': 6 * HOUR_MS,
  '12Hutc': 12 * HOUR_MS,
  '1Dutc': DAY_MS,
};

const listing = ({ symbol, base, quote, tick, lot, minQuantity, maxQuantity }: Instrument) => ({
  alias: '',
  auctionEndTime: '',
  baseCcy: base,
  category: '1',
  contTdSwTime: '',
  ctMult: '',
  ctType: '',
  ctVal: '',
  ctValCcy: '',
  expTime: '',
  futureSettlement: false,
  groupId: '1',
  instFamily: '',
  instId: symbol,
  instType: 'SPOT',
  lever: '',
  listTime: '1548133413000',
  lotSz: short(lot),
  maxIcebergSz: short(maxQuantity),
  maxLmtAmt: '20000000',
  maxLmtSz: short(maxQuantity),
  maxMktAmt: '1000000',
  maxMktSz: '1000000',
  maxStopSz: '1000000',
  maxTriggerSz: short(maxQuantity),
  maxTwapSz: short(maxQuantity),
  minSz: short(minQuantity),
  openType: '',
  optType: '',
  quoteCcy: quote,
  ruleType: 'normal',
  settleCcy: '',
  state: 'live',
  stk: '',
  tickSz: short(tick),
  tradeQuoteCcyList: [quote],
  uly: '',
});

const all = ({ exchange }: PublicContext): readonly Instrument[] => [...exchange.state.instruments.values()];

const instruments = (context: PublicContext): readonly unknown[] => {
  context.parameters.required('instType');
  if (!asksSpot(context)) return [];
  return (context.parameters.text('instId') === undefined ? all(context) : [instrumentOf(context)]).map(listing);
};

const books = (context: PublicContext): readonly unknown[] => {
  const instrument = instrumentOf(context);
  const depth = context.parameters.limit('sz', 1, 400);
  const { bids, asks } = context.exchange.book(instrument);
  // The third was for liquidated orders; the last counts the orders of a level, which a derived book does not know.
  const written = (levels: readonly Level[]) =>
    levels.slice(0, depth).map(({ price, quantity }) => [short(price), short(quantity), '0', '1']);
  return [
    {
      asks: written(asks),
      bids: written(bids),
      ts: String(context.exchange.now()),
      seqId: context.exchange.bookVersion(instrument),
    },
  ];
};

const tickerOf = ({ exchange }: PublicContext, instrument: Instrument) => {
  const { last, ...candle } = lastDay(exchange, instrument);
  const { bids, asks } = exchange.book(instrument);
  const [bid, ask] = [bids[0], asks[0]];
  return {
    instType: 'SPOT',
    instId: instrument.symbol,
    last: short(candle.close),
    lastSz: short(last?.quantity ?? '0'),
    askPx: ask === undefined ? '' : short(ask.price),
    askSz: ask === undefined ? '' : short(ask.quantity),
    bidPx: bid === undefined ? '' : short(bid.price),
    bidSz: bid === undefined ? '' : short(bid.quantity),
    open24h: short(candle.open),
    high24h: short(candle.high),
    low24h: short(candle.low),
    volCcy24h: short(candle.quoteVolume),
    vol24h: short(candle.volume),
    ts: String(exchange.now()),
    sodUtc0: short(candle.open),
    sodUtc8: short(candle.open),
  };
};

const tickers = (context: PublicContext): readonly unknown[] => {
  context.parameters.required('instType');
  return asksSpot(context) ? all(context).map((instrument) => tickerOf(context, instrument)) : [];
};

const tradeRow = (instrument: Instrument, { id, price, quantity, at, sellerTook }: TapeTrade) => ({
  instId: instrument.symbol,
  tradeId: String(id),
  px: short(price),
  sz: short(quantity),
  side: sellerTook ? 'sell' : 'buy',
  source: '0',
  ts: String(at),
});

/** Newest first, as all of OKX's lists. */
const trades = (context: PublicContext): readonly unknown[] => {
  const { exchange, parameters } = context;
  const instrument = instrumentOf(context);
  const limit = parameters.limit('limit', 100, 500);
  return exchange
    .trades(instrument, { limit })
    .toReversed()
    .map((trade) => tradeRow(instrument, trade));
};

/** Candles that open behind `before` and ahead of `after`: OKX names the sides by the order of its list, newest first. */
const candles = (context: PublicContext): readonly unknown[] => {
  const { exchange, parameters } = context;
  const instrument = instrumentOf(context);
  const intervalMs = BARS[parameters.text('bar') ?? '1m'];
  if (intervalMs === undefined) throw errors.bad('bar');
  const limit = parameters.limit('limit', 100, 300);
  const [before, after] = [parameters.integer('before'), parameters.integer('after')];
  const nowMs = exchange.marketTime();
  return candlesOf(exchange, instrument, {
    intervalMs,
    limit,
    sinceMs: before === undefined || after === undefined ? undefined : before + 1,
    untilMs: after === undefined ? undefined : after - 1,
  })
    .filter(({ openTime }) => before === undefined || openTime > before)
    .toReversed()
    .map(({ openTime, open, high, low, close, volume, quoteVolume }) => [
      String(openTime),
      short(open),
      short(high),
      short(low),
      short(close),
      short(volume),
      short(quoteVolume),
      short(quoteVolume),
      openTime + intervalMs <= nowMs ? '1' : '0',
    ]);
};

const time = ({ exchange }: PublicContext): readonly unknown[] => [{ ts: String(exchange.now()) }];

export const marketData: Readonly<Record<string, Route>> = {
  'GET /api/v5/public/time': { signed: false, answer: time },
  'GET /api/v5/public/instruments': { signed: false, answer: instruments },
  'GET /api/v5/market/books': { signed: false, answer: books },
  'GET /api/v5/market/ticker': { signed: false, answer: (context) => [tickerOf(context, instrumentOf(context))] },
  'GET /api/v5/market/tickers': { signed: false, answer: tickers },
  'GET /api/v5/market/trades': { signed: false, answer: trades },
  'GET /api/v5/market/candles': { signed: false, answer: candles },
  'GET /api/v5/market/history-candles': { signed: false, answer: candles },
  // Nothing is under maintenance, nor will be.
  'GET /api/v5/system/status': { signed: false, answer: () => [] },
};
