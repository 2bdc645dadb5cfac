import type {
  AccountPolicyChanged,
  OrderCancelled,
  OrderExpired,
  OrderFailed,
  OrderFilled,
  OrderPlaced,
} from '@switchyard/contracts';
import type { Unit } from '@switchyard/log';
import type { Pair } from '@switchyard/model';
import { bookEnd, bookFill, bookPlaced, type Booked } from '@switchyard/position-domain';
import type { AccountEffect } from '../adapters/accounts-table.js';
import type { TermsBoard } from '../adapters/terms-board.js';
import type { ReconciliationMetrics } from '../metrics.js';
import {
  ACCOUNT,
  accountIn,
  newAccount,
  USER,
  type AccountDocument,
  type ToldChange,
  type UserDocument,
} from './account-document.js';
import { positionEvent } from './position-events.js';

/** The table of accounts hears of activity this often, and of a pair at its first order. */
const NOTE_EVERY_MS = 30_000;
/** Changes kept while the account's mode is not known; a policy comes within a second. */
const UNTOLD_KEPT = 100;

interface OfOrder {
  readonly accountId: string;
  readonly userId: string;
  readonly venue: string;
  readonly pair: Pair;
  readonly signalId: string;
  readonly parentOrderId: string;
}

type OrderEnd = OrderFailed | OrderCancelled | OrderExpired;

/** Folds what happens to orders into the books of their account, and tells when a position opens or closes. */
export class KeepBooks {
  constructor(
    private readonly board: Pick<TermsBoard, 'termsOf'>,
    private readonly metrics: Pick<ReconciliationMetrics, 'opened' | 'closed'>,
  ) {}

  placed(order: OrderPlaced, unit: Unit): void {
    const { orderId, clientOrderId, venueOrderId, side, quantity, pair } = order;
    this.#book(order, unit, (account) => ({
      books: bookPlaced(account.books, orderId, pair, {
        clientOrderId,
        venueOrderId,
        side,
        quantity,
        atMs: Date.parse(order.placedAt),
      }),
      changes: [],
    }));
  }

  filled(fill: OrderFilled, unit: Unit): void {
    const { orderId, parentOrderId, signalId, tradeId, side, quantity, price, fee, pair } = fill;
    const working = fill.orderStatus !== 'filled';
    const entry = { orderId, parentOrderId, signalId, tradeId, side, quantity, price, fee, at: fill.filledAt, working };
    this.#book(fill, unit, ({ books, venue }) => bookFill(books, pair, entry, this.board.termsOf(venue, pair)));
  }

  /** An order that ended without a last fill. `at`: when, by its event. */
  ended(end: OrderEnd, at: string, unit: Unit): void {
    const { accountId, venue, orderId, pair, cumulativeQuantity: cumulative } = end;
    // At stage routing there is no account: nothing was ever at a venue.
    if (accountId === undefined || venue === undefined) return;
    const terms = this.board.termsOf(venue, pair);
    this.#book({ ...end, accountId, venue }, unit, ({ books }) =>
      bookEnd(books, { orderId, pair, cumulative, at }, terms),
    );
  }

  /** A user's accounts, whole at each version. */
  policy({ userId, version, accounts }: AccountPolicyChanged, unit: Unit): void {
    if ((unit.get<UserDocument>(USER, userId)?.version ?? 0) >= version) return;
    const user: UserDocument = { version };
    unit.put(USER, userId, user);
    for (const { accountId, venue, mode } of accounts) {
      const known = accountIn(unit, accountId) ?? newAccount(accountId, userId, venue, unit.now.getTime());
      const { untold = [], ...account } = known;
      const next: AccountDocument = { ...account, mode };
      for (const told of untold) this.#tell(next, told, unit);
      unit.put(ACCOUNT, accountId, next);
    }
    const effect: AccountEffect = {
      kind: 'policy',
      userId,
      version,
      accounts: accounts.map(({ accountId, venue, enabled }) => ({ accountId, venue, enabled })),
    };
    unit.effect(effect);
  }

  #book(order: OfOrder, unit: Unit, book: (account: AccountDocument) => Booked): void {
    const { accountId, userId, venue, pair, signalId, parentOrderId } = order;
    const nowMs = unit.now.getTime();
    const account = accountIn(unit, accountId) ?? newAccount(accountId, userId, venue, nowMs);
    const { books, changes } = book(account);
    if (books === account.books) return;
    const told = changes.map((change): ToldChange => ({ pair, signalId, parentOrderId, change }));
    const next = noteActivity({ ...account, books }, pair, nowMs, unit);
    if (account.mode === undefined) {
      const untold = [...(account.untold ?? []), ...told].slice(-UNTOLD_KEPT);
      unit.put(ACCOUNT, accountId, untold.length === 0 ? next : { ...next, untold });
      return;
    }
    for (const one of told) this.#tell(next, one, unit);
    unit.put(ACCOUNT, accountId, next);
  }

  #tell(account: AccountDocument, told: ToldChange, unit: Unit): void {
    if (account.mode === undefined) return;
    unit.emit(positionEvent(account, account.mode, told));
    this.metrics[told.change.kind].inc({ venue: account.venue });
  }
}

const noteActivity = (account: AccountDocument, pair: Pair, nowMs: number, unit: Unit): AccountDocument => {
  const { noted } = account;
  const stale = nowMs - noted.atMs > NOTE_EVERY_MS;
  if (!stale && noted.pairs.includes(pair)) return account;
  const effect: AccountEffect = { kind: 'active', accountId: account.books.accountId, pair, atMs: nowMs };
  unit.effect(effect);
  return { ...account, noted: stale ? { atMs: nowMs, pairs: [pair] } : { ...noted, pairs: [...noted.pairs, pair] } };
};
