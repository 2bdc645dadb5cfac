import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
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

export type SealFailure =
  /** Not of our format, or of a later version. */
  | 'malformed'
  /** Sealed under a key-encryption key that this ring does not hold. */
  | 'unknownKey'
  /** Changed, or sealed for another user, account or venue. */
  | 'tampered';

/** A sealed text does not open. The message holds no part of it. */
export class SealError extends Error {
  override readonly name = 'SealError';
  readonly reason: SealFailure;

  constructor(reason: SealFailure) {
    super(SENTENCES[reason]);
    this.reason = reason;
  }
}

const SENTENCES: Readonly<Record<SealFailure, string>> = {
  malformed: 'What should be sealed is not in a known format.',
  unknownKey: 'It was sealed under a key-encryption key that is not given here.',
  tampered: 'It was changed, or sealed for another user, account or venue.',
};

const VERSION = 1;
const KEY_BYTES = 32;
const KEY_ID_BYTES = 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const CIPHER = 'aes-256-gcm';

/**
 * Envelope encryption of exchange keys. A user has a data key, stored sealed under the key-encryption key; the user's secrets are sealed
 * under the data key.
 *
 * 1. AES-256-GCM with a random nonce; what it is for (user, account, venue) is authenticated with it, so that a row copied to another
 *    account does not open.
 * 2. Format: version (1 byte), id of the key-encryption key (4; zeros under a data key), nonce (12), ciphertext, tag (16).
 * 3. Secrets and keys are never printed, and data keys leave memory when the call ends.
 * 4. The first key seals; all of them open: a new one is put in front, and the old one removed when every data key was sealed anew.
 */
export class KeyRing {
  readonly #keys: ReadonlyMap<string, Buffer>;
  readonly #current: string;

  /** @param keys 32 bytes each, the current one first. */
  constructor(keys: readonly Buffer[]) {
    if (keys.length === 0 || keys.some((key) => key.length !== KEY_BYTES))
      throw new Error(`A key-encryption key has ${KEY_BYTES} bytes.`);
    this.#keys = new Map(keys.map((key) => [idOf(key), Buffer.from(key)]));
    [this.#current = ''] = this.#keys.keys();
  }

  /** Short name of the current key: safe to show. */
  get keyId(): string {
    return this.#current;
  }

  /** A data key for a user, sealed: to be stored beside the user. */
  newDataKey(userId: string): Buffer {
    const dataKey = randomBytes(KEY_BYTES);
    try {
      return this.#sealDataKey(userId, dataKey);
    } finally {
      dataKey.fill(0);
    }
  }

  /** The same data key sealed under the current key. */
  resealDataKey(userId: string, sealedDataKey: Uint8Array): Buffer {
    return this.#withDataKey(userId, sealedDataKey, (dataKey) => this.#sealDataKey(userId, dataKey));
  }

  /** Throws `SealError` where the data key does not open. */
  seal(sealedFor: SealedFor, sealedDataKey: Uint8Array, text: Secret): Buffer {
    return this.#withDataKey(sealedFor.userId, sealedDataKey, (dataKey) =>
      encrypt(dataKey, Buffer.alloc(KEY_ID_BYTES), secretContext(sealedFor), Buffer.from(text.reveal())),
    );
  }

  /** Throws `SealError` where it does not open. */
  open(sealedFor: SealedFor, sealedDataKey: Uint8Array, sealed: Uint8Array): Secret {
    return this.#withDataKey(sealedFor.userId, sealedDataKey, (dataKey) => {
      const text = decrypt(dataKey, secretContext(sealedFor), sealed);
      try {
        return new Secret(text.toString('utf8'));
      } finally {
        text.fill(0);
      }
    });
  }

  /** An account's API key, sealed. Throws `SealError` where the data key does not open. */
  sealCredentials(sealedFor: SealedFor, sealedDataKey: Uint8Array, credentials: VenueCredentials): Buffer {
    const { apiKey, secret, passphrase } = credentials;
    return this.seal(sealedFor, sealedDataKey, new Secret(JSON.stringify({ apiKey, secret, passphrase })));
  }

  /** An account's API key, opened. Throws `SealError` where it does not open. */
  openCredentials(sealedFor: SealedFor, sealedDataKey: Uint8Array, sealed: Uint8Array): VenueCredentials {
    return JSON.parse(this.open(sealedFor, sealedDataKey, sealed).reveal()) as VenueCredentials;
  }

  toJSON(): string {
    return `[KeyRing ${this.#current}]`;
  }

  [inspect.custom](): string {
    return this.toJSON();
  }

  #sealDataKey(userId: string, dataKey: Buffer): Buffer {
    const key = this.#keys.get(this.#current);
    if (key === undefined) throw new SealError('unknownKey');
    return encrypt(key, Buffer.from(this.#current, 'hex'), dataKeyContext(userId), dataKey);
  }

  #withDataKey<T>(userId: string, sealedDataKey: Uint8Array, use: (dataKey: Buffer) => T): T {
    const key = this.#keys.get(Buffer.from(sealedDataKey.subarray(1, 1 + KEY_ID_BYTES)).toString('hex'));
    if (sealedDataKey[0] !== VERSION) throw new SealError('malformed');
    if (key === undefined) throw new SealError('unknownKey');
    const dataKey = decrypt(key, dataKeyContext(userId), sealedDataKey);
    try {
      return use(dataKey);
    } finally {
      dataKey.fill(0);
    }
  }
}

const idOf = (key: Buffer): string =>
  createHash('sha256')
    .update('switchyard key id')
    .update(key)
    .digest('hex')
    .slice(0, KEY_ID_BYTES * 2);

/** JSON of a list has one reading only: no two contexts make the same bytes. */
const dataKeyContext = (userId: string): Buffer => Buffer.from(JSON.stringify(['data-key', VERSION, userId]));
const secretContext = ({ userId, accountId, venue }: SealedFor): Buffer =>
  Buffer.from(JSON.stringify(['account-secret', VERSION, userId, accountId, venue]));

const encrypt = (key: Buffer, keyId: Buffer, context: Buffer, text: Buffer): Buffer => {
  const nonce = randomBytes(NONCE_BYTES);
  const head = Buffer.concat([Buffer.of(VERSION), keyId, nonce]);
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.concat([head, context]));
  return Buffer.concat([head, cipher.update(text), cipher.final(), cipher.getAuthTag()]);
};

const decrypt = (key: Buffer, context: Buffer, sealed: Uint8Array): Buffer => {
  const headLength = 1 + KEY_ID_BYTES + NONCE_BYTES;
  if (sealed[0] !== VERSION || sealed.length < headLength + TAG_BYTES) throw new SealError('malformed');
  const head = sealed.subarray(0, headLength);
  const decipher = createDecipheriv(CIPHER, key, head.subarray(1 + KEY_ID_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.concat([head, context]));
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(headLength, sealed.length - TAG_BYTES)), decipher.final()]);
  } catch {
    throw new SealError('tampered');
  }
};
