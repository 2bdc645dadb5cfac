import { readCsv, readRecording, type CsvRow } from './csv.js';
import { pingPong } from './reference-path.js';
import type { ReferenceAsset, VenueName } from './venue.js';

/**
 * What the recordings say about spread, depth and distance between venues. Nothing is a fitted curve: books are put together from
 * recorded pieces (a bootstrap), so every spread, gap and size once stood in a real book. What is *derived* is their combination: a
 * day of 2018 with spreads of 2021, depth of 2020 and 2024, and the venues' distances of 2022.
 */
export interface MarketShape {
  /** Recorded spreads, in basis points of the bid. */
  readonly spreadsBps: readonly number[];
  /** Recorded sides of books, best level first. */
  readonly sides: Readonly<
    Record<'bid' | 'ask', { readonly near: readonly ShapeSide[]; readonly far: readonly ShapeSide[] }>
  >;
  /** How deep this pair's spot books are beside the recorded ones of BTC futures, by the recorded sizes at the touch. */
  liquidity(asset: ReferenceAsset): number;
  /** How far this venue stands from the reference path in a minute, in basis points. */
  offsetBps(minute: number): number;
}

export interface ShapeLevel {
  /** Distance from the best price of its side, in basis points. */
  readonly distanceBps: number;
  /** Size in quote currency. */
  readonly notional: number;
}

export type ShapeSide = readonly ShapeLevel[];

const filled = (row: CsvRow, ...columns: readonly string[]): boolean => columns.every((column) => row[column] !== '');

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** Kraken, OKX, Alpaca and KuCoin have no recorded quotes: they are given Bybit's, the wider of those at hand. */
const QUOTES: Readonly<Record<VenueName, string>> = {
  binance: 'binance-BTC-USDT-2021-01-08-quotes.csv',
  coinbase: 'coinbase-BTC-USD-2018-04-04.csv',
  bybit: 'bybit-BTC-USDT-2022-12-13.csv',
  kraken: 'bybit-BTC-USDT-2022-12-13.csv',
  okx: 'bybit-BTC-USDT-2022-12-13.csv',
  alpaca: 'bybit-BTC-USDT-2022-12-13.csv',
  kucoin: 'bybit-BTC-USDT-2022-12-13.csv',
};

const spreadsOf = (venue: VenueName): readonly number[] =>
  readCsv(QUOTES[venue])
    .filter((row) => filled(row, 'bid', 'ask'))
    .map((row) => (Number(row['ask']) / Number(row['bid']) - 1) * 10_000)
    .filter((spread) => spread > 0);

const sideOf = (levels: readonly (readonly [price: number, quantity: number])[]): ShapeSide => {
  const best = levels[0]?.[0] ?? 1;
  return levels.map(([price, quantity]) => ({
    distanceBps: Math.abs(price / best - 1) * 10_000,
    notional: price * quantity,
  }));
};

/** Ten snapshots of 25 levels, about 3 basis points wide. */
const nearSides = (side: 'bid' | 'ask'): readonly ShapeSide[] => {
  const snapshots = new Map<string, (readonly [number, number])[]>();
  for (const row of readCsv('binance-futures-BTC-USDT-2020-09-01-book25.csv')) {
    if (row['side'] !== side) continue;
    const time = row['ts_ms'] ?? '';
    const levels = snapshots.get(time) ?? [];
    snapshots.set(time, levels);
    levels.push([Number(row['price']), Number(row['quantity'])]);
  }
  return [...snapshots.values()].map(sideOf);
};

interface BookMessage {
  readonly data: Readonly<Record<'b' | 'a', readonly (readonly [string, string])[]>>;
}

/** A snapshot of 500 levels, about 250 basis points wide, and the 49 books that its updates make of it. */
const farSides = (side: 'bid' | 'ask'): readonly ShapeSide[] => {
  const levels = new Map<string, number>();
  const outward = side === 'bid' ? -1 : 1;
  return readRecording('bybit-XRP-USDT-2024-12-01-book500.jsonl')
    .trimEnd()
    .split('\n')
    .map((line) => {
      for (const [price, quantity] of (JSON.parse(line) as BookMessage).data[side === 'bid' ? 'b' : 'a']) {
        if (Number(quantity) === 0) levels.delete(price);
        else levels.set(price, Number(quantity));
      }
      const sorted = [...levels].map(([price, quantity]) => [Number(price), quantity] as const);
      return sideOf(sorted.sort((a, b) => outward * (a[0] - b[0])));
    });
};

/** What stood at the best prices, in quote currency, in each recorded quote. */
const touchNotionals = (file: string): readonly number[] =>
  readCsv(file)
    .filter((row) => filled(row, 'bid', 'ask'))
    .flatMap((row) => [Number(row['bid']) * Number(row['bid_size']), Number(row['ask']) * Number(row['ask_size'])]);

const touchNotional = (asset: ReferenceAsset): number => median(touchNotionals(`coinbase-${asset}-USD-2018-04-04.csv`));

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * How deep a spot book is beside one of futures, of which the recorded books are: Binance's spot at its best prices beside Binance's futures
 * at theirs, on average. About 0.4.
 */
const spotBesideFutures = (): number => {
  const futures = (['bid', 'ask'] as const).flatMap((side) =>
    nearSides(side).map((levels) => levels[0]?.notional ?? 0),
  );
  return mean(touchNotionals('binance-BTC-USDT-2021-01-08-quotes.csv')) / mean(futures);
};

/** Bybit's minute closes against Binance's on the same day, less their median (which is the two dollars' distance, not the venues'). */
const recordedOffsets = (): readonly number[] => {
  const other = new Map(readCsv('binance-BTC-BUSD-2022-12-13.csv').map((row) => [row['ts_ms'], Number(row['close'])]));
  const offsets = readCsv('bybit-BTC-USDT-2022-12-13.csv').map(
    (row) => (Number(row['close']) / (other.get(row['ts_ms']) ?? Number(row['close'])) - 1) * 10_000,
  );
  const middle = median(offsets);
  return offsets.map((offset) => offset - middle);
};

/** Each venue reads the recorded distances from another place and, every second one, mirrored: they stand apart, none is always dear. */
const offsetPhase: Readonly<Record<VenueName, { readonly shift: number; readonly sign: 1 | -1 }>> = {
  binance: { shift: 0, sign: 1 },
  kraken: { shift: 240, sign: -1 },
  coinbase: { shift: 480, sign: 1 },
  bybit: { shift: 720, sign: -1 },
  okx: { shift: 960, sign: 1 },
  alpaca: { shift: 1_200, sign: -1 },
  kucoin: { shift: 120, sign: 1 },
};

export const loadMarketShape = (venue: VenueName): MarketShape => {
  const offsets = recordedOffsets();
  const { shift, sign } = offsetPhase[venue];
  const btc = touchNotional('BTC');
  const spot = spotBesideFutures();
  const liquidity: Readonly<Record<ReferenceAsset, number>> = {
    BTC: spot,
    ETH: (spot * touchNotional('ETH')) / btc,
    LTC: (spot * touchNotional('LTC')) / btc,
  };
  return {
    spreadsBps: spreadsOf(venue),
    sides: {
      bid: { near: nearSides('bid'), far: farSides('bid') },
      ask: { near: nearSides('ask'), far: farSides('ask') },
    },
    liquidity: (asset) => liquidity[asset],
    // Half the recorded distance each: two venues that read it mirrored stand as far apart as the recorded two did.
    offsetBps: (minute) => (sign * (offsets[pingPong(minute + shift, offsets.length)] ?? 0)) / 2,
  };
};
