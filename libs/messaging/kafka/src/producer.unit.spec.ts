import { describe, expect, it } from '@jest/globals';
import { ConfirmingProducer, type BatchSender, type OutgoingBatch } from './producer.js';

const batch = (partition: number, topic = 'OrderRouted.binance'): OutgoingBatch => ({
  topic,
  partition,
  bytes: Buffer.from('x'),
});

/** Each step answers one send: with the batches that it confirms, or an error. */
const scripted = (...steps: ((batches: readonly OutgoingBatch[]) => readonly OutgoingBatch[])[]) => {
  const sent: string[] = [];
  let opened = 0;
  let closed = 0;
  let underWay = 0;
  const open = (): Promise<BatchSender> => {
    opened += 1;
    return Promise.resolve({
      async send(batches) {
        sent.push(batches.map(({ topic, partition }) => `${topic}/${partition}`).join(' '));
        underWay += 1;
        expect(underWay).toBe(1);
        await new Promise((resolve) => setImmediate(resolve));
        underWay -= 1;
        const step = steps.shift() ?? ((all: readonly OutgoingBatch[]) => all);
        return step(batches);
      },
      close: () => {
        closed += 1;
        return Promise.resolve();
      },
    });
  };
  return { producer: new ConfirmingProducer(open), sent, connections: () => ({ opened, closed }) };
};

describe('a confirming producer', () => {
  it('sends again what a resolved send did not confirm', async () => {
    const { producer, sent } = scripted((all) => all.slice(0, 1));
    await producer.send([batch(0), batch(1), batch(2)]);
    expect(sent).toEqual([
      'OrderRouted.binance/0 OrderRouted.binance/1 OrderRouted.binance/2',
      'OrderRouted.binance/1 OrderRouted.binance/2',
    ]);
    expect(producer.skipped).toBe(2);
  });

  it('fails when a partition is never confirmed', async () => {
    const none = (): readonly OutgoingBatch[] => [];
    const { producer } = scripted(none, none, none, none, none);
    await expect(producer.send([batch(7)])).rejects.toThrow('Kafka confirmed nothing for OrderRouted.binance/7');
  });

  it('takes a new connection after a rejection, and tells the caller', async () => {
    const { producer, connections } = scripted(() => {
      throw new Error('the leader is away');
    });
    await expect(producer.send([batch(0)])).rejects.toThrow('the leader is away');
    expect(connections()).toEqual({ opened: 1, closed: 1 });
    await producer.send([batch(0)]);
    expect(connections()).toEqual({ opened: 2, closed: 1 });
    await producer.close();
    expect(connections()).toEqual({ opened: 2, closed: 2 });
  });

  it('has one send in flight, in the order of the calls', async () => {
    const { producer, sent } = scripted();
    await Promise.all([0, 1, 2, 3].map((partition) => producer.send([batch(partition, 'A')])));
    expect(sent).toEqual(['A/0', 'A/1', 'A/2', 'A/3']);
  });
});
