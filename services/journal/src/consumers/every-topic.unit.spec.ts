import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import type { Batch, LogEvent, Unit } from '@switchyard/log';
import type { Recorded } from '../adapters/journal-effects.js';
import { eventOf, filledOrder } from '../testing/filled-order.js';
import { everyTopic } from './every-topic.js';

type Consumer = Record<string, (batch: Batch) => void>;
const consumer = (): Consumer => new (everyTopic(['binance']))() as Consumer;

const run = (topic: string, events: readonly LogEvent[]): readonly Recorded[] => {
  const documents = new Map<string, unknown>();
  const effects: Recorded[] = [];
  const unit = {
    now: new Date('2026-11-21T02:47:11.000Z'),
    get: (kind: string, key: string) => documents.get(`${kind} ${key}`),
    put: (kind: string, key: string, value: unknown) => documents.set(`${kind} ${key}`, value),
    effect: (effect: unknown) => effects.push(effect as Recorded),
  } as unknown as Unit;
  const batch: Batch = {
    topic,
    size: events.length,
    each: (handle) => {
      for (const event of events) handle(event, unit);
    },
  };
  consumer()[`on ${topic}`]!(batch);
  return effects;
};

const status = (version: number, healthy: boolean, queueDepth = 0) =>
  eventOf(
    'VenueStatus',
    'binance',
    { venue: 'binance', healthy, circuitState: healthy ? 'closed' : 'open', queueDepth, version },
    { id: `status-${version}`, partition: 3, source: 'execution-binance/3/1', sequence: version },
  );

describe('the consumer of every topic', () => {
  it('records each event once, as it came', () => {
    const fills = filledOrder().filter(({ topic }) => topic === 'OrderFilled');
    const recorded = run('OrderFilled', fills);
    expect(recorded.map(({ event }) => event)).toEqual(fills);
    expect(recorded[0]!.recordedAt).toBe('2026-11-21T02:47:11.000Z');
  });

  it("records a venue's health when it changes, not each time it is told", () => {
    const told = [
      status(1, true),
      status(2, true, 9),
      status(3, false),
      status(2, true),
      status(4, false),
      status(5, true),
    ];
    expect(run('VenueStatus', told).map(({ event }) => event.id)).toEqual(['status-1', 'status-3', 'status-5']);
  });

  it('takes signals as a door, reference topics as compacted and all others with dense numbers', () => {
    const prototype = Object.getPrototypeOf(consumer()) as Consumer;
    const numbering = (topic: string) =>
      (Reflect.getMetadata('microservices:pattern_extras', prototype[`on ${topic}`]!) as { numbering: string })
        .numbering;
    expect(numbering('TradingSignalGenerated')).toBe('door');
    expect(numbering('AccountPolicyChanged')).toBe('compacted');
    expect(numbering('OrderRouted.binance')).toBe('dense');
  });
});
