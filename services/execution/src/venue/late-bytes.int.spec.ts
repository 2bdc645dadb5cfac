import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { KeyRing } from '@switchyard/auth';
import { startPaperExchange, type LedgerRow, type PaperExchange } from '@switchyard/paper-exchange-service';
import { testDatabase } from '@switchyard/persistence/testing';
import { until } from '@switchyard/testing';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OpenedVenue } from '../adapters/opened-venue.js';
import type { Executor } from '../executor.js';
import { clientOrderIdOf, openHarness, type Harness } from '../testing/harness.js';
import { ScriptedVenue } from '../testing/scripted-venue.js';

/** A wire between an executor and the venue on which an order's request can be kept: our last look at the clock is over by then. */
class HoldingWire {
  holding = false;
  readonly held: (() => void)[] = [];
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;

  constructor(port: number) {
    this.server = createServer((from) => {
      const to = connect(port, '127.0.0.1');
      for (const socket of [from, to]) {
        this.sockets.add(socket);
        socket.on('error', () => undefined);
      }
      to.pipe(from);
      from.on('data', (bytes: Buffer) => {
        if (this.holding && bytes.includes('POST /api/v3/order')) this.held.push(() => void to.write(bytes));
        else to.write(bytes);
      });
      from.on('end', () => {
        // What is held leaves all the same.
        if (this.held.length === 0) to.end();
      });
    });
  }

  async listen(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  release(): void {
    this.holding = false;
    for (const send of this.held.splice(0)) send();
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }
}

const postgres = testDatabase();
const ring = KeyRing.of([randomBytes(32)]);
const key = { apiKey: 'late-key-1', secret: 'late-secret' };
let harness: Harness;
let paper: PaperExchange;
let wire: HoldingWire;
let wireUrl: string;
let dataDir: string;
const running: Executor[] = [];

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'execution-late-'));
  harness = await openHarness(postgres);
  paper = await startPaperExchange({
    venue: 'binance',
    port: 0,
    dataDir,
    accounts: [{ accountKey: key.apiKey, secret: key.secret, balances: { USDT: '100000' } }],
  });
  wire = new HoldingWire(Number(new URL(paper.url).port));
  wireUrl = await wire.listen();
}, 30_000);
afterAll(async () => {
  await wire.close();
  await paper.close();
  await rm(dataDir, { recursive: true, force: true });
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((executor) => executor.stop()));
  await harness.reset();
});

const executorAt = async (origin: string): Promise<Executor> => {
  const executor = harness.replica(
    new ScriptedVenue(),
    { sendWithinMs: 2_000, venueWindowMs: 300, balanceIntervalMs: 60_000 },
    {
      access: new OpenedVenue({
        venue: 'binance',
        origin,
        deadlineMs: 60_000,
        rules: { liveTradingEnabled: false, simulatedOrigins: [], allowedLiveOrigins: [] },
      }),
      keys: {
        open: ({ userId, accountId, venue, sealedDataKey, sealed }) =>
          Promise.resolve(ring.openCredentials({ userId, accountId, venue }, sealedDataKey, sealed)),
      },
    },
  );
  await executor.start();
  running.push(executor);
  return executor;
};

describe('an executor that stands still after its last look at the clock, before the bytes leave', () => {
  it('trades nothing with them: by then its heir has proven that they never arrived, and the venue refuses them', async () => {
    await harness.account('acc-1', 'user-1', 'paper');
    const dataKey = await ring.newDataKey('user-1');
    const place = { userId: 'user-1', accountId: 'acc-1', venue: 'binance' };
    await harness.seal('acc-1', dataKey, await ring.sealCredentials(place, dataKey, key));
    const late = await executorAt(wireUrl);
    wire.holding = true;
    const [order] = await harness.route({ quantity: '0.01' });
    late.ring({ venue: true, simulator: false, accounts: true });
    await until(() => wire.held.length === 1);

    await harness.expireLeases();
    await executorAt(paper.url);
    await until(async () => (await harness.row(order!.orderId))['status'] === 'failed', 30_000);
    const told = await harness.events(order!.orderId);
    expect(told).toMatchObject([{ type: 'OrderFailed', payload: { code: 'NEVER_ARRIVED' } }]);

    const ours = async (): Promise<readonly LedgerRow[]> => {
      const { orders } = (await (await fetch(`${paper.url}/_ledger`)).json()) as { orders: readonly LedgerRow[] };
      return orders.filter(({ clientOrderId }) => clientOrderId === clientOrderIdOf(order!.orderId));
    };
    expect(await ours()).toEqual([]);
    wire.release();
    await until(async () => (await ours()).length === 1);
    expect(await ours()).toMatchObject([{ status: 'rejected', fills: [] }]);
    await until(() => late.workers.inFlight === 0);
    expect(await harness.events(order!.orderId)).toEqual(told);
  });
});
