import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { MarketFlow, MarketSnapshot } from '@switchyard/contracts';
import { bookAt, watched } from './testing/given.js';
import { Publisher } from './publisher.js';

beforeEach(() => {
  jest.useFakeTimers({ now: 1_795_000_000_000 });
});
afterEach(() => {
  jest.useRealTimers();
});

const SYMBOL = 'BTCUSDT';
const AT = '2026-11-21T12:00:00.000Z';
const FLOW: MarketFlow = { heardAt: AT, watchedSince: AT, gaps: 0, missed: 0, lookBacks: [], windows: [] };

const world = () => {
  const state = {
    bid: 100,
    size: '1',
    missed: 0,
    logDown: false,
    slow: undefined as (() => void) | undefined,
    wait: false,
  };
  const put: MarketSnapshot[] = [];
  const problems: (string | undefined)[] = [];
  const publisher = new Publisher({
    newest: () => ({
      watched: watched('BTC-USDT'),
      book: bookAt(state.bid, { bids: [[`${state.bid}.00`, state.size]], receivedAtMs: Date.now() }),
      source: 'stream',
    }),
    flow: () => ({ ...FLOW, missed: state.missed }),
    ...{ publishMs: 1_000, touchMs: 250, republishMs: 5_000 },
    log: {
      put: async (records) => {
        if (state.logDown) throw new Error('the log is away');
        put.push(...records.map(({ payload }) => payload as MarketSnapshot));
        if (state.wait) await new Promise<void>((resolve) => (state.slow = resolve));
      },
    },
    onBook: () => undefined,
    onProblem: (problem) => problems.push(problem),
    now: Date.now,
  });
  const change = (bid: number, size = '1'): void => {
    Object.assign(state, { bid, size });
    publisher.changed(SYMBOL, { bid: `${bid}.00`, ask: String(bid + 1) });
  };
  const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);
  const bids = () => put.map(({ bids: [best] }) => best?.join(' x '));
  return { state, put, problems, publisher, change, pass, bids };
};

describe('a streamed book', () => {
  it('is published at once when it is new, then once a second while only its depth changes', async () => {
    const { bids, change, pass } = world();
    for (let size = 1; size <= 30; size += 1) {
      change(100, String(size));
      await pass(100);
    }
    expect(bids()).toEqual(['100 x 1', '100 x 10', '100 x 20', '100 x 30']);
  });

  it('is published four times a second at most while its best price moves', async () => {
    const { bids, change, pass } = world();
    for (let bid = 100; bid < 110; bid += 1) {
      change(bid);
      await pass(100);
    }
    expect(bids()).toEqual(['100 x 1', '102 x 1', '104 x 1', '107 x 1', '109 x 1']);
  });

  it('brings what traded with it, and trades alone publish nothing', async () => {
    const { put, state, publisher, pass } = world();
    await publisher.publish([SYMBOL]);
    for (state.missed = 1; state.missed < 40; state.missed += 1) {
      await publisher.publish([SYMBOL]);
      await pass(100);
    }
    expect(put.map(({ flow }) => flow?.missed)).toEqual([0]);
    await pass(1_100);
    await publisher.publish([SYMBOL]);
    expect(put.map(({ flow }) => flow?.missed)).toEqual([0, 40]);
  });

  it('that moved goes before the turn that its depth was to have', async () => {
    const { bids, change, pass } = world();
    change(100);
    await pass(1);
    change(100, '5');
    await pass(100);
    change(101, '5');
    await pass(200);
    expect(bids()).toEqual(['100 x 1', '101 x 5']);
  });

  it('that is the same again is not published', async () => {
    const { bids, change, pass } = world();
    change(100);
    await pass(2_000);
    change(100);
    await pass(2_000);
    expect(bids()).toEqual(['100 x 1']);
  });
});

describe('a slow log', () => {
  it('gets the newest book when it is ready, never a backlog', async () => {
    const { bids, change, pass, publisher, state } = world();
    state.wait = true;
    change(100);
    await pass(1);
    for (let bid = 101; bid <= 1_000; bid += 1) {
      change(bid);
      await pass(10);
    }
    expect([bids(), publisher.waiting]).toEqual([['100 x 1'], 1]);
    state.wait = false;
    state.slow?.();
    await pass(300);
    expect(bids()).toEqual(['100 x 1', '1000 x 1']);
  });

  it('that takes nothing is asked again with the newest, and what was wrong is told', async () => {
    const { bids, change, pass, problems, state } = world();
    state.logDown = true;
    change(100);
    await pass(10);
    change(101);
    await pass(10);
    state.logDown = false;
    await pass(1_000);
    expect(bids()).toEqual(['101 x 1']);
    expect([problems[0], problems.at(-1)]).toEqual(['the log is away', undefined]);
  });

  it('holds up nobody who stops', async () => {
    const { change, pass, publisher, put } = world();
    change(100);
    await publisher.stop();
    await pass(1_000);
    expect(put).toEqual([]);
  });
});
