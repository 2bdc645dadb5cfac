import { describe, expect, it } from '@jest/globals';
import { MemoryLog } from './memory/memory-log.js';
import { partitionOf } from './partition.js';
import { Publisher } from './publisher.js';
import type { Membership, StoredBatch } from './wire.js';

const PARTITIONS = 4;
const keyOf = (shard: number): string => {
  for (let n = 0; ; n += 1) if (partitionOf(`user-${String(n)}`, PARTITIONS) === shard) return `user-${String(n)}`;
};

/** A broker that keeps what it got, or refuses. */
class Broker {
  readonly got: string[] = [];
  readonly sends: number[] = [];
  refuses = false;

  publish(batches: readonly StoredBatch[]): Promise<void> {
    if (this.refuses) return Promise.reject(new Error('no leader'));
    this.sends.push(batches.length);
    for (const { source, topic, firstSequence, records } of batches)
      for (const index of records.keys()) this.got.push(`${source} ${topic} ${String(firstSequence + index)}`);
    return Promise.resolve();
  }

  get membership(): Membership {
    return { publish: (batches: readonly StoredBatch[]) => this.publish(batches) } as Membership;
  }
}

const setup = async (shards: readonly number[] = [0, 1, 2, 3]) => {
  const log = new MemoryLog({ partitions: PARTITIONS });
  const stage = log.stage('risk');
  const broker = new Broker();
  const publisher = new Publisher(stage, 1_000);
  for (const shard of [0, 1, 2, 3]) stage.raiseEpoch(shard);
  await publisher.take(shards);
  await publisher.publishAppended(broker.membership);
  let serial = 0;
  /** Somebody else of the service appends: a worker, a timer. */
  const append = (shard: number, topic = 'Out') =>
    stage.transaction((tx) =>
      stage.append(tx, [
        { topic, type: 'Out', key: keyOf(shard), payload: {}, cause: { id: `cause-${String((serial += 1))}` } },
      ]),
    );
  /** The stage's own transaction on a shard; publishes what it stored. */
  const decide = async (shard: number, topic = 'Out'): Promise<void> => {
    const noting = publisher.toNote([shard]);
    const { lastBatch, batches } = await stage.transact(new Map([[shard, 1]]), () =>
      Promise.resolve({
        documents: [],
        watermarks: [],
        positions: [],
        effects: [],
        parked: [],
        unparked: [],
        releaseFailed: [],
        published: noting,
        outgoing: [
          {
            shard,
            topic,
            partition: shard,
            record: { key: keyOf(shard), id: String((serial += 1)), type: 'Out', time: '', value: Buffer.from('{}') },
          },
        ],
      }),
    );
    publisher.wasNoted(noting);
    await publisher.publish(broker.membership, lastBatch, batches);
  };
  return { log, stage, broker, publisher, append, decide };
};

describe('publishing what the shards stored', () => {
  it("sends each batch once, a shard's in their order", async () => {
    const { broker, decide, publisher } = await setup();
    for (const shard of [0, 1, 0, 1, 0]) await decide(shard);
    publisher.lookNow();
    await publisher.publishAppended(broker.membership);
    expect(broker.got).toEqual([
      'risk/0/1 Out 1',
      'risk/1/1 Out 1',
      'risk/0/1 Out 2',
      'risk/1/1 Out 2',
      'risk/0/1 Out 3',
    ]);
  });

  it('what others appended before goes first, though the stage has its own batch at hand', async () => {
    const { broker, decide, append } = await setup();
    await append(0);
    await append(0);
    await decide(0);
    expect(broker.got).toEqual(['risk/0/1 Out 1', 'risk/0/1 Out 2', 'risk/0/1 Out 3']);
  });

  it('leftovers of one shard hold up no other, and are not sent twice', async () => {
    const { broker, decide, append } = await setup();
    await append(2);
    await decide(0);
    await decide(2);
    expect(broker.got).toEqual(['risk/0/1 Out 1', 'risk/2/1 Out 1', 'risk/2/1 Out 2']);
  });

  it('a send that failed is repeated, before anything later of its shard', async () => {
    const { broker, decide } = await setup();
    await decide(0);
    broker.refuses = true;
    await expect(decide(0)).rejects.toThrow('no leader');
    broker.refuses = false;
    await decide(0);
    expect(broker.got).toEqual(['risk/0/1 Out 1', 'risk/0/1 Out 2', 'risk/0/1 Out 3']);
  });

  it('a send that failed is repeated at the next look, where nothing else happens', async () => {
    const { broker, decide, publisher } = await setup();
    broker.refuses = true;
    await expect(decide(3)).rejects.toThrow('no leader');
    broker.refuses = false;
    publisher.lookNow();
    await publisher.publishAppended(broker.membership);
    expect(broker.got).toEqual(['risk/3/1 Out 1']);
  });

  it('looks for what others appended when it is told to, else only now and then', async () => {
    const { broker, append, publisher } = await setup();
    await append(1);
    await publisher.publishAppended(broker.membership);
    expect(broker.got).toEqual([]);
    publisher.lookNow();
    await publisher.publishAppended(broker.membership);
    expect(broker.got).toEqual(['risk/1/1 Out 1']);
  });

  it('a new owner goes on behind what is noted, and may send again what is not', async () => {
    const { stage, broker, decide, publisher } = await setup();
    await decide(0);
    await decide(0); // notes the first
    const heir = new Publisher(stage, 1_000);
    await heir.take([0]);
    await heir.publishAppended(broker.membership);
    expect(broker.got).toEqual(['risk/0/1 Out 1', 'risk/0/1 Out 2', 'risk/0/1 Out 2']);
    await publisher.noteWhenIdle();
    const next = new Publisher(stage, 1_000);
    await next.take([0]);
    await next.publishAppended(broker.membership);
    expect(broker.got).toHaveLength(3);
  });

  it('what belongs to another owner by now is not sent', async () => {
    const { broker, decide, append, publisher } = await setup();
    await append(0);
    publisher.drop([0]);
    publisher.lookNow();
    await publisher.publishAppended(broker.membership);
    await decide(0);
    await decide(1);
    expect(broker.got).toEqual(['risk/1/1 Out 1']);
  });

  it('sends all shards of a transaction together', async () => {
    const { broker, append, publisher } = await setup();
    for (const shard of [0, 1, 2, 3]) await append(shard);
    publisher.lookNow();
    await publisher.publishAppended(broker.membership);
    expect(broker.sends).toEqual([4]);
  });
});
