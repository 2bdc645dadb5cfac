import type { BookLevel } from '../instruments.js';
import { ExactSide } from './exact-side.js';

/** A snapshot as ccxt's classes hand it to the book that they keep. */
export interface SnapshotRows {
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
  /** The venue's number of it. */
  readonly nonce: number | undefined;
  /** Levels a side that were asked for: a side with fewer is all there is. */
  readonly levels: number;
}

export interface ExactBookOptions {
  /** Levels a side that are kept. */
  readonly mostLevels: number;
  /** The venue follows only so many levels: worse ones are dropped after each message. */
  readonly follows?: number;
  /** Called when a message has been applied; throws where the book is not what the venue says it is. */
  readonly verify?: (book: ExactBook) => void;
}

/** A book that ccxt's stream classes keep in place of their own: their fields and methods, our texts. */
export class ExactBook {
  readonly bids: ExactSide;
  readonly asks: ExactSide;
  nonce: number | undefined;
  /** ccxt's, and used by it: absent until a change came after the snapshot. */
  timestamp: number | undefined;
  datetime: string | undefined;
  symbol: string | undefined;
  /** What the venue says that the book sums to, once the message that is being applied has been. */
  checksum: unknown;
  /** Changes that came before the snapshot. */
  cache: unknown[] = [];

  constructor(private readonly options: ExactBookOptions) {
    this.bids = new ExactSide('bids', options.mostLevels);
    this.asks = new ExactSide('asks', options.mostLevels);
  }

  reset({ bids, asks, nonce, levels }: SnapshotRows): this {
    this.bids.reset(bids, bids.length < levels);
    this.asks.reset(asks, asks.length < levels);
    this.nonce = nonce;
    this.timestamp = undefined;
    return this;
  }

  /** ccxt calls it after each message, before it tells anybody. */
  limit(): this {
    const { follows, verify } = this.options;
    if (follows !== undefined) {
      this.bids.truncate(follows);
      this.asks.truncate(follows);
    }
    verify?.(this);
    return this;
  }

  reaches(depth: number): boolean {
    return this.bids.reaches(depth) && this.asks.reaches(depth);
  }
}
