import type { BalanceUpdated } from '@switchyard/contracts';
import type { OutgoingEvent } from '@switchyard/log';
import type { Tx } from '@switchyard/persistence';
import type { Wallets } from './wallet.js';

/** What is known of an account's telling when a transaction begins; milliseconds from its start. */
export interface ToldSoFar {
  readonly dueInMs: number | undefined;
  readonly askedAgoMs: number | undefined;
  readonly movedAgoMs: number | undefined;
}

/** Whether an account's balances are told now, and when they are due next; undefined: not before they move again. */
export interface Telling {
  readonly accountId: string;
  readonly moved: boolean;
  readonly tells: boolean;
  readonly dueInMs: number | undefined;
}

/**
 * A simulated account's balances are told when they move, at most once in `intervalMs`, and once more when they have been at rest for
 * `AT_REST_MS`: what is told with a fill is always older than the end of its parent order, and risk takes up no such snapshot.
 */
export const tellingOf = (
  accountId: string,
  { dueInMs = NEVER, askedAgoMs = NEVER, movedAgoMs = NEVER }: ToldSoFar,
  moved: boolean,
  intervalMs: number,
): Telling => {
  const due = moved ? Math.min(dueInMs, Math.max(0, intervalMs - askedAgoMs)) : dueInMs;
  if (due > 0) return { accountId, moved, tells: false, dueInMs: finite(due) };
  const untilAtRest = AT_REST_MS - (moved ? 0 : movedAgoMs);
  return { accountId, moved, tells: true, dueInMs: untilAtRest > 0 ? finite(untilAtRest) : undefined };
};

const NEVER = Number.POSITIVE_INFINITY;
const finite = (ms: number): number | undefined => (Number.isFinite(ms) ? ms : undefined);

/** Long enough for routing to have ended the parent order; short enough for a person who looks. */
export const AT_REST_MS = 10_000;

/** For the simulated accounts that moved, and those that were due beside them. */
export const tellingsOf = (
  wallets: Wallets,
  movedAccounts: readonly string[],
  intervalMs: number,
): readonly Telling[] => {
  const moved = new Set(movedAccounts);
  return wallets
    .simulated()
    .map(({ accountId, told }) => tellingOf(accountId, told, moved.has(accountId), intervalMs))
    .filter((telling) => telling.tells || telling.moved);
};

/** The balances as they are after everything the transaction does: to be appended in it, under the simulator's lock. */
export const balanceEvents = (
  venue: string,
  wallets: Wallets,
  tellings: readonly Telling[],
  at: string,
): readonly OutgoingEvent[] =>
  tellings.flatMap(({ accountId, tells }): readonly OutgoingEvent[] => {
    const account = wallets.accountOf(accountId);
    if (!tells || account === undefined) return [];
    const { userId, mode } = account;
    const payload: BalanceUpdated = {
      userId,
      accountId,
      venue,
      mode,
      balances: wallets.balancesOf(accountId),
      askedAt: at,
      updatedAt: at,
    };
    const cause = { id: `balance/${accountId}/${wallets.readAt}` };
    return [{ topic: 'BalanceUpdated', type: 'BalanceUpdated', key: userId, payload, cause }];
  });

/** The last thing a transaction locks. */
export const noteTellings = async (tx: Tx, wallets: Wallets, tellings: readonly Telling[]): Promise<void> => {
  if (tellings.length === 0) return;
  await tx.query(NOTE, [
    tellings.map(({ accountId }) => accountId),
    tellings.map(({ moved }) => moved),
    tellings.map(({ tells }) => tells),
    tellings.map(({ dueInMs }) => dueInMs ?? null),
    tellings.map(({ accountId }) => wallets.dueAtOf(accountId) ?? null),
  ]);
};

// The simulator alone tells simulated balances, but a policy may ask for them meanwhile: what it asked for stays due.
const NOTE = {
  name: 'execution-note-tellings',
  text: `
    update accounts a
    set funds_moved_at = case when n.moved then now() else a.funds_moved_at end,
        balance_asked_at = case when n.tells then now() else a.balance_asked_at end,
        balance_due_at = case when a.balance_due_at is distinct from n.was_due then a.balance_due_at
                              else now() + n.due_in_ms * interval '1 ms' end
    from (
      select n.* from accounts l
      join unnest($1::text[], $2::boolean[], $3::boolean[], $4::float8[], $5::timestamptz[])
        as n (account_id, moved, tells, due_in_ms, was_due) using (account_id)
      order by account_id for update of l
    ) n
    where a.account_id = n.account_id`,
};
