export { closes } from './closes.js';
export { canonicalContent } from './canonical-content.js';
export { decideSignal, type DecideSignal, type ReadSignal, type SignalDecision } from './decide-signal.js';
export { identityKey, ownerOf, recognise, type Recognition, type SignalIdentity } from './identity.js';
export {
  copyIdOf,
  copySignal,
  MAX_FOLLOWING_ACCOUNT_ID,
  MAX_STRATEGY_SIGNAL_ID,
  type Copy,
  type CopyContext,
} from './fan-out/copy-signal.js';
export { followersOf, type Follower } from './fan-out/follower.js';
export { MarketBoard, type Market, type Quote, type Snapshot } from './market-board.js';
export { modeOf, searchAccounts, type AccountObstacle, type AccountSearch } from './usable-accounts.js';
export { limitsOf, refusedAtDoor, validateSignal, type ValidateSignal, type Validation } from './validate-signal.js';
export { referencePrice } from './checks/protective-prices.js';
export type { RequirableField, SignalPolicy } from './checks/subject.js';
