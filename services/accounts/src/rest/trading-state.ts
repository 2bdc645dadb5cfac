import { scope } from '@switchyard/contracts';
import { TRADING_STATES } from '@switchyard/model';
import { z } from 'zod';
import type { KnownState } from '../trading-state/trading-states.js';

export const scopeParameter = scope;

export const stateWish = z
  .strictObject({
    state: z.enum(TRADING_STATES),
    reason: z.string().trim().min(1).max(500),
    cancelOpen: z.boolean().default(false),
  })
  .refine(({ state, cancelOpen }) => state !== 'active' || !cancelOpen, {
    path: ['cancelOpen'],
    error: 'goes with reducing or halted: whoever resumes means something else',
  });

/** The cursor is `<rank>:<scope>`. */
export const statePage = z.object({
  cursor: z
    .string()
    .max(256)
    .regex(/^[01]:.+$/, { error: 'is none of ours: take nextCursor of the page before' })
    .transform((text): readonly [number, string] => [Number(text[0]), text.slice(2)])
    .default([-1, '']),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

export const cursorAfter = ({ state, scope: name }: KnownState): string => `${state === 'active' ? 1 : 0}:${name}`;

/** A scope's state, and what the executors verified of it. */
export const tradingStateView = (known: KnownState) => {
  const { scope: name, state, version, reason, cancelOpen, changedBy, role, changedAt, held, heldReason } = known;
  return {
    scope: name,
    state,
    version,
    // One that was never changed has no story.
    ...(version === 0 ? {} : { reason, cancelOpen, changedBy, role, changedAt: changedAt.toISOString() }),
    ...(held === 'active' ? {} : { heldByOperator: { state: held, reason: heldReason ?? reason } }),
    verified: known.verified,
    executors: known.executors.map(({ venue, verified, unresolved, open, cancelled, orders, appliedAt }) => ({
      ...{ venue, verified, unresolved, open, cancelled, orders, appliedAt },
    })),
    notAcknowledged: known.missing,
  };
};
