import { expect, it } from '@jest/globals';
import type { LogEvent } from './event.js';
import { MemoryLog } from './memory/memory-log.js';
import { StageRunner } from './runner.js';
import { until } from './testing/until.js';
import { Fenced } from './store.js';
import type { Chunk, JoinRequest, Membership, StoredBatch, Wire } from './wire.js';

/** A wire that has to be sent to, whose sends can be held up. */
class SlowWire implements Wire {
  readonly name = 'slow';
  readonly strangers = false;
  readonly readsStore = false;
  readonly sent: StoredBatch[] = [];
  request: JoinRequest | undefined;
  epochs: ReadonlyMap<number, number> = new Map();
  hold: Promise<void> = Promise.resolve();

  constructor(private readonly inner: Wire) {}

  async join(request: JoinRequest): Promise<Membership> {
    this.request = request;
    const membership = await this.inner.join({
      ...request,
      assigned: async (epochs) => {
        this.epochs = epochs;
        await request.assigned(epochs);
      },
    });
    return new Proxy(membership, {
      get: (target, property) => {
        if (property === 'publish') {
          return async (batches: readonly StoredBatch[]) => {
            await this.hold;
            this.sent.push(...batches);
          };
        }
        const value: unknown = Reflect.get(target, property);
        return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(target) : value;
      },
    });
  }
}

it('goes on publishing for partitions that were taken away and given back while a send was under way', async () => {
  const log = new MemoryLog({ partitions: 1 });
  const source = log.stage('source');
  const wire = new SlowWire(log.wire());
  const runner = new StageRunner({
    stage: {
      group: 'sink',
      handlers: [
        {
          topic: 'Item',
          handle: (batch) => {
            batch.each(({ key }: { readonly key: string }, unit) => {
              unit.emit({ topic: 'Out', type: 'Out', key, payload: {} });
            });
          },
        },
      ],
    },
    store: log.stage('sink'),
    wire,
    partitions: 1,
    isInfrastructure: () => true,
    retryMs: 1,
  });
  await runner.start();
  const append = (id: string) =>
    source.transaction((tx) =>
      source.append(tx, [{ topic: 'Item', type: 'Item', key: 'ann', payload: {}, cause: { id } }]),
    );

  let release = (): void => undefined;
  wire.hold = new Promise((resolve) => (release = resolve));
  await append('first');
  await until(async () => (await log.stage('sink').unpublished(new Map([[0, 0]]), 9)).length === 1);
  const revoked = wire.request?.revoked([0]);
  await wire.request?.assigned(wire.epochs);
  release();
  await revoked;
  await append('second');
  await until(() => new Set(wire.sent.map(({ batch }) => batch)).size === 2);
  expect(runner.problem).toBeUndefined();
  await runner.stop();
});

it('keeps nothing of a partition that is taken away while more is being taken', async () => {
  const event = { topic: 'Item', partition: 0, key: 'ann', id: '1', source: 'source/0/1', sequence: 1 };
  const chunk = { topic: 'Item', partition: 0, events: [event as unknown as LogEvent] };
  const givenBack: unknown[] = [];
  const transacted: unknown[] = [];
  let takes = 0;
  let finish = (): void => undefined;
  let request: JoinRequest | undefined;
  const membership: Membership = {
    take: async () => {
      takes += 1;
      if (takes === 1) return [chunk];
      if (takes === 2) await new Promise<void>((resolve) => (finish = resolve));
      return [];
    },
    ready: () => new Promise((resolve) => setTimeout(resolve, 5)),
    settle: () => undefined,
    giveBack: (given) => void givenBack.push(given),
    publish: () => Promise.resolve(),
    lag: () => Promise.resolve(new Map()),
    leave: () => Promise.resolve(),
  };
  const log = new MemoryLog({ partitions: 1 });
  const inner = log.stage('sink');
  const runner = new StageRunner({
    stage: { group: 'sink', handlers: [{ topic: 'Item', patienceMs: 200, handle: () => undefined }] },
    store: new Proxy(inner, {
      get: (target, property) => {
        if (property === 'transact')
          return (epochs: ReadonlyMap<number, number>) => {
            transacted.push([...epochs]);
            return Promise.reject(new Error('nothing is to be stored'));
          };
        const value: unknown = Reflect.get(target, property);
        return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(target) : value;
      },
    }),
    wire: {
      name: 'scripted',
      strangers: false,
      readsStore: true,
      join: (asked) => {
        request = asked;
        return Promise.resolve(membership);
      },
    },
    partitions: 1,
    isInfrastructure: () => true,
  });
  await runner.start();
  await request?.assigned(new Map([[0, 1]]));
  runner.wake();
  await until(() => takes === 2);
  const revoked = request?.revoked([0]);
  await request?.assigned(new Map([[0, 2]]));
  finish();
  await revoked;
  await until(() => takes > 60);
  expect([givenBack, transacted]).toEqual([[chunk], []]);
  await runner.stop();
});

it('goes on with a partition that was claimed again while an old transaction on it was fenced', async () => {
  const event = { topic: 'Item', partition: 0, key: 'ann', id: '1', source: 'source/0/1', sequence: 1 };
  const chunk = { topic: 'Item', partition: 0, events: [event as unknown as LogEvent] };
  const transacted: unknown[] = [];
  const settled: Chunk[] = [];
  const waiting = [chunk];
  let request: JoinRequest | undefined;
  const membership: Membership = {
    take: () => Promise.resolve(waiting.splice(0)),
    ready: () => new Promise((resolve) => setTimeout(resolve, 5)),
    settle: (done) => void settled.push(done),
    giveBack: () => undefined,
    publish: () => Promise.resolve(),
    lag: () => Promise.resolve(new Map()),
    leave: () => Promise.resolve(),
  };
  const runner = new StageRunner({
    stage: { group: 'sink', handlers: [{ topic: 'Item', handle: () => undefined }] },
    store: {
      transact: async (epochs) => {
        transacted.push([...epochs]);
        if (epochs.get(0) === 2) return { batches: [], lastBatch: new Map() };
        // A slow member raised the epoch, and we raise it once more before our transaction hears of it.
        await request?.assigned(new Map([[0, 2]]));
        throw new Fenced([0]);
      },
      unpublished: () => Promise.resolve([]),
      publishedThrough: () => Promise.resolve(new Map()),
      notePublished: () => Promise.resolve(),
      releasable: () => Promise.resolve([]),
    },
    wire: {
      name: 'scripted',
      strangers: false,
      readsStore: true,
      join: async (asked) => {
        request = asked;
        await asked.assigned(new Map([[0, 1]]));
        return membership;
      },
    },
    partitions: 1,
    isInfrastructure: () => true,
  });
  await runner.start();
  await until(() => settled.length === 1);
  expect(transacted).toEqual([[[0, 1]], [[0, 2]]]);
  expect(runner.owned).toEqual([0]);
  await runner.stop();
});
