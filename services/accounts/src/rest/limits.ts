import type { PipeTransform } from '@nestjs/common';
import { contradictions, limits, type LimitsChange } from '@switchyard/contracts';
import { fieldErrors, Problem, type FieldError } from '@switchyard/http';

/**
 * What `PUT /v1/users/{id}/limits` takes: limits as the event carries them, and not against each other; 400 MALFORMED names every bad
 * field and every contradiction at once. Events are read without this second look: what was stored once must stay readable.
 */
export const checkedLimits: PipeTransform<unknown, LimitsChange> = {
  transform: (value) => {
    const parsed = limits.safeParse(value, { reportInput: false });
    const errors = [...(parsed.success ? [] : fieldErrors(parsed.error.issues, value)), ...contradictions(value)];
    if (parsed.success && errors.length === 0) return parsed.data;
    throw new Problem('MALFORMED', `${errors.length === 1 ? 'A limit is' : `${errors.length} limits are`} wrong.`, {
      errors,
    });
  },
};

/** Accounts that have limits and are none of the user's: a misspelt one must not be taken for one that is limited. */
export const unknownAccounts = ({ accounts = {} }: LimitsChange, known: readonly string[]): readonly FieldError[] =>
  Object.keys(accounts)
    .filter((accountId) => !known.includes(accountId))
    .map((accountId) => ({
      path: `accounts.${accountId}`,
      problem: 'is no account of this user: connect it first',
    }));
