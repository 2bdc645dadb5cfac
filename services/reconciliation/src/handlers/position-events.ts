import type { PositionClosed, PositionOpened } from '@switchyard/contracts';
import { deriveId, type OutgoingEvent } from '@switchyard/log';
import type { Mode, Pair } from '@switchyard/model';
import type { AccountDocument, ToldChange } from './account-document.js';

/** The event that tells a change of a position. Its id is a function of the fill that opened the position. */
export const positionEvent = (account: AccountDocument, mode: Mode, told: ToldChange): OutgoingEvent => {
  const { change, pair, signalId, parentOrderId } = told;
  const { accountId } = account.books;
  const { opening } = change;
  const positionId = deriveId('position', accountId, pair, opening.orderId, opening.tradeId);
  const position = {
    positionId,
    userId: account.userId,
    accountId,
    venue: account.venue,
    mode,
    pair: pair as Pair,
    side: 'long' as const,
    quantity: change.quantity,
    averageEntryPrice: change.averageEntryPrice,
    fees: change.fees,
    openedAt: opening.at,
    dryRun: mode !== 'live',
    signalId,
    parentOrderId,
  };
  const event = { key: account.userId, role: `${change.kind}/${positionId}` };
  if (change.kind === 'opened') {
    const payload: PositionOpened = {
      ...position,
      orderId: opening.orderId,
      tradeId: opening.tradeId,
      boughtQuantity: change.bought,
      boughtValue: change.boughtValue,
    };
    return { ...event, topic: 'PositionOpened', type: 'PositionOpened', payload };
  }
  const { averageExitPrice, realizedPnl, dust, closedAt } = change;
  const payload: PositionClosed = { ...position, averageExitPrice, realizedPnl, dust, closedAt };
  return { ...event, topic: 'PositionClosed', type: 'PositionClosed', payload };
};
