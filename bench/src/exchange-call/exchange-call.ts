import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parseArgs } from 'node:util';
import {
  VENUES,
  mayUse,
  openVenue,
  simulatedCredentials,
  venueVariables,
  type Credentials,
  type Instrument,
  type VenueName,
} from '@switchyard/exchanges';
import { decimal, floorTo, plain } from '@switchyard/money';
import { below, type Benchmark, type Figures, type Goal } from '../benchmark.js';
import { answering, startProgram } from '../pipeline/child.js';
import { freePorts } from '../pipeline/ports.js';
import { median, rounded, spreadPercent } from '../statistics.js';
import { ccxtAlone } from './ccxt-alone.js';

const ROOT = join(import.meta.dirname, '../../..');
const CONCURRENCIES = [1, 10, 50] as const;
const GOAL = 1.3;

/** Places one order and resolves when the venue has answered. */
type Place = () => Promise<void>;

/**
 * What an order call costs: our client, with its checks, deadlines and reading of the answer, beside ccxt's class alone. Both place the
 * same order at the same simulated venue, in turns; CPU time of this process alone. The order is a limit buy far below the market, IOC:
 * it is taken, and leaves nothing.
 */
export const exchangeCall: Benchmark = {
  name: 'exchange-call',
  what: 'CPU time of an order call through our client beside ccxt alone, by venue and calls under way',
  async run({ directory, arguments: args, log }) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        venue: { type: 'string', multiple: true, default: Object.keys(VENUES) },
        rounds: { type: 'string', default: '7' },
        calls: { type: 'string', default: '300' },
      },
    });
    const [rounds, calls] = [Number(values.rounds), Number(values.calls)];
    const figures: Record<string, number> = {};
    const goals: Goal[] = [];
    for (const venue of values.venue as readonly VenueName[]) {
      log.info(`${venue} ...`);
      const measured = await measure(venue, join(directory, venue), rounds, calls);
      Object.assign(figures, measured);
      const memory = measured[`${venue}.megabytesPerClient`] ?? NaN;
      goals.push(below(`${venue}, a client's memory`, memory, 'MB', 0.5));
      for (const under of concurrenciesOf(venue))
        goals.push(
          below(`${venue}, ${under} at once`, measured[`${venue}.${under}.ratio`] ?? NaN, 'x ccxt alone', GOAL),
        );
    }
    return { figures, goals, setting: { rounds, callsPerRound: calls } };
  },
};

/** ccxt alone has no order among calls whose nonces must rise: one at a time. */
const concurrenciesOf = (venue: VenueName): readonly number[] =>
  VENUES[venue].capabilities.serialNonce ? [1] : CONCURRENCIES;

const measure = async (venue: VenueName, dataDir: string, rounds: number, calls: number): Promise<Figures> => {
  const port = await freePorts(1);
  const origin = `http://127.0.0.1:${port}`;
  const simulator = await startProgram({
    name: `the simulated ${venue}`,
    script: join(ROOT, 'services/paper-exchange/dist/main.js'),
    args: ['--venue', venue, '--port', String(port), '--data-dir', dataDir],
    env: process.env,
    ready: () => answering(`${origin}/ready`),
  });
  try {
    const { ours, alone, newClient, close } = await placers(venue, origin);
    const figures: Record<string, number> = { [`${venue}.megabytesPerClient`]: memoryOf(newClient) };
    for (const under of concurrenciesOf(venue)) {
      const us: number[] = [];
      const them: number[] = [];
      // The first rounds are compiled during their run.
      for (let round = -2; round < rounds; round += 1) {
        const [one, other] = [await cpuOf(ours, calls, under), await cpuOf(alone, calls, under)];
        if (round < 0) continue;
        us.push(one);
        them.push(other);
      }
      figures[`${venue}.${under}.microseconds`] = rounded(median(us), 0);
      figures[`${venue}.${under}.ccxtMicroseconds`] = rounded(median(them), 0);
      figures[`${venue}.${under}.ratio`] = rounded(median(us.map((one, round) => one / (them[round] ?? NaN))));
      figures[`${venue}.${under}.spreadPercent`] = rounded(spreadPercent(us), 0);
    }
    await close();
    return figures;
  } finally {
    await simulator.stop();
  }
};

const placers = async (venueName: VenueName, origin: string) => {
  const [credentials, theirs] = ['ours', 'ccxt'].map((whose) => simulatedCredentials(venueName, whose)) as [
    Credentials,
    Credentials,
  ];
  for (const keys of [credentials, theirs]) await open(origin, keys, { USD: '100000000', USDT: '100000000' });
  const venue = await openVenue(venueName, {
    origin,
    ...(venueVariables(venueName).keys.length > 0 && { credentials }),
  });
  const listed = await venue.marketData.instruments();
  const instrument = listed.kind === 'answered' ? listed.value.find(({ base }) => base === 'BTC') : undefined;
  if (instrument === undefined) throw new Error(`the simulated ${venueName} lists no BTC`);
  const order = await farBelow(venue, instrument);
  const rules = { liveTradingEnabled: false, simulatedOrigins: [], allowedLiveOrigins: [] };
  const use = mayUse('paper', origin, { ...rules, venue: venue.capabilities.origins });
  if (use.kind === 'refused') throw new Error(use.message);
  const client = venue.client(credentials, use.permit);
  const ccxt = await ccxtAlone(venueName, origin, theirs);
  const ours: Place = async () => {
    const outcome = await client.place(
      {
        ...{ pair: instrument.pair, venueSymbol: instrument.venueSymbol, clientOrderId: newId() },
        ...{ side: 'buy', orderType: 'limit', timeInForce: 'ioc', ...order },
        ...{ stopPrice: null, postOnly: false, displayQuantity: null },
      },
      { sendBy: performance.now() + 60_000, recvWindowMs: 5_000 },
    );
    if (outcome.kind !== 'accepted') throw new Error(`${venueName}: an order was ${outcome.kind}: ${outcome.message}`);
  };
  const symbol = `${instrument.base}/${instrument.quote}`;
  const alone: Place = async () => {
    const params = { timeInForce: 'IOC', clientOrderId: newId() };
    await ccxt.createOrder(symbol, 'limit', 'buy', order.quantity, order.limitPrice, params);
  };
  const newClient = (n: number): unknown => venue.client({ ...credentials, apiKey: `key-${n}` }, use.permit);
  return { ours, alone, newClient, close: () => venue.close() };
};

const CLIENTS = 300;

/** Megabytes of a client that has not called yet, of many: what a tenant costs at a venue. */
const memoryOf = (newClient: (n: number) => unknown): number => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const used = (): number => {
    collect();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  newClient(-1);
  const before = used();
  const clients = Array.from({ length: CLIENTS }, (_, n) => newClient(n));
  const after = used();
  return rounded((after - before) / clients.length / 1_000_000, 3);
};

const newId = (): string => randomBytes(16).toString('hex');

/** The smallest sound order at half the best bid. */
const farBelow = async (venue: Awaited<ReturnType<typeof openVenue>>, instrument: Instrument) => {
  const book = await venue.marketData.book(instrument, 5);
  const best = book.kind === 'answered' ? book.value.bids[0] : undefined;
  if (best === undefined) throw new Error(`${venue.name} has no book of ${instrument.pair}`);
  const price = floorTo(decimal(best[0]).div(decimal('2')), decimal(instrument.tick));
  return { limitPrice: plain(price), quantity: plain(floorTo(decimal('0.01'), decimal(instrument.lot))) };
};

const open = async (
  origin: string,
  { apiKey, secret, passphrase }: Credentials,
  balances: Readonly<Record<string, string>>,
): Promise<void> => {
  const response = await fetch(`${origin}/_accounts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ accountKey: apiKey, secret, passphrase, balances }),
  });
  if (!response.ok) throw new Error(`the account could not be opened: ${await response.text()}`);
};

/** Microseconds of this process's CPU time a call, so many of them under way. */
const cpuOf = async (place: Place, calls: number, under: number): Promise<number> => {
  const before = process.cpuUsage();
  let left = calls;
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await place();
    }
  };
  await Promise.all(Array.from({ length: under }, worker));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
};
