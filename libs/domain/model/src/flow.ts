import { decimal, plain, type Decimal, type DecimalString, ZERO } from '@switchyard/money';
import { moveAfter, takerOf, type LastMove, type MarketTrade } from './trade-side.js';
import { NO_BUCKETS, poured, vpinOf, type VolumeBuckets } from './volume-buckets.js';
import type { Side } from './vocabulary.js';

/** What traded in a pair at a venue lately, and how. Ratios and basis points are numbers; quantities in base, turnover in quote. */
export interface Flow {
  readonly lastTrade: {
    readonly price: DecimalString;
    readonly quantity: DecimalString;
    /** Who took, as the venue says it or as it was inferred (`takerOf`). */
    readonly takerSide: Side | null;
    readonly atMs: number;
  } | null;
  /** Over the last 10, 20 and 50 trades. */
  readonly lookBacks: readonly FlowOverTrades[];
  /** Over the last 1, 5 and 15 minutes. */
  readonly windows: readonly FlowOverTime[];
  /** `null` while too little has traded. */
  readonly toxicity: {
    readonly vpin: number;
    /** How many buckets it is of, at most 50. */
    readonly buckets: number;
    /** Size of the newest, base currency. */
    readonly bucketVolume: DecimalString;
  } | null;
}

export interface FlowOverTrades {
  readonly trades: number;
  /** Fewer where fewer are known. */
  readonly counted: number;
  readonly effectiveSpreadBps: number | null;
  readonly imbalance: number | null;
}

export interface FlowOverTime {
  readonly minutes: number;
  /** How much of the window was watched, seconds. */
  readonly coveredS: number;
  readonly trades: number;
  readonly volumePerMinute: DecimalString;
  readonly turnover: DecimalString;
  readonly effectiveSpreadBps: number | null;
  readonly imbalance: number | null;
  readonly impactBps: number | null;
}

/** What is remembered of a pair's trades: bounded, however many there are. */
export interface FlowState {
  readonly sinceMs: number;
  readonly recent: readonly Taken[];
  readonly bars: readonly Bar[];
  readonly buckets: VolumeBuckets;
  readonly moved: LastMove | undefined;
  readonly last: Taken | undefined;
}

interface Taken extends MarketTrade {
  readonly taker: Side | null;
  /** `null` where the mid is not known. */
  readonly spreadBps: Decimal | null;
}

/** A quarter of a minute. */
interface Bar {
  readonly number: number;
  readonly trades: number;
  readonly volume: Decimal;
  readonly value: Decimal;
  readonly bought: Decimal;
  readonly sold: Decimal;
  /** Sum of spread times quantity, and of the quantities whose spread is known. */
  readonly spread: Decimal;
  readonly spreadVolume: Decimal;
  readonly first: MarketTrade;
  readonly last: MarketTrade;
}

export const LOOK_BACKS = [10, 20, 50] as const;
export const WINDOW_MINUTES = [1, 5, 15] as const;
const MOST_RECENT = 50;
const BAR_MS = 15_000;
const BARS_A_MINUTE = 60_000 / BAR_MS;
const MOST_BARS = 15 * BARS_A_MINUTE;
/** Quote currency. */
const IMPACT_OF = decimal('100000');
const TEN_THOUSAND = decimal('10000');
const TWO = decimal('2');
const PLACES = 8;

/** Before the first trade, watched since a moment. */
export const noFlow = (sinceMs: number): FlowState => ({
  sinceMs,
  recent: [],
  bars: [],
  buckets: NO_BUCKETS,
  moved: undefined,
  last: undefined,
});

/**
 * The state after one more trade, each to be told once. Late ones count where they belong in time; toxicity and the tick rule take them as
 * they come. `bucketVolume`: the size of buckets that begin now; absent, nothing is poured.
 */
export const withTrade = (state: FlowState, trade: MarketTrade, bucketVolume: Decimal | undefined): FlowState => {
  const moved = moveAfter(trade, state.moved);
  const taken: Taken = { ...trade, taker: takerOf(trade, moved), spreadBps: effectiveSpreadOf(trade) };
  const last = state.last === undefined || trade.atMs >= state.last.atMs ? taken : state.last;
  return {
    sinceMs: state.sinceMs,
    recent: [...(state.recent.length < MOST_RECENT ? state.recent : state.recent.slice(1)), taken],
    bars: withBar(state.bars, taken),
    buckets:
      bucketVolume === undefined || !bucketVolume.gt(ZERO)
        ? state.buckets
        : poured(state.buckets, trade.quantity, taken.taker, bucketVolume),
    moved,
    last,
  };
};

/**
 * `2 |price - mid| / mid` in basis points: what a round trip would have cost at that distance (Huang, Stoll: Dealer versus auction markets,
 * Journal of Financial Economics 41, 1996).
 */
export const effectiveSpreadOf = ({ price, mid }: Pick<MarketTrade, 'price' | 'mid'>): Decimal | null =>
  mid === null || !mid.gt(ZERO) ? null : TWO.times(price.minus(mid).abs()).times(TEN_THOUSAND).div(mid).round(PLACES);

/**
 * - effective spread: of the trades whose mid is known, weighted with their quantities
 * - imbalance: (bought - sold) / (bought + sold) by who took, -1 to 1 (Chordia, Roll, Subrahmanyam: Order imbalance, liquidity, and market
 *   returns, Journal of Financial Economics 65, 2002)
 * - impact: |return| over the window for each 100,000 of turnover, basis points (Amihud: Illiquidity and stock returns, Journal of Financial
 *   Markets 5, 2002)
 * - toxicity: `vpinOf`
 */
export const flowOf = (state: FlowState, nowMs: number): Flow => {
  const { last, buckets, recent } = state;
  const vpin = vpinOf(buckets);
  return {
    lastTrade: last === undefined ? null : told(last),
    lookBacks: LOOK_BACKS.map((trades) => overTrades(recent.slice(-trades), trades)),
    windows: WINDOW_MINUTES.map((minutes) => overTime(state, minutes, nowMs)),
    toxicity:
      vpin === null
        ? null
        : { vpin, buckets: buckets.full.length, bucketVolume: plain(buckets.full.at(-1)?.size ?? ZERO) },
  };
};

/**
 * The size of a bucket: a thousandth of what trades in 24 hours, so that fifty stand for an hour or so; where the venue does not tell it, a
 * thousandth of a day at the pace of the last quarter of an hour, once five minutes were watched.
 */
export const bucketVolumeOf = (state: FlowState, dayVolume: Decimal | null, nowMs: number): Decimal | undefined => {
  if (dayVolume !== null && dayVolume.gt(ZERO)) return dayVolume.div('1000').round(PLACES);
  const { coveredMs, bars } = windowOf(state, 15, nowMs);
  if (coveredMs < 5 * 60_000) return undefined;
  const volume = sum(bars, ({ volume: traded }) => traded);
  return volume.times(String(86_400)).div(String(coveredMs)).round(PLACES);
};

const told = ({ price, quantity, taker, atMs }: Taken): Flow['lastTrade'] => ({
  price: plain(price),
  quantity: plain(quantity),
  takerSide: taker,
  atMs,
});

const overTrades = (recent: readonly Taken[], trades: number): FlowOverTrades => {
  const spread = recent.filter(({ spreadBps }) => spreadBps !== null);
  return {
    trades,
    counted: recent.length,
    effectiveSpreadBps: ratioOf(
      sum(spread, ({ spreadBps, quantity }) => (spreadBps ?? ZERO).times(quantity)),
      sum(spread, ({ quantity }) => quantity),
    ),
    imbalance: imbalanceOf(takenBy(recent, 'buy'), takenBy(recent, 'sell')),
  };
};

const takenBy = (trades: readonly Taken[], side: Side): Decimal =>
  sum(trades, ({ taker, quantity }) => (taker === side ? quantity : ZERO));

const overTime = (state: FlowState, minutes: number, nowMs: number): FlowOverTime => {
  const { bars, coveredMs } = windowOf(state, minutes, nowMs);
  const turnover = sum(bars, ({ value }) => value);
  return {
    minutes,
    coveredS: Math.round(coveredMs / 1_000),
    trades: bars.reduce((total, bar) => total + bar.trades, 0),
    volumePerMinute: plain(
      coveredMs === 0
        ? ZERO
        : sum(bars, ({ volume }) => volume)
            .times('60000')
            .div(String(coveredMs))
            .round(PLACES),
    ),
    turnover: plain(turnover),
    effectiveSpreadBps: ratioOf(
      sum(bars, ({ spread }) => spread),
      sum(bars, ({ spreadVolume }) => spreadVolume),
    ),
    imbalance: imbalanceOf(
      sum(bars, ({ bought }) => bought),
      sum(bars, ({ sold }) => sold),
    ),
    impactBps: impactOf(bars, turnover),
  };
};

/** Whole bars: the window begins up to a bar later than so many minutes ago, and at the moment from which on it was watched. */
const windowOf = (
  { bars, sinceMs }: FlowState,
  minutes: number,
  nowMs: number,
): { readonly bars: readonly Bar[]; readonly coveredMs: number } => {
  const first = Math.floor(nowMs / BAR_MS) - minutes * BARS_A_MINUTE + 1;
  const within = bars.filter(({ number }) => number >= first);
  const began = Math.max(first * BAR_MS, Math.min(sinceMs, within[0]?.first.atMs ?? sinceMs));
  return { bars: within, coveredMs: Math.max(0, nowMs - began) };
};

const impactOf = (bars: readonly Bar[], turnover: Decimal): number | null => {
  const [first, last] = [bars[0]?.first, bars.at(-1)?.last];
  if (first === undefined || last === undefined || first === last || !turnover.gt(ZERO)) return null;
  const moved = last.price.minus(first.price).abs().times(TEN_THOUSAND).div(first.price);
  return ratioOf(moved.times(IMPACT_OF), turnover);
};

const withBar = (bars: readonly Bar[], trade: Taken): readonly Bar[] => {
  const number = Math.floor(trade.atMs / BAR_MS);
  const newest = bars.at(-1)?.number ?? number;
  if (number <= newest - MOST_BARS) return bars;
  const at = bars.findLastIndex((bar) => bar.number <= number);
  const known = bars[at]?.number === number ? bars[at] : undefined;
  const bar = added(known, number, trade);
  const others = [...bars.slice(0, known === undefined ? at + 1 : at), bar, ...bars.slice(at + 1)];
  return others.length > 1 && (others[0]?.number ?? 0) <= Math.max(newest, number) - MOST_BARS
    ? others.filter(({ number: each }) => each > Math.max(newest, number) - MOST_BARS)
    : others;
};

const added = (bar: Bar | undefined, number: number, trade: Taken): Bar => {
  const { quantity, taker, spreadBps } = trade;
  const value = trade.price.times(quantity);
  const spread = spreadBps === null ? ZERO : spreadBps.times(quantity);
  const of = (side: Side): Decimal => (taker === side ? quantity : ZERO);
  const spreadVolume = spreadBps === null ? ZERO : quantity;
  if (bar === undefined)
    return {
      ...{ number, trades: 1, volume: quantity, value, bought: of('buy'), sold: of('sell') },
      ...{ spread, spreadVolume, first: trade, last: trade },
    };
  return {
    number,
    trades: bar.trades + 1,
    volume: bar.volume.plus(quantity),
    value: bar.value.plus(value),
    bought: bar.bought.plus(of('buy')),
    sold: bar.sold.plus(of('sell')),
    spread: bar.spread.plus(spread),
    spreadVolume: bar.spreadVolume.plus(spreadVolume),
    first: trade.atMs < bar.first.atMs ? trade : bar.first,
    last: trade.atMs >= bar.last.atMs ? trade : bar.last,
  };
};

const sum = <T>(of: readonly T[], amount: (one: T) => Decimal): Decimal =>
  of.reduce((total, one) => total.plus(amount(one)), ZERO);

const ratioOf = (part: Decimal, whole: Decimal): number | null =>
  whole.gt(ZERO) ? Number(part.div(whole).round(6).toFixed()) : null;

const imbalanceOf = (bought: Decimal, sold: Decimal): number | null => ratioOf(bought.minus(sold), bought.plus(sold));
