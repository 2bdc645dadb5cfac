import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@switchyard/testing';
import { eventually } from './testing/eventually.js';
import { PaperVenue } from './testing/paper-venue.js';
import { StandaloneProcess, cleanUp } from './testing/standalone-process.js';
import { aSignal, ended, newTrader, settle, type Trader } from './testing/trader.js';

/** Trading that is stopped, from the REST door to the venue's ledger: one user who is, another who does not notice, and everybody at once. */
describe('trading that is stopped', () => {
  let standalone: StandaloneProcess;
  let venue: PaperVenue;
  let ann: Trader;
  let bob: Trader;

  beforeAll(async () => {
    standalone = await StandaloneProcess.start({ args: ['--no-demo'] });
    venue = new PaperVenue(standalone.venueUrl);
    await venue.setBook('BTCUSDT', '7200.00', '7200.10');
    const limits = { tradesPerSecond: 1_000, burst: 1_000 };
    [ann, bob] = [
      await newTrader(standalone, { userId: 'ann', limits }),
      await newTrader(standalone, { userId: 'bob', limits }),
    ];
    for (const { rest } of [ann, bob])
      await eventually(async () => {
        expect(await settle(rest, aSignal())).toMatchObject({ status: 'done', refusals: [] });
      });
  }, 90_000);
  afterAll(cleanUp, 60_000);

  const put = (scope: string, wish: object) => standalone.as('operator').put(`/v1/trading-state/${scope}`, wish);
  const exit = () => aSignal({ side: 'sell', signalType: 'exit', size: undefined });

  it('for one user stops that user’s entries and nobody else’s; exits pass, and only an operator lifts it', async () => {
    const halted = await put('user:ann', { state: 'halted', reason: 'a strategy that went wild' });
    expect(halted).toMatchObject({
      status: 200,
      body: { scope: 'user:ann', state: 'halted', version: 1, verified: true, notAcknowledged: [] },
    });
    expect(halted.body.executors.map((word: any) => word.venue)).toContain('binance');
    expect(await settle(ann.rest, aSignal())).toMatchObject({
      status: 'rejected',
      refusals: [{ code: 'TRADING_HALTED', facts: { scope: 'user:ann', reason: 'a strategy that went wild' } }],
    });
    expect(await settle(bob.rest, aSignal())).toMatchObject({ status: 'done', refusals: [] });
    expect(await ann.rest.put('/v1/trading-state/user:ann', { state: 'active', reason: 'please' })).toMatchObject({
      status: 403,
      body: { code: 'STATE_HELD' },
    });
    expect(await settle(ann.rest, exit())).toMatchObject({ status: 'done', refusals: [] });
    expect(await put('user:ann', { state: 'active', reason: 'mended' })).toMatchObject({
      status: 200,
      body: { version: 2, verified: true },
    });
    expect(await settle(ann.rest, aSignal())).toMatchObject({ status: 'done', refusals: [] });
  });

  it('for everybody, with all that is open cancelled and every position closed, is verified, and says so', async () => {
    const resting = aSignal({ orderType: 'limit', limitPrice: '6900.00' });
    expect((await bob.rest.post('/v1/signals', resting)).status).toBe(202);
    const statusOf = async (): Promise<readonly string[]> =>
      (await venue.ledger(bob.accountKey)).map(({ status }) => status.toLowerCase());
    await eventually(async () => {
      expect(await statusOf()).toContain('open');
    });
    const open = async (): Promise<number> => (await standalone.as('operator').all('/v1/positions?status=open')).length;
    await until(async () => (await open()) >= 2);
    const killed = await put('global', { state: 'halted', reason: 'stop everything', flatten: true });
    expect(killed).toMatchObject({
      status: 200,
      body: {
        ...{ scope: 'global', state: 'halted', cancelOpen: true, verified: true, notAcknowledged: [] },
        flatten: { outcome: 'flat', positions: [] },
      },
    });
    const cancelled = killed.body.executors.reduce((sum: number, word: any) => sum + Number(word.cancelled), 0);
    expect(cancelled).toBe(1);
    expect(await statusOf()).not.toContain('open');
    expect(await open()).toBe(0);
    expect(await ended(bob.rest, resting.signalId)).toMatchObject({ status: 'done' });
    for (const { rest } of [ann, bob])
      expect(await settle(rest, aSignal())).toMatchObject({
        status: 'rejected',
        refusals: [{ code: 'TRADING_HALTED', facts: { scope: 'global' } }],
      });
    const audited = await standalone.as('admin').all('/v1/audit?topic=TradingStateChanged');
    expect(audited.filter(({ payload }) => payload.scope === 'global')).toHaveLength(2);
    expect(await put('global', { state: 'active', reason: 'over' })).toMatchObject({ status: 200 });
    for (const { rest } of [ann, bob])
      expect(await settle(rest, aSignal())).toMatchObject({ status: 'done', refusals: [] });
  });

  it('cannot be asked for what makes no sense', async () => {
    for (const [wish, path] of [
      [{ state: 'active', reason: 'x', flatten: true }, 'flatten'],
      [{ state: 'halted', reason: 'x', flatten: true, cancelOpen: false }, 'flatten'],
      [{ state: 'halted', reason: 'x', flatten: 'yes' }, 'flatten'],
    ] as const)
      expect(await put('global', wish)).toMatchObject({ status: 400, body: { code: 'MALFORMED', errors: [{ path }] } });
    expect(await put('moon', { state: 'halted', reason: 'x' })).toMatchObject({ status: 400 });
  });
});
