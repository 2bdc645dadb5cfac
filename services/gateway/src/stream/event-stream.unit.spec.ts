import { describe, expect, it } from '@jest/globals';
import { until } from '@switchyard/testing';
import type { AuditRecord } from '../journal/audit-record.js';
import { EventStream } from './event-stream.js';
import { StreamClient, type StreamFilter, type StreamSink } from './stream-client.js';
import { readPosition, writePosition, type StreamPosition } from './stream-position.js';

/** A trail in memory, with pages of three rows. */
class Trail {
  readonly rows: AuditRecord[] = [];
  queries = 0;
  ring: () => void = () => undefined;

  add(chain: number, userId: string): void {
    const row = this.rows.filter((record) => record.chain === chain).length + 1;
    this.rows.push({
      chain,
      row,
      topic: 'OrderFilled',
      key: userId,
      userId,
      signalId: undefined,
      eventId: `${chain}/${row}`,
      type: 'OrderFilled',
      source: 'execution-binance/1/1',
      sequence: row,
      causationId: undefined,
      time: '2026-11-21T02:47:10.000Z',
      contentType: undefined,
      recordedAt: new Date(0),
      reason: undefined,
      hash: Buffer.alloc(32),
      value: Buffer.from('{"a":1}'),
    });
    this.ring();
  }

  heads = (): Promise<StreamPosition> => {
    this.queries += 1;
    const heads = new Map<number, number>();
    for (const { chain, row } of this.rows) heads.set(chain, Math.max(row, heads.get(chain) ?? 0));
    return Promise.resolve(heads);
  };

  page = (from: StreamPosition, to: StreamPosition, users: readonly string[] | undefined) => {
    const position = new Map(from);
    const records = [...to].flatMap(([chain, head]) => {
      const rows = this.rows.filter(
        (record) =>
          record.chain === chain &&
          record.row > (from.get(chain) ?? 0) &&
          record.row <= head &&
          (users?.includes(record.userId ?? '') ?? true),
      );
      position.set(chain, rows.length < 3 ? head : rows[2]!.row);
      return rows.slice(0, 3);
    });
    return Promise.resolve({ records, position });
  };
}

class Sink implements StreamSink {
  readonly texts: string[] = [];
  waiting = 0;
  closed = false;
  write = (text: string): void => {
    this.texts.push(text);
  };
  drained = (): Promise<void> => Promise.resolve();
  close = (): void => {
    this.closed = true;
  };

  /** `chain/row` of what came, in order. */
  get events(): readonly string[] {
    return this.texts.map((text) => /"eventId":"([^"]+)"/.exec(text)![1]!);
  }
  get lastId(): string {
    return /^id: (.*)$/m.exec(this.texts.at(-1)!)![1]!;
  }
}

const setUp = (maxClients = 10) => {
  const trail = new Trail();
  const stream = new EventStream({
    tail: trail,
    listen: (onNews) => {
      trail.ring = onNews;
      return Promise.resolve(() => Promise.resolve());
    },
    maxClients,
    logger: { warn: () => undefined },
  });
  const open = async (filter: Partial<StreamFilter> = {}, from?: StreamPosition) => {
    const sink = new Sink();
    const client = new StreamClient({ userId: undefined, topic: undefined, ...filter }, sink);
    stream.admit(client);
    await stream.follow(client, from ?? (await stream.now()));
    return { sink, client };
  };
  return { trail, stream, open };
};

describe('the event stream', () => {
  it('sends each user what happens to them from now on, and nothing else', async () => {
    const { trail, stream, open } = setUp();
    trail.add(1, 'alice');
    const [alice, bob, operator] = [await open({ userId: 'alice' }), await open({ userId: 'bob' }), await open()];
    trail.add(1, 'alice');
    trail.add(2, 'bob');
    await until(() => Promise.resolve(operator.sink.texts.length === 2));
    expect(alice.sink.events).toEqual(['1/2']);
    expect(bob.sink.events).toEqual(['2/1']);
    stream.close();
  });

  it('goes on after the last event that was seen: nothing is missed, nothing comes twice', async () => {
    const { trail, stream, open } = setUp();
    const first = await open({ userId: 'alice' });
    for (let i = 0; i < 4; i += 1) trail.add(1, i % 2 === 0 ? 'alice' : 'bob');
    await until(() => Promise.resolve(first.sink.texts.length === 2));
    stream.detach(first.client);
    for (let i = 0; i < 20; i += 1) trail.add(i % 3, i % 2 === 0 ? 'alice' : 'bob');
    const second = await open({ userId: 'alice' }, readPosition(first.sink.lastId));
    trail.add(1, 'alice');
    const own = trail.rows.filter(({ userId }) => userId === 'alice').map(({ eventId }) => eventId);
    await until(() => Promise.resolve(second.sink.texts.length >= own.length - 2));
    expect([...first.sink.events, ...second.sink.events].sort()).toEqual(own.sort());
    stream.close();
  });

  it('gives somebody who comes in while a page is read everything from then on', async () => {
    const { trail, stream, open } = setUp();
    const alice = await open({ userId: 'alice' });
    const late: { sink?: Sink } = {};
    const { page } = trail;
    let once = true;
    trail.page = async (...query) => {
      const answer = await page(...query);
      if (once) {
        once = false;
        late.sink = (await open({ userId: 'bob' })).sink;
      }
      return answer;
    };
    trail.add(1, 'bob');
    trail.add(1, 'alice');
    await until(() => Promise.resolve(alice.sink.texts.length === 1 && late.sink?.texts.length === 1));
    expect(late.sink!.events).toEqual(['1/1']);
    stream.close();
  });

  it('asks nothing while nobody listens', async () => {
    const { trail, stream, open } = setUp();
    const { client } = await open();
    stream.detach(client);
    await new Promise(setImmediate);
    const before = trail.queries;
    trail.add(1, 'alice');
    await new Promise(setImmediate);
    expect(trail.queries).toBe(before);
  });

  it('closes a reader that does not take what it is sent', async () => {
    const { trail, stream, open } = setUp();
    const [slow, fast] = [await open(), await open()];
    slow.sink.waiting = 2_000_000;
    trail.add(1, 'alice');
    await until(() => Promise.resolve(slow.sink.closed));
    expect(fast.sink.closed).toBe(false);
    stream.close();
  });

  it('lets in no more than it can serve', async () => {
    const { stream, open } = setUp(1);
    await open();
    await expect(open()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    stream.close();
  });

  it('writes its place as an id and reads it back, and refuses what it did not write', () => {
    const position = new Map([
      [0, 3],
      [2, 123_456],
    ]);
    expect(readPosition(writePosition(position))).toEqual(new Map([...position, [1, 0]]));
    for (const id of ['', '7', '1-', '1-a..b', '2-a', `1-${'a.'.repeat(2_000)}a`])
      expect(readPosition(id)).toBeUndefined();
  });
});
