import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@switchyard/testing';
import { eventually } from './testing/eventually.js';
import { PaperVenue, doubled } from './testing/paper-venue.js';
import { StandaloneProcess, cleanUp, newDataDir } from './testing/standalone-process.js';
import { aSignal, ended, newTrader, type ASignal, type Trader } from './testing/trader.js';

const USERS = 5;
const PAIRS = ['BTC-USD', 'ETH-USD', 'LTC-USD'];
/** Beyond what is looked up, retried or waited for after a crash. */
const END_DEADLINE_MS = 60_000;

/** The plug is pulled while signals are under way: nothing is lost, nothing is sent twice, and everybody agrees on what happened. */
describe('a kill -9 of everything', () => {
  let dataDir: string;
  let standalone: StandaloneProcess;
  const traders: Trader[] = [];

  const start = (): Promise<StandaloneProcess> =>
    StandaloneProcess.start({
      dataDir,
      args: ['--no-demo'],
      // Five lost answers in a row open the venue's circuit, for a minute where nothing else is said.
      env: { SWITCHYARD_EXECUTION_BREAKER_OPEN_S: '2' },
    });

  /** A trader of the process that runs now; ports change from start to start. */
  const restOf = ({ userId, token }: Trader) => standalone.as(userId, token);

  /** Sends `each` signals of every user, a batch a user. @returns those that were answered "accepted", by user */
  const send = async (each: number): Promise<readonly (readonly [Trader, readonly ASignal[]])[]> =>
    Promise.all(
      traders.map(async (trader, user) => {
        const signals = Array.from({ length: each }, (_, i) =>
          aSignal({ pair: PAIRS[(i + user) % PAIRS.length], size: { quote: '50.00' }, tradeId: `trade-${i}` }),
        );
        const { status, body } = await restOf(trader).post('/v1/signals/batch', signals);
        expect(status).toBe(200);
        expect(body.items.map((item: any) => item.status)).toEqual(signals.map(() => 202));
        return [trader, signals] as const;
      }),
    );

  const restart = async (): Promise<void> => {
    await standalone.kill();
    standalone = await start();
  };

  const venueNow = (): PaperVenue => new PaperVenue(standalone.venueUrl);

  /** Orders take effect and their answers are lost, in every way that a network and a gateway know. */
  const loseAnswers = async (faults: readonly string[]): Promise<void> => {
    const match = { path: '/api/v3/order', method: 'POST' };
    for (const fault of faults) await venueNow().fault({ fault, match, count: 4 });
  };

  /** Every signal's end, with a reason for each that was not filled. */
  const endsOf = async (sent: readonly (readonly [Trader, readonly ASignal[]])[]) =>
    Promise.all(
      sent.flatMap(([trader, signals]) =>
        signals.map(async ({ signalId }) => {
          const story = await ended(restOf(trader), signalId, END_DEADLINE_MS);
          const [parentId] = story.orderIds as readonly string[];
          const parent = parentId === undefined ? undefined : (await restOf(trader).get(`/v1/orders/${parentId}`)).body;
          return { signalId, story, parent };
        }),
      ),
    );

  /** Books, ledger and lists say the same of every trader. */
  const expectAgreement = async (): Promise<void> => {
    const venue = new PaperVenue(standalone.venueUrl);
    const ledger = await venue.ledger();
    expect(doubled(ledger)).toEqual([]);
    for (const trader of traders) {
      const rows = ledger.filter(({ accountKey }) => accountKey === trader.accountKey);
      const atVenue = rows.flatMap(({ clientOrderId, fills }) => fills.map((fill) => ({ clientOrderId, ...fill })));
      const executions = await restOf(trader).all('/v1/executions');
      const key = ({ clientOrderId, tradeId, quantity, price }: any): string =>
        [clientOrderId, tradeId, Number(quantity), Number(price)].join(' ');
      expect(executions.map(key).sort()).toEqual(atVenue.map(key).sort());
      const held = new Map<string, number>();
      for (const { feeCurrency, fee, quantity, clientOrderId } of atVenue) {
        const symbol = rows.find((row) => row.clientOrderId === clientOrderId)?.venueSymbol ?? '';
        const base = symbol.replace(/USDT$/, '');
        const bought = Number(quantity) - (feeCurrency === base ? Number(fee) : 0);
        held.set(base, (held.get(base) ?? 0) + bought);
      }
      const positions = await restOf(trader).all('/v1/positions?status=open');
      const shown = new Map<string, number>();
      for (const { pair, quantity } of positions) {
        const base = String(pair).replace(/-USD$/, '');
        shown.set(base, (shown.get(base) ?? 0) + Number(quantity));
      }
      for (const [base, quantity] of held) expect([base, shown.get(base)]).toEqual([base, expect.closeTo(quantity, 8)]);
    }
  };

  beforeAll(async () => {
    dataDir = await newDataDir();
    standalone = await start();
    const limits = { maxSectorPercent: 1_000, maxOpenPositions: 1_000, tradesPerSecond: 10_000, burst: 10_000 };
    for (let user = 0; user < USERS; user++)
      traders.push(await newTrader(standalone, { userId: `crash-${user}`, limits }));
  }, 90_000);
  afterAll(cleanUp, 60_000);

  it('right after 100 signals were accepted loses none of them', async () => {
    const sent = await send(20);
    await restart();
    expectEnds(await endsOf(sent), 100);
    await eventually(expectAgreement);
  }, 120_000);

  it('with 100 signals under way, orders out and answers lost: each comes to an end, none is traded twice', async () => {
    const before = (await venueNow().ledger()).length;
    await loseAnswers(['reset_after', 'hang_after', 'http_504_after', 'empty_200']);
    const sent = await send(20);
    await until(async () => (await venueNow().ledger()).length >= before + 10);
    await restart(); // the venue is healthy again: its faults were in memory
    expectEnds(await endsOf(sent), 100);
    await eventually(expectAgreement);
  }, 120_000);

  it('is not needed for that: answers that are lost for good double nothing either', async () => {
    await loseAnswers(['reset_after', 'http_504_after', 'empty_200', 'truncated_200']);
    const sent = await send(8);
    expectEnds(await endsOf(sent), 40);
    await venueNow().clearFaults();
    await eventually(expectAgreement);
  }, 120_000);
});

interface End {
  readonly story: any;
  readonly parent: any;
}

/** Done or rejected; and what did not trade says why. */
const expectEnds = (ends: readonly End[], count: number): void => {
  expect(ends).toHaveLength(count);
  for (const { story, parent } of ends) {
    const failed = (parent?.history ?? []).filter(({ event }: any) => event === 'OrderFailed');
    const reasons = [...story.refusals, ...failed.map(({ facts }: any) => facts)].map(({ code }) => code as string);
    const traded = parent?.status === 'filled';
    expect([story.signalId, traded || reasons.every((code) => /^[A-Z_]+$/.test(code))]).toEqual([story.signalId, true]);
    expect([story.signalId, traded || reasons.length > 0]).toEqual([story.signalId, true]);
  }
};
