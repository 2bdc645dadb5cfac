import type { OnModuleInit } from '@nestjs/common';
import { KeysUnavailableError, SealError, type KeyRing } from '@switchyard/auth';
import type { Logger } from '@switchyard/observability';
import type { Database } from '@switchyard/persistence';
import { asked } from './keys-asked.js';
import type { UserChanges } from './policy/user-changes.js';
import {
  countDataKeysBefore,
  dataKeyFigures,
  lockDataKeysUnlike,
  sealedKeysOf,
  storeResealed,
  storeRotated,
  usersWithDataKeysBefore,
} from './store/data-keys.js';

const AT_ONCE = 200;

export interface KeyFigures {
  /** Names the key-encryption key that seals now. */
  readonly current: string;
  readonly users: number;
  /** Data keys that are still sealed under another. */
  readonly toRewrap: number;
  readonly oldestDataKeyAt: Date | undefined;
}

export interface Rewrapped {
  readonly current: string;
  readonly rewrapped: number;
  /** Users whose data key opens under none of the keys given. */
  readonly unreadable: readonly string[];
  /** Whom the next call begins after; undefined: all were seen. */
  readonly next: string | undefined;
}

export interface Rotated {
  readonly rotated: number;
  readonly unreadable: readonly string[];
  /** Data keys made before the instant that are left. */
  readonly remaining: number;
}

/**
 * Changes what seals users' API keys, while everybody trades.
 *
 * 1. A new key-encryption key: data keys are sealed anew under it (`rewrap`), at the start of accounts and on demand. Old and new are
 *    readable meanwhile, by everybody who holds both.
 * 2. A new data key: it and the user's API keys sealed under it are one commit (`rotate`), so that whoever reads finds both old or both new.
 * 3. Both go on where they broke off: what is done is known by how it is sealed, and by the time at which the data key was made.
 */
export class DataKeys implements OnModuleInit {
  readonly #db: Database;
  readonly #changes: UserChanges;
  readonly #keys: KeyRing;
  readonly #logger: Logger;

  constructor(db: Database, changes: UserChanges, keys: KeyRing, logger: Logger) {
    this.#db = db;
    this.#changes = changes;
    this.#keys = keys;
    this.#logger = logger;
  }

  /** Throws `SealError` where a data key opens under none of the keys given: without it no account of its user could trade. */
  async onModuleInit(): Promise<void> {
    let after: string | undefined = '';
    let rewrapped = 0;
    try {
      while (after !== undefined) {
        const round: Rewrapped = await this.#rewrap(after, AT_ONCE);
        if (round.unreadable.length > 0) throw new SealError('unknownKey');
        rewrapped += round.rewrapped;
        after = round.next;
      }
    } catch (error) {
      if (!(error instanceof KeysUnavailableError)) throw error;
      this.#logger.warn({ err: error }, 'whether data keys are sealed under the current key could not be seen');
    }
    if (rewrapped > 0)
      this.#logger.info(
        { users: rewrapped, key: await this.#keys.currentName() },
        'data keys were sealed under the current key',
      );
  }

  /** Throws `Problem` KEYS_UNAVAILABLE, as the others do. */
  async figures(): Promise<KeyFigures> {
    const [current, mark] = await asked(() => Promise.all([this.#keys.currentName(), this.#keys.currentMark()]));
    const { users, unlike, oldestMadeAt } = await dataKeyFigures(this.#db, mark);
    return { current, users, toRewrap: unlike, oldestDataKeyAt: oldestMadeAt };
  }

  /** Seals the next data keys under the current key-encryption key, after it has looked which that is. */
  rewrap(after: string, limit: number): Promise<Rewrapped> {
    return asked(async () => {
      await this.#keys.refresh();
      return this.#rewrap(after, limit);
    });
  }

  /** Gives the users with the oldest data keys new ones. */
  async rotate(madeBefore: Date, limit: number, changedBy: string): Promise<Rotated> {
    const unreadable: string[] = [];
    let rotated = 0;
    for (const userId of await usersWithDataKeysBefore(this.#db, madeBefore, limit))
      if (await this.rotateOf(userId, changedBy)) rotated += 1;
      else unreadable.push(userId);
    return { rotated, unreadable, remaining: await countDataKeysBefore(this.#db, madeBefore) };
  }

  /** @returns false where what the user has does not open: it is left as it is. Throws `Problem` NOT_FOUND. */
  async rotateOf(userId: string, changedBy: string): Promise<boolean> {
    try {
      await asked(() => this.#rotate(userId, changedBy));
      return true;
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      this.#logger.error({ userId, reason: error.reason }, 'a user’s keys do not open; they were left as they are');
      return false;
    }
  }

  async #rotate(userId: string, changedBy: string): Promise<void> {
    await this.#changes.change(userId, { changedBy, reason: 'data key rotated' }, async (tx, user) => {
      const keys = await sealedKeysOf(tx, userId);
      const secrets = keys.map(({ accountId, venue, sealed }) => ({ sealedFor: { userId, accountId, venue }, sealed }));
      const next = await this.#keys.rotateDataKey(userId, user.dataKey, secrets);
      const resealed = keys.flatMap(({ accountId }, index) => {
        const sealed = next.secrets[index];
        return sealed === undefined ? [] : [{ accountId, sealed }];
      });
      await storeRotated(tx, userId, resealed);
      return { user: { dataKey: next.dataKey }, result: undefined };
    });
  }

  #rewrap(after: string, limit: number): Promise<Rewrapped> {
    return this.#db.transaction(async (tx) => {
      const [current, mark] = await Promise.all([this.#keys.currentName(), this.#keys.currentMark()]);
      const found = await lockDataKeysUnlike(tx, mark, after, limit);
      const answers = found.length === 0 ? [] : await this.#keys.resealDataKeys(found);
      const resealed = found.flatMap(({ userId }, index) => {
        const sealed = answers[index];
        return sealed instanceof Buffer ? [{ userId, sealed }] : [];
      });
      const unreadable = found.flatMap(({ userId }, index) => (answers[index] instanceof SealError ? [userId] : []));
      if (resealed.length > 0) await storeResealed(tx, resealed);
      const next = found.length < limit ? undefined : found.at(-1)?.userId;
      return { current, rewrapped: resealed.length, unreadable, next };
    });
  }
}
