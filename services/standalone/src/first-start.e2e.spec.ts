import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { until } from '@switchyard/testing';
import { eventually } from './testing/eventually.js';
import { PaperVenue, type LedgerRow } from './testing/paper-venue.js';
import { StandaloneProcess, cleanUp, newDataDir, postgresOf } from './testing/standalone-process.js';

const run = promisify(execFile);

const ALL_VENUES = { SWITCHYARD_VENUES: '' };

/** What a newcomer does: start, paste two commands, stop, start again. */
describe('the first start', () => {
  let dataDir: string;
  let standalone: StandaloneProcess;
  let orderPath: string;

  const paste = async (command: string | undefined): Promise<any> => {
    const { stdout } = await run('/bin/sh', ['-c', command ?? 'false']);
    return JSON.parse(stdout) as unknown;
  };
  const order = async (): Promise<any> => (await standalone.as('demo').get(orderPath)).body;
  const ledgerOf = async ({ venue, clientOrderId }: any): Promise<readonly LedgerRow[]> =>
    (await new PaperVenue(standalone.originOf(venue)).ledger()).filter((row) => row.clientOrderId === clientOrderId);

  beforeAll(async () => {
    dataDir = await newDataDir();
    standalone = await StandaloneProcess.start({ dataDir, env: ALL_VENUES });
    const found = /(\/v1\/orders\/[0-9a-f]{32})/.exec(standalone.curls[1] ?? '');
    orderPath = found?.[1] ?? 'no order in the second command';
  }, 90_000);
  afterAll(cleanUp, 60_000);

  it('is ready in under 30 s, and keeps tokens and keys from other users of the machine', () => {
    expect(standalone.readyAfterMs).toBeLessThan(30_000 * crowd());
    for (const file of ['tokens.json', 'kek']) expect(statSync(join(dataDir, file)).mode & 0o777).toBe(0o600);
  });

  it('takes the printed signal, and the printed order is filled seconds later', async () => {
    const answer = await paste(standalone.curls[0]);
    expect(answer).toEqual({ signalId: expect.stringMatching(/^hello-\d+$/), eventId: expect.any(String) });
    await until(async () => (await paste(standalone.curls[1])).status === 'filled', 15_000);
  });

  it("tells the order's whole story, in the order in which it happened", async () => {
    const steps = [
      'TradingSignalGenerated',
      'SignalValidated',
      'OrderApproved',
      'OrderRouted',
      'OrderPlaced',
      'OrderFilled',
      'OrderCompleted',
    ];
    await until(async () => (await order()).history.some(({ event }: any) => event === 'OrderCompleted'));
    const { history } = await order();
    expect(history.map(({ event }: any) => event).filter((event: string) => steps.includes(event))).toEqual(steps);
    for (const step of history)
      expect(step).toEqual({
        at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        event: expect.any(String),
        service: expect.any(String),
        reason: expect.stringMatching(/\S/),
        facts: expect.any(Object),
      });
    expect(history.map(({ at }: any) => at)).toEqual([...history.map(({ at }: any) => at)].sort());
  });

  it("agrees with the venue's ledger, to the last digit", async () => {
    const parent = await order();
    const [child] = parent.children;
    const rows = await ledgerOf(child);
    expect(rows).toHaveLength(1);
    const [row] = rows;
    expect(row).toMatchObject({ venueOrderId: child.venueOrderId, venueSymbol: child.venueSymbol, side: 'buy' });
    expect(Number(row?.quantity)).toBe(Number(child.quantity));
    const executions = await eventually(async () => {
      const found = await standalone.as('demo').all(`/v1/executions?orderId=${parent.orderId as string}`);
      expect(found).toHaveLength(row?.fills.length ?? 0);
      return found;
    });
    expect(executions.map(fillOf).sort(byTrade)).toEqual(
      (row?.fills ?? [])
        .map(({ tradeId, quantity, price, fee, feeCurrency }) =>
          fillOf({ tradeId, quantity, price, fee: { amount: fee, currency: feeCurrency } }),
        )
        .sort(byTrade),
    );
    expect(executions.length).toBeGreaterThan(0);
  });

  it('shows position, balances and audit rows that say the same', async () => {
    const demo = standalone.as('demo');
    const parent = await order();
    const bought = Number(parent.filledQuantity) - Number(parent.fees.BTC);
    await until(async () => {
      const balances = (await demo.all('/v1/balances')).flatMap(({ balances: held }) => held);
      return Number(balances.find(({ currency }: any) => currency === 'BTC')?.total) === round(bought);
    });
    const audited = await eventually(async () => {
      const [position] = await demo.all('/v1/positions?status=open');
      expect(position).toMatchObject({ pair: 'BTC-USD', side: 'long', parentOrderId: parent.orderId });
      expect(Number(position.quantity)).toBe(round(bought));
      const rows = await demo.all(`/v1/audit?signalId=${parent.signalId as string}`);
      expect(rows.map(({ topic }) => topic)).toEqual(
        expect.arrayContaining([
          'TradingSignalGenerated',
          'SignalValidated',
          'OrderApproved',
          `OrderRouted.${parent.children[0].venue as string}`,
          'OrderPlaced',
          'OrderFilled',
          'OrderCompleted',
          'PositionOpened',
        ]),
      );
      return rows;
    });
    expect(new Set(audited.map(({ userId }) => userId))).toEqual(new Set(['demo']));
  });

  it('ends cleanly when it is told to, and has it all again within 5 s of the next start', async () => {
    const before = await order();
    const { code, signal, output } = await standalone.stop();
    expect({ code, signal }).toEqual({ code: 0, signal: null });
    expect(output).toMatch(/stopped\n$/);
    standalone = await StandaloneProcess.start({ dataDir, env: ALL_VENUES });
    expect(standalone.readyAfterMs).toBeLessThan(5_000 * crowd());
    expect(await order()).toEqual(before);
    expect(await ledgerOf(before.children[0])).toHaveLength(1);
    expect(await standalone.as('demo').all('/v1/positions?status=open')).toHaveLength(1);
  }, 60_000);

  it('prints a fresh signal at each start, which meets no limit', async () => {
    await paste(standalone.curls[0]);
    await until(async () => (await paste(standalone.curls[1])).status === 'filled', 15_000);
  });

  it('ends in order at Ctrl-C too, though that comes twice', async () => {
    const { code, signal } = await standalone.interrupt();
    expect({ code, signal }).toEqual({ code: 0, signal: null });
    expect(await postgresOf(dataDir)).toBeUndefined();
  }, 60_000);
});

/** How many want each core: on a machine that does other things too, a start takes as many times longer. */
const crowd = (): number => Math.max(1, (loadavg()[0] ?? 0) / availableParallelism());

const round = (quantity: number): number => Number(quantity.toFixed(8));

/** What makes a fill the same fill, whoever tells of it. */
const fillOf = ({ tradeId, quantity, price, fee }: any) => ({
  tradeId: String(tradeId),
  quantity: Number(quantity),
  price: Number(price),
  fee: { amount: Number(fee.amount), currency: fee.currency as string },
});
const byTrade = (a: { readonly tradeId: string }, b: { readonly tradeId: string }): number =>
  a.tradeId.localeCompare(b.tradeId);
