import type { Queryable } from '@switchyard/persistence';
import { percentile } from '../statistics.js';
import type { Door } from './door.js';
import { drained } from './load.js';
import type { SeenTopic, Sightings } from './sightings.js';
import type { SignalMix } from './signals.js';
import { tally } from './tally.js';

export interface LatencyOptions {
  readonly db: Queryable;
  readonly door: Door;
  readonly mix: SignalMix;
  readonly sightings: Sightings;
  readonly seconds: number;
  readonly perSecond: number;
}

export interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly seen: number;
}

/** Signals one by one at an even pace, whatever becomes of those before; the time of each runs from before it is sent. */
export const runLatency = async (options: LatencyOptions): Promise<ReadonlyMap<SeenTopic, Latency>> => {
  const { db, door, mix, sightings, seconds, perSecond } = options;
  const base = await tally(db);
  const sentAt = new Map<string, number>();
  const startedAt = performance.now();
  const count = seconds * perSecond;
  const sending: Promise<void>[] = [];
  for (let n = 0; n < count; n += 1) {
    const due = startedAt + (n * 1_000) / perSecond;
    const wait = due - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    const signal = mix.next();
    // From when it was due: a sender that is late itself is not to hide what a signal waits for.
    sentAt.set(signal.signalId, Math.min(due, performance.now()));
    sending.push(door.send([signal]));
  }
  await Promise.all(sending);
  await drained(db, base.ended + count);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  return new Map(
    (['OrderPlaced', 'OrderFilled', 'OrderCompleted'] as const).map((topic) => {
      const waits = [...sentAt].flatMap(([signalId, at]) => {
        const seen = sightings.first[topic].get(signalId);
        return seen === undefined ? [] : [seen - at];
      });
      return [
        topic,
        { p50: percentile(waits, 0.5), p99: percentile(waits, 0.99), max: Math.max(...waits), seen: waits.length },
      ];
    }),
  );
};
