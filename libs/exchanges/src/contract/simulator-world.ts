import { randomUUID } from 'node:crypto';
import { mayUse, type OriginPermit } from '../origin.js';
import type { Credentials } from '../port.js';
import { openVenue, type VenueName } from '../venues.js';
import type { ContractWorld, FaultTarget, LedgerOrder } from './world.js';

/** How a venue is told to the suite: its pair, and which requests a fault is meant for. */
export interface SimulatedVenue {
  readonly name: VenueName;
  /** The simulator's URL. */
  readonly url: string;
  readonly pair: string;
  readonly aliasPair: string | null;
  readonly requests: Readonly<Record<FaultTarget, { readonly method: string; readonly path: string }>>;
}

export const BINANCE_REQUESTS: SimulatedVenue['requests'] = {
  place: { method: 'POST', path: '/api/v3/order' },
  cancel: { method: 'DELETE', path: '/api/v3/order' },
  read: { method: 'GET', path: '/api/v3/order' },
};

/**
 * The world of a simulator with the doors `/_ledger`, `/_faults`, `/_clock`, `/_book` and `/_accounts`. One simulator may serve many
 * worlds, one after the other: each begins with no faults, a right clock, accounts of its own, and sees their orders alone.
 */
export const simulatorWorld = async ({
  name,
  url,
  pair,
  aliasPair,
  requests,
}: SimulatedVenue): Promise<ContractWorld> => {
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
  const venue = await openVenue(name, { origin: url, transport: { deadlineMs: 400 } });
  const found = await venue.marketData.instrument(pair, { usdtAsUsd: false });
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
      const keys = {
        apiKey: `key-${randomUUID()}`,
        secret: `secret-${randomUUID()}`,
        passphrase: `pass-${randomUUID()}`,
      };
      accounts.push(keys);
      const { apiKey: accountKey, secret, passphrase } = keys;
      const balances = { [base]: holds.base, [quote]: holds.quote };
      await door('POST', '/_accounts', { accountKey, secret, passphrase, balances });
      return keys;
    },
    setBook: async (book) => {
      await door('POST', '/_book', { symbol: venueSymbol, ...book });
    },
    fault: async (fault, target, count) => {
      await door('POST', '/_faults', { fault, count, match: requests[target] });
    },
    clearFaults: async () => {
      await door('DELETE', '/_faults');
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
