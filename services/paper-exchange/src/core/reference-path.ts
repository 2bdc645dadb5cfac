import { readCsv, type CsvRow } from './csv.js';
import type { ReferenceAsset } from './venue.js';

/**
 * The price everyone at every venue trades around: a recorded day, replayed.
 *
 * A minute of the recording gives four ticks, 15 s apart: open, the two extremes, close. Each is a price that really traded in that
 * minute; only the order of the extremes is assumed (a falling minute makes its high first). A minute without trades shows the middle
 * of its recorded quotes four times, one without anything repeats what stood before. The day runs forwards, then backwards, and so
 * on: at neither seam does the price jump. Tick numbers count from the Unix epoch, so that every venue and every restart is
 * at the same place at the same time.
 */
export interface ReferencePath {
  /** The price at a tick, in units of 1e-8 of the quote asset: a whole number. */
  priceAt(tick: number): number;
  /** The volume that traded in the tick's minute, a quarter of it, in base units; derived for the hours of which quotes alone are recorded. */
  volumeAt(tick: number): number;
}

export const TICK_MS = 15_000;

/** Prices inside the book model are whole numbers of these. */
export const UNITS_PER_QUOTE = 100_000_000;

export const tickAt = (timeMs: number): number => Math.floor(timeMs / TICK_MS);

const MINUTES = 1_440;
const MINUTE_MS = 60_000;
const TICKS_PER_MINUTE = MINUTE_MS / TICK_MS;

/** After so many ticks, forwards and backwards, the recording stands where it began. */
export const TICKS_A_TURN = 2 * MINUTES * TICKS_PER_MINUTE;

const number = (row: CsvRow, column: string): number | undefined => {
  const cell = row[column];
  return cell === undefined || cell === '' ? undefined : Number(cell);
};

const pricesOf = (row: CsvRow): readonly number[] | undefined => {
  const [open, high, low, close] = ['open', 'high', 'low', 'close'].map((column) => number(row, column));
  if (open !== undefined && high !== undefined && low !== undefined && close !== undefined) {
    return close < open ? [open, high, low, close] : [open, low, high, close];
  }
  const bid = number(row, 'bid');
  const ask = number(row, 'ask');
  if (bid === undefined || ask === undefined) return undefined;
  const middle = (bid + ask) / 2;
  return [middle, middle, middle, middle];
};

/** Position in a recording of `length` that runs forwards, then backwards. */
export const pingPong = (index: number, length: number): number => {
  const turn = ((index % (2 * length)) + 2 * length) % (2 * length);
  return turn < length ? turn : 2 * length - 1 - turn;
};

export const loadReferencePath = (asset: ReferenceAsset): ReferencePath => {
  const rows = readCsv(`coinbase-${asset}-USD-2018-04-04.csv`);
  const start = Math.floor(Number(rows[0]?.['ts_ms']) / MINUTE_MS);
  const byMinute = new Map(rows.map((row) => [Math.floor(Number(row['ts_ms']) / MINUTE_MS) - start, row]));
  const prices = new Float64Array(MINUTES * TICKS_PER_MINUTE);
  const volumes = new Float64Array(MINUTES);
  let last = rows[0] === undefined ? undefined : pricesOf(rows[0])?.[0];
  if (last === undefined) throw new Error(`The recording of ${asset} has no first price.`);
  for (let minute = 0; minute < MINUTES; minute++) {
    const row = byMinute.get(minute);
    const recorded = row === undefined ? undefined : pricesOf(row);
    for (let quarter = 0; quarter < TICKS_PER_MINUTE; quarter++) {
      last = recorded?.[quarter] ?? last;
      prices[minute * TICKS_PER_MINUTE + quarter] = Math.round(last * UNITS_PER_QUOTE);
    }
    volumes[minute] = (row === undefined ? undefined : number(row, 'volume')) ?? 0;
  }
  // The recordings have quotes alone from some hour on: what trades then is derived, the hours before it mirrored.
  const end = volumes.findLastIndex((volume) => volume > 0);
  for (let minute = end + 1; minute < MINUTES; minute++) volumes[minute] = volumes[2 * end + 1 - minute] ?? 0;
  const at = (tick: number): number => pingPong(tick, prices.length);
  return {
    priceAt: (tick) => prices[at(tick)] ?? 0,
    volumeAt: (tick) => (volumes[Math.floor(at(tick) / TICKS_PER_MINUTE)] ?? 0) / TICKS_PER_MINUTE,
  };
};
