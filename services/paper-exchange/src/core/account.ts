import { decimal, type Decimal } from '@switchyard/money';

const ZERO = decimal('0');

/** What an account holds of one asset. Neither is ever negative. */
export interface Balance {
  readonly free: Decimal;
  /** Held back by open orders. */
  readonly locked: Decimal;
}

const NOTHING: Balance = { free: ZERO, locked: ZERO };

/** One customer of the venue: its credentials and its money. Takes a negative balance for the bug it is. */
export class Account {
  readonly #balances = new Map<string, Balance>();

  constructor(
    readonly accountKey: string,
    readonly secret: string,
    readonly passphrase: string,
    readonly openedAt: number,
  ) {}

  get balances(): ReadonlyMap<string, Balance> {
    return this.#balances;
  }

  balance(asset: string): Balance {
    return this.#balances.get(asset) ?? NOTHING;
  }

  /** Moves the asset's free and locked amounts by these. */
  move(asset: string, free: Decimal, locked: Decimal = ZERO): void {
    const held = this.balance(asset);
    const next = { free: held.free.plus(free), locked: held.locked.plus(locked) };
    if (next.free.lt(ZERO) || next.locked.lt(ZERO)) {
      throw new Error(
        `${asset} of ${this.accountKey} would be negative: free ${next.free.toFixed()}, locked ${next.locked.toFixed()}.`,
      );
    }
    this.#balances.set(asset, next);
  }
}
