import type { PublicTrade } from '@switchyard/exchanges';
import { bucketVolumeOf, noFlow, withTrade, type FlowState } from '@switchyard/model';
import { decimal, type Decimal } from '@switchyard/money';
import type { MidHistory } from './mid-history.js';

/** Trades that are known by their names: so many, the latest. */
const MOST_KNOWN = 500;
/** How often the size of a bucket is looked at where the venue tells no volume of the day, ms. */
const BUCKET_MS = 60_000;

/** What came of trades that were told. */
export interface Added {
  /** How many of them were new. */
  readonly fresh: number;
  /** Whether some are missing that a request may still bring. */
  readonly pending: boolean;
  /** Whether some are missing that no request will bring any more. */
  readonly lost: boolean;
}

/**
 * One instrument's public trades, from its stream and from requests: each once, whichever way and however often it came.
 *
 * 1. What is remembered is bounded: the names of the last five hundred trades, and of the rest what `FlowState` is.
 * 2. A trade that came late counts where it belongs in time. One older than all that are remembered is left out: nobody could tell whether
 *    it was counted.
 * 3. What is missing is known by the venue's numbers, where it numbers trades one by one; else by an answer that is full and holds nothing
 *    known. A request is to make up for it; what it should have brought and did not is lost, and told.
 */
export class KeptTrades {
  /** By name, as they came. */
  readonly #known = new Map<string, number>();
  /** Numbers that are missing, up to so many as are known. */
  readonly #missing = new Set<number>();
  #highest: number | undefined;
  #oldestMs = Number.NEGATIVE_INFINITY;
  #flow: FlowState;
  #bucket: { readonly size: Decimal | undefined; readonly atMs: number } = { size: undefined, atMs: -Infinity };
  #gaps = 0;
  #missed = 0;
  #heardAtMs: number | undefined;
  #version = 0;
  dayVolume: Decimal | null = null;

  constructor(
    private readonly numbered: boolean,
    private readonly mids: MidHistory,
    private readonly sinceMs: number,
  ) {
    this.#flow = noFlow(sinceMs);
  }

  /** Told by a stream: oldest first. */
  streamed(trades: readonly PublicTrade[], nowMs: number): Added {
    return this.#add(trades, nowMs);
  }

  /** Answered to a request for so many: oldest first. What is still missing then is lost. */
  answered(trades: readonly PublicTrade[], asked: number, nowMs: number): Added {
    const isFirst = this.#known.size === 0;
    const isFull = trades.length >= asked;
    const overlaps = trades.some(({ tradeId }) => this.#known.has(tradeId));
    const { fresh } = this.#add(trades, nowMs);
    const gone = this.numbered ? this.#giveUpBefore(trades) : !isFirst && isFull && !overlaps;
    if (gone) this.#gaps += 1;
    return { fresh, pending: this.#missing.size > 0, lost: gone };
  }

  /** What an answer that came should have held is not to be had. @returns whether there was any of it */
  #giveUpBefore(trades: readonly PublicTrade[]): boolean {
    const last = Math.max(...trades.map(({ tradeId }) => Number(tradeId)));
    const gone = [...this.#missing].filter((number) => number < last);
    for (const number of gone) this.#missing.delete(number);
    this.#missed += gone.length;
    return gone.length > 0;
  }

  get state(): {
    readonly flow: FlowState;
    /** When trades were last told of, or that there are none. */
    readonly heardAtMs: number | undefined;
    readonly sinceMs: number;
    readonly gaps: number;
    readonly missed: number;
    /** Rises with each new trade. */
    readonly version: number;
  } {
    return {
      flow: this.#flow,
      heardAtMs: this.#heardAtMs,
      sinceMs: this.sinceMs,
      gaps: this.#gaps,
      missed: this.#missed,
      version: this.#version,
    };
  }

  #add(trades: readonly PublicTrade[], nowMs: number): Added {
    this.#heardAtMs = nowMs;
    let fresh = 0;
    for (const trade of trades) {
      if (this.#known.has(trade.tradeId) || this.#isTooOld(trade)) continue;
      this.#remember(trade);
      this.#count(trade, nowMs);
      fresh += 1;
    }
    if (fresh > 0) this.#version += 1;
    return { fresh, pending: this.#missing.size > 0, lost: false };
  }

  #isTooOld({ tradedAtMs }: PublicTrade): boolean {
    return this.#known.size >= MOST_KNOWN && tradedAtMs < this.#oldestMs;
  }

  #remember({ tradeId, tradedAtMs }: PublicTrade): void {
    this.#known.set(tradeId, tradedAtMs);
    if (this.#known.size > MOST_KNOWN) {
      const [oldest] = this.#known;
      if (oldest !== undefined) {
        this.#known.delete(oldest[0]);
        this.#oldestMs = Math.max(this.#oldestMs, oldest[1]);
      }
    }
    if (!this.numbered) return;
    const number = Number(tradeId);
    this.#missing.delete(number);
    const highest = this.#highest;
    if (highest === undefined || number > highest) this.#highest = number;
    if (highest === undefined || number <= highest + 1) return;
    // A hole beyond all measure is counted whole, and none of it is waited for.
    const beyond = Math.max(0, number - highest - 1 - MOST_KNOWN);
    this.#missed += beyond;
    for (let each = Math.max(highest + 1, number - MOST_KNOWN); each < number; each += 1) this.#missing.add(each);
    while (this.#missing.size > MOST_KNOWN) {
      const [first] = this.#missing;
      if (first !== undefined) this.#missing.delete(first);
      this.#missed += 1;
    }
  }

  #count({ price, quantity, takerSide, tradedAtMs }: PublicTrade, nowMs: number): void {
    // A venue whose clock is ahead has not traded in our future.
    const atMs = Math.min(tradedAtMs, nowMs);
    const trade = { price: decimal(price), quantity: decimal(quantity), takerSide, atMs, mid: this.mids.before(atMs) };
    this.#flow = withTrade(this.#flow, trade, this.#bucketSize(nowMs));
  }

  #bucketSize(nowMs: number): Decimal | undefined {
    if (Math.abs(nowMs - this.#bucket.atMs) >= BUCKET_MS)
      this.#bucket = { size: bucketVolumeOf(this.#flow, this.dayVolume, nowMs), atMs: nowMs };
    return this.#bucket.size;
  }
}
