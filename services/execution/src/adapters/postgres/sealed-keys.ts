import type { Queryable } from '@switchyard/persistence';
import type { AccountKeys, OpenedKeys } from '../../ports/account-keys.js';
import type { KeyOpener } from '../../ports/key-opener.js';

interface Row {
  readonly user_id: string;
  readonly key_version: number | string;
  readonly sealed_data_key: Uint8Array;
  readonly sealed: Uint8Array;
}

/** The executor's view of its own venue's sealed keys; no other service can read or open them. */
export class SealedKeys implements AccountKeys {
  readonly #db: Queryable;
  readonly #opener: KeyOpener;
  readonly #venue: string;
  readonly #statement: { readonly name: string; readonly text: string };

  constructor(db: Queryable, opener: KeyOpener, venue: string) {
    this.#db = db;
    this.#opener = opener;
    this.#venue = venue;
    const view = `sealed_keys_${venue.replaceAll('-', '_')}`;
    if (!/^[a-z_][a-z0-9_]*$/.test(view))
      throw new Error(`no view of sealed keys can be named after the venue ${venue}`);
    this.#statement = {
      // A name is for one text, also where executors of several venues share a process.
      name: `execution-${view}`,
      text: `select user_id, key_version, sealed_data_key, sealed from accounts.${view} where account_id = $1`,
    };
  }

  async versionOf(accountId: string): Promise<number | undefined> {
    const row = await this.#row(accountId);
    return row && Number(row.key_version);
  }

  /** Whatever an event says, one user's keys don't sign another's order: the seal is bound to the user, too. */
  async open(userId: string, accountId: string): Promise<OpenedKeys | undefined> {
    const row = await this.#row(accountId);
    if (row?.user_id !== userId) return undefined;
    const { sealed_data_key: sealedDataKey, sealed } = row;
    const credentials = await this.#opener.open({ userId, accountId, venue: this.#venue, sealedDataKey, sealed });
    return { version: Number(row.key_version), credentials };
  }

  async #row(accountId: string): Promise<Row | undefined> {
    const { rows } = await this.#db.query<Row>(this.#statement, [accountId]);
    return rows[0];
  }
}
