import type { ParentOrderId, Signal, SignalId } from '@switchyard/model';
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
export const waitOf = (state: RiskState, exit: Pick<HeldExit, 'waitsFor'>, { now, settings }: Environment): Wait => {
  const open = openEntries(state, exit);
  if (open.length === 0) return 'over';
  const restsSince = now.getTime() - settings.entryRestsAfterMs;
  return open.every((entry) => isResting(entry, restsSince)) ? 'resting' : 'moving';
};

/** An exit that waits, and when to look at it again though nothing is heard of its user, milliseconds since 1970. */
export interface WaitingExit {
  readonly parentOrderId: ParentOrderId;
  readonly signalId: SignalId;
  readonly dueMs?: number;
}

export const waitingExits = (state: RiskState, environment: Environment): readonly WaitingExit[] =>
  state.held.map((exit) => {
    const { parentOrderId, signal } = exit;
    return { parentOrderId, signalId: signal.signalId, ...dueOf(state, exit, environment) };
  });

/**
 * When the last of the entries will have come to rest, if nothing is heard of them until then. None where they rest already, or where one
 * is completed: its fills are sure to come.
 */
export const dueOf = (
  state: RiskState,
  exit: Pick<HeldExit, 'waitsFor'>,
  environment: Environment,
): { readonly dueMs?: number } => {
  const open = openEntries(state, exit);
  if (waitOf(state, exit, environment) !== 'moving' || open.some(({ completed }) => completed !== undefined)) return {};
  return { dueMs: Math.max(...open.map(({ activeMs = 0 }) => activeMs)) + environment.settings.entryRestsAfterMs };
};

export const openEntries = (state: RiskState, { waitsFor }: Pick<HeldExit, 'waitsFor'>): readonly OpenParent[] =>
  state.parents.filter(({ parentOrderId }) => waitsFor.includes(parentOrderId));

/** A completed entry is still here for fills that are sure to come. */
const isResting = ({ completed, activeMs = 0 }: OpenParent, sinceMs: number): boolean =>
  completed === undefined && activeMs <= sinceMs;
