export {
  allows,
  mayGrant,
  PERMISSIONS,
  ROLES,
  type Permission,
  type Principal,
  type Reach,
  type Role,
} from './permissions.js';
export { hashToken, isToken, newToken } from './token.js';
export { Secret } from './secret.js';
export { KeyRing, SealError, type SealedFor, type SealFailure, type VenueCredentials } from './key-ring.js';
export { KeyEncryptionKeyError, openKeyRing, type KeyRingOptions } from './key-encryption-key.js';
