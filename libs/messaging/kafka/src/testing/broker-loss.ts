import { expect, it } from '@jest/globals';
import { until } from '@switchyard/testing';
import type { ClusterUnderTest } from './cluster-under-test.js';
import { item, listKeeper, type StagesUnderTest } from './stages-under-test.js';

/** What stages keep when a node dies under them. */
export const losingABroker = (cluster: ClusterUnderTest, stages: StagesUnderTest, partitions: number): void => {
  const keys = Array.from({ length: 40 }, (_, n) => `user-${String(n)}`);
  const onThree = Array.from({ length: partitions }, (_, p) => (p % 3) + 1);
  const total = async (group: string): Promise<number> =>
    [...(await stages.lists(group)).values()].reduce((sum, list) => sum + list.length, 0);

  it('loses the node that leads a busy partition and coordinates its readers: no event lost, none doubled, order kept; who may not write with a copy missing waits', async () => {
    // Of its own copies `Strict` may lack none, so that nothing can be written while a node is away.
    await cluster.createTopic('Busy', onThree);
    await cluster.createTopic('Strict', onThree, { 'min.insync.replicas': '3' });
    const sources = {
      Busy: await stages.member({ group: 'busy-source', handlers: [] }),
      Strict: await stages.member({ group: 'strict-source', handlers: [] }),
    };
    const reading = { maxWaitMs: 500, heartbeatMs: 1_000, sessionMs: 6_000 };
    const reader = await stages.member({ group: 'busy', handlers: [listKeeper('Busy')], reading });
    await stages.member({ group: 'strict', handlers: [listKeeper('Strict')], reading });
    const coordinator = await cluster.coordinatorOf('busy');

    const appended = { Busy: 0, Strict: 0 };
    const append = async (topic: 'Busy' | 'Strict'): Promise<void> => {
      appended[topic] += 1;
      const events = keys.map((key) => item(topic, key, appended[topic]));
      await stages.append(topic === 'Busy' ? 'busy-source' : 'strict-source', events);
    };
    const enough = new AbortController();
    const load = (async () => {
      while (!enough.signal.aborted) {
        await append('Busy');
        await new Promise((resume) => setTimeout(resume, 50));
      }
    })();
    try {
      await append('Strict');
      await until(async () => (await total('busy')) > 0 && (await total('strict')) === keys.length);

      await cluster.kill(coordinator);
      const before = await total('busy');
      await append('Strict');
      // What was written before and what is written now, while the node is away.
      await until(
        async () => sources.Strict.paused.length > 0 && (await total('busy')) > before + 5 * keys.length,
        60_000,
      );
      expect(await total('strict')).toBe(keys.length);
      await cluster.restart(coordinator);
    } finally {
      enough.abort();
      await load;
    }
    await until(
      async () => (await total('busy')) === appended.Busy * keys.length && (await total('strict')) === 2 * keys.length,
      60_000,
    );
    for (const [group, count] of [
      ['busy', appended.Busy],
      ['strict', 2],
    ] as const) {
      const numbers = Array.from({ length: count }, (_, n) => n + 1);
      expect(await stages.lists(group)).toEqual(new Map(keys.map((key) => [key, numbers])));
    }
    expect(await stages.parkedEvents('busy', 'strict')).toBe(0);
    expect([reader.runner.broken, sources.Strict.runner.broken]).toEqual([false, false]);
  }, 180_000);
};
