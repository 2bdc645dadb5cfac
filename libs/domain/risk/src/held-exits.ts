import type { ParentOrderId, Signal } from '@switchyard/model';
import { modeOf } from '@switchyard/signal';
import type { HeldExit, RiskState } from './state.js';

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

/** The exits whose entries are all over, in the order they came, and the state without them. */
export const takeReady = (state: RiskState): { readonly ready: readonly HeldExit[]; readonly rest: RiskState } => {
  if (state.held.length === 0) return { ready: [], rest: state };
  const isReady = ({ waitsFor }: HeldExit): boolean =>
    !state.parents.some(({ parentOrderId }) => waitsFor.includes(parentOrderId));
  const ready = state.held.filter(isReady);
  if (ready.length === 0) return { ready, rest: state };
  return { ready, rest: { ...state, held: state.held.filter((exit) => !isReady(exit)) } };
};
