import { describe, expect, it } from '@jest/globals';
import {
  VENUES,
  type Answer,
  type CouldNotAsk,
  type InstrumentKey,
  type PublicTrade,
  type Ticker,
} from '@switchyard/exchanges';
import { instrument } from './testing/given.js';
import { TradeWatch } from './trade-watch.js';

const START = 1_795_000_000_000;

const couldNotAsk: CouldNotAsk = {
  ...{ kind: 'couldNotAsk', reason: 'connect', message: 'no route', code: null, retryAfterMs: null, evidence: null },
};

/** A venue with three pairs that trades once a second each, as the test lets it. */
const world = ({
  streamed = false,
  venue = 'binance',
}: { readonly streamed?: boolean; readonly venue?: 'binance' | 'okx' } = {}) => {
  const state = {
    now: START,
    down: false,
    streamed,
    asked: [] as string[],
    limits: [] as number[],
    tape: [] as PublicTrade[],
  };
  const lost = { count: 0 };
  const watch = new TradeWatch({
    venue: {
      capabilities: VENUES[venue].capabilities,
      marketData: {
        trades: ({ pair }: InstrumentKey, most: number): Promise<Answer<readonly PublicTrade[]>> => {
          state.asked.push(`trades ${pair}`);
          state.limits.push(most);
          if (state.down) return Promise.resolve(couldNotAsk);
          return Promise.resolve({ kind: 'answered', value: state.tape.slice(-most) });
        },
        ticker: ({ pair, venueSymbol }: InstrumentKey): Promise<Answer<Ticker>> => {
          state.asked.push(`ticker ${pair}`);
          const value = {
            pair,
            venueSymbol,
            bid: null,
            ask: null,
            last: '100.50',
            baseVolume: '5000.0',
            receivedAtMs: state.now,
          };
          return Promise.resolve(state.down ? couldNotAsk : { kind: 'answered', value });
        },
      } as unknown as ConstructorParameters<typeof TradeWatch>[0]['venue']['marketData'],
    },
    ...{ pollMs: 1_000, tradesMs: 5_000, tickerMs: 60_000, now: () => state.now },
    isStreamed: () => state.streamed,
    onGap: () => (lost.count += 1),
  });
  watch.watch(['BTC-USDT', 'ETH-USDT', 'LTC-USDT'].map((pair) => instrument(pair)));
  /** So many rounds, a second apart. */
  const rounds = async (count: number): Promise<readonly string[]> => {
    const before = state.asked.length;
    for (let n = 0; n < count; n += 1) {
      watch.round();
      await watch.settled();
      state.now += 1_000;
    }
    return state.asked.slice(before);
  };
  return { state, watch, rounds, lost };
};

const trade = (number: number, atMs: number): PublicTrade => ({
  ...{ tradeId: String(number), price: '100', quantity: '2', takerSide: 'buy', tradedAtMs: atMs },
});

const tradesIn = (asked: readonly string[]): number => asked.filter((what) => what.startsWith('trades')).length;

describe('trades of a venue that does not stream them', () => {
  it('are asked for one pair after the other, each at most every five seconds, tickers each minute', async () => {
    const { rounds } = world();
    expect(await rounds(3)).toEqual([
      ...[
        'trades BTC-USDT',
        'ticker BTC-USDT',
        'trades ETH-USDT',
        'ticker ETH-USDT',
        'trades LTC-USDT',
        'ticker LTC-USDT',
      ],
    ]);
    const minute = await rounds(57);
    expect(tradesIn(minute)).toBeLessThanOrEqual(3 * 12);
    expect(tradesIn(minute)).toBeGreaterThanOrEqual(3 * 9);
    expect(minute.length - tradesIn(minute)).toBe(0);
    expect((await rounds(3)).filter((what) => what.startsWith('ticker'))).toHaveLength(3);
  });

  it('are asked for less and less often while the venue does not answer, and again when it does', async () => {
    const { rounds, state, watch } = world();
    state.down = true;
    const bad = await rounds(300);
    expect(bad.length).toBeLessThan(60);
    expect(watch.flow('BTCUSDT')).toBeUndefined();
    state.down = false;
    await rounds(61);
    expect(watch.flow('BTCUSDT')).toMatchObject({ gaps: 0, day: { last: '100.5', volume: '5000' } });
  });

  it('are asked for in larger answers after a gap, and in the usual ones again when there is none', async () => {
    const { rounds, state, watch, lost } = world({ venue: 'okx' });
    for (let n = 0; n < 2_000; n += 1) state.tape.push(trade(n, state.now));
    await rounds(3);
    for (let n = 2_000; n < 2_500; n += 1) state.tape.push(trade(n, state.now));
    await rounds(8);
    expect(lost.count).toBe(3);
    expect(watch.flow('BTCUSDT')?.gaps).toBe(1);
    await rounds(16);
    expect([Math.max(...state.limits), state.limits.at(-1)]).toEqual([200, 100]);
    expect(lost.count).toBe(3);
  });
});

describe('trades of a venue that streams them', () => {
  it('are compared with a request a third as often, and at once after a gap or on a new connection', async () => {
    const { rounds, state, watch } = world({ streamed: true });
    await rounds(3);
    expect(tradesIn(await rounds(60))).toBeLessThanOrEqual(3 * 4);
    await rounds(3);
    state.tape = [1, 2, 3].map((number) => trade(number, state.now));
    watch.streamed('BTCUSDT', [trade(1, state.now)]);
    watch.streamed('BTCUSDT', [trade(3, state.now)]);
    expect(await rounds(1)).toContain('trades BTC-USDT');
    expect(watch.flow('BTCUSDT')).toMatchObject({ gaps: 0, missed: 0, windows: [{ trades: 3 }, {}, {}] });
    watch.doubt();
    expect(tradesIn(await rounds(3))).toBe(3);
  });

  it('bring the ticker, too: it is asked for no more', async () => {
    const { rounds, state, watch } = world({ streamed: true });
    await rounds(3);
    for (let n = 0; n < 4; n += 1) {
      for (const symbol of ['BTCUSDT', 'ETHUSDT', 'LTCUSDT']) watch.ticker(symbol, { last: '7', baseVolume: null });
      expect((await rounds(30)).filter((what) => what.startsWith('ticker'))).toEqual([]);
    }
    expect(watch.flow('BTCUSDT')?.day).toEqual({ last: '7', toldAt: new Date(state.now - 30_000).toISOString() });
  });
});

describe('the figures', () => {
  it('are computed at most each second, however much trades', async () => {
    const { rounds, state, watch } = world();
    await rounds(1);
    const first = watch.flow('BTCUSDT');
    watch.streamed('BTCUSDT', [trade(1, state.now)]);
    state.now -= 600;
    expect(watch.flow('BTCUSDT')).toBe(first);
    state.now += 1_600;
    const next = watch.flow('BTCUSDT');
    expect(next?.lastTrade).toMatchObject({ price: '100', quantity: '2', takerSide: 'buy' });
    state.now += 4_000;
    expect(watch.flow('BTCUSDT')).toBe(next);
    state.now += 2_000;
    expect(watch.flow('BTCUSDT')).not.toBe(next);
  });

  it('say when the venue was last heard on its trades', async () => {
    const { rounds, state, watch } = world();
    await rounds(1);
    expect(watch.flow('BTCUSDT')?.heardAt).toBe(new Date(START).toISOString());
    expect(watch.flow('ETHUSDT')).toBeUndefined();
    state.down = true;
    state.now += 90_000;
    expect(watch.ages()).toEqual([['BTCUSDT', 91_000]]);
    expect(watch.flow('BTCUSDT')).toMatchObject({ heardAt: new Date(START).toISOString() });
  });
});
