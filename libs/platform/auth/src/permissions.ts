/** Each role may do what the one before it may, for itself; operators and admins act for others as the table says. */
export const ROLES = ['trader', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** For whom: nobody, the token's own user, or anyone and the system as a whole. */
export type Reach = 'none' | 'own' | 'any';

/** Every permission, and how far each role's reaches. Pure data: REST, console and docs are made from it. */
export const PERMISSIONS = {
  'signals.send': { trader: 'own', operator: 'own', admin: 'any' },
  /** A strategy's own signal makes everybody trade who follows it. A token can be issued for one strategy alone (`publishes`). */
  'strategies.publish': { trader: 'none', operator: 'none', admin: 'any' },
  /** Signals, orders, positions, balances, executions, analytics, the stream. */
  'trading.read': { trader: 'own', operator: 'any', admin: 'any' },
  /** Cancel and amend. */
  'orders.change': { trader: 'own', operator: 'any', admin: 'any' },
  'users.read': { trader: 'own', operator: 'any', admin: 'any' },
  'users.create': { trader: 'none', operator: 'any', admin: 'any' },
  /** Whether a user may trade at all: nobody lifts the ban on themselves. */
  'users.enable': { trader: 'none', operator: 'any', admin: 'any' },
  'users.change': { trader: 'own', operator: 'any', admin: 'any' },
  'limits.change': { trader: 'own', operator: 'any', admin: 'any' },
  'tokens.read': { trader: 'own', operator: 'any', admin: 'any' },
  /** Who holds a user's token trades as that user: nobody but an admin makes one for another. */
  'tokens.issue': { trader: 'own', operator: 'own', admin: 'any' },
  'tokens.revoke': { trader: 'own', operator: 'any', admin: 'any' },
  /** Connect exchange accounts without keys, and remove accounts. */
  'accounts.change': { trader: 'own', operator: 'any', admin: 'any' },
  /** Give an account its API key, or another: whose key it is, theirs is the money. Secrets go in and never come out. */
  'accounts.keys': { trader: 'own', operator: 'own', admin: 'any' },
  /** What seals everybody's API keys: see how old it is, and change it. */
  'keys.change': { trader: 'none', operator: 'none', admin: 'any' },
  'subscriptions.change': { trader: 'own', operator: 'any', admin: 'any' },
  'state.read': { trader: 'own', operator: 'any', admin: 'any' },
  /** Halt, reduce, resume: one's own trading, or any scope. */
  'state.change': { trader: 'own', operator: 'any', admin: 'any' },
  /** What waits for a second person. */
  'approvals.read': { trader: 'own', operator: 'any', admin: 'any' },
  /** Be the second person: never for what one asked for oneself. */
  'approvals.decide': { trader: 'none', operator: 'any', admin: 'any' },
  /** Parked keys, dead letters, orders that failed: a trader sees what is their own, and acts on none of it. */
  'failed.read': { trader: 'own', operator: 'any', admin: 'any' },
  'failed.change': { trader: 'none', operator: 'any', admin: 'any' },
  'audit.read': { trader: 'own', operator: 'any', admin: 'any' },
  /** How long each stage of each service takes: it tells how busy others are. */
  'latency.read': { trader: 'none', operator: 'any', admin: 'any' },
  'system.read': { trader: 'any', operator: 'any', admin: 'any' },
} as const satisfies Record<string, Readonly<Record<Role, Reach>>>;

export type Permission = keyof typeof PERMISSIONS;

/** Whom a token speaks for. */
export interface Principal {
  readonly userId: string;
  readonly role: Role;
  readonly tokenId: string;
  /** The strategy whose own signals the token is good for, beside what its role may do. */
  readonly publishes?: string;
}

/** Whether a caller may do something for a user, or (without one) for everyone. */
export const allows = (
  { userId, role }: Pick<Principal, 'userId' | 'role'>,
  permission: Permission,
  forUser?: string,
): boolean => {
  const reach: Reach = PERMISSIONS[permission][role];
  return reach === 'any' || (reach === 'own' && forUser !== undefined && forUser === userId);
};

/** Whether a caller may send a strategy's own signals: everybody trades who follows it. */
export const mayPublish = (caller: Principal, strategyId: string): boolean =>
  caller.publishes === strategyId || allows(caller, 'strategies.publish');

/** Nobody gives away more than they have: a token's role is at most its maker's. */
export const mayGrant = (maker: Role, role: Role): boolean => ROLES.indexOf(role) <= ROLES.indexOf(maker);
