import type { Side } from '@switchyard/model';
import { ZERO, type Decimal } from '@switchyard/money';

/**
 * What each account has taken from the book as it stands: an account that sends ten small orders gets no better price than with a large
 * one. Accounts do not see each other: nobody's simulated trades move another's market. Forgotten with the next book.
 */
export class DepthTaken {
  readonly #capacity: number;
  readonly #taken = new Map<string, { readonly hash: string; readonly amount: Decimal }>();

  constructor(capacity = 50_000) {
    this.#capacity = capacity;
  }

  of(accountId: string, pair: string, side: Side, hash: string): Decimal {
    const entry = this.#taken.get(keyOf(accountId, pair, side));
    return entry?.hash === hash ? entry.amount : ZERO;
  }

  add(accountId: string, pair: string, side: Side, hash: string, amount: Decimal): void {
    const key = keyOf(accountId, pair, side);
    const before = this.of(accountId, pair, side, hash);
    this.#taken.delete(key);
    this.#taken.set(key, { hash, amount: before.plus(amount) });
    for (const [oldest] of this.#taken) {
      if (this.#taken.size <= this.#capacity) break;
      this.#taken.delete(oldest);
    }
  }

  /** A transaction that held some of it was rolled back. */
  clear(): void {
    this.#taken.clear();
  }
}

const keyOf = (accountId: string, pair: string, side: Side): string => `${accountId}|${pair}|${side}`;
