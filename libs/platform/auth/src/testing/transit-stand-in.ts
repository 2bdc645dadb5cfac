import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Item {
  readonly plaintext?: string;
  readonly ciphertext?: string;
  readonly associated_data?: string;
}

/**
 * Stands in for the transit engine of Vault in tests: the endpoints that are used (`keys`, `keys/rotate`, `encrypt`, `decrypt` with
 * `batch_input`), with Vault's paths, bodies, texts (`vault:v3:...`) and statuses, and real AES-256-GCM. It is no Vault: it has one token,
 * one key of type aes256-gcm96 and no policies.
 */
export class TransitStandIn {
  readonly #versions: Buffer[] = [randomBytes(32)];
  readonly #key: string;
  readonly #server: Server;
  token: string;
  /** What Vault answers while its storage is sealed. */
  isSealed = false;
  /** Takes questions and answers none. */
  hangs = false;
  /** Paths that were asked, with the number of items. */
  readonly calls: { readonly path: string; readonly items: number }[] = [];

  constructor(key: string, token: string) {
    this.#key = key;
    this.token = token;
    this.#server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const text = Buffer.concat(parts).toString();
        const body = (text === '' ? {} : JSON.parse(text)) as { readonly batch_input?: readonly Item[] };
        const path = (request.url ?? '').replace('/v1/', '');
        this.calls.push({ path, items: body.batch_input?.length ?? 0 });
        if (this.hangs) return;
        const [status, answer] = this.#answer(path, request.headers['x-vault-token'], body.batch_input ?? []);
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
      });
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
  }

  /** `vault write -f transit/keys/KEY/rotate`. */
  rotate(): void {
    this.#versions.push(randomBytes(32));
  }

  #answer(path: string, token: unknown, items: readonly Item[]): [number, object] {
    if (this.isSealed) return [503, { errors: ['Vault is sealed'] }];
    if (token !== this.token) return [403, { errors: ['permission denied'] }];
    const [, what, key] = path.split('/');
    if (!path.startsWith('transit/'))
      return [404, { errors: [`no handler for route "${path}". route entry not found.`] }];
    if (key !== this.#key)
      return what === 'keys' ? [404, { errors: [] }] : [400, { errors: ['encryption key not found'] }];
    if (what === 'keys')
      return [200, { data: { name: key, type: 'aes256-gcm96', latest_version: this.#versions.length } }];
    const results = items.map((item) => (what === 'encrypt' ? this.#encrypt(item) : this.#decrypt(item)));
    return [results.some((result) => 'error' in result) ? 400 : 200, { data: { batch_results: results } }];
  }

  #encrypt({ plaintext = '', associated_data = '' }: Item): object {
    const version = this.#versions.length;
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.#versions[version - 1]!, nonce);
    cipher.setAAD(Buffer.from(associated_data, 'base64'));
    const sealed = Buffer.concat([nonce, cipher.update(plaintext, 'base64'), cipher.final(), cipher.getAuthTag()]);
    return { ciphertext: `vault:v${version}:${sealed.toString('base64')}`, key_version: version };
  }

  #decrypt({ ciphertext = '', associated_data = '' }: Item): object {
    const [, version, text] = /^vault:v(\d+):(.+)$/.exec(ciphertext) ?? [];
    const key = this.#versions[Number(version) - 1];
    if (key === undefined || text === undefined) return { error: 'invalid ciphertext: no prefix' };
    const sealed = Buffer.from(text, 'base64');
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12));
      decipher.setAAD(Buffer.from(associated_data, 'base64'));
      decipher.setAuthTag(sealed.subarray(-16));
      return {
        plaintext: Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]).toString('base64'),
      };
    } catch {
      return { error: 'cipher: message authentication failed' };
    }
  }
}
