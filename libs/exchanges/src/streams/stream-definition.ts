import type { VenueOrigins } from '../capabilities.js';
import { originOf } from '../origin.js';
import type { StreamedTicker } from '../book-stream.js';
import type { PublicTrade } from '../instruments.js';
import type { CcxtStream, CcxtStreamClass } from './ccxt-stream.js';
import type { ExactBook } from './exact-book.js';

/** One venue's streams around ccxt's class of them: what is the venue's own, as data and pure functions. */
export interface StreamDefinition {
  /** ccxt's name of the class. */
  readonly id: string;
  /** Where its streams are, by the origins of its requests. */
  readonly origins: { readonly live: string; readonly testnet: string | null };
  /** Levels that are asked for where `depth` are wanted. */
  readonly levels: (depth: number) => number;
  /** Whether the venue follows just those, and drops worse ones; else it follows the whole book, and tells a snapshot by request. */
  readonly followsLevels: boolean;
  /** ccxt's name for the book of one of its symbols. */
  readonly hash: (symbol: string) => string;
  /** A message's text as a value, decimals in texts. */
  readonly read: (text: string) => unknown;
  /** The class, with its numbers read as texts and its checks switched on. */
  readonly adapt: (base: CcxtStreamClass) => CcxtStreamClass;
  readonly verify?: (book: ExactBook) => void;
  /** What ends a subscription, where the venue refuses a second one beside it. */
  readonly unsubscribe?: (symbol: string, levels: number) => object;
  /** Under which name its messages about trades and tickers speak of an instrument. */
  readonly nameOf: (of: { readonly venueSymbol: string; readonly symbol: string }) => string;
  readonly trades: Channel<readonly PublicTrade[]>;
  readonly tickers: Channel<StreamedTicker>;
  readonly options?: Readonly<Record<string, unknown>>;
}

/** Something that is streamed beside the books: `adapt` makes ccxt's class hand its messages to the hook `heard`. */
export interface Channel<T> {
  /** Asks for it by ccxt's own method; what comes is told by the hook. */
  readonly subscribe: (exchange: CcxtStream, symbols: readonly string[]) => Promise<unknown>;
  /** What a message tells, by the name of the instrument. @throws Nonsense */
  readonly read: (message: unknown) => readonly Named<T>[];
}

export type Named<T> = readonly [name: string, told: T];

/**
 * The stream's origin that belongs to an origin of requests: the venue's own for the venue's own, its test net's for its test net, and for any
 * other, a simulator or a proxy, that very host. `null` where there is none.
 */
export const streamOriginFor = (
  { origins: streams }: Pick<StreamDefinition, 'origins'>,
  { live, testnet }: Pick<VenueOrigins, 'live' | 'testnet'>,
  origin: string,
): string | null => {
  if (originOf(live) === origin) return streams.live;
  if (testnet !== null && originOf(testnet) === origin) return streams.testnet;
  return origin.replace(/^http/, 'ws');
};
