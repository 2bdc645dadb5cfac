import { describe, expect, it } from '@jest/globals';
import type { MarketSnapshot } from '@switchyard/contracts';
import {
  VENUES,
  type Answer,
  type CouldNotAsk,
  type Instrument,
  type InstrumentKey,
  type OrderBook,
  type Venue,
} from '@switchyard/exchanges';
import { BookPoller, type BookPollerOptions } from './book-poller.js';

const instrument = (pair: string, trading = true): Instrument => ({
  pair,
  venueSymbol: pair.replace('-', ''),
  base: pair.slice(0, pair.indexOf('-')),
  quote: pair.slice(pair.indexOf('-') + 1),
  quoteAlias: null,
  trading,
  tick: '0.01',
  lot: '0.00001',
  minQuantity: '0.00001',
  maxQuantity: null,
  maxMarketQuantity: null,
  minPrice: null,
  maxPrice: null,
  minNotional: '5',
  maxNotional: null,
});

const couldNotAsk = (message: string): CouldNotAsk => ({
  kind: 'couldNotAsk',
  reason: 'connect',
  message,
  code: null,
  retryAfterMs: null,
  evidence: null,
});

/** A venue whose books, listings and failures the test sets, and a log that keeps what was put. */
const world = (options: Partial<BookPollerOptions> = {}) => {
  const state = {
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
    },
    pairs: ['BTC-USDT', 'ETH-USDT'],
    fees: { maker: '0.001', taker: '0.001' },
    pollMs: 1_000,
    republishMs: 5_000,
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
