import type { Queryable } from '@switchyard/persistence';
import type { Door } from './door.js';
import type { SignalMix } from './signals.js';
import type { System } from './system.js';
import { tally } from './tally.js';

export interface LoadOptions {
  readonly system: System;
  readonly db: Queryable;
  readonly door: Door;
  readonly mix: Pick<SignalMix, 'next'>;
  readonly seconds: number;
  /** Most signals under way. */
  readonly bound: number;
}

export interface LoadResult {
  readonly signals: number;
  readonly seconds: number;
  /** CPU seconds by process, from the first signal to the last row of the journal. */
  readonly cpu: ReadonlyMap<string, number>;
}

const BATCH = 200;
const LOOK_MS = 20;

/** Keeps a bounded number of signals under way for a while, then waits until every one has ended and is in the journal: all of that counts. */
export const runLoad = async ({ system, db, door, mix, seconds, bound }: LoadOptions): Promise<LoadResult> => {
  const before = await system.cpu();
  const base = await tally(db);
  const startedAt = performance.now();
  const until = startedAt + seconds * 1_000;
  let sent = 0;
  let done = 0;
  while (performance.now() < until) {
    const room = Math.min(BATCH, bound - (sent - done));
    // Small remainders wait for company: batches are what the door is made for.
    if (room >= Math.min(BATCH, bound / 4)) {
      await door.send(Array.from({ length: Math.floor(room) }, () => mix.next()));
      sent += Math.floor(room);
    } else {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    const { ended, journaled } = await tally(db);
    done = Math.min(ended - base.ended, journaled - base.journaled);
  }
  await drained(db, base.ended + sent);
  return {
    signals: sent,
    seconds: (performance.now() - startedAt) / 1_000,
    cpu: usedSince(before, await system.cpu()),
  };
};

/** Until so many signals in all have ended and are in the journal. */
export const drained = async (db: Queryable, signals: number, patienceMs = 60_000): Promise<void> => {
  const end = performance.now() + patienceMs;
  for (;;) {
    const { ended, journaled } = await tally(db);
    if (ended >= signals && journaled >= signals) return;
    if (performance.now() > end)
      throw new Error(
        `of ${signals} signals ${ended} have ended after ${patienceMs / 1_000} s, ${journaled} are in the journal`,
      );
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
};

export const usedSince = (
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> => new Map([...after].map(([name, cpu]) => [name, cpu - (before.get(name) ?? 0)]));
