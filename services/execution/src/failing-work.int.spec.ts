import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { DatabaseUnavailable, type Database } from '@switchyard/persistence';
import { testDatabase } from '@switchyard/persistence/testing';
import { until } from '@switchyard/testing';
import type { Executor } from './executor.js';
import { openHarness, type Harness } from './testing/harness.js';
import { ScriptedVenue } from './testing/scripted-venue.js';

const postgres = testDatabase();
let harness: Harness;
let executor: Executor;
let failure: Error | undefined;
let failures = 0;

beforeAll(async () => {
  harness = await openHarness(postgres);
});
afterEach(async () => {
  failure = undefined;
  await executor.stop();
  await harness.reset();
});

const start = async (): Promise<void> => {
  const { db } = harness;
  const guarded =
    <Args extends readonly unknown[], T>(ask: (...args: Args) => Promise<T>) =>
    (...args: Args): Promise<T> => {
      if (failure === undefined) return ask(...args);
      failures += 1;
      return Promise.reject(failure);
    };
  const failing: Database = {
    schema: db.schema,
    query: guarded(db.query.bind(db)) as Database['query'],
    transaction: guarded(db.transaction.bind(db)),
    listen: db.listen.bind(db),
    notify: db.notify.bind(db),
    close: () => Promise.resolve(),
  };
  failures = 0;
  executor = harness.replica(new ScriptedVenue(), {}, { db: failing });
  await executor.start();
};

/** Has the claim and the balances tried again and again, until the database was asked so often. */
const untilAsked = async (times: number): Promise<void> => {
  const from = failures;
  await until(() => {
    executor.ring({ venue: true, simulator: true, accounts: true });
    return failures >= from + times;
  });
};
const linesOf = (work: string): readonly { readonly level: number; readonly err?: unknown }[] =>
  harness.lines
    .map((line) => JSON.parse(line) as { level: number; work?: string })
    .filter((line) => line.work === work);
const WARNING = 40;
const ERROR = 50;
const INFO = 30;

describe('while the database is away', () => {
  it('each piece of work says so once, without a stack, and once more when it works again', async () => {
    failure = new DatabaseUnavailable('The database at localhost does not answer.');
    await start();
    await untilAsked(40);
    expect(linesOf('claim')).toMatchObject([{ level: WARNING, reason: 'The database at localhost does not answer.' }]);
    expect(linesOf('balances')).toMatchObject([{ level: WARNING }]);
    expect(harness.lines.join('\n')).not.toContain('stack');

    failure = undefined;
    await until(() => {
      executor.ring({ venue: true, simulator: true, accounts: true });
      return linesOf('claim').length === 2 && linesOf('balances').length === 2;
    });
    expect(linesOf('claim')[1]).toMatchObject({ level: INFO });
    failure = new DatabaseUnavailable('again');
    await untilAsked(20);
    expect(linesOf('claim').map(({ level }) => level)).toEqual([WARNING, INFO, WARNING]);
  });

  it('and goes away in the middle of telling balances, that is no error of each account', async () => {
    for (const account of ['acc-1', 'acc-2']) await harness.account(account, account === 'acc-1' ? 'user-1' : 'user-2');
    executor = harness.replica(new ScriptedVenue());
    const append = harness.log.append.bind(harness.log);
    harness.log.append = () => Promise.reject(new DatabaseUnavailable('away'));
    try {
      await expect(executor.balances.round()).rejects.toThrow('away');
    } finally {
      harness.log.append = append;
    }
    expect(harness.lines).toEqual([]);
  });

  it('a bug is still told as one, with its stack, each time', async () => {
    failure = new TypeError('x is not a function');
    await start();
    await untilAsked(40);
    const lines = linesOf('claim');
    expect(lines.length).toBeGreaterThan(1);
    expect(lines[0]).toMatchObject({ level: ERROR, err: { stack: expect.stringContaining('x is not a function') } });
  });
});
