import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { decrypt, encrypt, KEY_BYTES, NO_KEY_ID, VERSION } from './aes-gcm.js';
import type { KeyEncryption, SealedDataKey } from './key-encryption.js';
import { LocalKeys } from './local-keys.js';
import { SealError } from './seal-error.js';
import { Secret } from './secret.js';

/** What a sealed text belongs to. It is bound to it: opened as anything else, it does not open. */
export interface SealedFor {
  readonly userId: string;
  readonly accountId: string;
  readonly venue: string;
}

/** An API key as a venue gave it; held in memory only. */
export interface VenueCredentials {
  readonly apiKey: string;
  readonly secret: string;
  readonly passphrase?: string;
}

export interface SealedSecret {
  readonly sealedFor: SealedFor;
  readonly sealed: Uint8Array;
}

/**
 * Envelope encryption of exchange keys. A user has a data key, stored sealed under a key-encryption key; the user's secrets are sealed
 * under the data key.
 *
 * 1. AES-256-GCM with a random nonce; what it is for (user, account, venue) is authenticated with it, so that a row copied to another
 *    account does not open.
 * 2. Secrets and keys are never printed, and data keys leave memory when the call ends.
 * 3. The first holder of keys seals; each opens what is in its format. So a deployment moves from a file to Vault as it moves from key
 *    to key: the new one in front, the data keys sealed anew, the old one taken away.
 *
 * Every call throws `KeysUnavailableError` where a key-encryption key is elsewhere and can't be asked, and `SealError` where what is
 * sealed does not open.
 */
export class KeyRing {
  readonly #keys: readonly KeyEncryption[];

  constructor(keys: readonly [KeyEncryption, ...KeyEncryption[]]) {
    this.#keys = keys;
  }

  /** Over keys of 32 bytes in memory, the current one first. */
  static of(keys: readonly Buffer[]): KeyRing {
    return new KeyRing([new LocalKeys(keys)]);
  }

  /** Short name of the current key-encryption key: safe to show. */
  currentName(): Promise<string> {
    return this.#current.currentName();
  }

  /** How every data key begins that is sealed under the current key-encryption key. */
  currentMark(): Promise<Buffer> {
    return this.#current.currentMark();
  }

  /** Looks again which key-encryption keys there are. */
  async refresh(): Promise<void> {
    for (const keys of this.#keys) await keys.refresh();
  }

  /** A data key for a user, sealed: to be stored beside the user. */
  async newDataKey(userId: string): Promise<Buffer> {
    const dataKey = randomBytes(KEY_BYTES);
    try {
      return await this.#seal(userId, dataKey);
    } finally {
      dataKey.fill(0);
    }
  }

  /** The same data keys sealed under the current key, in their order; those that don't open are answered as such. */
  async resealDataKeys(dataKeys: readonly SealedDataKey[]): Promise<readonly (Buffer | SealError)[]> {
    const opened = await this.#open(dataKeys);
    try {
      const whole = opened.flatMap((dataKey, index) => {
        const userId = dataKeys[index]?.userId;
        return dataKey instanceof SealError || userId === undefined ? [] : [{ userId, dataKey }];
      });
      const sealed = [...(whole.length === 0 ? [] : await this.#current.seal(whole))];
      return opened.map((dataKey) =>
        dataKey instanceof SealError ? dataKey : (sealed.shift() ?? new SealError('malformed')),
      );
    } finally {
      for (const dataKey of opened) if (!(dataKey instanceof SealError)) dataKey.fill(0);
    }
  }

  /** A new data key for a user, and all the user's secrets sealed under it: nobody but this call sees them. */
  async rotateDataKey(
    userId: string,
    sealedDataKey: Uint8Array,
    secrets: readonly SealedSecret[],
  ): Promise<{ readonly dataKey: Buffer; readonly secrets: readonly Buffer[] }> {
    const next = randomBytes(KEY_BYTES);
    try {
      const resealed = await this.#withDataKey(userId, sealedDataKey, (old) =>
        secrets.map(({ sealedFor, sealed }) => {
          const context = secretContext(sealedFor);
          const text = decrypt(old, context, sealed);
          try {
            return encrypt(next, NO_KEY_ID, context, text);
          } finally {
            text.fill(0);
          }
        }),
      );
      return { dataKey: await this.#seal(userId, next), secrets: resealed };
    } finally {
      next.fill(0);
    }
  }

  seal(sealedFor: SealedFor, sealedDataKey: Uint8Array, text: Secret): Promise<Buffer> {
    return this.#withDataKey(sealedFor.userId, sealedDataKey, (dataKey) =>
      encrypt(dataKey, NO_KEY_ID, secretContext(sealedFor), Buffer.from(text.reveal())),
    );
  }

  open(sealedFor: SealedFor, sealedDataKey: Uint8Array, sealed: Uint8Array): Promise<Secret> {
    return this.#withDataKey(sealedFor.userId, sealedDataKey, (dataKey) => {
      const text = decrypt(dataKey, secretContext(sealedFor), sealed);
      try {
        return new Secret(text.toString('utf8'));
      } finally {
        text.fill(0);
      }
    });
  }

  /** An account's API key, sealed. */
  sealCredentials(sealedFor: SealedFor, sealedDataKey: Uint8Array, credentials: VenueCredentials): Promise<Buffer> {
    const { apiKey, secret, passphrase } = credentials;
    return this.seal(sealedFor, sealedDataKey, new Secret(JSON.stringify({ apiKey, secret, passphrase })));
  }

  /** An account's API key, opened. */
  async openCredentials(
    sealedFor: SealedFor,
    sealedDataKey: Uint8Array,
    sealed: Uint8Array,
  ): Promise<VenueCredentials> {
    return JSON.parse((await this.open(sealedFor, sealedDataKey, sealed)).reveal()) as VenueCredentials;
  }

  toJSON(): string {
    return '[KeyRing]';
  }

  [inspect.custom](): string {
    return this.toJSON();
  }

  get #current(): KeyEncryption {
    const [current] = this.#keys;
    if (current === undefined) throw new Error('A key ring has a key.');
    return current;
  }

  async #seal(userId: string, dataKey: Buffer): Promise<Buffer> {
    const [sealed] = await this.#current.seal([{ userId, dataKey }]);
    if (sealed === undefined) throw new Error('a data key was not sealed');
    return sealed;
  }

  /** Each holder is asked once, for all that is its own. */
  async #open(dataKeys: readonly SealedDataKey[]): Promise<readonly (Buffer | SealError)[]> {
    const opened = dataKeys.map((): Buffer | SealError => new SealError('malformed'));
    for (const keys of this.#keys) {
      const ours = dataKeys.flatMap((dataKey, index) => (keys.isOurs(dataKey.sealed) ? [{ dataKey, index }] : []));
      if (ours.length === 0) continue;
      const answers = await keys.open(ours.map(({ dataKey }) => dataKey));
      ours.forEach(({ index }, n) => {
        const answer = answers[n];
        const before = opened[index];
        if (answer !== undefined && before instanceof SealError) opened[index] = answer;
      });
    }
    return opened;
  }

  async #withDataKey<T>(userId: string, sealedDataKey: Uint8Array, use: (dataKey: Buffer) => T): Promise<T> {
    const [dataKey] = await this.#open([{ userId, sealed: sealedDataKey }]);
    if (dataKey === undefined || dataKey instanceof SealError) throw dataKey ?? new SealError('malformed');
    try {
      return use(dataKey);
    } finally {
      dataKey.fill(0);
    }
  }
}

const secretContext = ({ userId, accountId, venue }: SealedFor): Buffer =>
  Buffer.from(JSON.stringify(['account-secret', VERSION, userId, accountId, venue]));
