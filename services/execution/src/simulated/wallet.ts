import type { BalanceUpdated } from '@switchyard/contracts';
import type { Mode, Side } from '@switchyard/model';
import { decimal, plain, ZERO, type Decimal } from '@switchyard/money';
import type { Tx } from '@switchyard/persistence';
import type { KnownAccount } from '../tasks/admit.js';
import type { ToldSoFar } from './balance-telling.js';
import type { LiveBook } from './board.js';
import type { Trade } from './match.js';

/** Which currency a venue takes its fee in: of what is received, or always of the quote. */
export type FeeCurrency = 'received' | 'quote';

interface Holding {
  total: Decimal;
  locked: Decimal;
  changed: boolean;
}

/** At most so many accounts that became due within so many milliseconds. */
export interface AlsoDue {
  readonly most: number;
  readonly sinceMs: number;
}
const NO_OTHERS: AlsoDue = { most: 0, sinceMs: 0 };

interface Account extends KnownAccount {
  readonly accountId: string;
  readonly told: ToldSoFar;
  /** When its balances were due, as the database wrote it. */
  readonly dueAt: string | undefined;
}

/** The simulated balances that one transaction works on: read at its start, written at its end, under the simulator's lock. */
export class Wallets {
  /** When they were read, by the database's clock; no two transactions share it. */
  readonly readAt: string;
  readonly #accounts: ReadonlyMap<string, Account>;
  readonly #holdings: Map<string, Map<string, Holding>>;

  private constructor(
    readAt: string,
    accounts: ReadonlyMap<string, Account>,
    holdings: Map<string, Map<string, Holding>>,
  ) {
    this.readAt = readAt;
    this.#accounts = accounts;
    this.#holdings = holdings;
  }

  /** These accounts, and some simulated ones whose balances are due to be told. */
  static async read(tx: Tx, accountIds: readonly string[], due: AlsoDue = NO_OTHERS): Promise<Wallets> {
    const { rows } = await tx.query<WalletRow>(READ, [[...new Set(accountIds)], due.most, due.sinceMs]);
    const accounts = new Map<string, Account>();
    const holdings = new Map<string, Map<string, Holding>>();
    for (const row of rows) {
      if (!accounts.has(row.account_id)) accounts.set(row.account_id, accountOfRow(row));
      const held = holdings.get(row.account_id) ?? new Map<string, Holding>();
      holdings.set(row.account_id, held);
      if (row.currency !== null)
        held.set(row.currency, { total: decimal(row.total), locked: decimal(row.locked), changed: false });
    }
    return new Wallets(rows[0]?.read_at ?? '', accounts, holdings);
  }

  simulated(): readonly Account[] {
    return [...this.#accounts.values()].filter(({ mode }) => mode === 'simulated');
  }

  dueAtOf(accountId: string): string | undefined {
    return this.#accounts.get(accountId)?.dueAt;
  }

  /** As it is told: what is there, what of it is free, what resting orders hold. */
  balancesOf(accountId: string): BalanceUpdated['balances'] {
    return [...(this.#holdings.get(accountId) ?? [])]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([currency, { total, locked }]) => ({
        currency,
        total: plain(total),
        free: plain(total.minus(locked)),
        locked: plain(locked),
      }));
  }

  accountOf(accountId: string): KnownAccount | undefined {
    return this.#accounts.get(accountId);
  }

  freeOf(accountId: string, currency: string): Decimal {
    const holding = this.#holdings.get(accountId)?.get(currency);
    return holding ? holding.total.minus(holding.locked) : ZERO;
  }

  add(accountId: string, currency: string, amount: Decimal): void {
    const holding = this.#holdingOf(accountId, currency);
    holding.total = holding.total.plus(amount);
  }

  lock(accountId: string, currency: string, amount: Decimal): void {
    const holding = this.#holdingOf(accountId, currency);
    holding.locked = holding.locked.plus(amount);
  }

  async write(tx: Tx): Promise<void> {
    const rows = [...this.#holdings].flatMap(([accountId, held]) =>
      [...held]
        .filter(([, { changed }]) => changed)
        .map(([currency, { total, locked }]) => ({ accountId, currency, total, locked })),
    );
    if (rows.length === 0) return;
    await tx.query(WRITE, [
      rows.map(({ accountId }) => accountId),
      rows.map(({ currency }) => currency),
      rows.map(({ total }) => plain(total)),
      rows.map(({ locked }) => plain(locked)),
    ]);
  }

  #holdingOf(accountId: string, currency: string): Holding {
    const held = this.#holdings.get(accountId) ?? new Map<string, Holding>();
    this.#holdings.set(accountId, held);
    const holding = held.get(currency) ?? { total: ZERO, locked: ZERO, changed: true };
    holding.changed = true;
    held.set(currency, holding);
    return holding;
  }
}

/** What a trade costs in fees, and in which currency. */
export const feeOf = (side: Side, trade: Trade, rate: Decimal, book: LiveBook, feeCurrency: FeeCurrency) => {
  const { base, quote } = book.instrument;
  const isInBase = feeCurrency === 'received' && side === 'buy';
  const amount = (isInBase ? trade.quantity : trade.quantity.times(trade.price)).times(rate);
  return { amount: amount.round(FEE_PLACES, UP), currency: isInBase ? base : quote };
};

/** Venues book fees to a fixed number of places; always in their own favour. */
const FEE_PLACES = 12;
const UP = 3;

/** What a resting order holds back: its price for a buy, what it sells for a sell. The same when it is let go. */
export const heldBy = (side: Side, quantity: Decimal, limit: Decimal, { instrument }: LiveBook) =>
  side === 'sell'
    ? { currency: instrument.base, amount: quantity }
    : { currency: instrument.quote, amount: quantity.times(limit) };

interface WalletRow {
  readonly account_id: string;
  readonly user_id: string;
  readonly mode: Mode;
  readonly enabled: boolean;
  readonly due_at: string | null;
  readonly due_in_ms: number | null;
  readonly asked_ago_ms: number | null;
  readonly moved_ago_ms: number | null;
  readonly read_at: string;
  readonly currency: string | null;
  readonly total: string;
  readonly locked: string;
}

const accountOfRow = (row: WalletRow): Account => ({
  accountId: row.account_id,
  userId: row.user_id,
  mode: row.mode,
  enabled: row.enabled,
  dueAt: row.due_at ?? undefined,
  told: {
    dueInMs: row.due_in_ms ?? undefined,
    askedAgoMs: row.asked_ago_ms ?? undefined,
    movedAgoMs: row.moved_ago_ms ?? undefined,
  },
});

const READ = {
  name: 'execution-read-wallets',
  text: `
    select a.account_id, a.user_id, a.mode, a.enabled, a.balance_due_at::text as due_at, now()::text as read_at,
           (extract(epoch from a.balance_due_at - now()) * 1000)::float8 as due_in_ms,
           (extract(epoch from now() - a.balance_asked_at) * 1000)::float8 as asked_ago_ms,
           (extract(epoch from now() - a.funds_moved_at) * 1000)::float8 as moved_ago_ms,
           b.currency, b.total, b.locked
    from (
      select unnest($1::text[]) as account_id
      union
      (select account_id from accounts
       where mode = 'simulated' and balance_due_at <= now() and balance_due_at > now() - $3::float8 * interval '1 ms'
       order by balance_due_at limit $2)
    ) wanted
    join accounts a using (account_id) left join simulated_balances b using (account_id)`,
};
const WRITE = {
  name: 'execution-write-wallets',
  text: `
    insert into simulated_balances as b (account_id, currency, total, locked)
    select * from unnest($1::text[], $2::text[], $3::numeric[], $4::numeric[]) order by 1, 2
    on conflict (account_id, currency) do update set total = excluded.total, locked = excluded.locked`,
};
