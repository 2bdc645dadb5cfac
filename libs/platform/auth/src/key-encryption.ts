import type { SealError } from './seal-error.js';

/** A user's data key in the clear: in memory, for the length of a call. */
export interface OpenDataKey {
  readonly userId: string;
  readonly dataKey: Buffer;
}

export interface SealedDataKey {
  readonly userId: string;
  readonly sealed: Uint8Array;
}

/**
 * What holds a key-encryption key and seals users' data keys under it: a key in this process's memory, or a service such as Vault that
 * never gives its key away.
 *
 * 1. The user is authenticated with what is sealed: a data key copied to another user's row does not open.
 * 2. Many at once are one call where a call costs something; answers come in the order of the questions.
 * 3. What does not open is an answer for that one item (`SealError`); what can't be asked now is `KeysUnavailableError` for the call.
 */
export interface KeyEncryption {
  /** Names the key that seals now: safe to show. */
  currentName(): Promise<string>;
  /** How everything begins that is sealed under that key: what begins otherwise is to be sealed anew. */
  currentMark(): Promise<Buffer>;
  /** Whether this is sealed in the format of this adapter. */
  isOurs(sealed: Uint8Array): boolean;
  seal(keys: readonly OpenDataKey[]): Promise<readonly Buffer[]>;
  open(keys: readonly SealedDataKey[]): Promise<readonly (Buffer | SealError)[]>;
  /** Looks again which keys there are: a person has put a new one in front. */
  refresh(): Promise<void>;
}

/** Whoever holds the key-encryption key can't be asked at the moment. Nothing is wrong with what was sealed: try again. */
export class KeysUnavailableError extends Error {
  override readonly name = 'KeysUnavailableError';

  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
  }
}
