import type { BookStream, OrderBook } from '@switchyard/exchanges';
import { samePrices } from './same-prices.js';
import type { Watched } from './snapshot.js';

/** What a stream is asked here. */
export type StreamView = Pick<BookStream, 'book' | 'glance' | 'resync'>;

export interface Newest {
  readonly watched: Watched;
  readonly book: OrderBook;
  readonly source: 'stream' | 'request';
}

interface Kept {
  readonly watched: Watched;
  /** The last book that was asked for, and when it was. */
  asked: { readonly book: OrderBook; readonly askedAtMs: number } | undefined;
  /** How far the stream had come when it last spoke, whether it has a book now or not. */
  streamed: { readonly sequence: string | null; readonly atMs: number } | undefined;
  /** When the stream had last spoken as a newer book that was asked for was not its own. */
  doubted: number | undefined;
}

/** After so long a silence a book that was asked for is newer than the stream's, whatever their numbers say: a venue may begin to count anew. */
const SURELY_NEWER_MS = 5_000;

/**
 * One venue's books, from its stream and from requests: of each the newest.
 *
 * 1. The newest book wins, by the venue's own numbers where both have one, else by the times: an answer counts from the moment in which it
 *    was asked for, so that it never passes for newer than a stream that spoke meanwhile. No book follows on a newer one.
 * 2. A stream's book counts while it is whole and both its sides stand apart; of a crossed, empty or one-sided one it is a request that tells
 *    whether it is so.
 * 3. What a stream has said nothing of for `confirmMs` is asked for; where the answer differs and the stream stays silent, its book is thrown
 *    away and fetched anew.
 */
export class KeptBooks {
  #kept = new Map<string, Kept>();

  constructor(
    private readonly stream: StreamView | undefined,
    private readonly confirmMs: number,
    private readonly now: () => number,
  ) {}

  watch(watched: readonly Watched[]): void {
    this.#kept = new Map(
      watched.map((each) => {
        const before = this.#kept.get(each.instrument.venueSymbol);
        const { asked, streamed, doubted } = before ?? {};
        return [each.instrument.venueSymbol, { watched: each, asked, streamed, doubted }];
      }),
    );
  }

  get watched(): readonly Watched[] {
    return [...this.#kept.values()].map(({ watched }) => watched);
  }

  /** What has to be asked for now: all that the stream does not answer for. */
  toAsk(): readonly Watched[] {
    return [...this.#kept.entries()].flatMap(([symbol, kept]) =>
      this.#isAnsweredFor(symbol, kept) ? [] : kept.watched,
    );
  }

  /** The stream has spoken. @returns the best prices of its book, where it has one that counts */
  spoke(symbol: string): { readonly bid: string; readonly ask: string } | undefined {
    const kept = this.#kept.get(symbol);
    const glance = this.stream?.glance(symbol);
    if (kept === undefined || glance === undefined) return undefined;
    kept.streamed = { sequence: glance.sequence, atMs: glance.spokenAtMs };
    return sound(glance);
  }

  /** A request was answered. */
  answered(symbol: string, book: OrderBook, askedAtMs: number): void {
    const kept = this.#kept.get(symbol);
    if (kept === undefined) return;
    if (kept.asked !== undefined && isOlder(book, askedAtMs, kept.asked.book, kept.asked.askedAtMs)) return;
    kept.asked = { book, askedAtMs };
    const streamed = this.stream?.book(symbol);
    const differs = streamed !== undefined && askedIsNewer(kept.asked, kept.streamed) && !samePrices(streamed, book);
    kept.doubted = differs ? streamed.receivedAtMs : undefined;
  }

  newest(symbol: string): Newest | undefined {
    const kept = this.#kept.get(symbol);
    if (kept === undefined) return undefined;
    const { watched, asked, streamed } = kept;
    if (asked !== undefined && askedIsNewer(asked, streamed)) return { watched, book: asked.book, source: 'request' };
    const glance = this.stream?.glance(symbol);
    if (glance === undefined || sound(glance) === undefined) return undefined;
    const book = this.stream?.book(symbol);
    return book && { watched, book, source: 'stream' };
  }

  #isAnsweredFor(symbol: string, kept: Kept): boolean {
    const glance = this.stream?.glance(symbol);
    if (glance === undefined || sound(glance) === undefined) return false;
    if (kept.doubted !== undefined) {
      if (kept.doubted === glance.spokenAtMs) this.stream?.resync(symbol, 'a request was answered with another book');
      kept.doubted = undefined;
      return false;
    }
    const confirmedAtMs = Math.max(glance.spokenAtMs, kept.asked?.book.receivedAtMs ?? 0);
    return Math.abs(this.now() - confirmedAtMs) < this.confirmMs;
  }
}

/** Both sides, apart. */
const sound = ({
  bid,
  ask,
}: {
  readonly bid: string | undefined;
  readonly ask: string | undefined;
}): { readonly bid: string; readonly ask: string } | undefined =>
  bid === undefined || ask === undefined || Number(bid) >= Number(ask) ? undefined : { bid, ask };

const askedIsNewer = ({ book, askedAtMs }: NonNullable<Kept['asked']>, streamed: Kept['streamed']): boolean => {
  if (streamed === undefined || askedAtMs - streamed.atMs > SURELY_NEWER_MS) return true;
  return book.sequence === null || streamed.sequence === null
    ? askedAtMs >= streamed.atMs
    : Number(book.sequence) >= Number(streamed.sequence);
};

/** Of two answers: two rounds never overlap, but a clock can be set back. */
const isOlder = (book: OrderBook, askedAtMs: number, before: OrderBook, beforeAtMs: number): boolean =>
  book.sequence !== null &&
  before.sequence !== null &&
  Number(book.sequence) < Number(before.sequence) &&
  Math.abs(askedAtMs - beforeAtMs) <= SURELY_NEWER_MS;
