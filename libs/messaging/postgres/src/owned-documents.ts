import { documentKey, type DocumentRef, type StageChanges } from '@switchyard/log';

/** As JSON text. Bounded, because a stage has as many documents as users, and nearly all of them sleep. */
const MAX_CHARACTERS = 16 << 20;

/**
 * Documents that a stage need not read again: those of partitions that it owns, as it loaded or stored them last. Only a partition's owner
 * writes its documents, and what changes owners changes its epoch; so a text counts for the epoch alone under which it came here, in a
 * transaction that holds that epoch. That a document is absent is never kept: the doors' `admit` adds some.
 */
export class OwnedDocuments {
  private readonly entries = new Map<string, Entry>();
  private characters = 0;

  constructor(private readonly maxCharacters = MAX_CHARACTERS) {}

  /** What of it is known to a transaction with these epochs, by `documentKey`. */
  known(refs: readonly DocumentRef[], epochs: ReadonlyMap<number, number>): Map<string, string> {
    const known = new Map<string, string>();
    for (const { kind, key } of refs) {
      const at = documentKey(kind, key);
      const entry = this.entries.get(at);
      if (entry === undefined || epochs.get(entry.partition) !== entry.epoch) continue;
      known.set(at, entry.text);
      // To the end of the line: who was not asked for the longest goes first.
      this.entries.delete(at);
      this.entries.set(at, entry);
    }
    return known;
  }

  /** Loaded or stored in a transaction with these epochs; `undefined` of what was deleted. */
  keep(documents: StageChanges['documents'], epochs: ReadonlyMap<number, number>): void {
    for (const { kind, key, partition, text } of documents) {
      const at = documentKey(kind, key);
      this.drop(at);
      const epoch = epochs.get(partition);
      if (text === undefined || epoch === undefined) continue;
      this.entries.set(at, { partition, epoch, text });
      this.characters += text.length;
    }
    for (const at of this.entries.keys()) {
      if (this.characters <= this.maxCharacters) break;
      this.drop(at);
    }
  }

  /** A transaction on these partitions failed, or nobody knows: the database is asked again. Without partitions, of all. */
  forget(partitions?: { has(partition: number): boolean }): void {
    for (const [at, { partition }] of this.entries) if (partitions?.has(partition) !== false) this.drop(at);
  }

  private drop(at: string): void {
    const entry = this.entries.get(at);
    if (entry === undefined) return;
    this.entries.delete(at);
    this.characters -= entry.text.length;
  }
}

interface Entry {
  readonly partition: number;
  readonly epoch: number;
  readonly text: string;
}
