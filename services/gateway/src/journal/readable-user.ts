import type { Permission, Principal } from '@switchyard/auth';
import { allows } from '@switchyard/auth';
import { requirePermission } from '@switchyard/http';

/**
 * Whose rows a caller gets: the user asked for, else everybody's where the caller may see them, else their own.
 * Undefined means everybody. Throws `Problem` FORBIDDEN where another user was asked for who is none of the caller's business.
 */
export const readableUser = (
  caller: Principal,
  permission: Permission,
  asked: string | undefined,
): string | undefined => {
  if (asked === undefined) return allows(caller, permission) ? undefined : caller.userId;
  requirePermission(caller, permission, asked);
  return asked;
};
