import type { AccountCalls, Evident, Params } from '../ccxt/account-calls.js';
import { couldNotAsk, unknown } from '../ccxt/classification.js';
import type { InstrumentKey } from '../instruments.js';
import type { Fill } from '../orders.js';
import type { Answer } from '../outcomes.js';
import type { TradeCursor, TradePage } from '../port.js';
import { toTrade } from './map.js';
import { readBack } from './pages.js';

type TradeCalls = AccountCalls<'fills'>;

/** Longest range of times in one question that KuCoin documents anywhere; asked with both ends, for what it makes of one alone differs. */
const WEEK_MS = 7 * 86_400_000;
/** How far back it is asked. For spot no figure is documented; futures keep three months. */
const KEPT_MS = 90 * 86_400_000;
/** How far our reading of KuCoin's clock may be off. */
const CLOCK_ERROR_MS = 60_000;
/** A time with more trades is told in parts. */
const MOST_AT_ONCE = 1_000;

/** All fills of one order, oldest first: KuCoin looks at no other parameter then. */
export const fillsOfOrder = async (
  calls: TradeCalls,
  order: InstrumentKey & { readonly venueOrderId: string },
): Promise<Evident<readonly Fill[]>> => {
  const params = { symbol: order.venueSymbol, orderId: order.venueOrderId };
  const read = await readBack({ calls, name: 'fills', params }, (row) => toTrade(row, order));
  return read.kind === 'answered' ? { ...read, value: read.value.toSorted(asTraded) } : read;
};

/** Trades in ascending order, from a time or from behind a trade. KuCoin tells them newest first. */
export const tradesSince = (
  calls: TradeCalls,
  of: InstrumentKey,
  from: TradeCursor,
  nowMs: number,
): Promise<Answer<TradePage>> =>
  'sinceMs' in from ? tradesFrom(calls, of, from.sinceMs, nowMs) : tradesBehind(calls, of, from.afterTradeId, nowMs);

const tradesFrom = async (
  calls: TradeCalls,
  of: InstrumentKey,
  sinceMs: number,
  nowMs: number,
): Promise<Answer<TradePage>> => {
  const end = nowMs + CLOCK_ERROR_MS;
  const fills = new Map<string, Fill>();
  let startMs = Math.max(sinceMs, nowMs - KEPT_MS);
  while (startMs <= end && fills.size < MOST_AT_ONCE) {
    const range = await wholeRange(calls, of, startMs, Math.min(startMs + WEEK_MS, end));
    if (range.kind === 'couldNotAsk') return range;
    for (const fill of range.value.fills) fills.set(fill.tradeId, fill);
    // Both ends may belong to a range: the next one begins with this one's last moment, and what is told twice counts once.
    if (range.value.endMs === end) startMs = Number.POSITIVE_INFINITY;
    else startMs = range.value.endMs;
  }
  const next = Number.isFinite(startMs) ? { sinceMs: startMs } : null;
  return { kind: 'answered', value: { fills: [...fills.values()].sort(asTraded), next } };
};

/** A range, or so much of its beginning as has few enough trades. */
const wholeRange = async (
  calls: TradeCalls,
  of: InstrumentKey,
  startMs: number,
  endMs: number,
): Promise<Answer<{ readonly fills: readonly Fill[]; readonly endMs: number }>> => {
  const isShortest = endMs - startMs <= 1;
  const isTooMuch = (rows: readonly Fill[]): boolean => !isShortest && rows.length >= MOST_AT_ONCE;
  const read = await readRange(calls, of, { startMs, endMs }, isTooMuch);
  if (read.kind === 'couldNotAsk') return read;
  return isTooMuch(read.value)
    ? wholeRange(calls, of, startMs, startMs + Math.ceil((endMs - startMs) / 2))
    : { kind: 'answered', value: { fills: read.value, endMs } };
};

const tradesBehind = async (
  calls: TradeCalls,
  of: InstrumentKey,
  tradeId: string,
  nowMs: number,
): Promise<Answer<TradePage>> => {
  const isIt = (fill: Fill): boolean => fill.tradeId === tradeId;
  const later = new Map<string, Fill>();
  for (let endMs = nowMs + CLOCK_ERROR_MS; endMs > nowMs - KEPT_MS; endMs -= WEEK_MS) {
    const range = { startMs: endMs - WEEK_MS, endMs };
    const read = await readRange(calls, of, range, (rows) => rows.some(isIt));
    if (read.kind === 'couldNotAsk') return read;
    for (const fill of read.value) later.set(fill.tradeId, fill);
    const start = later.get(tradeId);
    if (start === undefined) continue;
    const fills = [...later.values()].filter((fill) => asTraded(start, fill) < 0).sort(asTraded);
    return { kind: 'answered', value: { fills, next: null } };
  }
  return couldNotAsk(unknown('nonsense', null, 'the trade to begin behind is in no list of trades'));
};

const readRange = (
  calls: TradeCalls,
  of: InstrumentKey,
  { startMs, endMs }: { readonly startMs: number; readonly endMs: number },
  isEnough: (rows: readonly Fill[]) => boolean,
): Promise<Evident<readonly Fill[]>> => {
  const params: Params = { symbol: of.venueSymbol, startAt: startMs, endAt: endMs };
  return readBack({ calls, name: 'fills', params }, (row) => toTrade(row, of), isEnough);
};

/** By time, then by id: those of one moment come in no order of their own. Ids are rising numbers. */
const asTraded = (one: Fill, other: Fill): number =>
  one.filledAtMs - other.filledAtMs ||
  one.tradeId.length - other.tradeId.length ||
  (one.tradeId < other.tradeId ? -1 : Number(one.tradeId > other.tradeId));
