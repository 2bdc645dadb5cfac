import { mkdirSync, readFileSync, truncateSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';

/**
 * An append-only file of records, each a line with its checksum, with group commit: records that arrive while the disk is busy share
 * the next write and the next fsync.
 *
 * 1. `durable()` resolves only after everything appended before the call is on disk.
 * 2. Records keep their order, over rotations too.
 * 3. After a write failed nothing is appended any more: every `append` and every `durable()` fails with the same error.
 */
export class Journal {
  #handle: FileHandle | undefined;
  #pending: { readonly file: string; readonly lines: string[] }[] = [];
  #waiting = new Group();
  #inFlight: Group | undefined;
  #running = false;
  #failure: Error | undefined;
  #openFile: string | undefined;

  constructor(private file: string) {
    mkdirSync(dirname(file), { recursive: true });
  }

  get failure(): Error | undefined {
    return this.#failure;
  }

  append(record: string): number {
    if (this.#failure !== undefined) throw this.#failure;
    const line = `${checksum(record)} ${record}\n`;
    const last = this.#pending.at(-1);
    if (last?.file === this.file) last.lines.push(line);
    else this.#pending.push({ file: this.file, lines: [line] });
    if (!this.#running) {
      this.#running = true;
      // One turn of the event loop later: whoever is served in this turn shares the write.
      setImmediate(() => void this.write());
    }
    return line.length;
  }

  /** Resolves when all records so far are on disk; rejects if they cannot get there. */
  durable(): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#pending.length > 0) return this.#waiting.promise;
    return this.#inFlight?.promise ?? Promise.resolve();
  }

  /** Records from now on go to another file. */
  rotate(file: string): void {
    this.file = file;
  }

  async close(): Promise<void> {
    await this.durable().finally(async () => {
      await this.#handle?.close();
      this.#handle = undefined;
      this.#openFile = undefined;
    });
  }

  private async write(): Promise<void> {
    try {
      while (this.#pending.length > 0) {
        const batches = this.#pending;
        const group = (this.#inFlight = this.#waiting);
        this.#pending = [];
        this.#waiting = new Group();
        for (const { file, lines } of batches) await this.writeBatch(file, lines.join(''));
        group.resolve();
      }
      this.#inFlight = undefined;
      this.#running = false;
    } catch (error) {
      this.#failure = new Error(`The journal ${this.file} cannot be written: ${String(error)}`, { cause: error });
      this.#inFlight?.reject(this.#failure);
      this.#waiting.reject(this.#failure);
    }
  }

  private async writeBatch(file: string, text: string): Promise<void> {
    if (this.#handle === undefined || this.#openFile !== file) {
      await this.#handle?.close();
      this.#handle = await open(file, 'a', 0o600);
      this.#openFile = file;
      await syncFolder(dirname(file));
    }
    await this.#handle.appendFile(text);
    await this.#handle.datasync();
  }
}

/** Those who wait for one write. */
class Group {
  readonly promise: Promise<void>;
  resolve!: () => void;
  reject!: (error: Error) => void;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // Nobody may be waiting when a write fails; the failure itself is kept and shown to whoever comes next.
    this.promise.catch(() => undefined);
  }
}

const checksum = (record: string): string => crc32(record).toString(16).padStart(8, '0');

/** A file that is damaged elsewhere than at its end: nobody can say what is missing, so nothing may start on it. */
export class DamagedFile extends Error {}

/**
 * The records of a journal file, in order. A last record that was cut off by a crash was never confirmed to anybody: it is cut away.
 * @throws DamagedFile when a damaged record is followed by whole ones
 */
export const readJournal = (file: string, onRecord: (record: string) => void): number => {
  const bytes = readFileSync(file);
  let whole = 0;
  let damagedAt: number | undefined;
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(0x0a, start);
    const record = end < 0 ? undefined : verified(bytes.toString('utf8', start, end));
    if (record === undefined) damagedAt ??= start;
    else if (damagedAt !== undefined) {
      throw new DamagedFile(
        `The journal ${file} is damaged at byte ${damagedAt}: restore it from a copy, or move its folder away to start empty.`,
      );
    } else {
      onRecord(record);
      whole = end + 1;
    }
    start = end < 0 ? bytes.length : end + 1;
  }
  if (whole < bytes.length) truncateSync(file, whole);
  return whole;
};

const verified = (line: string): string | undefined => {
  const record = line.slice(9);
  return line.slice(0, 8) === checksum(record) ? record : undefined;
};

/** Makes a file's name as durable as its content. */
export const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};
