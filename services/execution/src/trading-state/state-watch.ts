import type { TradingStateChanged } from '@switchyard/contracts';
import { GLOBAL_SCOPE, type StateInForce } from '@switchyard/model';
import type { Clock } from '../ports/clock.js';
import type { RoutedOrder } from '../tasks/task.js';

export interface StateWatchParts {
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  /** How long the global state may be unheard before nothing is opened any more, milliseconds; 0: for ever. */
  readonly silenceMs: number;
  /** Nothing is opened any more, or again. */
  readonly onTurn?: (isUnheard: boolean) => void;
}

/**
 * What one replica has heard of trading states, in memory: whether somebody would tell it of a halt, and the halts of the last minute, by
 * which it stops what it claimed before them. What counts is the store; this only makes it sooner.
 *
 * 1. A deployment in which nobody ever told the global state has no accounts service, and is not silent: a simulation, a test. Where it was
 *    told once, as the store knows, it is expected for good, after a restart too.
 * 2. A repeat is as old as its own time says, or as long ago as it came, whichever is more: one that was under way for long, or that was read
 *    from the topic at the start, says nothing of now. A clock that is further off than the silence allowed stops entries, and nothing else.
 */
export class StateWatch {
  readonly #parts: StateWatchParts;
  /** Since when somebody is expected to tell the global state; undefined: nobody is. */
  #expectedSinceMs: number | undefined;
  #repeatedAtMs = 0;
  #heardAt = Number.NEGATIVE_INFINITY;
  #recent: readonly StateInForce[] = [];
  #wasUnheard = false;

  constructor(parts: StateWatchParts) {
    this.#parts = parts;
  }

  /** Of the compacted topic. */
  hear({ scope, repeatedAt }: Pick<TradingStateChanged, 'scope' | 'repeatedAt'>): void {
    const atMs = Date.parse(repeatedAt);
    if (scope !== GLOBAL_SCOPE || !(atMs > this.#repeatedAtMs)) return;
    this.#repeatedAtMs = atMs;
    this.#heardAt = this.#parts.clock.monotonic();
    this.#expectedSinceMs ??= this.#parts.clock.now();
  }

  /** As the store has them. */
  know({ recent, hasGlobal }: { readonly recent: readonly StateInForce[]; readonly hasGlobal: boolean }): void {
    this.#recent = recent;
    if (hasGlobal) this.#expectedSinceMs ??= this.#parts.clock.now();
  }

  /** How long nothing was heard of the global state, milliseconds; undefined where nobody is expected to tell it. */
  get silentForMs(): number | undefined {
    const { clock } = this.#parts;
    if (this.#expectedSinceMs === undefined) return undefined;
    return Math.max(0, clock.monotonic() - this.#heardAt, clock.now() - this.#repeatedAtMs);
  }

  readonly isUnheard = (): boolean => {
    const { silenceMs, onTurn, clock } = this.#parts;
    const isUnheard = silenceMs > 0 && (this.silentForMs ?? 0) > silenceMs;
    // Where everything starts at once, nobody has spoken yet: no reason to call anybody.
    const isEarly = isUnheard && clock.now() - (this.#expectedSinceMs ?? 0) <= silenceMs;
    if (isUnheard !== this.#wasUnheard && !isEarly) {
      this.#wasUnheard = isUnheard;
      onTurn?.(isUnheard);
    }
    return isUnheard;
  };

  /** Whether a state that came after its claim keeps an order from leaving. */
  readonly stops = ({ reduceOnly, userId }: Pick<RoutedOrder, 'reduceOnly' | 'userId'>): boolean =>
    !reduceOnly &&
    this.#recent.some(
      ({ scope }) => scope === GLOBAL_SCOPE || scope === `user:${userId}` || scope.startsWith('venue:'),
    );
}
