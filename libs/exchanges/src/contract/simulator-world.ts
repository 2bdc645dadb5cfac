import { mayUse, type OriginPermit } from '../origin.js';
import type { Credentials } from '../port.js';
import { openVenue, VENUES, type VenueName } from '../venues.js';
import { listed } from './scene.js';
import { SIMULATED } from './simulated-venues.js';
import type { ContractWorld, FaultTarget, Lack, LedgerOrder } from './world.js';

interface RequestMatch {
  readonly method: string;
  readonly path: string;
}

/** How the suite meets one venue's simulator: its pair, and which requests a fault is meant for. */
export interface SimulatedVenue {
  /** A canonical pair whose price may be near 64,000 and quantities near 0.01. */
  readonly pair: string;
  /** A canonical pair that the venue has under an alias only; `null` where it has none. */
  readonly aliasPair: string | null;
  /** One request each; `read` is one that every lookup makes. A path that ends in `*` stands for all that begin so. */
  readonly requests: Readonly<Record<Exclude<FaultTarget, 'amend'>, RequestMatch>> & {
    /** Where the venue can amend. */
    readonly amend?: RequestMatch;
  };
  /** Credentials of the form that the venue issues, each time others. */
  readonly newKeys: () => Credentials;
  /** What the simulator cannot play yet: the cases that need it are left out. */
  readonly lacks: readonly Lack[];
}

/**
 * The world of a simulator with the doors `/_ledger`, `/_faults`, `/_clock`, `/_book` and `/_accounts`. One simulator may serve many
 * worlds, one after the other: each begins with no faults, a right clock, accounts of its own, and sees their orders alone.
 */
export const simulatorWorld = async (name: VenueName, url: string, deadlineMs: number): Promise<ContractWorld> => {
  const { pair, aliasPair, requests, newKeys } = SIMULATED[name];
  const door = async (method: string, path: string, body?: object): Promise<unknown> => {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    const response = await fetch(`${url}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
    return response.json();
  };
  const accounts: Credentials[] = [];
  await door('DELETE', '/_faults');
  await door('POST', '/_clock', { skewMs: 0 });
  const ownKeys = VENUES[name].capabilities.listingsNeedKey === true ? { credentials: newKeys() } : {};
  if (ownKeys.credentials !== undefined) {
    const { apiKey: accountKey, secret, passphrase } = ownKeys.credentials;
    await door('POST', '/_accounts', { accountKey, secret, ...(passphrase && { passphrase }), balances: {} });
  }
  const venue = await openVenue(name, { origin: url, transport: { deadlineMs }, ...ownKeys });
  const found = await listed(venue, pair);
  if (found.kind !== 'answered') throw new Error(`${name} at ${url} does not list ${pair}`);
  const { base, quote, venueSymbol } = found.value;
  const rules = { liveTradingEnabled: false, simulatedOrigins: [], allowedLiveOrigins: [] };
  const use = mayUse('paper', url, { ...rules, venue: venue.capabilities.origins });
  if (use.kind === 'refused') throw new Error(use.message);

  return {
    venue,
    permit: use.permit,
    pair,
    aliasPair,
    account: async (holds) => {
      const keys = newKeys();
      accounts.push(keys);
      const { apiKey: accountKey, secret, passphrase } = keys;
      const balances = { [base]: holds.base, [quote]: holds.quote };
      await door('POST', '/_accounts', { accountKey, secret, ...(passphrase && { passphrase }), balances });
      return keys;
    },
    setBook: async (book) => {
      await door('POST', '/_book', { symbol: venueSymbol, ...book });
    },
    fault: async (fault, target, count) => {
      const match = target === 'all' ? {} : requests[target];
      if (match === undefined) throw new Error(`${name}: no request is named for ${target}`);
      await door('POST', '/_faults', { fault, count, match });
    },
    clearFaults: async () => {
      await door('DELETE', '/_faults');
    },
    forget: async ({ apiKey: accountKey }, clientOrderId) => {
      await door('POST', '/_forget', { accountKey, clientOrderId });
    },
    skewClock: async (skewMs) => {
      await door('POST', '/_clock', { skewMs });
    },
    ledger: async () => {
      const { orders } = (await door('GET', '/_ledger')) as { readonly orders: readonly Row[] };
      const mine = new Set(accounts.map(({ apiKey }) => apiKey));
      return orders.filter((row) => mine.has(row.accountKey) && (row.refusedWith ?? null) === null);
    },
    close: async () => {
      await door('DELETE', '/_faults');
      await door('POST', '/_clock', { skewMs: 0 });
      await venue.close();
      await cancelAll(name, url, use.permit, accounts);
    },
  };
};

/** What rests would take from the next world's book. A venue of its own asks: the world's may have been told to stay away. */
const cancelAll = async (
  name: VenueName,
  url: string,
  permit: OriginPermit,
  accounts: readonly Credentials[],
): Promise<void> => {
  const venue = await openVenue(name, { origin: url });
  for (const credentials of accounts) {
    const client = venue.client(credentials, permit);
    const open = await client.openOrders();
    for (const order of open.kind === 'answered' ? open.value : [])
      await client.cancel(
        { ...order, clientOrderId: order.clientOrderId ?? '' },
        { sendBy: performance.now() + 5_000, recvWindowMs: 5_000 },
      );
  }
  await venue.close();
};

/** A ledger row; refused orders are rows, too. */
type Row = LedgerOrder & { readonly refusedWith?: unknown };
