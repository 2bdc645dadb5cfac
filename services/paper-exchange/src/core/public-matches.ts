import { decimal, type Decimal } from '@switchyard/money';

/** A fill of one of our customers, as everybody may see it. */
export interface PublicMatch {
  readonly price: Decimal;
  readonly quantity: Decimal;
  /** The replayed market's time, ms: never before that of the match before. */
  readonly at: number;
  readonly sellerTook: boolean;
}

/** Of each pair so many are kept; the tape does not go back beyond them. */
const MOST_MATCHES = 1_000;

/** The latest fills of customers, by pair, and how many there have been. */
export class PublicMatches {
  readonly #bySymbol = new Map<string, { readonly latest: PublicMatch[]; count: number }>();

  add(symbol: string, match: PublicMatch): void {
    const kept = this.#of(symbol);
    const at = Math.max(match.at, kept.latest.at(-1)?.at ?? match.at);
    kept.latest.push({ ...match, at });
    kept.count += 1;
    // By the half, so that not each one moves all others.
    if (kept.latest.length >= 2 * MOST_MATCHES) kept.latest.splice(0, kept.latest.length - MOST_MATCHES);
  }

  /** Oldest first; `forgotten` came before the first of them. */
  of(symbol: string): { readonly latest: readonly PublicMatch[]; readonly forgotten: number } {
    const kept = this.#bySymbol.get(symbol);
    return { latest: kept?.latest ?? [], forgotten: (kept?.count ?? 0) - (kept?.latest.length ?? 0) };
  }

  /** How many there have been. */
  count(symbol: string): number {
    return this.#bySymbol.get(symbol)?.count ?? 0;
  }

  /** What a snapshot keeps. */
  save(): readonly SavedMatches[] {
    return [...this.#bySymbol].map(([symbol, { latest, count }]) => ({
      symbol,
      count,
      latest: latest.map(({ price, quantity, at, sellerTook }) => [
        price.toFixed(),
        quantity.toFixed(),
        at,
        sellerTook,
      ]),
    }));
  }

  restore(saved: readonly SavedMatches[]): void {
    for (const { symbol, count, latest } of saved) {
      const matches = latest.map(([price, quantity, at, sellerTook]) => ({
        price: decimal(price),
        quantity: decimal(quantity),
        ...{ at, sellerTook },
      }));
      this.#bySymbol.set(symbol, { latest: matches, count });
    }
  }

  #of(symbol: string): { readonly latest: PublicMatch[]; count: number } {
    let kept = this.#bySymbol.get(symbol);
    if (kept === undefined) this.#bySymbol.set(symbol, (kept = { latest: [], count: 0 }));
    return kept;
  }
}

export interface SavedMatches {
  readonly symbol: string;
  readonly count: number;
  readonly latest: readonly (readonly [price: string, quantity: string, at: number, sellerTook: boolean])[];
}
