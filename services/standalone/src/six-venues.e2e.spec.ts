import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { VENUES } from '@switchyard/model';
import { until } from '@switchyard/testing';
import { playKeys } from './demo/play-account.js';
import { eventually } from './testing/eventually.js';
import { PaperVenue, doubled } from './testing/paper-venue.js';
import { StandaloneProcess, cleanUp } from './testing/standalone-process.js';

const COMMAND_LINE = join(import.meta.dirname, '../../cli/dist/main.js');

/** All simulated venues that there are, each spoken to by its own ccxt class; `demo-desk` is rich enough for more than one of them. */
describe('at all venues', () => {
  let standalone: StandaloneProcess;

  beforeAll(async () => {
    standalone = await StandaloneProcess.start({
      // A circuit that opened is closed again within the test.
      env: { SWITCHYARD_VENUES: VENUES.join(','), SWITCHYARD_EXECUTION_BREAKER_OPEN_S: '1' },
    });
    const desk = standalone.as('demo-desk');
    await until(async () => (await desk.all('/v1/balances')).length === VENUES.length, 30_000);
    await until(async () => {
      const venues = (await desk.get('/execution/venues')).body as readonly any[];
      return VENUES.every((name) => venues.some(({ venue, pairs }) => venue === name && pairs.includes('BTC-USD')));
    }, 30_000);
  }, 120_000);
  afterAll(cleanUp, 60_000);

  const settled = async (signalId: string, more: object): Promise<any> => {
    const desk = standalone.as('demo-desk');
    const signal = { signalId, pair: 'BTC-USD', side: 'buy', signalType: 'entry', orderType: 'market', ...more };
    expect((await desk.post('/v1/signals', signal)).status).toBe(202);
    return eventually(async () => {
      const { status, orderIds } = (await desk.get(`/v1/signals/${signalId}`)).body;
      expect(status).toBe('done');
      return (await desk.get(`/v1/orders/${orderIds[0] as string}`)).body;
    });
  };
  const ledgerRow = async ({ venue, clientOrderId }: any) =>
    (await new PaperVenue(standalone.originOf(venue)).ledger()).filter((row) => row.clientOrderId === clientOrderId);

  const only = async (venue: string): Promise<any> =>
    settled(`only-${venue}-${randomUUID()}`, { size: { base: '0.05' }, venues: { only: [venue] } });

  it.each(VENUES)('an order that names %s alone is filled there, and its ledger says the same', async (venue) => {
    const parent = await only(venue);
    expect(parent).toMatchObject({ status: 'filled', filledQuantity: '0.05' });
    expect(parent.children).toMatchObject([{ venue, status: 'filled' }]);
    const [row] = await ledgerRow(parent.children[0]);
    expect(row!.fills.reduce((sum, { quantity }) => sum + Number(quantity), 0)).toBeCloseTo(0.05, 8);
  });

  /** The same book at each of them, 60 deep: an order gets 30 of it at the most. */
  const standingBooks = async (venues: readonly string[] = VENUES): Promise<void> => {
    const desk = standalone.as('demo-desk');
    const figures = async (venue: string) => (await desk.get(`/v1/microstructure/${venue}/BTC-USD`)).body.figures;
    const price = Math.round(Number((await figures('binance')).mid));
    for (const venue of venues) {
      const [child] = (await only(venue)).children;
      await new PaperVenue(standalone.originOf(venue)).setBook(child.venueSymbol, `${price - 1}`, `${price + 1}`, '60');
    }
    for (const venue of venues) await until(async () => (await figures(venue))?.mid === `${price}`, 20_000);
  };

  it('an order that no single book holds is split, filled at each venue, and its story says why the others were not used', async () => {
    await standingBooks();
    const parent = await settled('split', { size: { base: '100' } });
    expect(parent).toMatchObject({ status: 'filled', filledQuantity: '100' });
    expect(parent.children.length).toBeGreaterThanOrEqual(4);
    const total = parent.children.reduce((sum: number, { quantity }: any) => sum + Number(quantity), 0);
    expect(total).toBeCloseTo(100, 8);
    for (const child of parent.children) {
      expect(child.status).toBe('filled');
      expect(await ledgerRow(child)).toHaveLength(1);
    }
    const routed = parent.history.filter(({ event }: any) => event === 'OrderRouted');
    const { venues } = routed[0].facts.decision;
    expect(venues.map(({ venue }: any) => venue).sort()).toEqual([...VENUES].sort());
    for (const { venue, expectedCost } of venues.filter(({ chosen }: any) => chosen)) {
      expect(expectedCost).toMatch(/^\d+(\.\d+)?$/);
      expect(routed[0].reason).toContain(`at ${venue as string}`);
    }
    for (const { venue } of venues.filter(({ chosen }: any) => !chosen))
      expect(routed[0].reason).toMatch(new RegExp(`Not used: .*${venue as string} \\(`));
    await isReplayed(parent);
  }, 60_000);

  /** What any operator does who wants to know: the decision comes out of the trail as it was made. */
  const isReplayed = async ({ orderId, children }: any): Promise<void> => {
    const env = { ...process.env, SWITCHYARD_DATA_DIR: standalone.dataDir, DATABASE_URL: '' };
    const replay = () => promisify(execFile)(process.execPath, [COMMAND_LINE, 'replay', orderId as string], { env });
    let out = '';
    await until(async () => {
      ({ stdout: out } = await replay());
      return !out.includes('AUDIT_NOT_SEALED');
    });
    expect(out).toMatch(/^trail +\d+ rows, each as its hash says; sealed, and held by batch /m);
    for (const { venue, filledQuantity } of children)
      expect(out).toMatch(new RegExp(`^${venue as string} .* ${filledQuantity as string} .* used$`, 'm'));
    expect(out.trimEnd().split('\n').at(-1)).toBe('same');
  };

  describe('where one is in trouble', () => {
    const okx = (): PaperVenue => new PaperVenue(standalone.originOf('okx'));
    /** Of the desk alone: others trade there too. */
    const ofTheDesk = { accountKey: playKeys('demo-desk', 'okx').apiKey };
    const wishingForOkx = { size: { base: '0.05' }, venues: { prefer: ['okx'] } };
    afterEach(() => okx().clearFaults());

    it('an order that it refuses is filled at the next best, and its story tells of both', async () => {
      await okx().fault({ fault: 'refuse', match: ofTheDesk });
      const parent = await settled('refused', wishingForOkx);
      expect(parent).toMatchObject({ status: 'filled', filledQuantity: '0.05' });
      const [refused, taken, ...more] = parent.children;
      expect(more).toEqual([]);
      expect(refused).toMatchObject({ venue: 'okx', status: 'rejected', filledQuantity: '0' });
      expect(taken).toMatchObject({ venue: expect.not.stringMatching('okx'), status: 'filled' });
      expect(await ledgerRow(refused)).toMatchObject([{ status: 'rejected', fills: [] }]);
      expect(await ledgerRow(taken)).toHaveLength(1);
    });

    it('an order that it has, for all that we know, goes nowhere else: its answer was lost, and it is found', async () => {
      const placing = { path: '/api/v5/trade/order', method: 'POST' };
      await okx().fault({ fault: 'reset_after', match: { ...ofTheDesk, ...placing }, count: 1 });
      const parent = await settled('unknown', wishingForOkx);
      expect(parent).toMatchObject({ status: 'filled', filledQuantity: '0.05' });
      expect(parent.children).toMatchObject([{ venue: 'okx', status: 'filled' }]);
      expect(parent.history.map(({ event }: any) => event)).not.toContain('OrderFailed');
      expect(await ledgerRow(parent.children[0])).toHaveLength(1);
    });

    it('an order that is cancelled ends with what was filled elsewhere; what waited there is never sent', async () => {
      const desk = standalone.as('demo-desk');
      const send = async (signalId: string, size: string, only: readonly string[]): Promise<void> => {
        const entry = { pair: 'BTC-USD', side: 'buy', signalType: 'entry', orderType: 'market' };
        const body = { signalId, ...entry, size: { base: size }, venues: { only } };
        expect((await desk.post('/v1/signals', body)).status).toBe(202);
      };
      const parentOf = (signalId: string): Promise<string> =>
        eventually(async () => {
          const [parentId] = (await desk.get(`/v1/signals/${signalId}`)).body.orderIds;
          expect(parentId).toBeDefined();
          return parentId as string;
        });
      const childAt = async (parentId: string, where: string): Promise<any> =>
        (await desk.get(`/v1/orders/${parentId}`)).body.children.find(({ venue }: any) => venue === where);
      await standingBooks(['okx', 'kraken']);
      // Its answer does not come: the next of its account and pair waits.
      const placing = { path: '/api/v5/trade/order', method: 'POST' };
      await okx().fault({ fault: 'hang_after', match: { ...ofTheDesk, ...placing }, count: 1 });
      await send('blocking', '0.05', ['okx']);
      await send('half', '40', ['okx', 'kraken']);
      const [blocking, parentId] = [await parentOf('blocking'), await parentOf('half')];
      await until(async () => (await childAt(parentId, 'kraken'))?.status === 'filled');
      await until(async () => (await ledgerRow(await childAt(blocking, 'okx'))).length === 1);
      const waiting = await childAt(parentId, 'okx');
      expect(waiting.status).toBe('queued');
      expect((await desk.delete(`/v1/orders/${parentId}`)).status).toBe(202);
      const parent = await eventually(async () => {
        const { body } = await desk.get(`/v1/orders/${parentId}`);
        expect(body.status).toBe('partially_filled');
        return body;
      });
      expect(parent.filledQuantity).toBe((await childAt(parentId, 'kraken')).quantity);
      expect(await childAt(parentId, 'okx')).toMatchObject({ status: 'cancelled', filledQuantity: '0' });
      expect(parent.children).toHaveLength(2);
      expect(await ledgerRow(waiting)).toEqual([]);
    }, 60_000);

    it('one that is down is done without, what was on its way there goes nowhere else, and it is used again by itself', async () => {
      const desk = standalone.as('demo-desk');
      const parents: string[] = [];
      const childrenOf = async (parentId: string): Promise<readonly any[]> =>
        (await desk.get(`/v1/orders/${parentId}`)).body.children;
      const send = async (pair: string): Promise<string> => {
        const signalId = `down-${parents.length}`;
        const entry = { signalId, pair, side: 'buy', signalType: 'entry', orderType: 'market', ...wishingForOkx };
        expect((await desk.post('/v1/signals', entry)).status).toBe(202);
        return eventually(async () => {
          const [parentId] = (await desk.get(`/v1/signals/${signalId}`)).body.orderIds;
          expect(parentId).toBeDefined();
          parents.push(parentId);
          return parentId;
        });
      };
      const venueOf = async (pair: string): Promise<string> => {
        const parentId = await send(pair);
        return eventually(async () => {
          const filled = (await childrenOf(parentId)).find(({ status }) => status === 'filled');
          expect(filled).toBeDefined();
          return filled.venue;
        });
      };
      const isHealthy = async (): Promise<boolean> =>
        ((await desk.get('/execution/venues')).body as readonly any[]).find(({ venue }) => venue === 'okx').healthy;

      await okx().fault({ fault: 'down' });
      // It is sent, unless the venue is known to be down by then: nobody knows whether it arrived.
      const first = await send('BTC-USD');
      await until(async () => !(await isHealthy()), 30_000);
      expect(VENUES.filter((venue) => venue !== 'okx')).toContain(await venueOf('ETH-USD'));
      expect((await childrenOf(first)).filter(({ venue, status }) => venue === 'okx' && status === 'filled')).toEqual(
        [],
      );
      await okx().clearFaults();
      await until(async () => (await venueOf('LTC-USD')) === 'okx', 30_000);

      const ledgers = await Promise.all(VENUES.map((venue) => new PaperVenue(standalone.originOf(venue)).ledger()));
      expect(ledgers.flatMap(doubled)).toEqual([]);
      for (const parentId of parents) {
        const alive = (await childrenOf(parentId)).filter(({ status }) => !['failed', 'rejected'].includes(status));
        expect(alive).toHaveLength(1);
      }
    }, 90_000);
  });
});
