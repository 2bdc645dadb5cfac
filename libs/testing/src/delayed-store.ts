import type { StageStore } from '@switchyard/log';

/** A store whose transactions begin only after `before` is done: a process that hangs between reading and writing. */
export const delayed = (store: StageStore, before: (() => Promise<void>) | undefined): StageStore => ({
  transact: async (epochs, work, likely) => {
    await before?.();
    return store.transact(epochs, work, likely);
  },
  unpublished: (shards, max) => store.unpublished(shards, max),
  publishedThrough: (shards) => store.publishedThrough(shards),
  notePublished: (through) => store.notePublished(through),
  releasable: (partitions, max) => store.releasable(partitions, max),
});
