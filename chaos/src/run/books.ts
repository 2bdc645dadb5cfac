import { decimal, plain } from '@switchyard/money';
import type { AccountBooks } from '@switchyard/position-domain';
import type { StoredUser } from '@switchyard/risk-domain';
import type { Books, Execution, Holding, ShownOrder, ShownPosition } from '../check/evidence.js';
import type { User } from '../system/users.js';
import type { Observer } from './observer.js';

/** Our books: what the gateway's views show, and what reconciliation keeps. */
export const booksOf = async (observer: Observer, users: readonly User[]): Promise<Books> => {
  const keys = keysOf(users);
  const [executions, orders, positions, held, balances, risk] = await Promise.all([
    observer.query<Execution & { readonly accountId: string }>(EXECUTIONS),
    observer.query<ShownOrder>(ORDERS),
    observer.query<PositionRow>(POSITIONS),
    heldByReconciliation(observer, keys),
    shownBalances(observer, users),
    memoryOfRisk(observer, keys),
  ]);
  return {
    executions: executions.map(({ accountId, ...execution }) => ({
      ...execution,
      accountKey: keys.get(accountId) ?? accountId,
    })),
    orders: orders.map((order) => ({ ...order, clientOrderId: order.clientOrderId ?? undefined })),
    positions: positions.map(({ accountId, pair, dust, ...position }): ShownPosition => ({
      ...position,
      accountKey: keys.get(accountId) ?? accountId,
      base: baseOfPair(pair),
      dust: dust ?? undefined,
    })),
    held,
    balances,
    ...risk,
  };
};

interface PositionRow extends Pick<ShownPosition, 'status' | 'quantity' | 'openedAt'> {
  readonly accountId: string;
  readonly pair: string;
  readonly dust: string | null;
}

const EXECUTIONS = `
  select venue, account_id as "accountId", client_order_id as "clientOrderId", trade_id as "tradeId", quantity::text, price::text,
         fee_amount::text as fee, fee_currency as "feeCurrency"
  from journal.api_executions`;
const ORDERS = `
  select order_id as "orderId", client_order_id as "clientOrderId", status, filled_quantity::text as "filledQuantity"
  from journal.api_orders where order_id <> parent_order_id`;
const POSITIONS = `
  select account_id as "accountId", pair, status, quantity::text, dust::text,
         to_char(opened_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') as "openedAt"
  from journal.api_positions`;

/** Totals, as the last balances told say. */
export const shownBalances = async (observer: Observer, users: readonly User[]): Promise<readonly Holding[]> => {
  const keys = keysOf(users);
  const rows = await observer.query<{
    readonly accountId: string;
    readonly balances: readonly { readonly currency: string; readonly total: string }[];
  }>('select account_id as "accountId", balances from journal.api_balances');
  return rows.flatMap(({ accountId, balances }) =>
    balances.map(({ currency, total }) => ({
      accountKey: keys.get(accountId) ?? accountId,
      currency,
      quantity: plain(decimal(total)),
    })),
  );
};

/** The books from which positions are told, each currency's in the venue's pair summed. */
const heldByReconciliation = async (
  observer: Observer,
  keys: ReadonlyMap<string, string>,
): Promise<readonly Holding[]> => {
  const rows = await observer.query<{ readonly accountId: string; readonly doc: string }>(
    `select key as "accountId", doc from reconciliation.documents where kind = 'account'`,
  );
  return rows.flatMap(({ accountId, doc }) => {
    const { books } = JSON.parse(doc) as { readonly books: Pick<AccountBooks, 'positions'> };
    return Object.entries(books.positions).map(([pair, { quantity }]) => ({
      accountKey: keys.get(accountId) ?? accountId,
      currency: baseOfPair(pair),
      quantity,
    }));
  });
};

/** What risk reserves, and what it counts on. */
const memoryOfRisk = async (
  observer: Observer,
  keys: ReadonlyMap<string, string>,
): Promise<Pick<Books, 'countedOn' | 'reserved'>> => {
  const rows = await observer.query<{ readonly userId: string; readonly doc: string }>(
    `select key as "userId", doc from risk.documents where kind = 'user'`,
  );
  const documents = rows.map(({ userId, doc }) => ({ userId, ...(JSON.parse(doc) as StoredUser) }));
  return {
    countedOn: documents.flatMap(({ accounts }) =>
      Object.entries(accounts).flatMap(([accountId, { book = {} }]) =>
        Object.entries(book).map(([currency, quantity]) => ({
          accountKey: keys.get(accountId) ?? accountId,
          currency,
          quantity,
        })),
      ),
    ),
    reserved: documents.flatMap(({ userId, parents }) =>
      parents.map(({ parentOrderId }) => ({ userId, parentOrderId })),
    ),
  };
};

const keysOf = (users: readonly User[]): ReadonlyMap<string, string> =>
  new Map(
    users.flatMap(({ accounts }) => accounts.map(({ accountId, accountKey }) => [accountId, accountKey] as const)),
  );

const baseOfPair = (pair: string): string => pair.split('-')[0] ?? pair;
