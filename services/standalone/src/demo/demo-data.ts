import type { AccountsSetup } from '@switchyard/accounts-service';
import type { LimitsChange } from '@switchyard/contracts';
import { VENUES, type VenueName } from '@switchyard/exchanges';
import { readTokens, writeTokens } from '../tokens-file.js';
import { DEMO_STRATEGY } from './demo-strategy.js';
import { openPlayAccount, playKeys } from './play-account.js';

export interface DemoOptions {
  readonly dataDir: string;
  readonly adminToken: string | undefined;
  /** Origins of the simulated venues, by venue. */
  readonly venues: ReadonlyMap<VenueName, string>;
  /** Without it: administrator and operator only. */
  readonly demo: boolean;
}

export interface Tokens {
  readonly admin: string;
  readonly operator: string;
  readonly demo?: string;
  readonly demoBot?: string;
  readonly demoDesk?: string;
}

/** What each demo account starts with at its simulated venue, in the venue's own dollar. */
const FUNDS = '100000';
/** Those of the desk: enough for an order that one venue's book does not hold. */
const DESK_FUNDS = '2000000';
/** Its orders are large on purpose: more of its equity may lie in one sector than the 15 % of other users. */
const DESK_LIMITS = {
  maxBalancePercent: 100,
  maxSectorPercent: 100,
  maxOpenPositions: 20,
  tradesPerSecond: 10,
  burst: 20,
} as const;

const dollarOf = (venue: VenueName): string => VENUES[venue].capabilities.quoteAliases['USD'] ?? 'USD';

/** Makes the users of a laptop's deployment where they are missing, connects their accounts at the simulated venues, writes the tokens. */
export async function ensureDemoData(setup: AccountsSetup, options: DemoOptions): Promise<Tokens> {
  const stored = await readTokens(options.dataDir);
  const staff = async (role: 'admin' | 'operator', token: string | undefined): Promise<string> => {
    await setup.ensureUser({ userId: role, enabled: true, mode: 'paper' });
    return setup.ensureToken({ userId: role, role, name: 'standalone', token });
  };
  const admin = await staff('admin', options.adminToken ?? stored['admin']);
  const operator = await staff('operator', stored['operator']);
  if (!options.demo) {
    await writeTokens(options.dataDir, { ...stored, admin, operator });
    return { admin, operator };
  }
  const trader = async (
    userId: string,
    funds: string,
    { limits, publishes }: { readonly limits?: LimitsChange; readonly publishes?: string } = {},
  ): Promise<string> => {
    await setup.ensureUser({ userId, enabled: true, mode: 'paper', ...(limits && { limits }) });
    for (const [venue, origin] of options.venues)
      await connect(setup, userId, venue, origin, { [dollarOf(venue)]: funds });
    return setup.ensureToken({ userId, role: 'trader', name: 'standalone', token: stored[userId], publishes });
  };
  const demo = await trader('demo', FUNDS);
  const demoBot = await trader('demo-bot', FUNDS, { publishes: DEMO_STRATEGY });
  // Two accounts of one user, scaled differently: to look at, and one trade by the rate.
  const [first, second] = options.venues.keys();
  for (const [venue, factor] of [
    [first, '1'],
    [second, '0.5'],
  ] as const)
    if (venue !== undefined)
      await setup.ensureSubscription(
        'demo-bot',
        { strategyId: DEMO_STRATEGY, accountId: `demo-bot-${venue}` },
        { paused: false, scaling: { kind: 'multiplier', factor } },
      );
  const demoDesk = await trader('demo-desk', DESK_FUNDS, { limits: DESK_LIMITS });
  await writeTokens(options.dataDir, { admin, operator, demo, 'demo-bot': demoBot, 'demo-desk': demoDesk });
  return { admin, operator, demo, demoBot, demoDesk };
}

/** Opens the account at the simulated venue and here; both know it already at later starts. Its keys are play money's. */
async function connect(
  setup: AccountsSetup,
  userId: string,
  venue: VenueName,
  origin: string,
  balances: Readonly<Record<string, string>>,
): Promise<void> {
  const accountId = `${userId}-${venue}`;
  const credentials = playKeys(userId, venue);
  await openPlayAccount(origin, credentials, balances);
  await setup.ensureAccount(userId, {
    accountId,
    venue,
    mode: 'paper',
    market: 'spot',
    testnet: undefined,
    startingBalances: undefined,
    usdtAsUsd: true,
    timeZone: 'UTC',
    credentials,
  });
}
