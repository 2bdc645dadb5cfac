import type { OnModuleInit } from '@nestjs/common';
import type { KeyRing } from '@switchyard/auth';
import type { Logger } from '@switchyard/observability';
import type { Queryable } from '@switchyard/persistence';

const AT_ONCE = 500;

/** Seals users' data keys anew under the current key-encryption key, at the first start after it was changed. */
export class DataKeys implements OnModuleInit {
  readonly #db: Queryable;
  readonly #keys: KeyRing;
  readonly #logger: Logger;

  constructor(db: Queryable, keys: KeyRing, logger: Logger) {
    this.#db = db;
    this.#keys = keys;
    this.#logger = logger;
  }

  /** Throws `SealError` where a data key opens under none of the keys given: without it no account of its user could trade. */
  async onModuleInit(): Promise<void> {
    let resealed = 0;
    for (;;) {
      const { rows } = await this.#db.query<{ user_id: string; data_key: Buffer }>(
        `select user_id, data_key from users where substring(data_key from 2 for 4) <> decode($1, 'hex') order by user_id limit $2`,
        [this.#keys.keyId, AT_ONCE],
      );
      if (rows.length === 0) break;
      for (const { user_id, data_key } of rows)
        await this.#db.query('update users set data_key = $2 where user_id = $1 and data_key = $3', [
          user_id,
          this.#keys.resealDataKey(user_id, data_key),
          data_key,
        ]);
      resealed += rows.length;
    }
    if (resealed > 0)
      this.#logger.info({ users: resealed, keyId: this.#keys.keyId }, 'data keys were sealed under the current key');
  }
}
