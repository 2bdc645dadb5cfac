import type { CcxtExchange } from '../ccxt/exchange.js';
import { ExactBook, type SnapshotRows } from './exact-book.js';

/** The part of ccxt's stream classes (`ccxt.pro`) that is used: subscriptions, their messages, the venue's rules of sequence, keep-alive. */
export interface CcxtStream extends CcxtExchange {
  clients: Record<string, CcxtSocket>;
  orderbooks: Record<string, ExactBook | undefined>;
  hooks: StreamHooks;
  client(url: string): CcxtSocket;
  orderBook(): ExactBook;
  watchOrderBookForSymbols(symbols: readonly string[], levels: number | undefined): Promise<unknown>;
  watchTradesForSymbols(
    symbols: readonly string[],
    since: undefined,
    limit: undefined,
    params: Readonly<Record<string, unknown>>,
  ): Promise<unknown>;
  watchTickers(symbols: readonly string[]): Promise<unknown>;
  onError(client: CcxtSocket, error: unknown): void;
  onClose(client: CcxtSocket, event: unknown): void;
  close(): Promise<void>;
}

export type CcxtStreamClass = new (config: Readonly<Record<string, unknown>>) => CcxtStream;

/** One connection. */
export interface CcxtSocket {
  readonly url: string;
  readonly subscriptions: Record<string, unknown>;
  readonly rejections: Record<string, unknown>;
  readonly futures: Record<string, unknown>;
  readonly connection?: { terminate(): void };
  error: unknown;
  onMessage: (event: { readonly data: unknown }) => void;
  readonly onMessageCallback: (client: CcxtSocket, message: unknown) => void;
  onOpen: () => void;
  resolve: (result: unknown, hash: string | undefined) => unknown;
  reject: (error: unknown, hash?: string) => unknown;
  send(message: object): Promise<unknown>;
  onError(error: Error): void;
}

/** What an instance is told to use, and tells. */
export interface StreamHooks {
  /** Everything is said to and heard from this origin. */
  readonly origin: string;
  /** A message's text as a value, decimals in texts. @throws where it is no such message */
  readonly read: (text: string) => unknown;
  newBook(): ExactBook;
  snapshot(symbol: string): Promise<SnapshotRows>;
  /** A connection is about to be made. */
  dialled(client: CcxtSocket): void;
  opened(client: CcxtSocket): void;
  updated(client: CcxtSocket, hash: string, book: ExactBook): void;
  rejected(client: CcxtSocket, hash: string, error: unknown): void;
  /** A message about trades or tickers, as it came. */
  heard(client: CcxtSocket, what: 'trades' | 'tickers', message: unknown): void;
  /** The connection is gone, or of no use any more. */
  down(client: CcxtSocket, detail: string): void;
}

/**
 * ccxt's class with books of exact texts, snapshots over the venue's own requests, one origin, and a hook where a book was changed. ccxt
 * itself reads numbers as floats and tells of changes by promises of which some are missed; neither is used.
 */
export const withExactBooks = (Full: CcxtStreamClass): CcxtStreamClass =>
  class extends Full {
    override client(url: string): CcxtSocket {
      if (!url.startsWith(`${this.hooks.origin}/`)) throw new Error(`a stream may not go to ${url}`);
      const isNew = !Object.hasOwn(this.clients, url);
      const client = super.client(url);
      if (isNew) {
        this.attach(client);
        this.hooks.dialled(client);
      }
      return client;
    }

    /** ccxt's own would be of floats. */
    override orderBook(): ExactBook {
      return this.hooks.newBook();
    }

    fetchRestOrderBookSafe(symbol: string): Promise<SnapshotRows> {
      return this.hooks.snapshot(symbol);
    }

    override onError(client: CcxtSocket, error: unknown): void {
      super.onError(client, error);
      this.hooks.down(client, error instanceof Error ? error.message : String(error));
    }

    override onClose(client: CcxtSocket, event: unknown): void {
      super.onClose(client, event);
      const code = (event as { readonly code?: unknown } | undefined)?.code;
      this.hooks.down(client, `closed${typeof code === 'number' ? ` with code ${String(code)}` : ''}`);
    }

    private attach(client: CcxtSocket): void {
      const { hooks } = this;
      const { resolve, onOpen } = client;
      client.onMessage = ({ data }) => {
        try {
          client.onMessageCallback(client, hooks.read(String(data)));
        } catch (error) {
          // Of which book it told is not known.
          hooks.down(client, `unreadable: ${error instanceof Error ? error.message : String(error)}`);
        }
      };
      client.onOpen = () => {
        onOpen.call(client);
        hooks.opened(client);
      };
      client.resolve = (result, hash) => {
        resolve.call(client, result, hash);
        if (result instanceof ExactBook && hash !== undefined) hooks.updated(client, hash, result);
        return result;
      };
      // ccxt would keep a rejection that nobody waits for, and give it to whoever asks next.
      client.reject = (error, hash) => {
        for (const each of hash === undefined ? Object.keys(client.futures) : [hash]) {
          Reflect.deleteProperty(client.futures, each);
          hooks.rejected(client, each, error);
        }
        return error;
      };
    }
  };
