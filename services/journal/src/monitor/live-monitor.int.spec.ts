import { beforeEach, describe, expect, it } from '@jest/globals';
import type { RiskAlert } from '@switchyard/contracts';
import type { LogEvent, OutgoingEvent } from '@switchyard/log';
import { LOG_MIGRATIONS } from '@switchyard/log-postgres';
import type { Database } from '@switchyard/persistence';
import { testDatabase } from '@switchyard/persistence/testing';
import { journal } from '../index.js';
import { LiveMonitor } from './live-monitor.js';
import { MonitorTally } from './monitor-tally.js';

const postgres = testDatabase();
const SETTINGS = {
  windowS: 300,
  minSamples: 4,
  limits: { HIGH_REJECTION_RATE: 0.05, HIGH_EXECUTION_LATENCY: 100, HIGH_IMPLEMENTATION_SHORTFALL: 0.01 },
};
let db: Database;
/** What was appended by transactions that committed. */
let told: RiskAlert[];

beforeEach(async () => {
  const reports = await postgres.open('log', { folder: LOG_MIGRATIONS });
  await reports.query('truncate log.latencies');
  db = await postgres.open('journal', { folder: journal.migrations! });
  await db.query('truncate monitor_counts');
  await db.query("update monitor_alerts set raised = false, alert_id = null, since = null, looked_at = 'epoch'");
  told = [];
});

const log = {
  append: (tx: { afterCommit(call: () => void): void }, events: readonly OutgoingEvent[]) => {
    tx.afterCommit(() => {
      told.push(...events.map(({ payload }) => payload as RiskAlert));
    });
    return Promise.resolve();
  },
};

/** One process of the journal. */
const processOf = (name: string, settings = SETTINGS) => {
  const tally = new MonitorTally(settings.windowS);
  return { tally, monitor: new LiveMonitor(db, log, tally, settings, name) };
};

let signals = 0;
const event = (type: string, signal: string, payload: object = {}, agoMs = 0): LogEvent =>
  ({
    ...{ type, topic: type, key: 'ann', correlationId: signal, source: 'risk/1/1', payload },
    time: new Date(Date.now() - agoMs).toISOString(),
  }) as unknown as LogEvent;
const refuse = (tally: MonitorTally, code = 'SIGNAL_STALE', agoMs = 0): void => {
  tally.saw(event('SignalRejected', `s-${++signals}`, { code }, agoMs));
};
/** A signal that is filled at this price, its order accepted so long after it came. */
const trade = (tally: MonitorTally, { price = '100', tookMs = 20, side = 'buy' } = {}): void => {
  const signal = `s-${++signals}`;
  tally.saw(event('TradingSignalGenerated', signal, {}, tookMs));
  tally.saw(event('OrderApproved', signal, { referencePrice: '100' }));
  tally.saw(event('OrderPlaced', signal));
  tally.saw(event('OrderFilled', signal, { side, price, quantity: '2', filledAt: new Date().toISOString() }));
};
const standing = async (): Promise<readonly string[]> =>
  (await db.query<{ code: string }>('select code from api_monitor where raised order by code')).rows.map(
    ({ code }) => code,
  );

describe('the live monitor', () => {
  it('raises an alert once and clears it once, whatever process looks, and counts what all of them saw', async () => {
    const patient = { ...SETTINGS, minSamples: 1_000 };
    const [one, other] = [processOf('one', patient), processOf('other', patient)];
    for (let i = 0; i < 10; i++) trade(one.tally);
    for (const { tally, monitor } of [one, other]) {
      refuse(tally);
      await monitor.lookOnce(new Date());
    }
    const heirs = Array.from({ length: 8 }, (_, i) => processOf(`heir-${i}`));
    // Connections for all of them: else the first is done before the second has one.
    await Promise.all(heirs.map(() => db.query('select pg_sleep(0.05)')));
    await Promise.all(heirs.map(({ monitor }) => monitor.lookOnce(new Date())));
    await heirs[0]!.monitor.lookOnce(new Date());
    expect(told).toMatchObject([{ code: 'HIGH_REJECTION_RATE', state: 'raised', severity: 'high', limit: '0.05' }]);
    const { rows } = await db.query(
      "select value, samples, message from api_monitor where code = 'HIGH_REJECTION_RATE'",
    );
    expect(rows[0]).toMatchObject({ samples: '12', message: expect.stringMatching(/SIGNAL_STALE \(2\)/) });
    expect(rows[0]!['value']).toBeCloseTo(2 / 12, 10);
    for (let i = 0; i < 60; i++) trade(heirs[0]!.tally);
    for (const heir of heirs) await heir.monitor.lookOnce(new Date());
    expect(told).toMatchObject([{ state: 'raised' }, { state: 'cleared', alertId: told[0]!.alertId }]);
    expect(await standing()).toEqual([]);
  });

  it('forgets nothing of what a process that ended had told, and nobody raises again what stands', async () => {
    const gone = processOf('gone');
    for (let i = 0; i < 8; i++) refuse(gone.tally);
    await gone.monitor.lookOnce(new Date());
    const heir = processOf('heir');
    expect((await heir.monitor.lookOnce(new Date()))[0]).toMatchObject({ samples: 8, raised: true, changed: false });
    expect(told).toHaveLength(1);
  });

  it('tells nothing of an alert whose transaction failed, and raises it the next time', async () => {
    const tally = new MonitorTally(SETTINGS.windowS);
    const failing = { append: () => Promise.reject(new Error('away')) };
    for (let i = 0; i < 8; i++) refuse(tally);
    const broken = new LiveMonitor(db, failing, tally, SETTINGS, 'one');
    await expect(broken.lookOnce(new Date())).rejects.toThrow('away');
    expect(await standing()).toEqual([]);
    await new LiveMonitor(db, log, tally, SETTINGS, 'one').lookOnce(new Date());
    expect(told).toMatchObject([{ state: 'raised' }]);
  });

  it('takes the venues’ answers off the time that orders took', async () => {
    const { tally, monitor } = processOf('one');
    for (let i = 0; i < 5; i++) trade(tally, { tookMs: 450 });
    expect((await monitor.lookOnce(new Date()))[1]).toMatchObject({ code: 'HIGH_EXECUTION_LATENCY', raised: true });
    await db.query(
      `insert into log.latencies (instance, started_at, window_from, window_to, layout, stages)
       select 'executor', now(), date_trunc('minute', now()), now(), 1, $1`,
      [JSON.stringify({ 'kraken.acknowledgement': { count: 5, sum: 2_000_000, min: 1, max: 1, buckets: [1, 5] } })],
    );
    const [, latency] = await monitor.lookOnce(new Date());
    expect(latency!.value).toBeGreaterThanOrEqual(50);
    expect(latency).toMatchObject({ raised: false, changed: true });
  });

  it('measures what fills cost against the price at approval, buys and sells alike', async () => {
    const { tally, monitor } = processOf('one');
    for (const side of ['buy', 'sell'])
      for (let i = 0; i < 3; i++) trade(tally, { side, price: side === 'buy' ? '102' : '98' });
    const [, , shortfall] = await monitor.lookOnce(new Date());
    expect(shortfall).toMatchObject({ code: 'HIGH_IMPLEMENTATION_SHORTFALL', raised: true, samples: 6 });
    expect(shortfall!.value).toBeCloseTo(0.02, 10);
  });
});

describe('what the monitor counts', () => {
  const counted = (events: readonly LogEvent[]) => {
    const tally = new MonitorTally(300);
    for (const one of events) tally.saw(one);
    const sum = { signals: 0, refused: 0, placed: 0, placedMs: 0, fills: 0 };
    for (const slot of tally.take())
      for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += slot[name];
    return sum;
  };
  const fill = event('OrderFilled', 'a', {
    side: 'buy',
    price: '1',
    quantity: '1',
    filledAt: new Date().toISOString(),
  });
  const order = [
    event('TradingSignalGenerated', 'a', {}, 30),
    event('SignalValidated', 'a', {}, 20),
    event('OrderApproved', 'a', { referencePrice: '1' }, 10),
    event('OrderPlaced', 'a'),
    event('OrderPlaced', 'a'),
    fill,
  ];

  it('is the same in whatever order the topics come', () => {
    const expected = { signals: 1, refused: 0, placed: 1, fills: 1 };
    expect(counted(order)).toMatchObject({ ...expected, placedMs: 30 });
    expect(counted(order.toReversed())).toMatchObject(expected);
  });

  it('is no latency where an exit waited for its entry, and begins after validation where a stranger wrote the time', () => {
    expect(counted([...order.slice(0, 2), event('SignalHeld', 'a'), ...order.slice(2)])).toMatchObject({ placed: 0 });
    const strange = { ...event('TradingSignalGenerated', 'a', {}, 250_000), source: undefined };
    expect(counted([strange, ...order.slice(1)])).toMatchObject({ placed: 1, placedMs: 20 });
  });

  it('is what was refused, and what failed after its approval, within the window', () => {
    const events = [
      event('SignalRejected', 'b', { code: 'X' }),
      event('OrderApproved', 'c', {}),
      event('OrderCompleted', 'c', { status: 'failed' }),
      event('OrderApproved', 'd', {}),
      event('OrderCompleted', 'd', { status: 'filled' }),
      event('SignalRejected', 'e', { code: 'X' }, 301_000),
    ];
    expect(counted(events)).toMatchObject({ signals: 3, refused: 2 });
  });
});
