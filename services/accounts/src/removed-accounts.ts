import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import type { Logger } from '@switchyard/observability';
import type { Queryable } from '@switchyard/persistence';
import type { UserChanges } from './policy/user-changes.js';
import { dropExpired, usersWithExpired } from './store/approvals.js';
import { eraseRemoved, usersToErase } from './store/exchange-accounts.js';

const LOOK_EVERY_MS = 60_000;
const AT_ONCE = 100;

/** Erases removed accounts, with their keys, once nothing at the venue can need them any more; and those that nobody approved in time. */
export class RemovedAccounts implements OnModuleInit, OnApplicationShutdown {
  readonly #db: Queryable;
  readonly #changes: UserChanges;
  readonly #retentionS: number;
  readonly #logger: Logger;
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();

  constructor(db: Queryable, changes: UserChanges, retentionS: number, logger: Logger) {
    this.#db = db;
    this.#changes = changes;
    this.#retentionS = retentionS;
    this.#logger = logger;
  }

  onModuleInit(): void {
    this.#timer = setInterval(() => {
      this.#round = this.eraseDue().catch((error: unknown) => {
        this.#logger.warn({ error }, 'removed accounts could not be erased; trying again');
      });
    }, LOOK_EVERY_MS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.#round;
  }

  async eraseDue(): Promise<void> {
    for (const userId of await usersToErase(this.#db, this.#retentionS, AT_ONCE)) {
      const author = { changedBy: 'system', reason: 'removed accounts erased with their keys' };
      await this.#changes.change(userId, author, async (tx) => {
        const erased = await eraseRemoved(tx, userId, this.#retentionS);
        return { unchanged: erased.length === 0, result: erased };
      });
    }
    for (const userId of await usersWithExpired(this.#db, AT_ONCE)) {
      const author = { changedBy: 'system', reason: 'accounts erased that nobody approved in time' };
      await this.#changes.change(userId, author, async (tx) => {
        const dropped = await dropExpired(tx, userId);
        return { unchanged: dropped === 0, result: dropped };
      });
    }
  }
}
