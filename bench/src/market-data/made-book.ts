import { crc32 } from 'node:zlib';

export type Level = readonly [price: string, quantity: string];

export interface Change {
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}

const LEVELS = 200;
const GONE = '0.00000000';

/**
 * A book that changes in a fixed manner: two levels among the best ten of each side get another quantity with each change; each eighth takes
 * the best ask away, and the one after it puts it back.
 */
export class MadeBook {
  readonly #bids: { readonly price: string; quantity: string }[];
  readonly #asks: { readonly price: string; quantity: string }[];
  number = 1;

  constructor(base: number) {
    const side = (direction: 1 | -1) =>
      Array.from({ length: LEVELS }, (_, n) => ({
        price: ((base * 100 + (direction === 1 ? 1 : 0) + direction * n) / 100).toFixed(2),
        quantity: `${1 + (n % 7)}.00000000`,
      }));
    this.#bids = side(-1);
    this.#asks = side(1);
  }

  change(): Change {
    this.number += 1;
    const turn = this.number;
    const quantity = `${1 + (turn % 9)}.${String(turn % 100_000_000).padStart(8, '0')}`;
    const touched = (side: readonly { price: string; quantity: string }[], at: number): Level => {
      const level = side[at];
      if (level === undefined) throw new Error('no such level');
      level.quantity = at === 0 && side === this.#asks && turn % 8 === 0 ? GONE : quantity;
      return [level.price, level.quantity];
    };
    const best = turn % 8 < 2 ? [touched(this.#asks, 0)] : [];
    return {
      bids: [touched(this.#bids, turn % 10), touched(this.#bids, (turn + 3) % 10)],
      asks: [...best, touched(this.#asks, 1 + (turn % 9)), touched(this.#asks, 1 + ((turn + 3) % 9))],
    };
  }

  best(depth: number): Change {
    const side = (levels: readonly { readonly price: string; readonly quantity: string }[]): readonly Level[] => {
      const shown: Level[] = [];
      for (const { price, quantity } of levels) {
        if (quantity !== GONE) shown.push([price, quantity]);
        if (shown.length === depth) break;
      }
      return shown;
    };
    return { bids: side(this.#bids), asks: side(this.#asks) };
  }

  /** As Kraken sums a book. */
  checksum(): number {
    const { bids, asks } = this.best(10);
    const digits = (levels: readonly Level[]): string =>
      levels.flatMap((level) => level.map((figure) => figure.replace('.', '').replace(/^0+/, ''))).join('');
    return crc32(digits(asks) + digits(bids));
  }
}
