import type { Allotment, ScopedBucket, Want } from './allot.js';
import { drawn, givenBack, spare, type CallClass } from './bucket.js';

/** A block lasts so long; what is left of it goes back with the next draw from its scope. */
const BLOCK_MS = 200;
/** A block holds what its scope earns in this time, and a call at least. */
const BLOCK_OF_S = 0.15;
/** What was not used for so long is not worth going back: its bucket has filled by itself. */
const FORGOTTEN_MS = 10_000;

interface Block {
  readonly scope: string;
  readonly class: CallClass;
  readonly tokens: number;
  readonly expiresAt: number;
}

/**
 * Tokens that this process has drawn and not used yet, by scope and class. A block is taken beyond what is needed only where the last draw
 * for that scope and class was a moment ago: then more calls will follow, and need no draw of their own. Times are of the monotonic clock.
 */
export class Blocks {
  readonly #blocks = new Map<string, Block>();
  readonly #drewAt = new Map<string, number>();

  /** Uses tokens in hand for the call, if there are enough for all of it. */
  use({ class: of, costs }: Want, now: number): boolean {
    const blocks = costs.map(({ scope }) => this.#blocks.get(keyOf(scope, of)));
    if (!costs.every(({ tokens }, i) => (blocks[i]?.expiresAt ?? 0) > now && (blocks[i]?.tokens ?? 0) >= tokens))
      return false;
    costs.forEach(({ scope, tokens }, i) => {
      const block = blocks[i];
      if (block) this.#blocks.set(keyOf(scope, of), { ...block, tokens: block.tokens - tokens });
    });
    return true;
  }

  /** Takes what is left of these scopes' blocks out of hand, to be given back. */
  takeBack(scopes: ReadonlySet<string>, now: number): readonly Block[] {
    const back: Block[] = [];
    for (const [key, block] of this.#blocks) {
      if (!scopes.has(block.scope) && now - block.expiresAt < FORGOTTEN_MS) continue;
      this.#blocks.delete(key);
      if (scopes.has(block.scope) && block.tokens > 0) back.push(block);
    }
    for (const [key, at] of this.#drewAt) if (now - at > FORGOTTEN_MS) this.#drewAt.delete(key);
    return back;
  }

  /** The buckets without the blocks that are drawn for calls to come, and those blocks. */
  plan(
    scopes: ReadonlyMap<string, ScopedBucket>,
    wants: readonly Want[],
    allotments: readonly Allotment[],
    now: number,
  ): { readonly scopes: ReadonlyMap<string, ScopedBucket>; readonly blocks: readonly Block[] } {
    const left = new Map(scopes);
    const blocks = new Map<string, Block>();
    wants.forEach(({ class: of, costs }, index) => {
      if (allotments[index]?.granted !== true) return;
      for (const { scope, tokens } of costs) {
        const key = keyOf(scope, of);
        const known = left.get(scope);
        if (known === undefined || blocks.has(key) || now - (this.#drewAt.get(key) ?? -Infinity) > BLOCK_MS) continue;
        const size = Math.floor(
          Math.min(spare(known.bucket, known.rules, of), Math.max(tokens, known.rules.perSecond * BLOCK_OF_S)),
        );
        const bucket = size < tokens ? undefined : drawn(known.bucket, known.rules, of, size);
        if (bucket === undefined) continue;
        left.set(scope, { ...known, bucket });
        blocks.set(key, { scope, class: of, tokens: size, expiresAt: now + BLOCK_MS });
      }
    });
    return { scopes: left, blocks: [...blocks.values()] };
  }

  /** The plan was carried out. */
  drew(wants: readonly Want[], blocks: readonly Block[], now: number): void {
    for (const { class: of, costs } of wants) for (const { scope } of costs) this.#drewAt.set(keyOf(scope, of), now);
    for (const block of blocks) this.#blocks.set(keyOf(block.scope, block.class), block);
  }
}

/** The bucket with what was taken back. */
export const withReturned = (known: ScopedBucket, back: readonly Block[], scope: string): ScopedBucket => ({
  ...known,
  bucket: back
    .filter((block) => block.scope === scope)
    .reduce((bucket, block) => givenBack(bucket, known.rules, block.class, block.tokens), known.bucket),
});

const keyOf = (scope: string, of: CallClass): string => `${of} ${scope}`;
