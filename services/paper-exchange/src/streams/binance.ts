import { decimal } from '@switchyard/money';
import type { Level } from '../core/book.js';
import type { Instrument } from '../core/instrument.js';
import { eight } from '../dialects/binance/format.js';
import type { BookFollower } from './book-feeds.js';
import type { Conversation, ConversationParts, StreamDialect } from './stream-dialect.js';

/**
 * Binance's market streams as far as they tell of books: `<symbol>@depth` and `@depth@100ms`, plain on `/ws` and combined on `/stream`, named
 * in the address or subscribed to. https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams
 */
export const binanceStreams: StreamDialect = {
  // ccxt numbers its connections: /ws/0 names no stream.
  paths: /^\/(stream|ws(\/.*)?)$/,
  open: ({ path, query }, parts) => {
    const combined = path === '/stream';
    const named = combined ? (new URLSearchParams(query).get('streams') ?? '').split('/') : path.split('/').slice(2);
    return new BinanceConversation(parts, combined, named);
  },
};

const DEPTH = /^([a-z0-9]{1,40})@depth(?:@(100|1000)ms)?$/;
const MOST_STREAMS = 1_024;

class BinanceConversation implements Conversation {
  readonly #following = new Map<string, () => void>();

  constructor(
    private readonly parts: ConversationParts,
    private readonly combined: boolean,
    named: readonly string[],
  ) {
    for (const stream of named) this.#follow(stream);
  }

  hear(text: string): void {
    const said = read(text);
    if (said === undefined) {
      this.#refuse(null, 3, 'Invalid JSON');
      return;
    }
    const { method, params, id } = said;
    const streams = Array.isArray(params) ? params.filter((name) => typeof name === 'string') : [];
    switch (method) {
      case 'SUBSCRIBE': {
        const unknown = streams.find((stream) => !DEPTH.test(stream));
        if (unknown !== undefined || streams.length === 0) {
          this.#refuse(id, 2, 'Invalid request: invalid stream');
          return;
        }
        if (this.#following.size + streams.length > MOST_STREAMS) {
          this.#refuse(id, 4, 'Too many subscriptions');
          return;
        }
        this.#answer(id, null);
        for (const stream of streams) this.#follow(stream);
        return;
      }
      case 'UNSUBSCRIBE':
        for (const stream of streams) {
          this.#following.get(stream)?.();
          this.#following.delete(stream);
        }
        this.#answer(id, null);
        return;
      case 'LIST_SUBSCRIPTIONS':
        this.#answer(id, [...this.#following.keys()]);
        return;
      default:
        this.#refuse(id, 2, 'Invalid request: unknown method');
    }
  }

  end(): void {
    for (const stop of this.#following.values()) stop();
    this.#following.clear();
  }

  /** A symbol that is not listed is subscribed to like any other, and never told of, as at Binance. */
  #follow(stream: string): void {
    const [, id = '', rate = '1000'] = DEPTH.exec(stream) ?? [];
    const instrument = this.parts.exchange.instrument(id.toUpperCase());
    if (id === '' || this.#following.has(stream)) return;
    const nobody = (): void => undefined;
    this.#following.set(
      stream,
      instrument === undefined
        ? nobody
        : this.parts.feeds.follow(
            { instrument, depth: Number.POSITIVE_INFINITY, everyMs: Number(rate) },
            this.#teller(stream, instrument),
          ),
    );
  }

  #teller(stream: string, { symbol }: Instrument): BookFollower {
    const { exchange, say } = this.parts;
    return {
      // Whoever wants the whole book asks for it by request.
      begin: () => undefined,
      change: ({ after, version, bids, asks }) => {
        const event = {
          e: 'depthUpdate',
          E: exchange.now(),
          s: symbol,
          U: after + 1,
          u: version,
          b: bids.map(written),
          a: asks.map(written),
        };
        say(JSON.stringify(this.combined ? { stream, data: event } : event), 'change');
      },
    };
  }

  #answer(id: unknown, result: unknown): void {
    this.parts.say(JSON.stringify({ result, id }), 'anything');
  }

  #refuse(id: unknown, code: number, msg: string): void {
    this.parts.say(JSON.stringify({ error: { code, msg }, id }), 'anything');
  }
}

const ZERO = decimal('0');

const written = ({ price, quantity }: Level): readonly [string, string] => [
  eight(price),
  quantity.eq(ZERO) ? '0.00000000' : eight(quantity),
];

const read = (
  text: string,
): { readonly method?: unknown; readonly params?: unknown; readonly id: unknown } | undefined => {
  try {
    const said: unknown = JSON.parse(text);
    if (typeof said !== 'object' || said === null || Array.isArray(said)) return undefined;
    const { method, params, id = null } = said as { method?: unknown; params?: unknown; id?: unknown };
    return { method, params, id };
  } catch {
    return undefined;
  }
};
