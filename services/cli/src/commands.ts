import type { Command } from './command.js';
import { ACCOUNTS } from './commands/accounts.js';
import { APPROVALS } from './commands/approvals.js';
import { AUDIT } from './commands/audit.js';
import { FAILED } from './commands/failed.js';
import { KEYS } from './commands/keys.js';
import { ORDERS } from './commands/orders.js';
import { REPLAY } from './commands/replay.js';
import { REPUBLISH } from './commands/republish.js';
import { SIGNALS } from './commands/signals.js';
import { SUBSCRIPTIONS } from './commands/subscriptions.js';
import { STATE } from './commands/state.js';
import { TOKENS } from './commands/tokens.js';
import { USERS } from './commands/users.js';

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  ...FAILED,
  ...SIGNALS,
  ...ORDERS,
  ...STATE,
  ...USERS,
  ...TOKENS,
  ...ACCOUNTS,
  ...APPROVALS,
  ...SUBSCRIPTIONS,
  ...KEYS,
  ...AUDIT,
  ...REPLAY,
  ...REPUBLISH,
];
