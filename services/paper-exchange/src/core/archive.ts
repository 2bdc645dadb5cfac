import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  readSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { DamagedFile } from './journal.js';
import type { Order } from './order.js';
import { isRefused, loadOrder, saveEntry, type SavedEntry } from './saved-order.js';
import type { LedgerEntry } from './venue-state.js';

/**
 * What is over, on disk: `closed.jsonl`, a row an order or refusal, each once, in the order in which they ended. Beside it `closed.index`, so that an
 * old order is found without reading the file, and a start reads only the latest rows.
 *
 * 1. A row is never changed; what lies beyond the confirmed rows is of a compaction that was cut off, and is cut away.
 * 2. An order that is no longer in memory is still found, by its id and by its client id.
 */
export class Archive {
  #index: Buffer;
  #rows: number;
  #bytes: number;
  readonly #file: string;
  readonly #indexFile: string;

  /** @throws DamagedFile where the folder has less than its snapshot says */
  constructor(folder: string, confirmed: { readonly bytes: number; readonly rows: number }) {
    this.#file = join(folder, 'closed.jsonl');
    this.#indexFile = join(folder, 'closed.index');
    this.#bytes = confirmed.bytes;
    this.#rows = confirmed.rows;
    if (!existsSync(this.#file)) writeFileSync(this.#file, '', { mode: 0o600 });
    if (statSync(this.#file).size < confirmed.bytes) {
      throw new DamagedFile(`The archive ${this.#file} is shorter than its snapshot says: restore it from a copy.`);
    }
    truncateSync(this.#file, confirmed.bytes);
    this.#index = this.readIndex();
  }

  get bytes(): number {
    return this.#bytes;
  }

  get rows(): number {
    return this.#rows;
  }

  /** Adds rows, durably; they count once the snapshot says so. */
  async append(entries: readonly LedgerEntry[]): Promise<void> {
    const index = Buffer.alloc(entries.length * INDEX_ROW);
    let position = this.#bytes;
    const file = await open(this.#file, 'r+');
    try {
      for (let start = 0; start < entries.length; start += ROWS_A_WRITE) {
        const rows = entries.slice(start, start + ROWS_A_WRITE).map((entry, i) => {
          const row = Buffer.from(`${JSON.stringify(saveEntry(entry))}\n`);
          writeIndexRow(index, start + i, entry, position);
          position += row.length;
          return row;
        });
        const block = Buffer.concat(rows);
        await file.write(block, 0, block.length, position - block.length);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    const indexFile = await open(this.#indexFile, existsSync(this.#indexFile) ? 'r+' : 'w', 0o600);
    try {
      await indexFile.write(index, 0, index.length, this.#rows * INDEX_ROW);
      await indexFile.sync();
    } finally {
      await indexFile.close();
    }
    this.#index = Buffer.concat([this.#index, index]);
    this.#rows += entries.length;
    this.#bytes = position;
  }

  /** Rows `from` (counted from the first) up to the last, a block at a time. */
  *read(from = 0, until = this.#rows): Generator<SavedEntry> {
    for (let start = from; start < until; start += ROWS_A_READ) {
      const end = Math.min(start + ROWS_A_READ, until);
      const text = this.slice(this.offset(start), this.offset(end));
      for (const line of text.split('\n')) if (line !== '') yield JSON.parse(line) as SavedEntry;
    }
  }

  order(orderId: number): Order | undefined {
    return this.find(
      (row) => this.#index.readDoubleLE(row * INDEX_ROW + 8) === orderId,
      ({ orderId: id }) => id === orderId,
    )[0];
  }

  /** Oldest first. */
  ordersByClientId(accountKey: string, clientOrderId: string): readonly Order[] {
    const hash = hashOf(accountKey, clientOrderId);
    return this.find(
      (row) => this.#index.readUInt32LE(row * INDEX_ROW + 16) === hash,
      (order) => order.accountKey === accountKey && order.clientOrderId === clientOrderId,
    ).sort((a, b) => a.orderId - b.orderId);
  }

  /** A pass over the index: a millisecond for a million rows, and only for what is no longer in memory. */
  private find(candidate: (row: number) => boolean, wanted: (order: Order) => boolean): Order[] {
    const found: Order[] = [];
    for (let row = 0; row < this.#rows; row++) {
      if (!candidate(row)) continue;
      const entry = JSON.parse(this.slice(this.offset(row), this.offset(row + 1))) as SavedEntry;
      if (isRefused(entry)) continue;
      const order = loadOrder(entry);
      if (wanted(order)) found.push(order);
    }
    return found;
  }

  private offset(row: number): number {
    return row >= this.#rows ? this.#bytes : this.#index.readDoubleLE(row * INDEX_ROW);
  }

  private slice(start: number, end: number): string {
    const bytes = Buffer.alloc(end - start);
    const file = openSync(this.#file, 'r');
    try {
      readSync(file, bytes, 0, bytes.length, start);
    } finally {
      closeSync(file);
    }
    return bytes.toString('utf8');
  }

  /** The index as it lies there; made anew from the rows where it is missing or too short. */
  private readIndex(): Buffer {
    const length = this.#rows * INDEX_ROW;
    const saved = existsSync(this.#indexFile) ? readFileSync(this.#indexFile) : Buffer.alloc(0);
    if (saved.length >= length) return Buffer.from(saved.subarray(0, length));
    const index = Buffer.alloc(length);
    let [row, position] = [0, 0];
    for (const line of readFileSync(this.#file, 'utf8').split('\n')) {
      if (line === '') continue;
      const entry = JSON.parse(line) as SavedEntry;
      writeIndexRow(index, row++, isRefused(entry) ? entry : loadOrder(entry), position);
      position += Buffer.byteLength(line) + 1;
    }
    writeFileSync(this.#indexFile, index, { mode: 0o600 });
    return index;
  }
}

const ROWS_A_WRITE = 2_000;
const ROWS_A_READ = 2_000;
/** Where the row starts (8 bytes), its order id or 0 (8), the hash of account and client id (4). */
const INDEX_ROW = 20;

const hashOf = (accountKey: string, clientOrderId: string): number => crc32(`${accountKey} ${clientOrderId}`);

const writeIndexRow = (index: Buffer, row: number, entry: LedgerEntry, position: number): void => {
  index.writeDoubleLE(position, row * INDEX_ROW);
  index.writeDoubleLE(isRefused(entry) ? 0 : entry.orderId, row * INDEX_ROW + 8);
  index.writeUInt32LE(hashOf(entry.accountKey, entry.clientOrderId), row * INDEX_ROW + 16);
};
