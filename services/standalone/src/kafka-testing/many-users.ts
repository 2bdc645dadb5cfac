import { PaperVenue } from '../testing/paper-venue.js';
import type { Answer, RestClient } from '../testing/rest-client.js';

/** Wide enough that nothing but funds refuses an order. */
const LIMITS = { tradesPerSecond: 1_000, burst: 1_000, maxOpenPositions: 100, maxSectorPercent: 1_000 };
const AT_A_TIME = 8;

export const accountKeyOf = (userId: string): string => `key-${userId}`;

/** Users `PREFIX-1` to `PREFIX-N`, each with an account at the simulated venue, made through REST as an administrator makes them. */
export async function makeUsers(
  admin: RestClient,
  venueUrl: string,
  prefix: string,
  count: number,
): Promise<readonly string[]> {
  const venue = new PaperVenue(venueUrl);
  const userIds = Array.from({ length: count }, (_, i) => `${prefix}-${i + 1}`);
  const waiting = [...userIds];
  const work = async (): Promise<void> => {
    for (let userId = waiting.shift(); userId !== undefined; userId = waiting.shift())
      await makeUser(admin, venue, userId);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  return userIds;
}

async function makeUser(admin: RestClient, venue: PaperVenue, userId: string): Promise<void> {
  const credentials = { apiKey: accountKeyOf(userId), secret: `secret-of-${userId}` };
  await venue.openAccount(credentials.apiKey, credentials.secret, { USDT: '100000' });
  made(await admin.post('/v1/users', { userId, mode: 'paper' }));
  made(
    await admin.post(`/v1/users/${userId}/accounts`, {
      accountId: `${userId}-binance`,
      venue: 'binance',
      mode: 'paper',
      usdtAsUsd: true,
      ...credentials,
    }),
  );
  made(await admin.put(`/v1/users/${userId}/limits`, LIMITS));
}

const made = ({ status, body }: Answer): void => {
  if (status !== 200 && status !== 201) throw new Error(`${status} ${JSON.stringify(body)}`);
};
