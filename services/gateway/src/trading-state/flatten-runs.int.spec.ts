import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { TradingStateBoard } from '@switchyard/model';
import { createLogger } from '@switchyard/observability';
import { roleOf, type Database } from '@switchyard/persistence';
import { testDatabase } from '@switchyard/persistence/testing';
import type { AdmissibleSignal, AdmissionOutcome } from '../signals/signal-admission.js';
import { FlattenRuns } from './flatten-runs.js';

const postgres = testDatabase();
let db: Database;
let journal: Database;
const logger = createLogger({ service: 'test', level: 'silent' });

beforeAll(async () => {
  journal = await postgres.open('journal');
  db = await postgres.open('gateway', { folder: new URL('../../migrations/', import.meta.url) });
  await journal.query(
    'create table api_positions (user_id text, account_id text, venue text, mode text, pair text, quantity numeric, status text)',
  );
  await journal.query(`grant usage on schema journal to ${roleOf('gateway')}`);
  await journal.query(`grant select on api_positions to ${roleOf('gateway')}`);
}, 30_000);
afterEach(async () => {
  await journal.query('truncate api_positions');
  await db.query('truncate flatten_runs, flatten_exits');
});

const states = new TradingStateBoard();
/** No run is worked on but by the test. */
const BY_HAND_MS = 3_600_000;

/** A door that remembers what was sent, and knows what it knows. */
class Door {
  readonly sent: AdmissibleSignal[] = [];
  readonly fails: ('before' | 'after')[] = [];

  async admit(signals: readonly AdmissibleSignal[]): Promise<readonly AdmissionOutcome[]> {
    const fault = this.fails.shift();
    if (fault === 'before') throw new Error('the process died');
    const outcomes = signals.map((signal): AdmissionOutcome => {
      const known = this.sent.find((other) => other.signal.signalId === signal.signal.signalId);
      if (known !== undefined) return known.contentHash === signal.contentHash ? 'same' : 'reused';
      this.sent.push(signal);
      return 'admitted';
    });
    if (fault === 'after') throw new Error('the process died');
    return Promise.resolve(outcomes);
  }
}

const runsOver = (door: Door, againMs = 60_000): FlattenRuns =>
  new FlattenRuns({ db, admission: door, states, logger, againMs, soonMs: BY_HAND_MS });
const hold = (userId: string, venue: string, pair: string, quantity = '0.5') =>
  journal.query('insert into api_positions values ($1, $2, $3, $4, $5, $6, $7)', [
    ...[userId, `${userId}-${venue}`, venue, 'paper', pair, quantity, 'open'],
  ]);
const sold = (pair: string) => journal.query('delete from api_positions where pair = $1', [pair]);
const order = (scope: string, version = 1) => ({ scope, version, requestedBy: 'otto', reason: 'stop' });
const passOn = () => db.query("update flatten_runs set claimed_until = '-infinity'");

describe('the closing of all positions in a scope', () => {
  it.each([
    ['global', ['ann', 'bob']],
    ['user:ann', ['ann']],
    ['venue:kraken', ['bob']],
  ])('%s sends an exit for each, without a size, and ends when the books show nothing open', async (scope, users) => {
    await hold('ann', 'binance', 'BTC-USD');
    await hold('bob', 'kraken', 'ETH-USD');
    const door = new Door();
    const runs = runsOver(door);
    await runs.begin(order(scope));
    expect(await runs.work()).toBe(1);
    expect(door.sent.map(({ owner }) => owner).toSorted()).toEqual(users);
    expect(door.sent[0]?.signal).toMatchObject({
      side: 'sell',
      signalType: 'exit',
      orderType: 'market',
      mode: 'paper',
    });
    expect(door.sent[0]?.signal.size).toBeUndefined();
    expect(await runs.work()).toBe(1);
    expect(door.sent).toHaveLength(users.length);
    expect((await runs.find(scope))?.positions).toMatchObject(users.map((userId) => ({ userId, exits: 1 })));
    await sold('BTC-USD');
    await sold('ETH-USD');
    expect(await runs.work()).toBe(0);
    expect(await runs.find(scope)).toMatchObject({ outcome: 'flat', positions: [] });
    await runs.onApplicationShutdown();
  });

  it.each(['before', 'after'] as const)(
    'goes on where a process died %s the door had the exit, and closes nothing twice',
    async (moment) => {
      await hold('ann', 'binance', 'BTC-USD');
      await hold('ann', 'binance', 'ETH-USD');
      const door = new Door();
      door.fails.push(moment);
      const first = runsOver(door);
      await first.begin(order('global'));
      await expect(first.work()).rejects.toThrow('died');
      await passOn();
      const second = runsOver(door);
      await second.work();
      expect(door.sent.map(({ signal }) => signal.pair).toSorted()).toEqual(['BTC-USD', 'ETH-USD']);
      const { rows } = await db.query<{ outcome: string }>('select outcome from flatten_exits order by pair');
      expect(rows.map(({ outcome }) => outcome)).toEqual([moment === 'after' ? 'same' : 'admitted', 'admitted']);
      await Promise.all([first.onApplicationShutdown(), second.onApplicationShutdown()]);
    },
  );

  it('of the same version is one run, whoever asks again; a later version is another', async () => {
    await hold('ann', 'binance', 'BTC-USD');
    const door = new Door();
    const runs = runsOver(door);
    for (const version of [1, 1, 1]) {
      await runs.begin(order('global', version));
      await runs.work();
    }
    expect(door.sent).toHaveLength(1);
    await runs.begin(order('global', 2));
    await runs.work();
    await runs.begin(order('global', 1));
    await runs.work();
    expect(new Set(door.sent.map(({ signal }) => signal.signalId)).size).toBe(2);
    await runs.onApplicationShutdown();
  });

  it('sends an exit anew that has closed nothing for a while, under another id', async () => {
    await hold('ann', 'binance', 'BTC-USD');
    const door = new Door();
    const runs = runsOver(door, -1);
    await runs.begin(order('global'));
    await runs.work();
    await runs.work();
    expect(new Set(door.sent.map(({ signal }) => signal.signalId)).size).toBe(2);
    expect(await runs.find('global')).toMatchObject({ positions: [{ pair: 'BTC-USD', exits: 2 }] });
    await runs.onApplicationShutdown();
  });

  it('stops where trading is resumed, and gives up after ten minutes, saying what is left', async () => {
    await hold('ann', 'binance', 'BTC-USD');
    const door = new Door();
    const runs = runsOver(door);
    await runs.begin(order('user:ann'));
    await runs.resumed('user:ann', 2);
    expect(await runs.work()).toBe(0);
    expect(await runs.find('user:ann')).toMatchObject({ outcome: 'resumed', positions: [{ pair: 'BTC-USD' }] });
    await runs.begin(order('global'));
    await db.query("update flatten_runs set requested_at = now() - interval '11 minutes' where scope = 'global'");
    expect(await runs.work()).toBe(0);
    expect(await runs.find('global')).toMatchObject({ outcome: 'given_up', positions: [{ pair: 'BTC-USD' }] });
    expect(door.sent).toEqual([]);
    await runs.onApplicationShutdown();
  });

  it('closes nothing in a scope that trades again, though nobody told this process, nor ends a later run for it', async () => {
    await hold('ann', 'binance', 'BTC-USD');
    const door = new Door();
    const runs = runsOver(door);
    const told = { reason: 'over', changedAt: '2026-11-22T05:00:00.000Z' };
    // The answer to who resumed comes later than the kill switch of somebody else.
    await runs.begin(order('user:eve', 3));
    await runs.resumed('user:eve', 2);
    expect((await runs.find('user:eve'))?.outcome).toBeUndefined();
    // Resumed, and halted again without a word of positions: the older run must not close what was opened between.
    await runs.begin(order('user:ann', 2));
    states.put({ scope: 'user:ann', state: 'active', version: 3, ...told });
    states.put({ scope: 'user:ann', state: 'halted', version: 4, ...told });
    await runs.work();
    expect(door.sent).toEqual([]);
    expect(await runs.find('user:ann')).toMatchObject({ outcome: 'resumed', positions: [{ pair: 'BTC-USD' }] });
    await runs.onApplicationShutdown();
  });

  it('is worked on by one at a time', async () => {
    await hold('ann', 'binance', 'BTC-USD');
    const doors = [new Door(), new Door()];
    const [one, two] = doors.map((door) => runsOver(door));
    await one!.begin(order('global'));
    await Promise.all([one!.work(), two!.work()]);
    expect(doors.flatMap(({ sent }) => sent)).toHaveLength(1);
    await Promise.all([one!.onApplicationShutdown(), two!.onApplicationShutdown()]);
  });
});
