import { setTimeout } from 'node:timers/promises';
import type { Mark } from './marks.js';
import type { Violations } from './violations.js';

/** What a user asks for who wants to see everything. */
const PATHS = (mark: Mark): readonly string[] => [
  '/v1/orders?limit=500',
  '/v1/executions?limit=500',
  '/v1/positions?limit=500',
  '/v1/balances?limit=500',
  '/v1/audit?limit=500',
  '/v1/failed',
  `/v1/users/${mark}`,
  `/v1/users/${mark}/accounts`,
  `/v1/signals/${mark}-0`,
];

const ATTEMPTS = 5;

/** Every list, as this user sees it. @returns how many answers there were */
export const sweepAnswers = async (url: string, mark: Mark, token: string, violations: Violations): Promise<number> => {
  const get = async (path: string, attempt = 1): Promise<string> => {
    const answer = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } });
    const text = await answer.text();
    // Everything was swept at full speed just before: who is told to come again does.
    if (answer.status === 503 && attempt < ATTEMPTS) {
      await setTimeout(attempt * 1_000);
      return get(path, attempt + 1);
    }
    if (!answer.ok) throw new Error(`GET ${path} answered ${answer.status}: ${text.slice(0, 200)}`);
    violations.look(`GET ${path.replace(mark, '{id}')}`, text, mark);
    return text;
  };
  for (const path of PATHS(mark)) await get(path);
  const { items } = JSON.parse(await get('/v1/orders?limit=5')) as { readonly items: readonly { orderId: string }[] };
  for (const { orderId } of items) {
    const owner = violations.ownerOf(`orderId ${orderId}`) ?? violations.ownerOf(`parentOrderId ${orderId}`);
    violations.look('GET /v1/orders/{id}', `${await get(`/v1/orders/${orderId}`)} ${owner ?? ''}`, mark);
  }
  return PATHS(mark).length + 1 + items.length;
};

/** Listens to a user's stream until it is told to stop. @returns how many events came */
export const listenTo = (url: string, mark: Mark, token: string, violations: Violations) => {
  const abort = new AbortController();
  let events = 0;
  const listening = (async () => {
    const response = await fetch(`${url}/v1/stream`, {
      headers: { authorization: `Bearer ${token}` },
      signal: abort.signal,
    });
    const decoder = new TextDecoder();
    let rest = '';
    for await (const chunk of response.body ?? []) {
      const blocks = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        events += 1;
        violations.look('GET /v1/stream', block, mark);
      }
    }
  })().catch((error: unknown) => {
    if (!abort.signal.aborted) throw error;
  });
  return {
    stop: async (): Promise<number> => {
      abort.abort();
      await listening;
      return events;
    },
  };
};

interface LedgerOrder {
  readonly accountKey: string;
  readonly clientOrderId: string;
}

/** What the venue has: each order under the key of the user whose order it is. @returns how many there are */
export const sweepLedger = async (
  venueUrl: string,
  keys: ReadonlyMap<Mark, string>,
  violations: Violations,
): Promise<number> => {
  const owners = new Map([...keys].map(([mark, key]) => [key, mark]));
  const { orders } = (await (await fetch(`${venueUrl}/_ledger`)).json()) as { readonly orders: readonly LedgerOrder[] };
  for (const { accountKey, clientOrderId } of orders) {
    const owner = owners.get(accountKey);
    if (owner !== undefined) violations.owns('venue ledger', `clientOrderId ${clientOrderId}`, owner);
  }
  return orders.length;
};
