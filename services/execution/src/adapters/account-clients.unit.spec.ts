import { beforeEach, describe, expect, it } from '@jest/globals';
import { KeysUnavailableError, SealError } from '@switchyard/auth';
import type { VenueGuard } from '../guard/venue-guard.js';
import type { AccountKeys } from '../ports/account-keys.js';
import type { Clock } from '../ports/clock.js';
import type { VenueAccess } from '../ports/venue-access.js';
import { AccountClients } from './account-clients.js';

/** What holds the keys of keys, as a test wants it: it opens what is asked, can't be asked, or says that a seal is broken. */
let holder: 'opens' | 'down' | 'tampered';
let opened: string[];
let now: number;
let clients: AccountClients;

const keys: AccountKeys = {
  versionOf: () => Promise.resolve(1),
  open: (userId, accountId) => {
    if (holder === 'down') return Promise.reject(new KeysUnavailableError('Vault did not answer (ECONNREFUSED).'));
    if (holder === 'tampered') return Promise.reject(new SealError('tampered'));
    opened.push(accountId);
    return Promise.resolve({ version: 1, credentials: { apiKey: `${userId}-key`, secret: 'x' } });
  },
};
const access = {
  origin: 'http://127.0.0.1:9001',
  rules: {
    venue: { live: 'https://live.example', testnet: null },
    liveTradingEnabled: false,
    simulatedOrigins: [],
    allowedLiveOrigins: [],
  },
  open: () => Promise.resolve({ client: () => ({}) }),
} as unknown as VenueAccess;
const account = (accountId: string) => ({ accountId, userId: 'ann', mode: 'paper' }) as const;
const codeOf = async (accountId: string): Promise<string> => {
  const answer = await clients.of(account(accountId));
  return answer.kind === 'refused' ? answer.refusal.code : answer.kind;
};

beforeEach(() => {
  [holder, opened, now] = ['opens', [], 1_000];
  const clock = { monotonic: () => now } as Clock;
  clients = new AccountClients(access, keys, clock, { capacity: 3, lifeMs: 60_000 }, {} as VenueGuard);
});

describe('while what opens keys can’t be asked', () => {
  it('accounts whose keys are open go on, others are refused until it answers again', async () => {
    expect(await codeOf('open')).toBe('client');
    holder = 'down';
    expect([await codeOf('open'), await codeOf('other')]).toEqual(['client', 'KEYS_UNAVAILABLE']);
    holder = 'opens';
    expect(await codeOf('other')).toBe('client');
  });

  it('an open key goes on for its life and no longer', async () => {
    await codeOf('open');
    holder = 'down';
    now += 59_999;
    expect(await codeOf('open')).toBe('client');
    now += 1;
    expect(await codeOf('open')).toBe('KEYS_UNAVAILABLE');
  });

  it('is told from a seal that is broken, which no waiting mends', async () => {
    holder = 'tampered';
    expect(await codeOf('open')).toBe('CREDENTIALS_REFUSED');
  });
});

describe('clients', () => {
  it('are bounded: the one unused for longest is made anew when it is wanted again', async () => {
    for (const accountId of ['a', 'b', 'c', 'a', 'd']) await codeOf(accountId);
    expect([clients.size, opened]).toEqual([3, ['a', 'b', 'c', 'd']]);
    await codeOf('b');
    expect(opened).toEqual(['a', 'b', 'c', 'd', 'b']);
  });

  it('open their key once in its life, however often they are used', async () => {
    for (let n = 0; n < 10; n += 1) await codeOf('a');
    expect(opened).toEqual(['a']);
    now += 60_000;
    await codeOf('a');
    expect(opened).toEqual(['a', 'a']);
  });
});
