import type { VenueName } from '@switchyard/exchanges';
import { openDatabase } from '@switchyard/persistence';
import type { LedgerRow } from '@switchyard/paper-exchange-service';
import type { Benchmark, BenchmarkContext } from '../benchmark.js';
import { openDoor } from '../pipeline/door.js';
import { drained } from '../pipeline/load.js';
import { venuesOf } from '../pipeline/options.js';
import { balancesKnown } from '../pipeline/ready.js';
import { startSystem, type System } from '../pipeline/system.js';
import { ensureUsers } from '../pipeline/users.js';
import { figuresOf, reasonsOf, type Spell } from './figures.js';
import { Flow } from './flow.js';
import { failoverOptions, type FailoverOptions } from './options.js';
import { storiesSince } from './story.js';
import { heal, TROUBLES, type Trouble, type Victim } from './trouble.js';
import { Way } from './way.js';

/** Before the first spell, and between two: everything works, and shows it. */
const PEACE_MS = 5_000;
const HEALING_PATIENCE_MS = 180_000;
const LOOK_MS = 250;

/** From a venue that takes no orders to the next one. */
export const failover: Benchmark = {
  name: 'failover',
  what: 'one of all venues refuses, is gone, or down, while signals flow: from its failure to the next venue’s acceptance; and how long until it is used again',
  async run({ directory, arguments: args, log }) {
    const options = failoverOptions(args);
    const { transport, apart, victim, users } = options;
    let way: Way | undefined;
    const system = await startSystem({
      ...{ directory, transport, apart, log },
      venues: venuesOf('all'),
      env: { SWITCHYARD_EXECUTION_BREAKER_OPEN_S: String(options.breakerOpenSeconds) },
      addressOf: (venue, url) => (venue === victim && way !== undefined ? `http://127.0.0.1:${way.port}` : url),
      // The way is there before anybody goes it.
      prepare: async (venues) => {
        way = await Way.open(Number(new URL(venues.get(victim) ?? '').port));
      },
    });
    try {
      await ensureUsers({ env: system.env, venues: system.venues, users: { simulated: 0, paper: users } });
      log.info(`services run; ${users} users have accounts at ${system.venues.size} venues`);
      if (way === undefined) throw new Error(`${victim} is no venue of this run`);
      return await measure(system, options, { url: system.venues.get(victim) ?? '', way }, log);
    } finally {
      await way?.shut();
      await system.stop();
    }
  },
};

const measure = async (system: System, options: FailoverOptions, victim: Victim, log: BenchmarkContext['log']) => {
  const db = await openDatabase({ url: system.databaseUrl, schema: 'log', applicationName: 'bench', poolSize: 4 });
  const door = await openDoor(system, db);
  const since = new Date();
  const flow = new Flow({ ...options, door, prefer: options.victim, run: since.getTime().toString(36) });
  try {
    await balancesKnown(db, options.users * system.venues.size);
    flow.start();
    await used(victim, Date.now());
    const spells: Spell[] = [];
    for (const trouble of options.troubles)
      for (let n = 0; n < options.spells; n += 1) {
        await pause(PEACE_MS);
        const spell = await spellOf(trouble, victim, options.seconds * 1_000);
        spells.push(spell);
        const until =
          spell.healedAt === undefined ? 'not used again' : `used again after ${spell.healedAt - spell.to} ms`;
        log.info(`${trouble} at ${options.victim} for ${options.seconds} s: ${until}`);
      }
    await pause(PEACE_MS);
    await flow.stop();
    await drained(db, flow.sent, HEALING_PATIENCE_MS);
    const stories = await storiesSince(db, since);
    for (const [code, count] of Object.entries(reasonsOf(stories))) log.info(`not filled: ${code} ${count}`);
    const { figures, goals } = figuresOf({
      ...{ victim: options.victim, spells, stories },
      filledAtVenues: await filledAt(system.venues),
    });
    return {
      variant: `${options.transport}${options.apart ? '-apart' : ''}`,
      figures,
      goals,
      setting: settingOf(options),
    };
  } finally {
    await door.close();
    await db.close();
  }
};

const settingOf = ({ transport, apart, victim, troubles, ...numbers }: FailoverOptions) => ({
  ...{ transport, processes: apart ? 'one a service' : 'all services in one' },
  ...{ venue: victim, troubles: troubles.join(', '), ...numbers },
  mix: 'market entries of 50 USD that wish for the venue in trouble and allow all six; BTC, ETH, LTC in turn; mode paper, moving books',
});

const spellOf = async (trouble: Trouble, victim: Victim, forMs: number): Promise<Spell> => {
  const from = Date.now();
  await TROUBLES[trouble](victim);
  await pause(forMs);
  await heal(victim);
  const to = Date.now();
  return { trouble, from, to, healedAt: await used(victim, to) };
};

/** When the venue took an order that it received after this; undefined where none came in time. */
const used = async ({ url }: Victim, since: number): Promise<number | undefined> => {
  const end = performance.now() + HEALING_PATIENCE_MS;
  while (performance.now() < end) {
    const [first] = await ordersTaken(url, since);
    if (first !== undefined) return Date.parse(first.receivedAt);
    await pause(LOOK_MS);
  }
  return undefined;
};

const filledAt = async (venues: ReadonlyMap<VenueName, string>): Promise<number> => {
  const ledgers = await Promise.all([...venues.values()].map((url) => ordersTaken(url, 0)));
  return ledgers.flat().filter(({ fills }) => fills.length > 0).length;
};

/** By time. */
const ordersTaken = async (url: string, since: number): Promise<readonly LedgerRow[]> => {
  const response = await fetch(`${url}/_ledger?since=${since}`);
  if (!response.ok) throw new Error(`${url} answered ${response.status} when it was asked for its ledger`);
  const { orders } = (await response.json()) as { readonly orders: readonly LedgerRow[] };
  return orders
    .filter(({ refusedWith }) => refusedWith === null)
    .sort((one, other) => Date.parse(one.receivedAt) - Date.parse(other.receivedAt));
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
