export {
  allows,
  mayGrant,
  mayPublish,
  PERMISSIONS,
  ROLES,
  type Permission,
  type Principal,
  type Reach,
  type Role,
} from './permissions.js';
export { hashToken, isToken, newToken } from './token.js';
export { hashWebhookToken, isWebhookToken, newWebhookToken, TRADINGVIEW, type WebhookGrant } from './webhook-token.js';
export { Secret } from './secret.js';
export { KeyRing, type SealedFor, type SealedSecret, type VenueCredentials } from './key-ring.js';
export { SealError, type SealFailure } from './seal-error.js';
export { KeysUnavailableError, type KeyEncryption, type OpenDataKey, type SealedDataKey } from './key-encryption.js';
export { LocalKeys } from './local-keys.js';
export { VaultTransit, type VaultTransitOptions } from './vault-transit.js';
export { KeyEncryptionKeyError, openKeyRing, type KeyRingOptions } from './key-encryption-key.js';
