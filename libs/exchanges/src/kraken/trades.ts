import type { Evident } from '../ccxt/account-calls.js';
import { couldNotAsk, unknown } from '../ccxt/classification.js';
import { count, fields } from '../ccxt/fields.js';
import type { OrderMarket } from '../ccxt/market-data.js';
import type { InstrumentKey } from '../instruments.js';
import type { Fill } from '../orders.js';
import type { Answer } from '../outcomes.js';
import type { TradeCursor, TradePage } from '../port.js';
import type { KrakenCalls } from './calls.js';
import { inOrder, toTrade, type KrakenOrder, type KrakenTrade } from './map.js';
import { resultOf } from './result.js';

/** Rows that `TradesHistory` gives at once. */
const PAGE = 50;
/** Trades that `QueryTrades` gives at once. */
const BATCH = 20;
/** A history that grows while it is being read is read anew so often. */
const ATTEMPTS = 3;

/** What of the account's past is asked for. `consolidate_taker` would make one trade of an order's several. */
const HISTORY = { consolidate_taker: 'false' } as const;

/** All trades of an order, by their ids. */
export const fillsOf = async (
  calls: KrakenCalls,
  market: OrderMarket,
  { order, tradeIds, feeIn }: KrakenOrder,
): Promise<Evident<readonly Fill[]>> => {
  const trades: KrakenTrade[] = [];
  let evidence = () => ({ httpStatus: 200, body: '' });
  for (let from = 0; from < tradeIds.length; from += BATCH) {
    const txid = tradeIds.slice(from, from + BATCH).join(',');
    const answer = await calls.askEvident('trades', { txid }, (value) =>
      Object.entries(resultOf(value)).map(([id, trade]) => toTrade(id, trade, order, market, feeIn)),
    );
    if (answer.kind === 'couldNotAsk') return answer;
    trades.push(...answer.value);
    ({ evidence } = answer);
  }
  return { kind: 'answered', value: inOrder(trades), evidence };
};

/** The trades of one order among the account's latest: for an order that no list holds any more. */
export const latestFillsOf = (
  calls: KrakenCalls,
  market: OrderMarket,
  of: InstrumentKey,
  venueOrderId: string,
): Promise<Evident<readonly Fill[]>> =>
  calls.askEvident('history', { ...HISTORY, ofs: 0 }, (value) =>
    inOrder(toPage(value, of, market).trades.filter(({ fill }) => fill.venueOrderId === venueOrderId)),
  );

/**
 * An account's trades of one pair, oldest first. Kraken tells them newest first, of all pairs, in pages counted from the newest, and its
 * start leaves out what happened at it: so it is asked for a second more, and what was seen already is left out by its number.
 */
export const tradesSince = async (
  calls: KrakenCalls,
  market: OrderMarket,
  of: InstrumentKey,
  from: TradeCursor,
): Promise<Answer<TradePage>> => {
  const start = await startOf(calls, market, of, from);
  if (start.kind === 'couldNotAsk') return start;
  const { sinceMs, afterNumber } = start.value;
  const params = { ...HISTORY, start: Math.max(0, Math.floor(sinceMs / 1_000) - 1) };
  const ask = (ofs: number): Promise<Answer<HistoryPage>> =>
    calls.ask('history', { ...params, ofs }, (value) => toPage(value, of, market));
  const wanted = ({ trades }: HistoryPage): readonly Fill[] =>
    inOrder(trades.filter(({ number, fill }) => number > afterNumber && fill.filledAtMs >= sinceMs));

  const newest = await ask(0);
  if (newest.kind === 'couldNotAsk') return newest;
  let { total } = newest.value;
  if (total <= PAGE) return { kind: 'answered', value: { fills: wanted(newest.value), next: null } };
  // From the oldest page on, to the first that holds anything wanted. A trade that comes meanwhile pushes the older ones back.
  for (let [ofs, moved] = [total - PAGE, 0]; ;) {
    const page = await ask(ofs);
    if (page.kind === 'couldNotAsk') return page;
    if (page.value.total !== total) {
      if ((moved += 1) === ATTEMPTS) return couldNotAsk(unknown('nonsense', null, 'the history does not stand still'));
      total = page.value.total;
      ofs = Math.max(0, total - PAGE);
      continue;
    }
    const fills = wanted(page.value);
    const last = fills.at(-1);
    if (ofs === 0) return { kind: 'answered', value: { fills, next: null } };
    if (last !== undefined) return { kind: 'answered', value: { fills, next: { afterTradeId: last.tradeId } } };
    ofs = Math.max(0, ofs - PAGE);
  }
};

interface HistoryPage {
  /** How many trades there are, of all pairs. */
  readonly total: number;
  /** Those of the pair. */
  readonly trades: readonly KrakenTrade[];
}

const toPage = (value: unknown, of: InstrumentKey, market: OrderMarket): HistoryPage => {
  const result = resultOf(value);
  const trades = Object.entries(fields(result['trades'], 'trades'))
    .filter(([, trade]) => market.symbolOf(String(fields(trade, 'trade')['pair'])) === of.venueSymbol)
    .map(([id, trade]) => toTrade(id, trade, of, market));
  return { total: count(result, 'count'), trades };
};

/** Where a page begins: a time, and the number of the last trade that was seen. */
const startOf = async (
  calls: KrakenCalls,
  market: OrderMarket,
  of: InstrumentKey,
  from: TradeCursor,
): Promise<Answer<{ readonly sinceMs: number; readonly afterNumber: number }>> => {
  if ('sinceMs' in from) return { kind: 'answered', value: { sinceMs: from.sinceMs, afterNumber: -1 } };
  const { afterTradeId } = from;
  return calls.ask('trades', { txid: afterTradeId }, (value) => {
    const { number, fill } = toTrade(afterTradeId, resultOf(value)[afterTradeId], of, market);
    return { sinceMs: fill.filledAtMs, afterNumber: number };
  });
};
