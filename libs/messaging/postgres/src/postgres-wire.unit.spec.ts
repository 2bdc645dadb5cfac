import { expect, it } from '@jest/globals';
import type { Database } from '@switchyard/persistence';
import { until } from '@switchyard/testing';
import type { LogHub } from './hub.js';
import { PostgresWire } from './postgres-wire.js';

it('looks at a quiet topic now and then, however much news there is of others', async () => {
  const looks: string[][] = [];
  const answers: Readonly<Record<string, readonly object[]>> = {
    log_heartbeat: [{ member: 'm' }],
    log_claim: [{ partition: 0, epoch: '1' }],
  };
  const query = (
    statement: string | { readonly name?: string; readonly text: string },
    values?: readonly unknown[],
  ) => {
    const { name = '', text } = typeof statement === 'string' ? { text: statement } : statement;
    if (name === 'log_heads') looks.push([...(values?.[0] as string[])].sort());
    const rows = text.includes('log.settings') ? [{ partitions: 1 }] : (answers[name] ?? []);
    return Promise.resolve({ rows, rowCount: rows.length });
  };
  const db = {
    query,
    transaction: (work: (tx: unknown) => Promise<unknown>) => work({ query, afterCommit: () => undefined }),
  } as unknown as Database;
  const wakers: ((topics: ReadonlySet<string>) => void)[] = [];
  const hub = {
    onBatches: () => () => undefined,
    onWake: (waker: (topics: ReadonlySet<string>) => void) => {
      wakers.push(waker);
      return () => undefined;
    },
  } as unknown as LogHub;
  const errors: unknown[] = [];
  const onError = (error: unknown): void => void errors.push(error);
  const wire = new PostgresWire({ db, hub, member: 'm', partitions: 1, onError, pollMs: 50 });
  const membership = await wire.join({
    group: 'risk',
    topics: [
      { topic: 'Busy', partitions: 1 },
      { topic: 'Quiet', partitions: 1 },
    ] as never,
    assigned: () => Promise.resolve(),
    revoked: () => Promise.resolve(),
    broken: () => undefined,
  });
  await until(async () => {
    for (const wake of wakers) wake(new Set(['Busy']));
    await membership.ready();
    await membership.take(500);
    return looks.filter((topics) => topics.includes('Quiet')).length >= 4;
  });
  expect(looks.filter((topics) => topics.join() === 'Busy').length).toBeGreaterThan(0);
  expect(errors).toEqual([]);
  await membership.leave();
});
