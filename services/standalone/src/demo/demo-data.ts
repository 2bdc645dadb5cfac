import type { AccountsSetup } from '@switchyard/accounts-service';
import { deriveId } from '@switchyard/log';
import { VENUES } from '../services.js';
import { readTokens, writeTokens } from '../tokens-file.js';

export interface DemoOptions {
  readonly dataDir: string;
  readonly adminToken: string | undefined;
  /** Origins of the simulated venues, by venue. */
  readonly venues: ReadonlyMap<string, string>;
  /** Without it: administrator and operator only. */
  readonly demo: boolean;
}

export interface Tokens {
  readonly admin: string;
  readonly operator: string;
  readonly demo?: string;
  readonly demoBot?: string;
}

/** What each demo account starts with at its simulated venue. */
const DEMO_FUNDS = { USDT: '100000' } as const;

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
  const trader = async (userId: string, token: string | undefined): Promise<string> => {
    await setup.ensureUser({ userId, enabled: true, mode: 'paper' });
    for (const venue of VENUES) {
      const origin = options.venues.get(venue);
      if (origin !== undefined) await connect(setup, userId, venue, origin);
    }
    return setup.ensureToken({ userId, role: 'trader', name: 'standalone', token });
  };
  const demo = await trader('demo', stored['demo']);
  const demoBot = await trader('demo-bot', stored['demo-bot']);
  await writeTokens(options.dataDir, { admin, operator, demo, 'demo-bot': demoBot });
  return { admin, operator, demo, demoBot };
}

/** Opens the account at the simulated venue and here; both know it already at later starts. Its keys are play money's. */
async function connect(setup: AccountsSetup, userId: string, venue: string, origin: string): Promise<void> {
  const accountId = `${userId}-${venue}`;
  const credentials = {
    apiKey: deriveId('demo-key', userId, venue),
    secret: deriveId('demo-secret', userId, venue),
    passphrase: deriveId('demo-passphrase', userId, venue),
  };
  const response = await fetch(`${origin}/_accounts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      accountKey: credentials.apiKey,
      secret: credentials.secret,
      passphrase: credentials.passphrase,
      balances: DEMO_FUNDS,
    }),
  });
  if (!response.ok)
    throw new Error(`${venue}'s simulator did not open the account of ${userId}: ${await response.text()}`);
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
