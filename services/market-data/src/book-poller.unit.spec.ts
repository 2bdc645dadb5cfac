import { describe, expect, it } from '@jest/globals';
import type { MarketSnapshot } from '@switchyard/contracts';
import {
  VENUES,
  type Answer,
  type BookStream,
  type BookStreamListener,
  type CouldNotAsk,
  type Instrument,
  type InstrumentKey,
  type OrderBook,
  type Venue,
} from '@switchyard/exchanges';
import { until } from '@switchyard/testing';
import { BookPoller, type BookPollerOptions } from './book-poller.js';
import { instrument, SetStream } from './testing/given.js';

const couldNotAsk = (message: string): CouldNotAsk => ({
  kind: 'couldNotAsk',
  reason: 'connect',
  message,
  code: null,
  retryAfterMs: null,
  evidence: null,
});

/** A venue whose books, listings and failures the test sets, and a log that keeps what was put. */
const world = (options: Partial<BookPollerOptions> = {}, stream?: SetStream & BookStream) => {
  const state = {
    listener: undefined as BookStreamListener | undefined,
    now: 1_795_000_000_000,
    bid: 64_000,
    listings: [instrument('BTC-USDT'), instrument('ETH-USDT')] as readonly Instrument[],
    down: new Set<string>(),
    asked: [] as string[],
    logDown: false,
  };
  const put: MarketSnapshot[] = [];
  const said: string[] = [];
  const say = (_: unknown, message?: string): void => {
    said.push(message ?? '');
  };
  const book = ({ pair, venueSymbol }: InstrumentKey): Promise<Answer<OrderBook>> => {
    state.asked.push(pair);
    if (state.down.has(pair)) return Promise.resolve(couldNotAsk('no route'));
    return Promise.resolve({
      kind: 'answered',
      value: {
        pair,
        venueSymbol,
        bids: [[String(state.bid), '1']],
        asks: [[String(state.bid + 1), '2']],
        sequence: null,
        receivedAtMs: state.now - 20,
      },
    });
  };
  const instruments = (): Promise<Answer<readonly Instrument[]>> =>
    Promise.resolve(state.down.has('listings') ? couldNotAsk('no route') : { kind: 'answered', value: state.listings });
  const poller = new BookPoller({
    venue: {
      name: 'binance',
      capabilities: VENUES.binance.capabilities,
      marketData: { instruments, book } as Partial<Venue['marketData']> as Venue['marketData'],
      close: () => Promise.resolve(),
      ...(stream && {
        bookStream: (listener: BookStreamListener) => {
          state.listener = listener;
          return Promise.resolve(stream);
        },
      }),
    },
    pairs: ['BTC-USDT', 'ETH-USDT'],
    fees: { maker: '0.001', taker: '0.001' },
    streamed: true,
    ...{ pollMs: 1_000, confirmMs: 2_500, publishMs: 1_000, touchMs: 250, republishMs: 5_000 },
    depth: 20,
    log: {
      put: (records) => {
        if (state.logDown) return Promise.reject(new Error('the log is away'));
        put.push(...records.map(({ payload }) => payload as MarketSnapshot));
        return Promise.resolve();
      },
    },
    logger: { info: say, warn: say } as BookPollerOptions['logger'],
    onBook: () => undefined,
    onFailure: () => undefined,
    now: () => state.now,
    ...options,
  });
  return { state, put, said, poller };
};

const pairsOf = (snapshots: readonly MarketSnapshot[]): readonly string[] => snapshots.map(({ pair }) => pair);

describe('a book', () => {
  it('is published as its own pair and as the dollar pair that it stands for, with one request', async () => {
    const { poller, put, state } = world();
    await poller.round();
    expect(pairsOf(put)).toEqual(['BTC-USDT', 'BTC-USD', 'ETH-USDT', 'ETH-USD']);
    expect(new Set(put.map(({ instrument: { quote } }) => quote))).toEqual(new Set(['USDT']));
    expect(state.asked).toEqual(['BTC-USDT', 'ETH-USDT']);
    expect(poller.problem).toBeUndefined();
  });

  it('that did not change is published again only when it would grow old', async () => {
    const { poller, put, state } = world();
    await poller.round();
    put.splice(0);
    state.now += 1_000;
    await poller.round();
    expect(put).toEqual([]);
    state.now += 4_000;
    await poller.round();
    expect(put).toHaveLength(4);
    state.bid += 1;
    state.now += 1_000;
    await poller.round();
    expect(put).toHaveLength(8);
  });

  it('that the venue does not confirm any more is not published again: it grows old', async () => {
    const { poller, put, state } = world();
    await poller.round();
    put.splice(0);
    for (const pair of ['BTC-USDT', 'ETH-USDT']) state.down.add(pair);
    for (let second = 0; second < 20; second += 1) {
      state.now += 1_000;
      await poller.round();
    }
    expect(put).toEqual([]);
  });

  it('has a rising version, also when the clock is set back', async () => {
    const { poller, put, state } = world();
    await poller.round();
    for (const step of [1_000, -3_600_000, 1_000]) {
      state.now += step;
      state.bid += 1;
      await poller.round();
    }
    const versions = put.filter(({ pair }) => pair === 'BTC-USD').map(({ version }) => version);
    expect(versions).toHaveLength(4);
    expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
  });

  it('that the log did not take is published with the next round', async () => {
    const { poller, put, state } = world();
    state.logDown = true;
    await poller.round();
    expect(poller.problem).toBe('binance: the log is away');
    state.logDown = false;
    await poller.round();
    expect(put).toHaveLength(4);
    expect(poller.problem).toBeUndefined();
  });
});

describe('a pair', () => {
  it('whose book fails alone slows no other', async () => {
    const { poller, put, state } = world();
    state.down.add('ETH-USDT');
    await poller.round();
    expect(pairsOf(put)).toEqual(['BTC-USDT', 'BTC-USD']);
    expect(poller.problem).toBe('binance: no book of ETH-USDT (no route)');
    expect(poller.waitMs).toBe(1_000);
  });

  it('that the venue does not trade is named, and found when that changes', async () => {
    const { poller, put, state } = world();
    state.listings = [instrument('BTC-USDT'), instrument('ETH-USDT', false)];
    await poller.round();
    expect(pairsOf(put)).toEqual(['BTC-USDT', 'BTC-USD']);
    expect(poller.problem).toBe('binance: ETH-USDT is not traded there');
    state.listings = [instrument('BTC-USDT'), instrument('ETH-USDT')];
    state.now += 60_000;
    await poller.round();
    expect(pairsOf(put)).toContain('ETH-USD');
    expect(poller.problem).toBeUndefined();
  });
});

describe('the pairs that are wanted', () => {
  it('mean at each venue what it lists: its dollar market, else the one that stands for it, each once', async () => {
    const { poller, put, state } = world({ pairs: ['BTC-USD', 'BTC-USDT', 'ETH-USD', 'XRP-USD'] });
    state.listings = [instrument('BTC-USDT'), instrument('ETH-USD'), instrument('ETH-USDT')];
    await poller.round();
    expect(pairsOf(put)).toEqual(['BTC-USDT', 'BTC-USD', 'ETH-USD']);
    expect(state.asked).toEqual(['BTC-USDT', 'ETH-USD']);
    expect(poller.problem).toBeUndefined();
  });

  it('are a problem where the venue lists none of them', async () => {
    const { poller } = world({ pairs: ['XRP-USD', 'DOGE-USD'] });
    await poller.round();
    expect(poller.problem).toBe('binance: none of XRP-USD, DOGE-USD is listed there');
  });
});

describe('a venue that does not answer', () => {
  it('is asked less and less often, up to every 10 s, and at once at its pace when it is back', async () => {
    const { poller, said, state } = world();
    for (const thing of ['BTC-USDT', 'ETH-USDT']) state.down.add(thing);
    const waits: number[] = [];
    for (let round = 0; round < 6; round++) {
      await poller.round();
      waits.push(poller.waitMs);
    }
    expect(waits).toEqual([2_000, 4_000, 8_000, 10_000, 10_000, 10_000]);
    state.down.clear();
    await poller.round();
    expect(poller.waitMs).toBe(1_000);
    expect(said).toEqual(['books are missing; asking again', 'all books are there again']);
  });

  it('with its listings is waited for too', async () => {
    const { poller, put, state } = world();
    state.down.add('listings');
    await poller.round();
    await poller.round();
    expect(poller.waitMs).toBe(4_000);
    expect(poller.problem).toBe('binance: no listings (no route)');
    state.down.clear();
    await poller.round();
    expect(put).toHaveLength(4);
    expect(poller.waitMs).toBe(1_000);
  });

  it('lets the service start and stop', async () => {
    const { poller, state } = world();
    state.down.add('listings');
    await poller.start();
    await poller.stop();
    expect(state.asked).toEqual([]);
  });
});

describe('a venue that streams its books', () => {
  const streamed = () => {
    const wanted: (readonly InstrumentKey[])[] = [];
    const stream = Object.assign(new SetStream(), {
      open: true,
      watch: (instruments: readonly InstrumentKey[]) => {
        wanted.push(instruments);
      },
      close: () => Promise.resolve(),
    });
    const given = world({}, stream);
    const { state } = given;
    return {
      ...given,
      stream,
      wanted,
      tell: (bid: number) => {
        for (const venueSymbol of ['BTCUSDT', 'ETHUSDT']) {
          const pair = venueSymbol.replace('USDT', '-USDT');
          const [bids, asks] = [
            [[String(bid), '1']] as [string, string][],
            [[String(bid + 1), '2']] as [string, string][],
          ];
          stream.books.set(venueSymbol, { pair, venueSymbol, bids, asks, sequence: null, receivedAtMs: state.now });
          state.listener?.onUpdate(venueSymbol);
        }
      },
    };
  };

  it('is asked for nothing while its stream speaks, and for everything within a round once it is dead', async () => {
    const { poller, put, state, stream, tell, wanted, said } = streamed();
    await poller.start();
    expect(wanted.at(-1)?.map(({ pair }) => pair)).toEqual(['BTC-USDT', 'ETH-USDT']);
    state.asked.splice(0);
    state.now += 100;
    tell(64_100);
    await poller.round();
    expect(state.asked).toEqual([]);
    await until(() => put.some(({ bids }) => bids[0]?.[0] === '64100'));
    stream.books.clear();
    state.listener?.onDown('closed');
    state.now += 1_000;
    state.bid = 64_200;
    await poller.round();
    expect(state.asked).toEqual(['BTC-USDT', 'ETH-USDT']);
    expect(put.at(-1)).toMatchObject({ pair: 'ETH-USD', bids: [['64200', '1']] });
    expect(said).toContain('the stream of books broke; books are asked for until it is back');
    expect(poller.problem).toBeUndefined();
    await poller.stop();
  });

  it('but says nothing is found out within the age at which books are not used any more', async () => {
    const { poller, put, state, tell } = streamed();
    await poller.start();
    state.now += 100;
    tell(64_000);
    const since = state.now;
    state.bid = 65_000;
    for (let second = 0; second < 4; second += 1) {
      state.now += 1_000;
      await poller.round();
    }
    expect(put.at(-1)?.bids).toEqual([['65000', '1']]);
    expect(state.now - since).toBeLessThan(10_000);
    await poller.stop();
  });

  it('keeps an unchanged book fresh: what is published is never as old as books may be', async () => {
    const { poller, put, state, tell } = streamed();
    await poller.start();
    state.now += 100;
    tell(64_000);
    let oldest = 0;
    for (let second = 0; second < 60; second += 1) {
      state.now += 1_000;
      await poller.round();
      const last = put.findLast(({ pair }) => pair === 'BTC-USD');
      oldest = Math.max(oldest, state.now - Date.parse(last?.receivedAt ?? ''));
    }
    expect(oldest).toBeLessThan(10_000);
    // Confirmed each third second instead of asked for each.
    expect(state.asked.filter((pair) => pair === 'BTC-USDT').length).toBeLessThanOrEqual(25);
    await poller.stop();
  });
});
