import { openKeyRing, type KeyRing, type KeyRingOptions } from '@switchyard/auth';
import type { Credentials } from '@switchyard/exchanges';
import type { KeyOpener, SealedCredentials } from '../ports/key-opener.js';

/** Opens sealed keys with the deployment's key ring, which is read when the first key is needed: simulated accounts need none. */
export class KeyRingOpener implements KeyOpener {
  readonly #options: KeyRingOptions;
  #ring: Promise<KeyRing> | undefined;

  constructor(options: KeyRingOptions) {
    this.#options = options;
  }

  async open({ userId, accountId, venue, sealedDataKey, sealed }: SealedCredentials): Promise<Credentials> {
    this.#ring ??= openKeyRing(this.#options);
    const ring = await this.#ring.catch((error: unknown) => {
      this.#ring = undefined;
      throw error;
    });
    return ring.openCredentials({ userId, accountId, venue }, sealedDataKey, sealed);
  }
}
