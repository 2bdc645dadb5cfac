import { connectionLost, deadlock } from './store-error.js';

interface Lock<Holder> {
  holder: Holder;
  readonly waiting: { readonly holder: Holder; readonly grant: () => void; readonly refuse: (error: Error) => void }[];
}

/**
 * Locks of rows, and of keys that have no row yet.
 *
 * 1. One holder each, until it lets go of all it has. Who waits is served in turn.
 * 2. Two that would wait for each other are not let to: the second one's wait is refused at once (40P01).
 */
export class RowLocks<Holder> {
  readonly #locks = new Map<string, Lock<Holder>>();
  readonly #waitsFor = new Map<Holder, string>();

  /** Undefined: it is free, or the asker's own. */
  otherHolder(key: string, asker: Holder): Holder | undefined {
    const holder = this.#locks.get(key)?.holder;
    return holder === asker ? undefined : holder;
  }

  isHeld(key: string, by: Holder): boolean {
    return this.#locks.get(key)?.holder === by;
  }

  /** Takes a lock; a promise where it has to be waited for. */
  take(key: string, holder: Holder): Promise<void> | undefined {
    const lock = this.#locks.get(key);
    if (lock === undefined) {
      this.#locks.set(key, { holder, waiting: [] });
      return undefined;
    }
    if (lock.holder === holder) return undefined;
    if (this.#wouldDeadlock(lock.holder, holder)) throw deadlock();
    this.#waitsFor.set(holder, key);
    return new Promise((resolve, reject) => {
      lock.waiting.push({ holder, grant: resolve, refuse: reject });
    });
  }

  release(key: string): void {
    const lock = this.#locks.get(key);
    const next = lock?.waiting.shift();
    if (lock === undefined || next === undefined) {
      this.#locks.delete(key);
      return;
    }
    this.#waitsFor.delete(next.holder);
    lock.holder = next.holder;
    next.grant();
  }

  /** Lets go of everything, also of what is only waited for. */
  releaseAll(holder: Holder, held: ReadonlySet<string>): void {
    const awaited = this.#waitsFor.get(holder);
    this.#waitsFor.delete(holder);
    const waiting = awaited === undefined ? undefined : this.#locks.get(awaited)?.waiting;
    const index = waiting?.findIndex((other) => other.holder === holder) ?? -1;
    if (index >= 0) waiting?.splice(index, 1)[0]?.refuse(connectionLost());
    for (const key of held) if (this.isHeld(key, holder)) this.release(key);
  }

  #wouldDeadlock(blocker: Holder, asker: Holder): boolean {
    for (let holder: Holder | undefined = blocker; holder !== undefined;) {
      if (holder === asker) return true;
      const key = this.#waitsFor.get(holder);
      holder = key === undefined ? undefined : this.#locks.get(key)?.holder;
    }
    return false;
  }
}
