import { milliseconds, secret, seconds, someOf, text, vaultOf, vaultVariables } from '@switchyard/config';
import { STANDARD_VENUES, VENUES } from '@switchyard/model';
import { resolve } from 'node:path';
import { z } from 'zod';
import { APPROVAL_KINDS } from './store/approvals.js';

/** Environment of the accounts service, beside what every process has. */
export const accountsConfig = z
  .object({
    /** Base64 of 32 bytes; several with commas between them, the current one first. */
    SWITCHYARD_KEY_ENCRYPTION_KEY: secret({ minLength: 40 }).optional(),
    /** A file of mode 0600 that holds the same. */
    SWITCHYARD_KEY_ENCRYPTION_KEY_FILE: text().optional(),
    ...vaultVariables,
    /** Set where everything is kept in one place: there the key is the file `kek`, made at the first start. */
    SWITCHYARD_DATA_DIR: text().optional(),
    /** How long a change waits until every stage has stored it, before it is answered with 202. */
    SWITCHYARD_POLICY_ACKNOWLEDGE_TIMEOUT_MS: milliseconds({ max: 60_000 }).default(10_000),
    /** How long a removed account keeps its sealed keys, so that what is open at the venue can be found and cancelled. */
    SWITCHYARD_REMOVED_KEYS_RETENTION_S: seconds({ max: 30 * 86_400 }).default(86_400),
    /** Venues of this deployment: whose executors have to keep a trading state. */
    SWITCHYARD_VENUES: someOf(VENUES, 'venues').default([...STANDARD_VENUES]),
    /** How long the answer to a change of a trading state waits for the executors; who has not said anything by then is listed. */
    SWITCHYARD_TRADING_STATE_TIMEOUT_MS: milliseconds({ max: 25_000 }).default(5_000),
    /** The global trading state is told so often. Executors that hear nothing for SWITCHYARD_TRADING_STATE_SILENCE_MS open nothing. */
    SWITCHYARD_TRADING_STATE_REPEAT_MS: milliseconds({ min: 50, max: 60_000 }).default(1_000),
    /** What has an effect only once a second person approved it: `live_account`, `flatten_all` (everybody's positions). Default nothing. */
    SWITCHYARD_APPROVALS_REQUIRED: someOf(APPROVAL_KINDS, 'kinds of requests').default([]),
    /** How long a request waits for the second person. */
    SWITCHYARD_APPROVAL_VALID_S: seconds({ min: 1, max: 7 * 86_400 }).default(900),
  })
  .transform((env) => ({
    keys: env.SWITCHYARD_KEY_ENCRYPTION_KEY,
    vault: vaultOf(env),
    ...keyFileOf(env.SWITCHYARD_KEY_ENCRYPTION_KEY_FILE, env.SWITCHYARD_DATA_DIR),
    acknowledgeTimeoutMs: env.SWITCHYARD_POLICY_ACKNOWLEDGE_TIMEOUT_MS,
    removedKeysRetentionS: env.SWITCHYARD_REMOVED_KEYS_RETENTION_S,
    venues: env.SWITCHYARD_VENUES,
    stateAcknowledgeTimeoutMs: env.SWITCHYARD_TRADING_STATE_TIMEOUT_MS,
    stateRepeatMs: env.SWITCHYARD_TRADING_STATE_REPEAT_MS,
    approvals: { required: env.SWITCHYARD_APPROVALS_REQUIRED, validS: env.SWITCHYARD_APPROVAL_VALID_S },
  }));

const keyFileOf = (file: string | undefined, dataDir: string | undefined) => {
  const own = dataDir === undefined ? undefined : resolve(dataDir, 'kek');
  const keyFile = file === undefined ? own : resolve(file);
  return { keyFile, createKeyFile: own !== undefined && keyFile === own };
};

export type AccountsConfig = Readonly<z.infer<typeof accountsConfig>>;
