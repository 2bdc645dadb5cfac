import { readFile } from 'node:fs/promises';
import { dataKeyContext, KEY_BYTES } from './aes-gcm.js';
import { KeysUnavailableError, type KeyEncryption, type OpenDataKey, type SealedDataKey } from './key-encryption.js';
import { SealError } from './seal-error.js';

export interface VaultTransitOptions {
  /** `VAULT_ADDR`: `https://vault.example:8200`. */
  readonly address: string;
  /** `VAULT_TOKEN`; or a file that holds it, read again when the token is refused: an agent renews it there. */
  readonly token?: string | undefined;
  readonly tokenFile?: string | undefined;
  /** `VAULT_NAMESPACE`, where the deployment of Vault has some. */
  readonly namespace?: string | undefined;
  /** Where the transit engine is mounted; default `transit`. */
  readonly mount?: string | undefined;
  /** The name of the transit key: of an AEAD type, which takes associated data (aes256-gcm96, the default one, or chacha20-poly1305). */
  readonly key: string;
  /** For one call; default 2,000 ms. */
  readonly timeoutMs?: number | undefined;
}

/** The first byte of what is sealed by Vault; its own text (`vault:v3:...`) follows, which names the version of the key. */
const FORMAT = 2;
/** Items of a call, so that a body stays small. */
const AT_ONCE = 250;
/** How long the newest version of the key is taken for the newest. */
const VERSION_FOR_MS = 5_000;

interface Answer {
  readonly status: number;
  readonly body: {
    readonly data?: { readonly latest_version?: number; readonly batch_results?: readonly Result[] };
    readonly errors?: readonly string[];
  };
}
interface Result {
  readonly ciphertext?: string;
  readonly plaintext?: string;
  readonly error?: string;
}

/**
 * The transit secrets engine of HashiCorp Vault (or OpenBao) as the holder of the key-encryption key, which never leaves it.
 * https://developer.hashicorp.com/vault/api-docs/secret/transit
 *
 * 1. The user goes along as associated data, so that Vault itself refuses a data key under another user's name.
 * 2. Calls that come together are one `batch_input`. Sealing anew is opening and sealing rather than `rewrap`, which binds no associated data.
 * 3. Vault that can't be reached, is sealed, busy or refuses the token is `KeysUnavailableError`. An item that does not open is that item's.
 */
export class VaultTransit implements KeyEncryption {
  readonly #options: VaultTransitOptions;
  #token: string | undefined;
  #version: { readonly latest: number; readonly until: number } | undefined;
  #waiting: {
    readonly key: SealedDataKey;
    readonly done: (opened: Buffer | SealError) => void;
    readonly failed: (error: unknown) => void;
  }[] = [];

  constructor(options: VaultTransitOptions) {
    this.#options = options;
    this.#token = options.token;
  }

  async currentName(): Promise<string> {
    return `vault:${this.#options.key}:v${await this.#latestVersion()}`;
  }

  async currentMark(): Promise<Buffer> {
    return Buffer.concat([Buffer.of(FORMAT), Buffer.from(`vault:v${await this.#latestVersion()}:`)]);
  }

  isOurs(sealed: Uint8Array): boolean {
    return sealed[0] === FORMAT;
  }

  async seal(keys: readonly OpenDataKey[]): Promise<readonly Buffer[]> {
    const items = keys.map(({ userId, dataKey }) => ({
      plaintext: dataKey.toString('base64'),
      associated_data: dataKeyContext(userId).toString('base64'),
    }));
    return (await this.#batch('encrypt', items)).map(({ ciphertext, error }) => {
      if (ciphertext === undefined) throw new KeysUnavailableError(`Vault did not seal a data key: ${error ?? ''}`);
      return Buffer.concat([Buffer.of(FORMAT), Buffer.from(ciphertext)]);
    });
  }

  open(keys: readonly SealedDataKey[]): Promise<readonly (Buffer | SealError)[]> {
    if (this.#waiting.length === 0) setImmediate(() => void this.#openWaiting());
    return Promise.all(
      keys.map(
        (key) =>
          new Promise<Buffer | SealError>((done, failed) => {
            this.#waiting.push({ key, done, failed });
          }),
      ),
    );
  }

  refresh(): Promise<void> {
    this.#version = undefined;
    return Promise.resolve();
  }

  async #openWaiting(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    try {
      const items = waiting.map(({ key: { userId, sealed } }) => ({
        ciphertext: Buffer.from(sealed.subarray(1)).toString('utf8'),
        associated_data: dataKeyContext(userId).toString('base64'),
      }));
      const results = await this.#batch('decrypt', items);
      waiting.forEach(({ done }, index) => {
        done(openedOf(results[index]));
      });
    } catch (error) {
      for (const { failed } of waiting) failed(error);
    }
  }

  async #batch(what: 'encrypt' | 'decrypt', items: readonly object[]): Promise<readonly Result[]> {
    const results: Result[] = [];
    for (let from = 0; from < items.length; from += AT_ONCE) {
      const part = items.slice(from, from + AT_ONCE);
      const { status, body } = await this.#call('POST', `${what}/${this.#options.key}`, { batch_input: part });
      // With one bad item among the good ones Vault says 400, and has the results nevertheless.
      const found = body.data?.batch_results;
      if ((status !== 200 && status !== 400) || found?.length !== part.length) throw refusedBy(status, body.errors);
      results.push(...found);
    }
    return results;
  }

  async #latestVersion(): Promise<number> {
    if (this.#version !== undefined && this.#version.until > performance.now()) return this.#version.latest;
    const { status, body } = await this.#call('GET', `keys/${this.#options.key}`);
    const latest = body.data?.latest_version;
    if (status !== 200 || latest === undefined) throw refusedBy(status, body.errors);
    this.#version = { latest, until: performance.now() + VERSION_FOR_MS };
    return latest;
  }

  async #call(method: 'GET' | 'POST', path: string, body?: object): Promise<Answer> {
    const answer = await this.#ask(method, path, body);
    if (answer.status !== 403 || this.#options.tokenFile === undefined) return answer;
    this.#token = undefined;
    return this.#ask(method, path, body);
  }

  async #ask(method: 'GET' | 'POST', path: string, body: object | undefined): Promise<Answer> {
    const { address, mount = 'transit', namespace, timeoutMs = 2_000 } = this.#options;
    try {
      const response = await fetch(`${address.replace(/\/+$/, '')}/v1/${mount}/${path}`, {
        method,
        headers: {
          'x-vault-token': await this.#tokenNow(),
          'x-vault-request': 'true',
          ...(namespace === undefined ? {} : { 'x-vault-namespace': namespace }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        // The token goes to Vault, and nowhere else.
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
      });
      return { status: response.status, body: (await response.json()) as Answer['body'] };
    } catch (error) {
      // What went wrong is named by its kind alone: an error of fetch can hold what was sent.
      const { name, cause } = error as { readonly name?: string; readonly cause?: { readonly code?: string } };
      throw new KeysUnavailableError(`Vault did not answer (${cause?.code ?? name ?? 'error'}).`);
    }
  }

  async #tokenNow(): Promise<string> {
    const { tokenFile } = this.#options;
    if (this.#token === undefined && tokenFile !== undefined) this.#token = (await readFile(tokenFile, 'utf8')).trim();
    return this.#token ?? '';
  }
}

const openedOf = (result: Result | undefined): Buffer | SealError => {
  if (result?.plaintext === undefined) return new SealError('tampered');
  const dataKey = Buffer.from(result.plaintext, 'base64');
  return dataKey.length === KEY_BYTES ? dataKey : new SealError('malformed');
};

/** Vault's own sentences say what is wrong with the question ("permission denied", "Vault is sealed"), and hold nothing of what was sent. */
const refusedBy = (status: number, errors: readonly string[] = []): KeysUnavailableError =>
  new KeysUnavailableError(`Vault answered ${status}: ${errors.join('; ').slice(0, 200)}`);
