import type { Credentials } from '@switchyard/exchanges';

/** An account's keys as `accounts` sealed them: under the user's data key, which is sealed beside them. */
export interface SealedCredentials {
  readonly userId: string;
  readonly accountId: string;
  readonly venue: string;
  readonly sealedDataKey: Uint8Array;
  readonly sealed: Uint8Array;
}

/** Opens an account's keys. Throws where they were sealed for another user, account or venue, or under a key that is not given here. */
export interface KeyOpener {
  open(keys: SealedCredentials): Promise<Credentials>;
}
