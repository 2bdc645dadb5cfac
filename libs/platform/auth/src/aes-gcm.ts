import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { SealError } from './seal-error.js';

export const KEY_BYTES = 32;
export const KEY_ID_BYTES = 4;
/** The first byte of what is sealed here; what Vault seals begins with another. */
export const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const CIPHER = 'aes-256-gcm';

/** Under a data key there is no key to name: it lies beside. */
export const NO_KEY_ID = Buffer.alloc(KEY_ID_BYTES);

/** Version (1 byte), id of the key (4), nonce (12), ciphertext, tag (16); head and context are authenticated. */
export const encrypt = (key: Buffer, keyId: Buffer, context: Buffer, text: Buffer): Buffer => {
  const nonce = randomBytes(NONCE_BYTES);
  const head = Buffer.concat([Buffer.of(VERSION), keyId, nonce]);
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.concat([head, context]));
  return Buffer.concat([head, cipher.update(text), cipher.final(), cipher.getAuthTag()]);
};

/** Throws `SealError` malformed or tampered. */
export const decrypt = (key: Buffer, context: Buffer, sealed: Uint8Array): Buffer => {
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

/** JSON of a list has one reading only: no two contexts make the same bytes. */
export const dataKeyContext = (userId: string): Buffer => Buffer.from(JSON.stringify(['data-key', VERSION, userId]));
