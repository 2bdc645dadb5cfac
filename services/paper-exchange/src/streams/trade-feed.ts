import type { Exchange } from '../core/exchange.js';
import type { Instrument } from '../core/instrument.js';
import { nextPrintAt } from '../core/prints.js';
import type { TapeTrade } from '../core/tape.js';
import type { Feed, TradeFollower } from './book-feeds.js';

/** So many are told to whoever begins, and at most at once. */
const MOST_AT_ONCE = 1_000;
const AT_THE_BEGIN = 50;

/** The trades of one pair as a stream: the very tape that requests are answered from, each trade once and in order. */
export class TradeFeed implements Feed {
  readonly followers = new Map<TradeFollower, 'new' | 'following'>();
  #last: TapeTrade | undefined;
  #nextAt = 0;
  #matches = -1;

  constructor(
    private readonly exchange: Exchange,
    private readonly instrument: Instrument,
  ) {}

  look(): readonly (() => void)[] {
    const fresh = this.#fresh();
    const someoneNew = [...this.followers.values()].includes('new');
    const latest = someoneNew ? this.exchange.trades(this.instrument, { limit: AT_THE_BEGIN }) : [];
    return [...this.followers].flatMap(([follower, state]) => {
      this.followers.set(follower, 'following');
      if (state === 'following' && fresh.length === 0) return [];
      return [
        (): void => {
          // Whoever left while the disk was waited for is told nothing.
          if (!this.followers.has(follower)) return;
          if (state === 'new') follower.begin(latest);
          else follower.traded(fresh);
        },
      ];
    });
  }

  /** Nothing is computed until something can have traded. */
  #fresh(): readonly TapeTrade[] {
    const { exchange, instrument } = this;
    exchange.settle(instrument);
    const now = exchange.marketTime();
    const matches = exchange.state.matches.count(instrument.symbol);
    if (now < this.#nextAt && matches === this.#matches) return [];
    this.#matches = matches;
    this.#nextAt = nextPrintAt(exchange.market, instrument, now);
    const before = this.#last;
    const range = before === undefined ? { limit: 1 } : { sinceMs: before.at, limit: MOST_AT_ONCE };
    const trades = exchange.trades(instrument, { ...range, untilMs: now }).filter(({ id }) => id > (before?.id ?? -1));
    this.#last = trades.at(-1) ?? before;
    return before === undefined ? [] : trades;
  }
}
