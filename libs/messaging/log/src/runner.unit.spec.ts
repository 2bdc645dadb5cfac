import { afterEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { MemoryLog, type MemoryFaults } from './memory/memory-log.js';
import { SILENT, type StageObserver } from './observer.js';
import { StageRunner } from './runner.js';
import { until } from './testing/until.js';
import { partitionOf } from './partition.js';
import { RecordEvent } from './record.js';
import type { TopicHandler } from './stage.js';
import type { StageStore } from './store.js';
import type { Wire } from './wire.js';

const TOPIC = 'Item';
const KEYS = ['ann', 'bob', 'cem', 'dee', 'eve', 'fay', 'gus', 'hal', 'ida', 'jon', 'kim', 'leo'];

/** The database refuses this event's data: not its connection, and not because of any other event. */
class ValueOutOfRange extends Error {
  override readonly name = 'ValueOutOfRange';
}
class ConnectionLost extends Error {}

const recorder = (topic = TOPIC): TopicHandler => ({
  topic,
  reads: ({ key }) => [{ kind: 'seen', key }],
  handle: (batch) => {
    batch.each(({ key, payload }: { readonly key: string; readonly payload: { readonly n: number } }, unit) => {
      unit.put('seen', key, [...(unit.get<number[]>('seen', key) ?? []), payload.n]);
      unit.effect({ key, n: payload.n });
    });
  },
});

interface Setup {
  readonly handlers?: readonly TopicHandler[];
  readonly faults?: MemoryFaults;
  /** What the service's own tables refuse. */
  readonly refuses?: (effect: { readonly key: string; readonly n: number }) => boolean;
  readonly observer?: Partial<StageObserver>;
  readonly retryMs?: number;
  readonly paceMs?: number;
  readonly wire?: (wire: Wire) => Wire;
  readonly store?: (store: StageStore) => StageStore;
}

const bound = (store: StageStore): StageStore => ({
  transact: (epochs, work) => store.transact(epochs, work),
  unpublished: (shards, max) => store.unpublished(shards, max),
  publishedThrough: (shards) => store.publishedThrough(shards),
  notePublished: (through) => store.notePublished(through),
  releasable: (partitions, max) => store.releasable(partitions, max),
});

const running: StageRunner[] = [];
afterEach(async () => {
  jest.useRealTimers();
  await Promise.all(running.splice(0).map((runner) => runner.stop()));
});

const setup = ({ handlers = [recorder()], faults = {}, refuses = () => false, ...more }: Setup = {}) => {
  const log = new MemoryLog({ partitions: 4, faults });
  const source = log.stage('source');
  let applied = 0;
  const sink = log.stage('sink').withEffects({
    apply: (tx, effects) => {
      applied += 1;
      for (const effect of effects as { readonly key: string; readonly n: number }[]) {
        if (refuses(effect)) throw new ValueOutOfRange(`${effect.key} ${String(effect.n)} is out of range`);
        tx.put('items', `${effect.key}/${String(effect.n)}`, true);
      }
      return Promise.resolve();
    },
  });
  const runner = new StageRunner({
    stage: { group: 'sink', handlers },
    store: more.store?.(sink) ?? sink,
    wire: more.wire?.(log.wire()) ?? log.wire(),
    partitions: 4,
    isInfrastructure: (error) => error instanceof ConnectionLost,
    observer: { ...SILENT, ...more.observer },
    retryMs: more.retryMs ?? 1,
    paceMs: more.paceMs ?? 0,
  });
  running.push(runner);
  log.onAppended('sink', () => {
    runner.wake();
  });
  const append = (items: readonly (readonly [key: string, n: number])[], topic = TOPIC) =>
    source.transaction((tx) =>
      source.append(
        tx,
        items.map(([key, n]) => ({ topic, type: 'Item', key, payload: { n }, cause: { id: `${key}-${String(n)}` } })),
      ),
    );
  return {
    log,
    sink,
    runner,
    append,
    seen: () => Object.fromEntries(sink.documents('seen')) as Record<string, number[]>,
    transactions: () => applied,
  };
};
const items = (keys: readonly string[], numbers: readonly number[]) =>
  numbers.flatMap((n) => keys.map((key) => [key, n] as const));

describe('a stage whose database refuses one event', () => {
  it('parks exactly that event, wherever in a batch it stands, and everything of other keys happens', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...KEYS), fc.integer({ min: 1, max: 3 }), async (badKey, badNumber) => {
        const test = setup({ refuses: ({ key, n }) => key === badKey && n === badNumber });
        await test.append(items(KEYS, [1, 2, 3]));
        await test.runner.start();
        await until(() => Object.values(test.seen()).flat().length + test.sink.parked().length === KEYS.length * 3);
        const before = [1, 2, 3].filter((n) => n < badNumber);
        const expected = KEYS.map((key) => [key, key === badKey ? before : [1, 2, 3]] as const);
        expect(test.seen()).toEqual(Object.fromEntries(expected.filter(([, numbers]) => numbers.length > 0)));
        expect([...test.sink.table('items').keys()].sort()).toEqual(
          expected.flatMap(([key, numbers]) => numbers.map((n) => `${key}/${String(n)}`)).sort(),
        );
        expect(test.sink.parked().map(({ key, reason }) => [key, reason])).toEqual(
          [1, 2, 3]
            .filter((n) => n >= badNumber)
            .map((n) => [
              badKey,
              n === badNumber ? `ValueOutOfRange: ${badKey} ${String(badNumber)} is out of range` : null,
            ]),
        );
        await test.runner.stop();
      }),
      { numRuns: 12 },
    );
  });

  it('buries an event that cannot even be parked, and goes on with what follows it', async () => {
    const test = setup({
      refuses: ({ key, n }) => key === 'bob' && n === 2,
      store: (store) => ({
        ...bound(store),
        transact: (epochs, work) =>
          store.transact(epochs, async (tx) => {
            const changes = await work(tx);
            if (changes.parked.length > 0) throw new ValueOutOfRange('the key does not fit the table');
            return changes;
          }),
      }),
    });
    await test.append(items(['ann', 'bob'], [1, 2, 3]));
    await test.runner.start();
    await until(() => test.seen()['bob']?.length === 2 && test.seen()['ann']?.length === 3);
    expect(test.seen()['bob']).toEqual([1, 3]);
    const dead = await test.sink.unpublished(new Map([0, 1, 2, 3].map((shard) => [shard, 0])), 99);
    expect(dead.flatMap(({ topic, records }) => records.map(({ extra }) => [topic, extra?.['dlt_code']]))).toEqual([
      ['Item.sink.dlt', 'UNREADABLE'],
    ]);
  });

  it('isolates several bad events among many, in few transactions', async () => {
    const bad = new Set(['bob', 'kim']);
    const test = setup({ refuses: ({ key }) => bad.has(key) });
    await test.append(items(KEYS, [1, 2, 3, 4, 5]));
    await test.runner.start();
    await until(() => Object.values(test.seen()).flat().length + test.sink.parked().length === KEYS.length * 5);
    expect(test.sink.parked().filter(({ reason }) => reason !== null)).toHaveLength(2);
    expect(test.sink.parked()).toHaveLength(10);
    expect(Object.keys(test.seen()).sort()).toEqual(KEYS.filter((key) => !bad.has(key)));
    expect(test.transactions()).toBeLessThan(40);
  });

  it('releases what is cured; what is not stays parked, with its later ones, and tells why', async () => {
    let cured = false;
    const test = setup({ refuses: ({ key, n }) => key === 'bob' && n === 2 && !cured });
    await test.append(items(['ann', 'bob'], [1, 2, 3, 4]));
    await test.runner.start();
    await until(() => test.sink.parked().length === 3);
    test.sink.release('bob');
    await until(() => test.sink.parked()[0]?.attempts === 1);
    expect(test.seen()['bob']).toEqual([1]);
    cured = true;
    test.sink.release('bob');
    await until(() => test.sink.parked().length === 0);
    expect(test.seen()['bob']).toEqual([1, 2, 3, 4]);
    await test.append([['bob', 5]]);
    await until(() => test.seen()['bob']?.length === 5);
  });

  it('while it releases a key, lets new events of that key wait behind', async () => {
    let cured = false;
    const test = setup({ refuses: ({ key, n }) => key === 'bob' && n === 1 && !cured });
    await test.append(items(['bob'], [1, 2]));
    await test.runner.start();
    await until(() => test.sink.parked().length === 2);
    cured = true;
    // In one turn: the release and the new event.
    const appended = test.append([['bob', 3]]);
    test.sink.release('bob');
    await appended;
    await until(() => test.sink.parked().length === 0 && test.seen()['bob']?.length === 3);
    expect(test.seen()['bob']).toEqual([1, 2, 3]);
  });
});

describe('where a group goes on reading, in the terms of its wire', () => {
  /** Chunks whose place in the wire is the number of their last event, as an offset is; and what a store is told to keep of it. */
  const positioned = (setupOf: Partial<Setup>) => {
    const positions: (string | undefined)[] = [];
    const test = setup({
      ...setupOf,
      wire: (wire) => ({
        name: wire.name,
        strangers: wire.strangers,
        readsStore: wire.readsStore,
        join: async (request) => {
          const membership = await wire.join(request);
          const take = membership.take.bind(membership);
          membership.take = async (max) =>
            (await take(max)).map((chunk) => {
              const positionAfter = (events: number): string => String(chunk.events[events - 1]?.sequence);
              return { ...chunk, position: positionAfter(chunk.events.length), positionAfter };
            });
          return membership;
        },
      }),
      store: (store) => ({
        transact: (epochs, work) =>
          store.transact(epochs, async (tx) => {
            const changes = await work(tx);
            positions.push(changes.positions[0]?.position);
            return changes;
          }),
        unpublished: (shards, max) => store.unpublished(shards, max),
        publishedThrough: (shards) => store.publishedThrough(shards),
        notePublished: (through) => store.notePublished(through),
        releasable: (partitions, max) => store.releasable(partitions, max),
      }),
    });
    return { ...test, positions };
  };

  it('a part of a chunk stores its own end: it would skip the part that is not handled yet', async () => {
    const test = positioned({ refuses: ({ n }) => n === 1 });
    await test.append(items(['ann'], [1, 2, 3, 4]));
    await test.runner.start();
    await until(() => test.sink.parked().length === 4);
    // The whole; its first half, and that halved until the bad event is alone, twice; then what is left.
    expect(test.positions).toEqual(['4', '2', '1', '1', '2', '4']);
  });

  it('a chunk with a missing number stores none: it must be read again', async () => {
    let lose = true;
    const test = positioned({
      faults: { delivers: ({ firstSequence }) => !lose || firstSequence !== 2 },
    });
    for (const n of [1, 2, 4]) await test.append([['ann', n]]);
    await test.runner.start();
    await until(() => test.positions.length > 1);
    expect(new Set(test.positions)).toEqual(new Set([undefined]));
    expect(test.seen()).toEqual({ ann: [1] });
    lose = false;
    await until(() => test.seen()['ann']?.length === 3);
    expect(test.positions.at(-1)).toBe('3');
  });
});

describe('records of strangers, which carry no numbers of ours', () => {
  const door = (): TopicHandler => ({ ...recorder(), numbering: 'door' });

  /** A log in which a stranger has written these, as a broker gives them: again from where it is told, and otherwise in order. */
  const written = (numbers: readonly number[], publishes: () => void) => {
    const event = (n: number) =>
      new RecordEvent(
        {
          key: 'ann',
          id: String(n),
          type: TOPIC,
          time: '2026-11-21T00:00:00.000Z',
          causationId: undefined,
          correlationId: undefined,
          traceparent: undefined,
          value: Buffer.from(JSON.stringify({ n })),
        },
        { topic: TOPIC, partition: partitionOf('ann', 4), source: undefined, sequence: 0 },
      );
    return (wire: Wire): Wire => ({
      name: 'broker',
      strangers: true,
      readsStore: false,
      join: async (request) => {
        let waiting = numbers.map(event);
        const membership = await wire.join(request);
        membership.take = () => {
          const events = waiting.splice(0);
          const [first] = events;
          return Promise.resolve(first ? [{ topic: TOPIC, partition: first.partition, events }] : []);
        };
        membership.ready = () => new Promise((resolve) => setTimeout(resolve, 1));
        membership.settle = () => undefined;
        membership.giveBack = ({ events }, _why, handled = 0) => {
          waiting = [...(events.slice(handled) as RecordEvent[]), ...waiting];
        };
        membership.publish = () => Promise.resolve().then(publishes);
        return membership;
      },
    });
  };

  const emitting = (): TopicHandler => {
    const { handle, ...rest } = door();
    return {
      ...rest,
      handle: (batch) =>
        handle({
          ...batch,
          size: batch.size,
          topic: TOPIC,
          each: (each) => {
            batch.each((event, unit) => {
              each(event, unit);
              unit.emit({ topic: 'Out', type: 'Out', key: event.key, payload: {} });
            });
          },
        }),
    };
  };

  it('are not handled again when what came of them could not be published at once', async () => {
    let failures = 3;
    const wire = written([1, 2, 3], () => {
      if (failures-- > 0) throw new ConnectionLost();
    });
    const test = setup({ wire, handlers: [emitting()], retryMs: 1 });
    await test.runner.start();
    await until(() => failures < 0);
    expect(test.seen()).toEqual({ ann: [1, 2, 3] });
  });

  it('are not handled again when another one of them had to be parked first', async () => {
    const test = setup({
      wire: written([1, 2, 3, 4], () => undefined),
      handlers: [door()],
      refuses: ({ n }) => n === 3,
    });
    await test.runner.start();
    await until(() => test.sink.parked().length === 2);
    expect(test.seen()).toEqual({ ann: [1, 2] });
  });
});

describe('a stage with a pace', () => {
  it('takes the first event at once, and what follows closely in one transaction', async () => {
    const test = setup({ paceMs: 1_000 });
    await test.runner.start();
    await test.append([['ann', 1]]);
    await until(() => test.seen()['ann'] !== undefined);
    for (const n of [2, 3, 4]) {
      await test.append([['ann', n]]);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await until(() => test.seen()['ann']?.length === 4);
    expect(test.transactions()).toBe(2);
  });

  it('keeps none under load', async () => {
    const test = setup({ paceMs: 60_000 });
    const numbers = Array.from({ length: 1_200 }, (_, n) => n + 1);
    await test.append(items(['ann'], numbers));
    await test.runner.start();
    await until(() => (test.seen()['ann']?.length ?? 0) >= 1_000);
    expect(test.transactions()).toBeGreaterThan(1);
  });

  it('stops without waiting for it', async () => {
    const test = setup({ paceMs: 60_000 });
    await test.runner.start();
    await test.append([['ann', 1]]);
    await until(() => test.seen()['ann'] !== undefined);
    await test.runner.stop();
    expect(test.transactions()).toBe(1);
  });
});

describe('a topic that nobody waits for', () => {
  const patient = (patienceMs: number): TopicHandler => ({ ...recorder(), patienceMs });

  it('gathers its events into one transaction', async () => {
    const test = setup({ handlers: [patient(60_000), recorder('Urgent')] });
    await test.runner.start();
    for (const n of [1, 2, 3]) await test.append([['ann', n]]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(test.seen()).toEqual({});
    // What is urgent takes along what waits.
    await test.append([['bob', 1]], 'Urgent');
    await until(() => Object.keys(test.seen()).length === 2);
    expect(test.seen()).toEqual({ ann: [1, 2, 3], bob: [1] });
    expect(test.transactions()).toBe(1);
  });

  it('waits no longer than it may', async () => {
    const test = setup({ handlers: [patient(5)] });
    await test.runner.start();
    await test.append([['ann', 1]]);
    await until(() => test.seen()['ann'] !== undefined);
  });

  it('does not wait once there is enough', async () => {
    const test = setup({ handlers: [patient(60_000)] });
    await test.runner.start();
    const numbers = Array.from({ length: 200 }, (_, n) => n + 1);
    await test.append(items(['ann'], numbers));
    await until(() => test.seen()['ann']?.length === 200);
  });

  it("is another member's when its partition is", async () => {
    const test = setup({ handlers: [patient(60_000)] });
    await test.runner.start();
    await test.append([['ann', 1]]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await test.runner.stop();
    expect(test.seen()).toEqual({});
    const next = new StageRunner({
      stage: { group: 'sink', handlers: [recorder()] },
      store: test.sink,
      wire: test.log.wire(),
      partitions: 4,
      isInfrastructure: () => false,
    });
    running.push(next);
    await next.start();
    await until(() => test.seen()['ann']?.length === 1);
  });
});

describe('a stage whose handler fails', () => {
  const failing = (on: number): TopicHandler => ({
    ...recorder(),
    handle: (batch) => {
      batch.each(({ key, payload }: { readonly key: string; readonly payload: { readonly n: number } }, unit) => {
        unit.put('seen', key, [...(unit.get<number[]>('seen', key) ?? []), payload.n]);
        unit.emit({ topic: 'Out', type: 'Out', key, payload });
        if (payload.n === on) throw new TypeError('no such field');
      });
    },
  });

  it('keeps nothing of what that event wrote, and all of the others', async () => {
    const test = setup({ handlers: [failing(2)] });
    await test.append(items(['ann'], [1, 2]));
    await test.append(items(['bob'], [1]));
    await test.runner.start();
    await until(() => test.sink.parked().length === 1 && test.seen()['bob'] !== undefined);
    expect(test.seen()).toEqual({ ann: [1], bob: [1] });
    expect(test.log.events).toBe(3 + 2);
  });

  it('parks the key of an event that its reads cannot make sense of', async () => {
    const test = setup({
      handlers: [
        {
          ...recorder(),
          reads: (event) => [{ kind: 'seen', key: (event.payload as { user: { id: string } }).user.id }],
        },
      ],
    });
    await test.append([['ann', 1]]);
    await test.runner.start();
    await until(() => test.sink.parked().length === 1);
    expect(test.sink.parked()[0]?.reason).toContain('TypeError');
  });

  it('does not lose events in silence if it never looks at its batch', async () => {
    const test = setup({ handlers: [{ topic: TOPIC, handle: () => undefined }] });
    await test.append([['ann', 1]]);
    await test.runner.start();
    await until(() => test.runner.problem !== undefined || test.sink.parked().length > 0);
    expect(test.seen()).toEqual({});
  });
});

describe('a stage whose database or wire is away', () => {
  it('repeats the same work until it is stored, and parks nobody', async () => {
    let failures = 5;
    const paused: unknown[] = [];
    let resumed = 0;
    const test = setup({
      faults: {
        before: (step) => {
          if (step === 'commit' && failures > 0) {
            failures -= 1;
            throw new ConnectionLost('gone');
          }
        },
      },
      observer: { paused: (error) => paused.push(error), resumed: () => (resumed += 1) },
    });
    failures = 0;
    await test.append(items(KEYS, [1, 2]));
    failures = 5;
    await test.runner.start();
    await until(() => Object.values(test.seen()).flat().length === KEYS.length * 2);
    expect(test.sink.parked()).toEqual([]);
    expect(paused).toHaveLength(5);
    await until(() => resumed === 1);
    expect(test.runner.problem).toBeUndefined();
  });

  it('does nothing twice where the commit was stored and only its answer got lost', async () => {
    let armed = false;
    const test = setup({
      faults: {
        before: (step) => {
          if (step !== 'answer' || !armed) return;
          armed = false;
          throw new ConnectionLost('no answer');
        },
      },
    });
    await test.append(items(KEYS, [1]));
    armed = true;
    await test.runner.start();
    await until(() => !armed);
    await test.append(items(KEYS, [2]));
    await until(() => Object.values(test.seen()).flat().length === KEYS.length * 2);
    expect(test.seen()).toEqual(Object.fromEntries(KEYS.map((key) => [key, [1, 2]])));
  });

  it('waits between its attempts, twice as long each time, up to 32 times the first', async () => {
    const waits: number[] = [];
    let attempts = 0;
    const test = setup({
      faults: {
        before: (step) => {
          if (step !== 'read') return;
          attempts += 1;
          throw new ConnectionLost('gone');
        },
      },
      observer: { paused: (_, wait) => waits.push(wait) },
      retryMs: 100,
    });
    jest.useFakeTimers();
    await test.runner.start();
    await jest.advanceTimersByTimeAsync(99);
    expect(attempts).toBe(1);
    expect(test.runner.problem).toContain('waiting for the database or the log');
    await jest.advanceTimersByTimeAsync(20_000);
    expect(waits.slice(0, 8)).toEqual([100, 200, 400, 800, 1_600, 3_200, 3_200, 3_200]);
    expect(attempts).toBeLessThan(14);
    const stopped = test.runner.stop();
    await jest.advanceTimersByTimeAsync(5_000);
    await stopped;
  });
});

describe('a stage that is told of news', () => {
  it('looks at once for what an operator released, not at the next poll of its wire', async () => {
    let cured = false;
    const test = setup({ refuses: ({ n }) => n === 1 && !cured });
    await test.append([['ann', 1]]);
    await test.runner.start();
    await until(() => test.sink.parked().length === 1);
    cured = true;
    // The memory wire never polls: without being woken this would wait for ever.
    test.sink.release('ann');
    await until(() => test.seen()['ann'] !== undefined, 2_000);
  });

  it('says that it cannot go on where its wire says so', async () => {
    let broken: (error: Error) => void = () => undefined;
    const test = setup({
      wire: (wire) => ({
        name: wire.name,
        strangers: wire.strangers,
        readsStore: wire.readsStore,
        join: (request) => {
          broken = request.broken;
          return wire.join(request);
        },
      }),
    });
    await test.runner.start();
    expect([test.runner.broken, test.runner.problem]).toEqual([false, undefined]);
    broken(new Error('the group is fenced off'));
    expect([test.runner.broken, test.runner.problem]).toEqual([true, 'the group is fenced off']);
  });

  it('takes small batches while there is little to do, and large ones under load', async () => {
    const asked: number[] = [];
    const test = setup({
      wire: (wire) => ({
        name: wire.name,
        strangers: wire.strangers,
        readsStore: wire.readsStore,
        join: async (request) => {
          const membership = await wire.join(request);
          const take = membership.take.bind(membership);
          membership.take = (max) => {
            asked.push(max);
            return take(max);
          };
          return membership;
        },
      }),
    });
    await test.append(Array.from({ length: 700 }, (_, n) => [`user-${String(n)}`, 1] as const));
    await test.runner.start();
    await until(() => Object.keys(test.seen()).length === 700);
    expect(asked.slice(0, 3)).toEqual([500, 1_500, 500]);
  });
});
