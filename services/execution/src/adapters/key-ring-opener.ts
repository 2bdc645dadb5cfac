import { openKeyRing, type KeyRing, type KeyRingOptions } from '@switchyard/auth';
import type { Credentials } from '@switchyard/exchanges';
import { z } from 'zod';
import type { KeyOpener, SealedCredentials } from '../ports/key-opener.js';

const credentials = z.object({
  apiKey: z.string().min(1),
  secret: z.string().min(1),
  passphrase: z.string().optional(),
});

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
    const parsed = credentials.safeParse(
      JSON.parse(ring.open({ userId, accountId, venue }, sealedDataKey, sealed).reveal()),
    );
    // The parser's own message could quote what it read.
    if (!parsed.success) throw new Error('the sealed keys hold no apiKey and secret');
    const { apiKey, secret, passphrase } = parsed.data;
    return { apiKey, secret, ...(passphrase === undefined ? {} : { passphrase }) };
  }
}
