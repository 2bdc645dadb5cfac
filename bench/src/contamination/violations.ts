import { marksIn, type Mark } from './marks.js';

export interface Violation {
  /** `topic OrderFilled`, `table journal.orders`, `GET /v1/orders`. */
  readonly where: string;
  /** Whose it is, where that is known. */
  readonly owner: Mark | undefined;
  readonly found: readonly Mark[];
  readonly text: string;
}

/** Ids that the system gives: whoever has one first has it alone. */
const OWNED = ['orderId', 'parentOrderId', 'clientOrderId', 'accountId', 'signalId', 'positionId'] as const;

/**
 * Looks through everything that was written for what is not its owner's.
 *
 * 1. What belongs to a user holds no other mark than the user's; what belongs to nobody known holds one mark at most.
 * 2. An id that the system gave belongs to one user, wherever it is met: so that what is another's shows where no mark stands, too.
 */
export class Violations {
  readonly all: Violation[] = [];
  count = 0;
  looked = 0;
  readonly #owners = new Map<string, Mark>();

  /** @param owner undefined: whoever's mark is in it, and nobody's else */
  look(where: string, text: string, owner?: Mark): void {
    this.looked += 1;
    const found = marksIn(text);
    const others = owner === undefined ? found.size > 1 : found.size > (found.has(owner) ? 1 : 0);
    if (others) this.#note({ where, owner, found: [...found], text });
  }

  /** The same of a document, and of the ids in it. */
  lookAtDocument(where: string, text: string, owner: Mark): void {
    this.look(where, text, owner);
    const document = parsed(text);
    for (const field of OWNED) {
      const id = document?.[field];
      if (typeof id === 'string') this.owns(where, `${field} ${id}`, owner);
    }
  }

  owns(where: string, id: string, owner: Mark): void {
    const before = this.#owners.get(id);
    if (before === undefined) this.#owners.set(id, owner);
    else if (before !== owner) this.#note({ where, owner, found: [before], text: id });
  }

  ownerOf(id: string): Mark | undefined {
    return this.#owners.get(id);
  }

  #note(violation: Violation): void {
    this.count += 1;
    if (this.all.length < KEPT) this.all.push({ ...violation, text: violation.text.slice(0, SHOWN) });
  }
}

const KEPT = 100;
const SHOWN = 500;

const parsed = (text: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
};
