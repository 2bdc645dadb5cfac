import { createHash } from 'node:crypto';
import { dataKeyContext, decrypt, encrypt, KEY_BYTES, KEY_ID_BYTES, VERSION } from './aes-gcm.js';
import type { KeyEncryption, OpenDataKey, SealedDataKey } from './key-encryption.js';
import { SealError } from './seal-error.js';

/**
 * Key-encryption keys in memory: from the environment or a file. The first seals; all of them open, so that a new one is put in front and
 * the old one removed when every data key was sealed anew.
 */
export class LocalKeys implements KeyEncryption {
  readonly #reread: (() => Promise<readonly Buffer[]>) | undefined;
  #keys: ReadonlyMap<string, Buffer>;
  #current = '';
  #rereadAt = Number.NEGATIVE_INFINITY;
  /** Who comes while the keys are read waits for the same reading: a key that is being rotated in must not look unknown. */
  #rereading: Promise<void> = Promise.resolve();

  /**
   * @param keys 32 bytes each, the current one first.
   * @param reread where they come from, to look again for a key that is not known: a file, which can change while the process runs.
   */
  constructor(keys: readonly Buffer[], reread?: () => Promise<readonly Buffer[]>) {
    this.#reread = reread;
    this.#keys = this.#checked(keys);
  }

  currentName(): Promise<string> {
    return Promise.resolve(this.#current);
  }

  currentMark(): Promise<Buffer> {
    return Promise.resolve(Buffer.concat([Buffer.of(VERSION), Buffer.from(this.#current, 'hex')]));
  }

  isOurs(sealed: Uint8Array): boolean {
    return sealed[0] === VERSION;
  }

  seal(keys: readonly OpenDataKey[]): Promise<readonly Buffer[]> {
    const key = this.#keys.get(this.#current);
    if (key === undefined) return Promise.reject(new SealError('unknownKey'));
    const id = Buffer.from(this.#current, 'hex');
    return Promise.resolve(keys.map(({ userId, dataKey }) => encrypt(key, id, dataKeyContext(userId), dataKey)));
  }

  async open(keys: readonly SealedDataKey[]): Promise<readonly (Buffer | SealError)[]> {
    if (keys.some(({ sealed }) => !this.#keys.has(keyIdOf(sealed)))) await this.#lookAgain();
    return keys.map(({ userId, sealed }) => {
      const key = this.#keys.get(keyIdOf(sealed));
      if (key === undefined) return new SealError('unknownKey');
      try {
        return decrypt(key, dataKeyContext(userId), sealed);
      } catch (error) {
        if (error instanceof SealError) return error;
        throw error;
      }
    });
  }

  async refresh(): Promise<void> {
    if (this.#reread !== undefined) this.#keys = this.#checked(await this.#reread());
  }

  /** At most once a second: rows that nobody can open must not read the disk in a loop. */
  async #lookAgain(): Promise<void> {
    if (performance.now() - this.#rereadAt < REREAD_EVERY_MS) return this.#rereading;
    this.#rereading = this.refresh();
    this.#rereadAt = performance.now();
    await this.#rereading;
  }

  #checked(keys: readonly Buffer[]): ReadonlyMap<string, Buffer> {
    if (keys.length === 0 || keys.some((key) => key.length !== KEY_BYTES))
      throw new Error(`A key-encryption key has ${KEY_BYTES} bytes.`);
    const byId = new Map(keys.map((key) => [idOf(key), Buffer.from(key)]));
    [this.#current = ''] = byId.keys();
    return byId;
  }
}

const REREAD_EVERY_MS = 1_000;

const keyIdOf = (sealed: Uint8Array): string => Buffer.from(sealed.subarray(1, 1 + KEY_ID_BYTES)).toString('hex');

const idOf = (key: Buffer): string =>
  createHash('sha256')
    .update('switchyard key id')
    .update(key)
    .digest('hex')
    .slice(0, KEY_ID_BYTES * 2);
