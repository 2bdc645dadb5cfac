import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { platform } from 'node:os';
import { dirname } from 'node:path';
import { KEY_BYTES } from './aes-gcm.js';
import type { KeyEncryption } from './key-encryption.js';
import { KeyRing } from './key-ring.js';
import { LocalKeys } from './local-keys.js';
import { VaultTransit, type VaultTransitOptions } from './vault-transit.js';

export interface KeyRingOptions {
  /** `SWITCHYARD_KEY_ENCRYPTION_KEY`: base64 of 32 bytes; several with commas between them, the current one first. Wins over the file. */
  readonly keys?: string | undefined;
  /** A file that holds the same. */
  readonly file?: string | undefined;
  /** Make the file if it isn't there: for the standalone alone, which keeps everything in one place. */
  readonly create?: boolean;
  /** Vault's transit engine, which then seals; keys from the environment or a file only open what was sealed before. */
  readonly vault?: VaultTransitOptions | undefined;
}

/** There is no usable key-encryption key; the message says what to do. */
export class KeyEncryptionKeyError extends Error {
  override readonly name = 'KeyEncryptionKeyError';
}

const HOW = 'make one with "openssl rand -base64 32"';

/** Throws `KeyEncryptionKeyError` where there is none, or none that can be used. Vault is not asked before the first key is needed. */
export const openKeyRing = async ({ keys, file, create = false, vault }: KeyRingOptions): Promise<KeyRing> => {
  if (vault === undefined) return new KeyRing([await localKeys({ keys, file, create })]);
  const isLocalToo = (keys !== undefined && keys !== '') || (file !== undefined && (await exists(file)));
  const sealedBefore: readonly KeyEncryption[] = isLocalToo ? [await localKeys({ keys, file, create: false })] : [];
  return new KeyRing([new VaultTransit(vault), ...sealedBefore]);
};

const localKeys = async ({ keys, file, create }: Omit<KeyRingOptions, 'vault'>): Promise<LocalKeys> => {
  if (keys !== undefined && keys !== '') return new LocalKeys(keysIn(keys, 'SWITCHYARD_KEY_ENCRYPTION_KEY'));
  if (file === undefined)
    throw new KeyEncryptionKeyError(`SWITCHYARD_KEY_ENCRYPTION_KEY is missing, which seals exchange keys: ${HOW}.`);
  if (create === true) await createOnce(file);
  const read = async () => keysIn(await readPrivate(file), file);
  return new LocalKeys(await read(), read);
};

const exists = async (file: string): Promise<boolean> => (await stat(file).catch(() => undefined)) !== undefined;

const keysIn = (text: string, source: string): readonly Buffer[] => {
  const keys = text
    .trim()
    .split(',')
    .map((part) => Buffer.from(part.trim(), 'base64'));
  if (keys.some((key) => key.length !== KEY_BYTES))
    throw new KeyEncryptionKeyError(`${source} must hold ${KEY_BYTES} bytes in base64: ${HOW}.`);
  return keys;
};

const readPrivate = async (file: string): Promise<string> => {
  const found = await stat(file).catch(() => undefined);
  if (found === undefined)
    throw new KeyEncryptionKeyError(
      `The key-encryption key ${file} is missing, without which exchange keys can't be read: restore it.`,
    );
  if (platform() !== 'win32' && (found.mode & 0o077) !== 0)
    throw new KeyEncryptionKeyError(`The key-encryption key ${file} can be read by others: run "chmod 600 ${file}".`);
  return readFile(file, 'utf8');
};

/** Whole and on disk before anybody can use it, and never twice: a key that was used and got lost takes every sealed secret with it. */
const createOnce = async (file: string): Promise<void> => {
  if (await exists(file)) return;
  await mkdir(dirname(file), { recursive: true });
  const draft = `${file}.${randomBytes(6).toString('hex')}.new`;
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(`${randomBytes(KEY_BYTES).toString('base64')}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
  const folder = await open(dirname(file), 'r');
  await folder.sync().finally(() => folder.close());
};
