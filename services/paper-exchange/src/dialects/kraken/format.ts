import { decimal, type Decimal } from '@switchyard/money';
import type { Trade } from '../../core/customer.js';
import type { Exchange } from '../../core/exchange.js';
import type { Instrument } from '../../core/instrument.js';
import { isOpen, type Order, type OrderRequest } from '../../core/order.js';
import { clientIdOf, ids, userrefOf } from './ids.js';
import { shortPair } from './names.js';

/** How many places a step has: 0.1 has one. */
export const placesOf = (step: Decimal): number => step.toFixed().split('.')[1]?.length ?? 0;

/** A number as text with at least so many places, and as many more as it has. */
export const withPlaces = (value: Decimal | string, places: number): string => {
  const exact = typeof value === 'string' ? decimal(value) : value;
  return exact.toFixed(Math.max(places, placesOf(exact)));
};

/** Kraken writes volumes with eight places, and prices and amounts of money with five. */
export const volume = (value: Decimal | string): string => withPlaces(value, 8);
export const money = (value: Decimal | string): string => withPlaces(value, 5);

/** A price as orders have it: with the pair's places. */
export const price = (value: string, { tick }: Instrument): string => withPlaces(value, placesOf(tick));

/** A time as Kraken writes it: seconds with a fraction. */
export const seconds = (ms: number): number => ms / 1_000;

const instrumentOf = (exchange: Exchange, { symbol }: { readonly symbol: string }): Instrument => {
  const instrument = exchange.instrument(symbol);
  if (instrument === undefined) throw new Error(`Order of ${symbol}, which is not listed.`);
  return instrument;
};

/** The size as it was asked for: in quote where the order is sized so. */
const sizeOf = ({ quantity, quoteQuantity }: Pick<OrderRequest, 'quantity' | 'quoteQuantity'>): string =>
  quoteQuantity ?? quantity ?? '0';

/** The order in words: `buy 0.01000000 XBTUSD @ limit 60000.0`. */
export const inWords = (
  exchange: Exchange,
  order: Pick<OrderRequest, 'symbol' | 'side' | 'quantity' | 'quoteQuantity' | 'limitPrice'>,
): string => {
  const instrument = instrumentOf(exchange, order);
  const terms = order.limitPrice === undefined ? 'market' : `limit ${price(order.limitPrice, instrument)}`;
  return `${order.side} ${volume(sizeOf(order))} ${shortPair(instrument)} @ ${terms}`;
};

const statusOf = ({ status, timeInForce }: Order): string => {
  switch (status) {
    case 'open':
    case 'partially_filled':
      return 'open';
    case 'filled':
      return 'closed';
    case 'cancelled':
      return 'canceled';
    case 'expired':
      // What an order that must not rest leaves is cancelled; only a date expires.
      return timeInForce === 'gtd' ? 'expired' : 'canceled';
  }
};

const flagsOf = ({ feeIn, postOnly, quoteQuantity }: Order): string =>
  [
    ...(postOnly ? ['post'] : []),
    feeIn === 'base' ? 'fcib' : 'fciq',
    ...(quoteQuantity === undefined ? [] : ['viqc']),
  ].join(',');

/** The ids of an order's trades. Consolidated, what it took at once counts as one trade: its first. */
export const tradeIdsOf = ({ fills }: Order, consolidated: boolean): readonly string[] => {
  const firstTaken = fills.find(({ liquidity }) => liquidity === 'taker');
  return fills
    .filter((fill) => !consolidated || fill.liquidity === 'maker' || fill === firstTaken)
    .map(({ tradeId }) => ids.trade(tradeId));
};

/** An order as lists tell of it. `trades`: with the ids of its trades. */
export const orderInfo = (exchange: Exchange, order: Order, trades: readonly string[] | undefined): object => {
  const instrument = instrumentOf(exchange, order);
  const fee = order.fills.reduce((sum, fill) => sum.plus(decimal(fill.fee)), decimal('0'));
  return {
    refid: null,
    userref: userrefOf(order),
    cl_ord_id: clientIdOf(order),
    status: statusOf(order),
    opentm: seconds(order.receivedAt),
    starttm: 0,
    expiretm: order.expiresAt === undefined ? 0 : seconds(order.expiresAt),
    descr: {
      pair: shortPair(instrument),
      type: order.side,
      ordertype: order.type,
      price: order.limitPrice === undefined ? '0' : price(order.limitPrice, instrument),
      price2: '0',
      leverage: 'none',
      order: inWords(exchange, order),
      close: '',
    },
    vol: volume(sizeOf(order)),
    vol_exec: volume(order.executed),
    cost: money(order.quoteExecuted),
    fee: money(fee),
    price: order.executed.eq('0') ? '0.00000' : order.quoteExecuted.div(order.executed).toFixed(5),
    stopprice: '0.00000',
    limitprice: '0.00000',
    misc: '',
    oflags: flagsOf(order),
    ...(isOpen(order)
      ? {}
      : { closetm: seconds(order.updatedAt), reason: order.status === 'cancelled' ? 'User requested' : null }),
    ...(trades === undefined || trades.length === 0 ? {} : { trades }),
  };
};

/** Trades that happened at once as one: what the first is called, of all of them. */
export const tradeInfo = ({ order, fill }: Trade, more: readonly Trade[] = []): object => {
  const all = [fill, ...more.map((trade) => trade.fill)];
  const sum = (of: (one: typeof fill) => Decimal): Decimal =>
    all.reduce((total, one) => total.plus(of(one)), decimal('0'));
  const quantity = sum((one) => decimal(one.quantity));
  const cost = sum((one) => decimal(one.quantity).times(decimal(one.price)));
  return {
    ordertxid: ids.order(order.orderId),
    postxid: `TKH2SE-M7IF5-${String(fill.tradeId).padStart(6, '0').slice(-6)}`,
    pair: order.symbol,
    time: seconds(fill.at),
    type: order.side,
    ordertype: order.type,
    price: all.length === 1 ? money(fill.price) : cost.div(quantity).toFixed(5),
    cost: money(cost),
    fee: money(sum((one) => decimal(one.fee))),
    vol: volume(quantity),
    margin: '0.00000',
    leverage: '0',
    misc: '',
    trade_id: fill.tradeId,
    maker: fill.liquidity === 'maker',
  };
};
