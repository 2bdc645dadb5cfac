import { KeyEncryptionKeyError, KeysUnavailableError, SealError } from '@switchyard/auth';
import { mayUse } from '@switchyard/exchanges';
import { refuse, type Mode, type Refusal } from '@switchyard/model';
import { guarded, type GuardedClient } from '../guard/guarded-client.js';
import type { VenueGuard } from '../guard/venue-guard.js';
import type { AccountKeys } from '../ports/account-keys.js';
import type { Clock } from '../ports/clock.js';
import type { VenueAccess } from '../ports/venue-access.js';

export interface ClientOf {
  readonly accountId: string;
  readonly userId: string;
  readonly mode: Mode;
}

export type ClientAnswer =
  { readonly kind: 'client'; readonly client: GuardedClient } | { readonly kind: 'refused'; readonly refusal: Refusal };

interface Entry {
  readonly client: GuardedClient;
  readonly userId: string;
  readonly mode: Mode;
  readonly version: number;
  readonly openedAt: number;
  readonly checkedAt: number;
}

/** How long a client is used before it is asked whether the account's keys have changed. */
const RECHECK_MS = 30_000;

export interface ClientBounds {
  /** Clients at most: the least recently used of too many is forgotten. */
  readonly capacity: number;
  /** How long an opened key is used, milliseconds: then it is opened anew, by whoever may still open it. */
  readonly lifeMs: number;
}

/**
 * One client an account. A key is opened when its client is made, and kept nowhere else: while what opens keys can't be asked, those that
 * are open go on within their life, and all others are refused with `KEYS_UNAVAILABLE`.
 * The dry-run rule is asked each time a client is made; simulated accounts never get one. Every call of a client goes through the guard.
 */
export class AccountClients {
  readonly #access: VenueAccess;
  readonly #keys: AccountKeys;
  readonly #clock: Clock;
  readonly #bounds: ClientBounds;
  readonly #guard: VenueGuard;
  readonly #entries = new Map<string, Entry>();

  constructor(access: VenueAccess, keys: AccountKeys, clock: Clock, bounds: ClientBounds, guard: VenueGuard) {
    this.#access = access;
    this.#keys = keys;
    this.#clock = clock;
    this.#bounds = bounds;
    this.#guard = guard;
  }

  async of(account: ClientOf): Promise<ClientAnswer> {
    const { accountId, userId, mode } = account;
    const kept = this.#entries.get(accountId);
    if (kept?.userId === userId && kept.mode === mode && (await this.#isCurrent(accountId, kept))) {
      this.#keep(accountId, kept);
      return { kind: 'client', client: kept.client };
    }
    this.forget(accountId);
    return this.#make(account);
  }

  /** The venue refused the account's keys: the next call opens them anew. */
  forget(accountId: string): void {
    this.#entries.delete(accountId);
  }

  get size(): number {
    return this.#entries.size;
  }

  async #isCurrent(accountId: string, entry: Entry): Promise<boolean> {
    const now = this.#clock.monotonic();
    if (now - entry.openedAt >= this.#bounds.lifeMs) return false;
    if (now - entry.checkedAt < RECHECK_MS) return true;
    if ((await this.#keys.versionOf(accountId)) !== entry.version) return false;
    this.#entries.set(accountId, { ...entry, checkedAt: this.#clock.monotonic() });
    return true;
  }

  async #make({ accountId, userId, mode }: ClientOf): Promise<ClientAnswer> {
    const permitted = mayUse(mode, this.#access.origin, this.#access.rules);
    if (permitted.kind === 'refused') {
      return refused(refuse('MODE_MISMATCH', { mode, reason: permitted.code }, permitted.message));
    }
    const opened = await this.#open(userId, accountId);
    if (opened === undefined) return refused(refuse('CREDENTIALS_MISSING', { accountId }));
    if (opened === 'unavailable') return refused(refuse('KEYS_UNAVAILABLE', { accountId }));
    if (opened === 'unreadable')
      return refused(refuse('CREDENTIALS_REFUSED', { accountId, reason: 'the sealed keys could not be opened' }));
    const venue = await this.#access.open();
    const made = venue.client(opened.credentials, permitted.permit, (usage) => {
      this.#guard.used(accountId, usage);
    });
    const client = guarded(made, this.#guard, accountId);
    const now = this.#clock.monotonic();
    this.#keep(accountId, { client, userId, mode, version: opened.version, openedAt: now, checkedAt: now });
    return { kind: 'client', client };
  }

  async #open(userId: string, accountId: string) {
    try {
      return await this.#keys.open(userId, accountId);
    } catch (error) {
      if (error instanceof KeysUnavailableError) return 'unavailable' as const;
      // Anything else is no fault of the keys, and must not end an order.
      if (error instanceof SealError || error instanceof KeyEncryptionKeyError) return 'unreadable' as const;
      throw error;
    }
  }

  #keep(accountId: string, entry: Entry): void {
    const current = this.#entries.get(accountId) ?? entry;
    this.#entries.delete(accountId);
    this.#entries.set(accountId, current);
    for (const [oldest] of this.#entries) {
      if (this.#entries.size <= this.#bounds.capacity) break;
      this.#entries.delete(oldest);
    }
  }
}

const refused = (refusal: Refusal): ClientAnswer => ({ kind: 'refused', refusal });
