import { decimal, type Decimal, type DecimalString } from '@switchyard/money';
import { DEFAULT_FEES, midOf, type Instrument, type Level, type Pair, type VenueFees } from '@switchyard/model';

/** What a `MarketSnapshot` says, as far as decisions before routing need it. */
export interface Snapshot {
  readonly venue: string;
  readonly pair: Pair;
  readonly instrument: Instrument;
  readonly fees?: VenueFees | undefined;
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
  readonly version: number;
  readonly receivedAt: string;
}

/** A pair at a venue, its decimals read once. Prices are undefined where that side of the book is empty. */
export interface Quote {
  readonly venue: string;
  readonly pair: Pair;
  readonly instrument: Instrument;
  readonly bid: Decimal | undefined;
  readonly ask: Decimal | undefined;
  readonly mid: Decimal | undefined;
  readonly lotSize: Decimal;
  readonly minQuantity: Decimal;
  readonly minNotional: Decimal;
  readonly takerFee: Decimal;
  /** The venue's fees were not known; the defaults stand in. */
  readonly feeAssumed: boolean;
  readonly version: number;
  readonly receivedAtMs: number;
}

/** The part of the board that a decision may read. */
export interface Market {
  /** The pair's quote at every venue that lists it, fresh or not; empty for a pair nobody lists. */
  quotes(pair: Pair): readonly Quote[];
  quote(venue: string, pair: Pair): Quote | undefined;
  lists(venue: string): boolean;
  isFresh(quote: Quote, nowMs: number): boolean;
  /** The median of the venues' fresh mids; undefined where no book is fresh and two-sided. */
  mid(pair: Pair, nowMs: number): Decimal | undefined;
}

/**
 * The newest snapshot of every venue and pair.
 *
 * 1. A snapshot with a lower version than the one held is dropped.
 * 2. A pair once seen stays listed; only its prices age.
 * 3. Memory is bounded by venues times pairs.
 */
export class MarketBoard implements Market {
  private readonly byPair = new Map<Pair, readonly Quote[]>();
  private readonly venues = new Set<string>();

  /** @param maxAgeMs a quote is fresh while it is younger than this */
  constructor(private readonly maxAgeMs: number) {}

  put(snapshot: Snapshot): void {
    const known = this.byPair.get(snapshot.pair) ?? NONE;
    const held = known.find(({ venue }) => venue === snapshot.venue);
    if (held !== undefined && held.version > snapshot.version) return;
    this.byPair.set(snapshot.pair, [...known.filter((quote) => quote !== held), quoteOf(snapshot)]);
    this.venues.add(snapshot.venue);
  }

  quotes(pair: Pair): readonly Quote[] {
    return this.byPair.get(pair) ?? NONE;
  }

  quote(venue: string, pair: Pair): Quote | undefined {
    return this.byPair.get(pair)?.find((quote) => quote.venue === venue);
  }

  lists(venue: string): boolean {
    return this.venues.has(venue);
  }

  isFresh(quote: Quote, nowMs: number): boolean {
    return nowMs - quote.receivedAtMs < this.maxAgeMs;
  }

  mid(pair: Pair, nowMs: number): Decimal | undefined {
    const mids: Decimal[] = [];
    for (const quote of this.quotes(pair)) {
      if (quote.mid !== undefined && this.isFresh(quote, nowMs)) mids.push(quote.mid);
    }
    return median(mids);
  }
}

const NONE: readonly Quote[] = [];
const TWO = decimal('2');

const median = (values: Decimal[]): Decimal | undefined => {
  if (values.length <= 1) return values[0];
  values.sort((one, other) => one.cmp(other));
  const upper = values[Math.floor(values.length / 2)];
  const lower = values[Math.floor((values.length - 1) / 2)];
  return upper === undefined || lower === undefined || upper === lower ? upper : upper.plus(lower).div(TWO);
};

const quoteOf = (snapshot: Snapshot): Quote => {
  const { venue, pair, instrument, bids, asks, version } = snapshot;
  const price = (levels: readonly (readonly [DecimalString, DecimalString])[]): Decimal | undefined =>
    levels[0] === undefined ? undefined : decimal(levels[0][0]);
  return {
    venue,
    pair,
    instrument,
    bid: price(bids),
    ask: price(asks),
    mid: midOf({ bids, asks }),
    lotSize: decimal(instrument.lotSize),
    minQuantity: decimal(instrument.minQuantity),
    minNotional: decimal(instrument.minNotional),
    takerFee: decimal((snapshot.fees ?? DEFAULT_FEES).taker),
    feeAssumed: snapshot.fees === undefined,
    version,
    receivedAtMs: Date.parse(snapshot.receivedAt),
  };
};
