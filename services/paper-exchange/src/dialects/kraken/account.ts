import type { Trade } from '../../core/customer.js';
import type { Balance } from '../../core/account.js';
import { errors } from './errors.js';
import { tradeInfo, withPlaces } from './format.js';
import { ids, tradeNumber } from './ids.js';
import { assetId } from './names.js';
import { instrumentsAsked, type PrivateContext, type Route } from './route.js';

const PAGE = 50;
const MOST_IDS = 20;

const balancesOf = (
  { exchange, customer }: PrivateContext,
  write: (held: Balance) => unknown,
): Readonly<Record<string, unknown>> => {
  exchange.settleAll();
  return Object.fromEntries([...customer.account.balances].map(([asset, held]) => [assetId(asset), write(held)]));
};

const balance = (context: PrivateContext): unknown =>
  balancesOf(context, ({ free, locked }) => withPlaces(free.plus(locked), 4));

const extendedBalance = (context: PrivateContext): unknown =>
  balancesOf(context, ({ free, locked }) => ({
    balance: withPlaces(free.plus(locked), 4),
    hold_trade: withPlaces(locked, 4),
  }));

/** What an order took at one moment as one trade, unless that was asked to be left apart. */
const rowsOf = (trades: readonly Trade[], consolidated: boolean): readonly (readonly [Trade, ...Trade[]])[] => {
  const rows: [Trade, ...Trade[]][] = [];
  for (const trade of trades) {
    const row = rows.at(-1);
    const isSame =
      row !== undefined &&
      row[0].order === trade.order &&
      row[0].fill.liquidity === 'taker' &&
      trade.fill.liquidity === 'taker' &&
      row[0].fill.at === trade.fill.at;
    if (consolidated && isSame) row.push(trade);
    else rows.push([trade]);
  }
  return rows;
};

/** A moment in seconds, or that of a trade by its id. */
const moment = ({ parameters }: PrivateContext, name: string, trades: readonly Trade[]): number | undefined => {
  const number = tradeNumber(parameters.text(name) ?? '');
  if (number === undefined) return parameters.number(name);
  const at = trades.find(({ fill }) => fill.tradeId === number)?.fill.at;
  if (at === undefined) throw errors.argument(name);
  return at / 1_000;
};

/** Newest first, 50 at a time. `start` leaves out what happened at it, `end` does not. */
const tradesHistory = (context: PrivateContext): object => {
  const { parameters, customer } = context;
  const trades = customer.trades();
  const from = moment(context, 'start', trades) ?? 0;
  const until = moment(context, 'end', trades) ?? Number.MAX_SAFE_INTEGER;
  const inTime = trades.filter(({ fill }) => fill.at / 1_000 > from && fill.at / 1_000 <= until);
  const rows = [...rowsOf(inTime, parameters.text('consolidate_taker') !== 'false')].reverse();
  const ofs = parameters.integer('ofs') ?? 0;
  return {
    trades: Object.fromEntries(
      rows.slice(ofs, ofs + PAGE).map(([first, ...more]) => [ids.trade(first.fill.tradeId), tradeInfo(first, more)]),
    ),
    ...(parameters.flag('without_count') ? {} : { count: rows.length }),
  };
};

const queryTrades = ({ parameters, customer }: PrivateContext): object => {
  const asked = parameters.list('txid').map(tradeNumber);
  if (asked.length === 0 || asked.length > MOST_IDS || asked.includes(undefined)) throw errors.argument('txid');
  const found = customer.trades().filter(({ fill }) => asked.includes(fill.tradeId));
  return Object.fromEntries(found.map((trade) => [ids.trade(trade.fill.tradeId), tradeInfo(trade)]));
};

const tradeVolume = (context: PrivateContext): object => {
  const { maker, taker } = context.exchange.fees;
  const asked = context.parameters.text('pair') === undefined ? [] : instrumentsAsked(context);
  const tier = (rate: typeof maker) => {
    const percent = rate.times('100').toFixed(4);
    return { fee: percent, minfee: '0.0000', maxfee: percent, nextfee: null, tiervolume: '0.0000', nextvolume: null };
  };
  const forEach = (rate: typeof maker) => Object.fromEntries(asked.map(({ symbol }) => [symbol, tier(rate)]));
  return { currency: 'ZUSD', volume: '0.0000', fees: forEach(taker), fees_maker: forEach(maker) };
};

export const accountRoutes: Readonly<Record<string, Route>> = {
  'POST /0/private/Balance': { signed: true, answer: balance },
  'POST /0/private/BalanceEx': { signed: true, answer: extendedBalance },
  'POST /0/private/TradesHistory': { signed: true, answer: tradesHistory },
  'POST /0/private/QueryTrades': { signed: true, answer: queryTrades },
  'POST /0/private/TradeVolume': { signed: true, answer: tradeVolume },
};
