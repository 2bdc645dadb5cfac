import type { ParentOrderId, Signal } from '@switchyard/model';
import { modeOf } from '@switchyard/signal';
import type { Environment } from './commands.js';
import type { HeldExit, OpenParent, RiskState } from './state.js';

/**
 * The entries that an exit must wait for, because what they will have bought is not known yet: those of its trade; where the exit or the
 * entry names no trade, those of the pair in an account that the exit may sell from.
 */
export const entriesBefore = (state: RiskState, signal: Signal): readonly ParentOrderId[] => {
  const { policy } = state;
  if (policy === undefined) return [];
  const mode = modeOf(signal, policy);
  const found: ParentOrderId[] = [];
  for (const parent of state.parents) {
    if (!parent.opens || parent.mode !== mode || parent.pair !== signal.pair) continue;
    const sameTrade =
      parent.tradeId !== undefined && signal.tradeId !== undefined
        ? parent.tradeId === signal.tradeId
        : signal.accountId === undefined || Object.hasOwn(parent.caps, signal.accountId);
    if (sameTrade) found.push(parent.parentOrderId);
  }
  return found;
};

/** How an exit stands to the entries that it waits for. */
export type Wait = 'over' | 'resting' | 'moving';

/**
 * Over: their fills are known. Resting: those still open have not moved for a while, and nobody knows when they will: what can be closed
 * must not wait for a price that may never come. Moving: they fill now or are on their way, and the exit would miss a part of them.
 */
export const waitOf = (
  state: RiskState,
  { waitsFor }: Pick<HeldExit, 'waitsFor'>,
  { now, settings }: Environment,
): Wait => {
  const open = state.parents.filter(({ parentOrderId }) => waitsFor.includes(parentOrderId));
  if (open.length === 0) return 'over';
  const restsSince = now.getTime() - settings.entryRestsAfterMs;
  return open.every((entry) => isResting(entry, restsSince)) ? 'resting' : 'moving';
};

/** A completed entry is still here for fills that are sure to come. */
const isResting = ({ completed, activeMs = 0 }: OpenParent, sinceMs: number): boolean =>
  completed === undefined && activeMs <= sinceMs;
