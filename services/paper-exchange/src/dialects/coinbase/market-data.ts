import { decimal, type Decimal } from '@switchyard/money';
import type { Level } from '../../core/book.js';
import type { Instrument } from '../../core/instrument.js';
import { candlesOf, DAY_MS, lastDay, MINUTE_MS } from '../candles.js';
import { errors } from './errors.js';
import { moment, short } from './format.js';
import { productOf, productsOf, type PublicContext, type Route } from './route.js';

const GRANULARITIES: Readonly<Record<string, number>> = {
  ONE_MINUTE: MINUTE_MS,
  FIVE_MINUTE: 5 * MINUTE_MS,
  FIFTEEN_MINUTE: 15 * MINUTE_MS,
  THIRTY_MINUTE: 30 * MINUTE_MS,
  ONE_HOUR: 60 * MINUTE_MS,
  TWO_HOUR: 120 * MINUTE_MS,
  FOUR_HOUR: 240 * MINUTE_MS,
  SIX_HOUR: 360 * MINUTE_MS,
  ONE_DAY: DAY_MS,
};

const NAMES: Readonly<Record<string, string>> = { BTC: 'Bitcoin', ETH: 'Ethereum', LTC: 'Litecoin', USD: 'US Dollar' };

const MOST_CANDLES = 350;
const MOST_TRADES = 1_000;
const MOST_LEVELS = 5_000;

const ZERO = decimal('0');

const product = ({ exchange }: PublicContext, instrument: Instrument): object => {
  const { symbol, base, quote, tick, lot, minQuantity, maxQuantity, minNotional } = instrument;
  const day = lastDay(exchange, instrument);
  const change = day.close.minus(day.open).times('100').div(day.open);
  return {
    product_id: symbol,
    price: short(day.close),
    price_percentage_change_24h: change.toFixed(14),
    volume_24h: short(day.volume),
    volume_percentage_change_24h: '0',
    base_increment: short(lot),
    quote_increment: short(tick),
    quote_min_size: short(minNotional),
    quote_max_size: '150000000',
    base_min_size: short(minQuantity),
    base_max_size: short(maxQuantity),
    base_name: NAMES[base] ?? base,
    quote_name: NAMES[quote] ?? quote,
    watched: false,
    is_disabled: false,
    new: false,
    status: 'online',
    cancel_only: false,
    limit_only: false,
    post_only: false,
    trading_disabled: false,
    auction_mode: false,
    product_type: 'SPOT',
    quote_currency_id: quote,
    base_currency_id: base,
    fcm_trading_session_details: null,
    mid_market_price: '',
    alias: '',
    alias_to: [],
    base_display_symbol: base,
    quote_display_symbol: quote,
    view_only: false,
    price_increment: short(tick),
    display_name: symbol,
    product_venue: 'CBE',
    approximate_quote_24h_volume: short(day.quoteVolume),
  };
};

const products = (context: PublicContext): object => {
  const kind = context.asked.text('product_type') ?? 'SPOT';
  const listed = kind === 'SPOT' ? productsOf(context).map((instrument) => product(context, instrument)) : [];
  return { products: listed, num_products: listed.length };
};

const levels = (side: readonly Level[], most: number): readonly object[] =>
  side.slice(0, most).map(({ price, quantity }) => ({ price: short(price), size: short(quantity) }));

const pricebook = ({ exchange }: PublicContext, instrument: Instrument, most: number): object => {
  const { bids, asks } = exchange.book(instrument);
  return {
    product_id: instrument.symbol,
    bids: levels(bids, most),
    asks: levels(asks, most),
    time: moment(exchange.now()),
  };
};

const productBook = (context: PublicContext): object => {
  const { exchange, asked } = context;
  const instrument = productOf(context);
  const { bids, asks } = exchange.book(instrument);
  const [bid, ask] = [bids[0]?.price ?? ZERO, asks[0]?.price ?? ZERO];
  const middle = bid.plus(ask).div('2');
  const spread = ask.minus(bid);
  return {
    pricebook: pricebook(context, instrument, asked.limit(MOST_LEVELS, MOST_LEVELS)),
    last: short(lastDay(exchange, instrument).close),
    mid_market: short(middle),
    spread_bps: middle.eq(ZERO) ? '0' : short(rounded(spread.times('10000').div(middle))),
    spread_absolute: short(spread),
  };
};

const rounded = (value: Decimal): Decimal => decimal(value.toFixed(4));

const bestBidAsk = (context: PublicContext): object => ({
  pricebooks: productsOf(context).map((instrument) => pricebook(context, instrument, 1)),
});

/** The latest trades, newest first, and the touch. */
const ticker = (context: PublicContext): object => {
  const { exchange, asked } = context;
  const instrument = productOf(context);
  const { bids, asks } = exchange.book(instrument);
  const trades = exchange.trades(instrument, {
    sinceMs: asked.seconds('start'),
    untilMs: asked.seconds('end'),
    limit: asked.limit(100, MOST_TRADES),
  });
  return {
    trades: trades.toReversed().map(({ id, price, quantity, at, sellerTook }) => ({
      trade_id: String(id),
      product_id: instrument.symbol,
      price: short(price),
      size: short(quantity),
      time: moment(at),
      side: sellerTook ? 'SELL' : 'BUY',
      bid: '',
      ask: '',
      exchange: 'coinbase',
    })),
    best_bid: short(bids[0]?.price ?? ZERO),
    best_ask: short(asks[0]?.price ?? ZERO),
  };
};

const candles = (context: PublicContext): object => {
  const { exchange, asked } = context;
  const intervalMs = GRANULARITIES[asked.text('granularity') ?? ''];
  if (intervalMs === undefined) throw errors.invalid('granularity is invalid');
  const rows = candlesOf(exchange, productOf(context), {
    intervalMs,
    limit: asked.limit(MOST_CANDLES, MOST_CANDLES),
    sinceMs: asked.seconds('start'),
    untilMs: asked.seconds('end'),
  });
  return {
    candles: rows.toReversed().map(({ openTime, open, high, low, close, volume }) => ({
      start: String(openTime / 1_000),
      low: short(low),
      high: short(high),
      open: short(open),
      close: short(close),
      volume: short(volume),
    })),
  };
};

const time = ({ exchange }: PublicContext): object => {
  const now = exchange.now();
  const seconds = Math.floor(now / 1_000);
  return {
    iso: new Date(seconds * 1_000).toISOString().replace('.000Z', 'Z'),
    epochSeconds: String(seconds),
    epochMillis: String(now),
  };
};

const oldTime = ({ exchange }: PublicContext): object => {
  const seconds = Math.floor(exchange.now() / 1_000);
  return { data: { epoch: seconds, iso: new Date(seconds * 1_000).toISOString().replace('.000Z', 'Z') } };
};

/** The same for anyone (`market/`) and for customers. */
const both = (path: string, answer: (context: PublicContext) => unknown): Readonly<Record<string, Route>> => ({
  [`GET /api/v3/brokerage/market/${path}`]: { signed: false, answer },
  [`GET /api/v3/brokerage/${path}`]: { signed: true, answer },
});

export const marketData: Readonly<Record<string, Route>> = {
  'GET /v2/time': { signed: false, answer: oldTime },
  'GET /api/v3/brokerage/time': { signed: false, answer: time },
  ...both('products', products),
  ...both('products/:product_id', (context) => product(context, productOf(context))),
  ...both('products/:product_id/ticker', ticker),
  ...both('products/:product_id/candles', candles),
  ...both('product_book', productBook),
  'GET /api/v3/brokerage/best_bid_ask': { signed: true, answer: bestBidAsk },
};
