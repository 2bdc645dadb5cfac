import { randomUUID } from 'node:crypto';
import { until } from '@switchyard/testing';
import { PaperVenue } from './paper-venue.js';
import type { Answer, RestClient } from './rest-client.js';
import type { StandaloneProcess } from './standalone-process.js';

export interface TraderOptions {
  readonly userId: string;
  /** Play money of the simulated account. Default: 100,000 USDT. */
  readonly funds?: Readonly<Record<string, string>>;
  readonly limits?: Readonly<Record<string, unknown>>;
  /** Credentials at the venue; default: derived from the user's id. */
  readonly apiKey?: string;
  readonly secret?: string;
}

/** A user with an account at the simulated venue and a token, all made as an administrator makes them: through REST. */
export interface Trader {
  readonly userId: string;
  readonly accountKey: string;
  readonly token: string;
  readonly rest: RestClient;
}

export async function newTrader(
  standalone: StandaloneProcess,
  { userId, funds = { USDT: '100000' }, limits, apiKey = `key-${userId}`, secret = `secret-${userId}` }: TraderOptions,
): Promise<Trader> {
  const admin = standalone.as('admin');
  await new PaperVenue(standalone.venueUrl).openAccount(apiKey, secret, funds);
  accepted(await admin.post('/v1/users', { userId, mode: 'paper' }));
  if (limits !== undefined) accepted(await admin.put(`/v1/users/${userId}/limits`, limits));
  accepted(
    await admin.post(`/v1/users/${userId}/accounts`, {
      accountId: `${userId}-binance`,
      venue: 'binance',
      mode: 'paper',
      apiKey,
      secret,
      usdtAsUsd: true,
    }),
  );
  const { token } = accepted(await admin.post(`/v1/users/${userId}/tokens`, { role: 'trader', name: 'test' })) as {
    readonly token: string;
  };
  await balanceKnown(standalone, userId);
  return { userId, accountKey: apiKey, token, rest: standalone.as(userId, token) };
}

/** Nothing is approved of an account before risk has its balance: it was told, and risk has dealt with everything that was. */
const balanceKnown = async (standalone: StandaloneProcess, userId: string): Promise<void> => {
  const told = `/v1/audit?userId=${userId}&topic=BalanceUpdated`;
  await until(async () => (await standalone.as('admin').get(told)).body.items.length > 0, 20_000);
  const none = /^switchyard_consumer_lag_events\{[^}]*service="risk"[^}]*topic="BalanceUpdated"[^}]*\} 0$/m;
  await until(async () => none.test(String((await standalone.as().get('/metrics')).body)), 20_000);
};

const accepted = ({ status, body }: Answer): unknown => {
  if (status !== 200 && status !== 201) throw new Error(`${status} ${JSON.stringify(body)}`);
  return body;
};

/** An entry that trades at once; what the test is about is laid over it. */
export const aSignal = (parts: Readonly<Record<string, unknown>> = {}) => ({
  signalId: `sig-${randomUUID()}`,
  pair: 'BTC-USD',
  side: 'buy',
  signalType: 'entry',
  orderType: 'market',
  size: { quote: '250.00' },
  ...parts,
});

export type ASignal = ReturnType<typeof aSignal>;

/** Sends it, and waits until it is at its end. @returns the signal as `GET /v1/signals/{id}` shows it then */
export async function settle(rest: RestClient, signal: ASignal): Promise<Answer['body']> {
  const { status, body } = await rest.post('/v1/signals', signal);
  if (status !== 202) throw new Error(`not accepted: ${status} ${JSON.stringify(body)}`);
  return ended(rest, signal.signalId);
}

/** The signal once it is done or rejected; what it was last, if that does not come. */
export async function ended(rest: RestClient, signalId: string, deadlineMs = 20_000): Promise<Answer['body']> {
  let last: Answer | undefined;
  await until(async () => {
    last = await rest.get(`/v1/signals/${encodeURIComponent(signalId)}`);
    return last.body.status === 'done' || last.body.status === 'rejected';
  }, deadlineMs).catch((error: unknown) => {
    throw new Error(`${signalId} has not come to its end: ${JSON.stringify(last?.body)}`, { cause: error });
  });
  return last?.body;
}
