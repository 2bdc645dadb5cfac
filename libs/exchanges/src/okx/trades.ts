import { decimal, ZERO, type Decimal } from '@switchyard/money';
import type { AccountCalls, Evident, Params } from '../ccxt/account-calls.js';
import { couldNotAsk, unknown } from '../ccxt/classification.js';
import type { Fields } from '../ccxt/fields.js';
import type { InstrumentKey } from '../instruments.js';
import type { Fill } from '../orders.js';
import type { Answer } from '../outcomes.js';
import type { TradeCursor, TradePage } from '../port.js';
import { clientOrderIdOf, toTrade } from './map.js';
import { readBack } from './pages.js';

/** OKX's two lists of trades: what was filled in the last three days, and a history of three months. Only the first is surely up to date. */
export type TradeList = 'fills' | 'fillsHistory';

type TradeCalls = AccountCalls<TradeList>;
type OrderKey = InstrumentKey & { readonly venueOrderId: string };

const DAY_MS = 86_400_000;
/** As many trades as one answer may hold; a time with more of them is told in parts. */
const MOST_AT_ONCE = 1_000;

/**
 * An order's fills, oldest first. `filled` is how much of the order is filled, where that is known: the history is asked only where the
 * last days don't hold all of it.
 */
export const fillsOfOrder = async (
  calls: TradeCalls,
  order: OrderKey,
  filled: Decimal | null,
): Promise<Evident<readonly Fill[]>> => {
  const params = { ...paramsOf(order), ordId: order.venueOrderId };
  const read = (row: Fields): Fill => toTrade(row, order);
  const recent = await readBack({ calls, name: 'fills', params, cursor: 'billId' }, read);
  if (recent.kind === 'couldNotAsk') return recent;
  if (filled !== null && sumOf(recent.value).gte(filled)) return { ...recent, value: recent.value.toReversed() };
  const older = await readBack({ calls, name: 'fillsHistory', params, cursor: 'billId' }, read);
  if (older.kind === 'couldNotAsk') return older;
  return { ...older, value: together(older.value, recent.value) };
};

/** Trades that name our id, back to a moment of OKX's clock: an order that no list of orders holds any more may have traded. */
export const fillsUnderOurId = async (
  calls: TradeCalls,
  order: InstrumentKey & { readonly clientOrderId: string },
  backToMs: number,
): Promise<Evident<readonly Fill[]>> => {
  const rows = await readBack(
    { calls, name: 'fills', params: paramsOf(order), cursor: 'billId' },
    (row) => ({ fill: toTrade(row, order), isOurs: clientOrderIdOf(row) === order.clientOrderId }),
    (page) => page.some(({ fill }) => fill.filledAtMs < backToMs),
  );
  if (rows.kind === 'couldNotAsk') return rows;
  return { ...rows, value: rows.value.filter(({ isOurs }) => isOurs).map(({ fill }) => fill) };
};

/** Trades in ascending order, from a time or from behind a trade. OKX tells them newest first, and has no page that begins at the oldest. */
export const tradesSince = (
  calls: TradeCalls,
  of: InstrumentKey,
  from: TradeCursor,
  nowMs: number,
): Promise<Answer<TradePage>> =>
  'sinceMs' in from ? tradesFrom(calls, of, from.sinceMs, nowMs) : tradesBehind(calls, of, from.afterTradeId);

/** From the beginning of the time asked for: as much of it as has few enough trades for one answer. */
const tradesFrom = async (
  calls: TradeCalls,
  of: InstrumentKey,
  sinceMs: number,
  nowMs: number,
): Promise<Answer<TradePage>> => {
  // An hour for the clocks; and the history is asked for nothing that the other list has still.
  const isRecent = nowMs - sinceMs < 3 * DAY_MS - DAY_MS / 24;
  let untilMs = isRecent ? null : nowMs - 2 * DAY_MS;
  for (;;) {
    const spanMs = (untilMs ?? nowMs) - sinceMs;
    const params = { ...paramsOf(of), begin: sinceMs, ...(untilMs === null ? {} : { end: untilMs }) };
    const isTooMuch = (rows: readonly Fill[]): boolean => spanMs > 1 && rows.length >= MOST_AT_ONCE;
    const answer = await readBack(
      { calls, name: isRecent ? 'fills' : 'fillsHistory', params, cursor: 'billId' },
      (row) => toTrade(row, of),
      isTooMuch,
    );
    if (answer.kind === 'couldNotAsk') return answer;
    if (!isTooMuch(answer.value)) {
      // The end may or may not belong to what was asked for: what comes next begins with it.
      const next = untilMs === null ? null : { sinceMs: untilMs };
      return { kind: 'answered', value: { fills: answer.value.toReversed(), next } };
    }
    untilMs = sinceMs + Math.ceil(spanMs / 2);
  }
};

const tradesBehind = async (calls: TradeCalls, of: InstrumentKey, tradeId: string): Promise<Answer<TradePage>> => {
  let recent: readonly Fill[] = [];
  for (const name of ['fills', 'fillsHistory'] as const) {
    const answer = await readBack(
      { calls, name, params: paramsOf(of), cursor: 'billId' },
      (row) => toTrade(row, of),
      (rows) => rows.some((fill) => fill.tradeId === tradeId),
    );
    if (answer.kind === 'couldNotAsk') return answer;
    const at = answer.value.findIndex((fill) => fill.tradeId === tradeId);
    if (at >= 0) {
      return { kind: 'answered', value: { fills: together(answer.value.slice(0, at), recent), next: null } };
    }
    recent = answer.value;
  }
  return couldNotAsk(unknown('nonsense', null, 'the trade to begin behind is in no list of trades'));
};

const paramsOf = ({ venueSymbol }: InstrumentKey): Params => ({ instType: 'SPOT', instId: venueSymbol });

const sumOf = (fills: readonly Fill[]): Decimal => {
  const once = new Map(fills.map(({ tradeId, quantity }) => [tradeId, decimal(quantity)]));
  return [...once.values()].reduce((sum, quantity) => sum.plus(quantity), ZERO);
};

/** Two lists, each newest first, as one, oldest first; trades that both tell count once. */
const together = (older: readonly Fill[], recent: readonly Fill[]): readonly Fill[] => {
  const ids = new Set(recent.map(({ tradeId }) => tradeId));
  const unheardOf = older.filter(({ tradeId }) => !ids.has(tradeId));
  return [...unheardOf.toReversed(), ...recent.toReversed()].sort((a, b) => a.filledAtMs - b.filledAtMs);
};
