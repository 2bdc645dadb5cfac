import type { AccountCalls, Evident, Params } from '../ccxt/account-calls.js';
import { couldNotAsk, unknown } from '../ccxt/classification.js';
import type { VenueClock } from '../ccxt/venue-clock.js';
import type { InstrumentKey } from '../instruments.js';
import type { Fill } from '../orders.js';
import type { Answer } from '../outcomes.js';
import type { TradeCursor, TradePage } from '../port.js';
import { toTrade } from './map.js';
import { SPOT } from './request.js';
import { readPages, toPage, type Page, type Rows } from './result.js';

const DAY_MS = 86_400_000;
/** Bybit's longest range of times in one question, and how far back it answers. */
export const WEEK_MS = 7 * DAY_MS;
export const KEPT_MS = 730 * DAY_MS;
/** Most executions on one page. */
const PAGE_ROWS = 100;
const MOST_PAGES = 10;
/** One order may take thousands of levels in a millisecond. */
const MOST_PAGES_AT_ONCE = 100;
/** A page of ours is full from so many fills on. */
const ENOUGH_FILLS = 1_000;

/**
 * What an account traded in one instrument, oldest first. Bybit tells executions newest first and by at most a week, and knows no "after
 * this one": a range is read whole and turned round, and a trade to begin after is looked for, from now backwards.
 */
export class TradeHistory {
  constructor(
    private readonly calls: AccountCalls<'trades'>,
    private readonly clock: VenueClock,
  ) {}

  async since(of: InstrumentKey, from: TradeCursor): Promise<Answer<TradePage>> {
    if ('sinceMs' in from) return this.#forward(of, from.sinceMs);
    const start = await this.#find(of, from.afterTradeId);
    if (start.kind === 'couldNotAsk') return start;
    const page = await this.#forward(of, start.value.filledAtMs);
    if (page.kind === 'couldNotAsk') return page;
    const { fills, next } = page.value;
    return { kind: 'answered', value: { fills: fills.filter((fill) => asTraded(start.value, fill) < 0), next } };
  }

  /** The trades that the parameters name, newest first, until `until` has enough or `atMost` pages are read. */
  async read(
    of: InstrumentKey,
    params: Params,
    { atMost, until }: { readonly atMost: number; readonly until?: (fills: readonly Fill[]) => boolean },
  ): Promise<Evident<Rows<Fill>>> {
    const ask = (page: Params): Promise<Evident<Page<Fill | null>>> =>
      this.calls.askEvident('trades', { ...SPOT, ...params, limit: PAGE_ROWS, ...page }, (value) =>
        toPage(value, (entry) => toTrade(entry, of)),
      );
    const read = await readPages(ask, { atMost, ...(until && { until: (rows) => until(trades(rows)) }) });
    if (read.kind === 'couldNotAsk') return read;
    return { ...read, value: { ...read.value, rows: trades(read.value.rows) } };
  }

  async #forward(of: InstrumentKey, sinceMs: number): Promise<Answer<TradePage>> {
    const now = this.clock.nowMs();
    const fills = new Map<string, Fill>();
    let startMs = Math.max(sinceMs, now - KEPT_MS);
    while (startMs <= now && fills.size < ENOUGH_FILLS) {
      const range = await this.#range(of, startMs, WEEK_MS);
      if (range.kind === 'couldNotAsk') return range;
      for (const fill of range.value.fills) fills.set(fill.tradeId, fill);
      startMs = range.value.endMs;
    }
    const next = startMs <= now ? { sinceMs: startMs } : null;
    return { kind: 'answered', value: { fills: [...fills.values()].sort(asTraded), next } };
  }

  /** The whole of a range, cut in halves until it is no longer than so many pages: its end comes first, and its beginning may not be lost. */
  async #range(
    of: InstrumentKey,
    startMs: number,
    lengthMs: number,
  ): Promise<Answer<{ readonly fills: readonly Fill[]; readonly endMs: number }>> {
    const endMs = startMs + lengthMs;
    const until = lengthMs === WEEK_MS ? {} : { endTime: endMs };
    const isShortest = lengthMs === 1;
    const read = await this.read(
      of,
      { symbol: of.venueSymbol, startTime: startMs, ...until },
      { atMost: isShortest ? MOST_PAGES_AT_ONCE : MOST_PAGES },
    );
    if (read.kind === 'couldNotAsk') return read;
    if (read.value.complete) return { kind: 'answered', value: { fills: read.value.rows, endMs } };
    if (isShortest) return couldNotAsk(unknown('nonsense', read.evidence(), 'more trades at once than can be'));
    return this.#range(of, startMs, Math.ceil(lengthMs / 2));
  }

  async #find(of: InstrumentKey, tradeId: string): Promise<Evident<Fill>> {
    const now = this.clock.nowMs();
    for (let back = 0; ; back += WEEK_MS) {
      // Without a time Bybit takes the last week.
      const until = back === 0 ? {} : { endTime: now - back };
      const isThere = (fills: readonly Fill[]): boolean => fills.some((fill) => fill.tradeId === tradeId);
      const read = await this.read(of, { symbol: of.venueSymbol, ...until }, { atMost: MOST_PAGES, until: isThere });
      if (read.kind === 'couldNotAsk') return read;
      const found = read.value.rows.find((fill) => fill.tradeId === tradeId);
      if (found !== undefined) return { ...read, value: found };
      if (!read.value.complete || back + WEEK_MS > KEPT_MS)
        return couldNotAsk(unknown('nonsense', read.evidence(), 'the trade to begin after is not told of'));
    }
  }
}

const trades = (rows: readonly (Fill | null)[]): readonly Fill[] => rows.filter((row) => row !== null);

/** By time, then by id: those of one moment come in no order of their own. Ids are numbers of one length. */
export const asTraded = (one: Fill, other: Fill): number =>
  one.filledAtMs - other.filledAtMs ||
  one.tradeId.length - other.tradeId.length ||
  (one.tradeId < other.tradeId ? -1 : Number(one.tradeId > other.tradeId));
