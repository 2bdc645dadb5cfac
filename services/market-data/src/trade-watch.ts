import type { MarketFlow } from '@switchyard/contracts';
import type { Instrument, PublicTrade, StreamedTicker, Ticker, Venue } from '@switchyard/exchanges';
import { decimal } from '@switchyard/money';
import { KeptTrades, type Added } from './kept-trades.js';
import { marketFlowOf, type DayTicker } from './market-flow.js';
import { MidHistory } from './mid-history.js';

export interface TradeWatchOptions {
  readonly venue: Pick<Venue, 'marketData' | 'capabilities'>;
  /** How often rounds are, ms. */
  readonly pollMs: number;
  /** Trades of an instrument are asked for at most so often, and its ticker so often, ms. */
  readonly tradesMs: number;
  readonly tickerMs: number;
  /** Whether the venue's stream tells of trades now. */
  readonly isStreamed: () => boolean;
  /** Told of new trades, and of a gap that no request could fill. */
  readonly onTrades?: ((count: number, source: 'stream' | 'request') => void) | undefined;
  readonly onGap?: (() => void) | undefined;
  readonly now: () => number;
}

interface Watching {
  instrument: Instrument;
  readonly mids: MidHistory;
  readonly trades: KeptTrades;
  day: DayTicker | undefined;
  /** When each is to be asked for next, and how often in a row that failed. */
  readonly due: Record<'trades' | 'ticker', { atMs: number; failures: number }>;
  /** How many trades are asked for: more, where so many were not enough. */
  asks: number;
  told: { readonly flow: MarketFlow | undefined; readonly version: number; readonly atMs: number } | undefined;
}

/** As many as are asked for while they are enough. */
const ASKED = 100;
/** A streamed tape is compared with a request so often, as many times `tradesMs`. */
const COMPARED_EACH = 3;
/** Figures are computed anew so often where nothing traded, ms: windows move on. */
const FIGURES_MS = 5_000;
/** And so often at most where something did. */
const LEAST_FIGURES_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;

/**
 * One venue's trades and tickers beside its books: asked for where no stream tells them, and seldom.
 *
 * 1. Books go first: nothing here delays a round of them, and a venue that gives no books is asked for nothing else.
 * 2. In a round, at most so many requests as spread the instruments over `tradesMs`, and one for a ticker.
 * 3. What fails is asked for less and less often, up to each minute; it harms nothing else.
 * 4. A stream that tells trades is compared with a request now and then, and at once after a gap or a new connection.
 */
export class TradeWatch {
  #watched = new Map<string, Watching>();
  #asking: Promise<void> | undefined;

  constructor(private readonly options: TradeWatchOptions) {}

  watch(instruments: readonly Instrument[]): void {
    const { venue, now } = this.options;
    this.#watched = new Map(
      instruments.map((instrument) => {
        const before = this.#watched.get(instrument.venueSymbol);
        if (before !== undefined) {
          before.instrument = instrument;
          return [instrument.venueSymbol, before];
        }
        const mids = new MidHistory();
        const trades = new KeptTrades(venue.capabilities.publicTrades.numbered, mids, now());
        const due = { trades: { atMs: 0, failures: 0 }, ticker: { atMs: 0, failures: 0 } };
        return [
          instrument.venueSymbol,
          { instrument, mids, trades, day: undefined, due, asks: ASKED, told: undefined },
        ];
      }),
    );
  }

  /** These are an instrument's best prices. */
  touch(symbol: string, bid: string | undefined, ask: string | undefined, atMs: number): void {
    if (bid !== undefined && ask !== undefined && Number(bid) < Number(ask))
      this.#watched.get(symbol)?.mids.note(bid, ask, atMs);
  }

  streamed(symbol: string, trades: readonly PublicTrade[]): void {
    const watching = this.#watched.get(symbol);
    if (watching === undefined) return;
    const now = this.options.now();
    const added = watching.trades.streamed(trades, now);
    this.#noteAdded(added, 'stream');
    if (added.pending) watching.due.trades.atMs = Math.min(watching.due.trades.atMs, now);
  }

  ticker(symbol: string, { last, baseVolume }: StreamedTicker): void {
    const watching = this.#watched.get(symbol);
    if (watching !== undefined) this.#noteDay(watching, { last, baseVolume, receivedAtMs: this.options.now() });
  }

  /** Something of the stream is missing: all is asked for. */
  doubt(symbol?: string): void {
    for (const [each, { due }] of this.#watched) if (symbol === undefined || each === symbol) due.trades.atMs = 0;
  }

  /** Begins to ask for what is due, if nothing is being asked for. */
  round(): void {
    this.#asking ??= this.#ask().finally(() => (this.#asking = undefined));
  }

  /** Resolves when nothing is being asked for. */
  async settled(): Promise<void> {
    await this.#asking;
  }

  /** What traded in an instrument; absent until the venue has told. */
  flow(symbol: string): MarketFlow | undefined {
    const watching = this.#watched.get(symbol);
    if (watching === undefined) return undefined;
    const { trades, day, told } = watching;
    const now = this.options.now();
    const { state } = trades;
    const age = told === undefined ? Number.POSITIVE_INFINITY : Math.abs(now - told.atMs);
    if (told !== undefined && age < (told.version === state.version ? FIGURES_MS : LEAST_FIGURES_MS)) return told.flow;
    const flow = marketFlowOf(state, day, now);
    watching.told = { flow, version: state.version, atMs: now };
    return flow;
  }

  /** How long ago the venue was last heard on the trades of each, milliseconds. */
  ages(): readonly (readonly [symbol: string, ageMs: number])[] {
    return [...this.#watched].flatMap(([symbol, { trades }]) => {
      const { heardAtMs } = trades.state;
      return heardAtMs === undefined ? [] : [[symbol, Math.max(0, this.options.now() - heardAtMs)] as const];
    });
  }

  async #ask(): Promise<void> {
    const { pollMs, tradesMs } = this.options;
    const atOnce = Math.max(1, Math.ceil((this.#watched.size * pollMs) / tradesMs));
    await Promise.all([
      ...this.#due('trades', atOnce).map((watching) => this.#askTrades(watching)),
      ...this.#due('ticker', 1).map((watching) => this.#askTicker(watching)),
    ]);
  }

  #due(what: 'trades' | 'ticker', most: number): readonly Watching[] {
    const now = this.options.now();
    return [...this.#watched.values()]
      .filter(({ due }) => due[what].atMs <= now)
      .sort((one, other) => one.due[what].atMs - other.due[what].atMs)
      .slice(0, most);
  }

  async #askTrades(watching: Watching): Promise<void> {
    const { venue, tradesMs, now, onGap, isStreamed } = this.options;
    const { most } = venue.capabilities.publicTrades;
    const asked = Math.min(watching.asks, most);
    const answer = await venue.marketData.trades(watching.instrument, asked);
    if (answer.kind !== 'answered') {
      this.#failed(watching, 'trades', tradesMs);
      return;
    }
    const added = watching.trades.answered(answer.value, asked, now());
    this.#noteAdded(added, 'request');
    if (added.lost) onGap?.();
    watching.asks = added.lost ? Math.min(2 * asked, most) : Math.max(ASKED, Math.floor(watching.asks / 2));
    const wait = added.pending ? 0 : (isStreamed() ? COMPARED_EACH : 1) * tradesMs;
    watching.due.trades = { atMs: now() + wait, failures: 0 };
  }

  async #askTicker(watching: Watching): Promise<void> {
    const { venue, tickerMs } = this.options;
    const answer = await venue.marketData.ticker(watching.instrument);
    if (answer.kind === 'answered') this.#noteDay(watching, answer.value);
    else this.#failed(watching, 'ticker', tickerMs);
  }

  #noteDay(
    watching: Watching,
    { last, baseVolume, receivedAtMs }: Pick<Ticker, 'last' | 'baseVolume' | 'receivedAtMs'>,
  ): void {
    watching.day = { last, baseVolume, toldAtMs: receivedAtMs };
    watching.trades.dayVolume = baseVolume === null ? null : decimal(baseVolume);
    watching.due.ticker = { atMs: this.options.now() + this.options.tickerMs, failures: 0 };
  }

  #failed({ due }: Watching, what: 'trades' | 'ticker', everyMs: number): void {
    const failures = Math.min(due[what].failures + 1, 8);
    due[what] = {
      failures,
      atMs: this.options.now() + Math.max(everyMs, Math.min(everyMs * 2 ** failures, LONGEST_WAIT_MS)),
    };
  }

  #noteAdded({ fresh }: Added, source: 'stream' | 'request'): void {
    if (fresh > 0) this.options.onTrades?.(fresh, source);
  }
}
