import type { OfferedSignal } from '../check/evidence.js';
import type { User } from '../system/users.js';
import type { Observer } from './observer.js';
import type { RunFile } from './run-file.js';

export interface Copies {
  /** What each of a strategy's accepted signals was to become: a signal of the first account of each user. */
  readonly expected: readonly OfferedSignal[];
  /** Signals of the strategy that validation refused as a whole. */
  readonly refused: number;
}

export const copiesOf = async (
  observer: Observer,
  { strategySignals }: Pick<RunFile, 'strategySignals'>,
  users: readonly User[],
): Promise<Copies> => {
  const accepted = strategySignals.filter(({ answer }) => answer?.kind === 'accepted').map(({ signal }) => signal);
  if (accepted.length === 0) return { expected: [], refused: 0 };
  const rows = await observer.query<{ readonly signalId: string }>(REFUSED, [accepted.map(({ signalId }) => signalId)]);
  const refused = new Set(rows.map(({ signalId }) => signalId));
  return {
    expected: accepted
      .filter(({ signalId }) => !refused.has(signalId))
      .flatMap(({ signalId }) =>
        users.flatMap(({ userId, accounts: [account] }): readonly OfferedSignal[] =>
          account === undefined ? [] : [{ signalId: `${signalId}/${account.accountId}`, userId, answer: 'accepted' }],
        ),
      ),
    refused: refused.size,
  };
};

const REFUSED = `
  select distinct signal_id as "signalId" from journal.audit where topic = 'SignalRejected' and signal_id = any ($1)`;
