import type { Exchange } from '../core/exchange.js';
import type { BookFeeds } from './book-feeds.js';

/**
 * How one exchange speaks on a WebSocket: its paths, its subscriptions, its messages. As a request's dialect it knows nothing of sockets, so
 * that the door can lose, spoil or cut what it says.
 */
export interface StreamDialect {
  /** Where it is spoken; any other path is answered 404. */
  readonly paths: RegExp;
  /** Begins a conversation on such a path. */
  open(at: StreamPath, parts: ConversationParts): Conversation;
}

export interface StreamPath {
  readonly path: string;
  /** As it stood behind the `?`. */
  readonly query: string;
}

export interface ConversationParts {
  readonly exchange: Exchange;
  readonly feeds: BookFeeds;
  /** Says something: the change of a book, which a fault may lose, or anything else. */
  readonly say: (text: string, what: 'change' | 'anything') => void;
}

export interface Conversation {
  /** What the customer said. */
  hear(text: string): void;
  /** A second has gone by. */
  second?(): void;
  end(): void;
}
