/** What waits, in order of arrival for each user; users take turns, one at a time, in the order in which they began to wait. */
export class WaitingByUser<Item> {
  /** The head is next to be taken from; who has nothing left is not in it. */
  readonly #queues = new Map<string, Item[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  sizeOf(userId: string): number {
    return this.#queues.get(userId)?.length ?? 0;
  }

  push(userId: string, item: Item): void {
    const queue = this.#queues.get(userId);
    if (queue === undefined) this.#queues.set(userId, [item]);
    else queue.push(item);
    this.#size += 1;
  }

  /** Takes one of each user in turn, as long as there is any and `fits` says yes; whoever was not taken from is the next. */
  take(fits: (item: Item) => boolean): readonly Item[] {
    const taken: Item[] = [];
    // Taken from is put behind: a map goes over its keys in the order in which they came in, those that come in meanwhile included.
    for (const [userId, queue] of this.#queues) {
      const item = queue[0];
      if (item === undefined || !fits(item)) break;
      taken.push(item);
      this.#size -= 1;
      this.#queues.delete(userId);
      queue.shift();
      if (queue.length > 0) this.#queues.set(userId, queue);
    }
    return taken;
  }
}
