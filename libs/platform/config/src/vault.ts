import { secret, text, url } from './variables.js';

/** Variables of whoever asks Vault's transit engine; the shape of a part of a service's schema. */
export const vaultVariables = {
  /** Where Vault answers. */
  VAULT_ADDR: url('http', 'https').default('https://127.0.0.1:8200'),
  /** A token that may `encrypt` and `decrypt` with the transit key (executors: `decrypt` alone) and read it. */
  VAULT_TOKEN: secret().optional(),
  /** A file that holds the token; it is read again when the token is refused, so that an agent can renew it there. */
  SWITCHYARD_VAULT_TOKEN_FILE: text().optional(),
  /** The namespace, where Vault has some. */
  VAULT_NAMESPACE: text().optional(),
  /** The transit key that seals users' data keys, of type aes256-gcm96 or chacha20-poly1305. Without it the key-encryption key is a local one; with it, local ones only open what they sealed before. */
  SWITCHYARD_VAULT_TRANSIT_KEY: text().optional(),
  /** Where the transit engine is mounted. */
  SWITCHYARD_VAULT_TRANSIT_MOUNT: text().default('transit'),
} as const;

interface VaultEnvironment {
  readonly VAULT_ADDR: string;
  readonly VAULT_TOKEN?: string | undefined;
  readonly SWITCHYARD_VAULT_TOKEN_FILE?: string | undefined;
  readonly VAULT_NAMESPACE?: string | undefined;
  readonly SWITCHYARD_VAULT_TRANSIT_KEY?: string | undefined;
  readonly SWITCHYARD_VAULT_TRANSIT_MOUNT: string;
}

export interface VaultSettings {
  readonly address: string;
  readonly token: string | undefined;
  readonly tokenFile: string | undefined;
  readonly namespace: string | undefined;
  readonly mount: string;
  readonly key: string;
}

/** What the variables say; undefined where no transit key is named. */
export const vaultOf = (env: VaultEnvironment): VaultSettings | undefined =>
  env.SWITCHYARD_VAULT_TRANSIT_KEY === undefined
    ? undefined
    : {
        address: env.VAULT_ADDR,
        token: env.VAULT_TOKEN,
        tokenFile: env.SWITCHYARD_VAULT_TOKEN_FILE,
        namespace: env.VAULT_NAMESPACE,
        mount: env.SWITCHYARD_VAULT_TRANSIT_MOUNT,
        key: env.SWITCHYARD_VAULT_TRANSIT_KEY,
      };
