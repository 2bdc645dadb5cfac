import { describe, expect, it } from '@jest/globals';
import { StatusReporter, type StatusParts } from './status-reporter.js';
import { agedCalls, FAILURE_HALF_LIFE_MS, type ReplicaCalls } from './venue/venue-figures.js';

const calls = (placed: number): ReplicaCalls => ({ placed, calls: placed, failures: 0, tookMs: [] });

/** A replica beside another, on a clock that the test moves. */
const world = () => {
  const state = { monotonic: 0, version: 1, told: [] as number[], reads: 0, put: [] as unknown[] };
  const others = [calls(7)];
  const parts = {
    store: { depths: () => Promise.resolve({ queued: 0, unknown: 0 }) },
    replicas: {
      tellCalls: (_: string, own: ReplicaCalls) => {
        state.told.push(own.placed);
        return Promise.resolve([own, ...others]);
      },
      callsOfOthers: () => {
        state.reads += 1;
        return Promise.resolve(others);
      },
    },
    owner: 'one',
    venue: 'binance',
    log: {
      put: ([record]: readonly { readonly payload: unknown }[]) => {
        state.put.push(record?.payload);
        return Promise.resolve();
      },
    },
    clock: { monotonic: () => state.monotonic, now: () => 1_795_000_000_000 + state.monotonic },
    metrics: { depths: () => undefined },
    health: {
      calls: () => calls(state.version),
      get version() {
        return state.version;
      },
    },
    guard: { look: () => Promise.resolve(), healthy: true },
    circuit: { state: 'closed' },
    inFlight: () => 0,
  } as unknown as StatusParts;
  const reporter = new StatusReporter(parts);
  const rounds = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n += 1) {
      await reporter.round();
      state.monotonic += 5_000;
    }
  };
  return { state, rounds };
};

describe('what a replica’s calls came to', () => {
  it('is told at once when there were calls, and each half minute when there were none', async () => {
    const { state, rounds } = world();
    await rounds(12);
    expect(state.told).toEqual([1, 1]);
    state.version = 2;
    await rounds(1);
    expect(state.told).toEqual([1, 1, 2]);
  });

  it('is of all replicas each time, told or not', async () => {
    const { state, rounds } = world();
    await rounds(3);
    expect([state.told.length, state.reads]).toEqual([1, 2]);
    expect(state.put).toHaveLength(1);
    expect(state.put[0]).toMatchObject({ totalExecutions: 8 });
    state.version = 3;
    await rounds(2);
    expect(state.put.at(-1)).toMatchObject({ totalExecutions: 10 });
  });

  it('fades while it is not told anew, as it does where it was told', () => {
    expect(agedCalls({ ...calls(4), failures: 2 }, FAILURE_HALF_LIFE_MS)).toEqual({ ...calls(4), failures: 1 });
  });
});
