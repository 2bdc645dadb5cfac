import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { decimal } from '@switchyard/money';
import { Account } from './account.js';
import { Archive } from './archive.js';
import type { VenueEvent } from './event.js';
import { DamagedFile, Journal, readJournal, syncFolder } from './journal.js';
import type { SavedMarket } from './market.js';
import { isOpen } from './order.js';
import type { SavedMatches } from './public-matches.js';
import { isRefused, loadOrder, saveOrder, type SavedEntry, type SavedOrder } from './saved-order.js';
import type { LedgerEntry, VenueState } from './venue-state.js';

/**
 * The venue's memory on disk, in its own folder:
 *
 * - `journal-N.log`: every event since the snapshot, a record a command, fsynced before the reply;
 * - `closed.jsonl`, `closed.index`: what is over, orders and refusals, each once, written when the journal is compacted;
 * - `snapshot.json`: accounts, open orders, counters; which journal goes on from here and how much of `closed.jsonl` counts.
 *
 * A compaction may be cut off anywhere: until the new snapshot has its name, the old one and all journals since still say everything.
 */
export interface StoreOptions {
  readonly folder: string;
  /** Compacts when the journal is longer than this. */
  readonly compactAtBytes: number;
  /** So many orders and refusals that are over stay in memory; older ones are read from the archive where somebody asks. */
  readonly keepClosed: number;
}

interface Snapshot {
  readonly version: 1;
  readonly journal: number;
  readonly archive: { readonly bytes: number; readonly rows: number };
  readonly nextReceipt: number;
  readonly nextOrderId: number;
  readonly nextTradeId: number;
  readonly skewMs: number;
  readonly lastEventAt: readonly (readonly [symbol: string, at: number])[];
  readonly market: SavedMarket;
  /** Absent in snapshots of before customers' trades were told to everybody. */
  readonly matches?: readonly SavedMatches[];
  readonly accounts: readonly SavedAccount[];
  readonly open: readonly SavedOrder[];
}

interface SavedAccount {
  readonly accountKey: string;
  readonly secret: string;
  readonly passphrase: string;
  readonly openedAt: number;
  readonly balances: readonly (readonly [asset: string, free: string, locked: string])[];
}

const SNAPSHOT = 'snapshot.json';

const journalName = (number: number): string => `journal-${number}.log`;

export class Store {
  readonly #journal: Journal;
  #number: number;
  #bytes: number;
  readonly #archive: Archive;
  /** Archived rows that are still in memory, oldest first. */
  #recent: LedgerEntry[] = [];
  /** Archived rows before those. */
  #forgotten: number;
  #compacting: Promise<void> | undefined;
  #compactable = true;

  /** Reads what the folder holds into `state`, which must be new. @throws DamagedFile */
  constructor(
    private readonly state: VenueState,
    private readonly options: StoreOptions,
  ) {
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
    const snapshot = this.readSnapshot();
    this.#archive = new Archive(options.folder, snapshot?.archive ?? { bytes: 0, rows: 0 });
    this.#forgotten = Math.max(0, this.#archive.rows - options.keepClosed);
    for (const saved of this.#archive.read(this.#forgotten)) {
      const entry = isRefused(saved) ? saved : loadOrder(saved);
      this.#recent.push(isRefused(entry) ? state.restoreRefused(entry) : state.restore(entry));
    }
    state.past = this.#archive;
    if (snapshot !== undefined) this.restore(snapshot);
    this.#number = snapshot?.journal ?? 1;
    this.#bytes = 0;
    for (const number of this.journals()) {
      if (number < this.#number) {
        rmSync(this.path(journalName(number)));
        continue;
      }
      this.#number = number;
      this.#bytes += readJournal(this.path(journalName(number)), (record) => {
        for (const event of JSON.parse(record) as readonly VenueEvent[]) state.apply(event);
      });
    }
    state.ledger.sort((a, b) => a.receipt - b.receipt);
    this.#journal = new Journal(this.path(journalName(this.#number)));
  }

  get failure(): Error | undefined {
    return this.#journal.failure;
  }

  /** Records the events of one command, all or none, and applies them. Durable only after `durable()`. */
  commit(events: readonly VenueEvent[]): void {
    this.#bytes += this.#journal.append(JSON.stringify(events));
    for (const event of events) this.state.apply(event);
    if (this.#bytes > this.options.compactAtBytes && this.#compactable) this.compactInBackground();
  }

  durable(): Promise<void> {
    return this.#journal.durable();
  }

  /** Moves what is over to the archive and starts a new journal. One at a time. */
  compact(): Promise<void> {
    this.#compacting ??= this.compactNow().finally(() => {
      this.#compacting = undefined;
    });
    return this.#compacting;
  }

  async close(): Promise<void> {
    await this.#compacting;
    await this.#journal.close();
  }

  private compactInBackground(): void {
    // A compaction that fails loses nothing: the journals stay.
    this.compact().catch((error: unknown) => {
      process.emitWarning(`The paper exchange could not compact ${this.options.folder}: ${String(error)}`);
    });
  }

  private async compactNow(): Promise<void> {
    // Up to the first await this is one instant: what the snapshot says is exactly what the old journals said.
    const closed = this.state.lately.splice(0);
    this.#number += 1;
    this.#bytes = 0;
    this.#journal.rotate(this.path(journalName(this.#number)));
    const snapshot = this.snapshot();
    try {
      await this.#journal.durable();
      await this.#archive.append(closed);
      const { bytes, rows } = this.#archive;
      await this.writeSnapshot({ ...snapshot, archive: { bytes, rows } });
    } catch (error) {
      // Nothing may be archived twice: without a snapshot that confirms the rows, this venue does not compact again until it is restarted.
      this.#compactable = false;
      throw error;
    }
    for (const number of this.journals()) {
      if (number < snapshot.journal) rmSync(this.path(journalName(number)), { force: true });
    }
    this.#recent.push(...closed);
    const surplus = this.#recent.length - this.options.keepClosed;
    if (surplus <= 0) return;
    this.state.forget(new Set(this.#recent.splice(0, surplus)));
    this.#forgotten += surplus;
  }

  /** The ledger's rows that are no longer in memory, oldest end first. */
  forgotten(): Generator<SavedEntry> {
    return this.#archive.read(0, this.#forgotten);
  }

  get forgottenCount(): number {
    return this.#forgotten;
  }

  private snapshot(): Snapshot {
    const { state } = this;
    return {
      version: 1,
      journal: this.#number,
      archive: { bytes: this.#archive.bytes, rows: this.#archive.rows },
      nextReceipt: state.nextReceipt,
      nextOrderId: state.nextOrderId,
      nextTradeId: state.nextTradeId,
      skewMs: state.skewMs,
      lastEventAt: [...state.lastEventAt],
      market: state.market.save(),
      matches: state.matches.save(),
      accounts: [...state.accounts.values()].map((account) => ({
        accountKey: account.accountKey,
        secret: account.secret,
        passphrase: account.passphrase,
        openedAt: account.openedAt,
        balances: [...account.balances].map(([asset, held]) => [asset, held.free.toFixed(), held.locked.toFixed()]),
      })),
      open: [...state.instruments.keys()].flatMap((symbol) => state.resting(symbol)).map(saveOrder),
    };
  }

  private async writeSnapshot(snapshot: Snapshot): Promise<void> {
    const partial = this.path(`${SNAPSHOT}.partial`);
    const handle = await open(partial, 'w', 0o600);
    try {
      await handle.writeFile(JSON.stringify(snapshot));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(partial, this.path(SNAPSHOT));
    await syncFolder(this.options.folder);
  }

  private readSnapshot(): Snapshot | undefined {
    const file = this.path(SNAPSHOT);
    if (!existsSync(file)) return undefined;
    try {
      return JSON.parse(readFileSync(file, 'utf8')) as Snapshot;
    } catch (error) {
      throw new DamagedFile(`The snapshot ${file} cannot be read: restore it from a copy, or move its folder away.`, {
        cause: error,
      });
    }
  }

  private restore(snapshot: Snapshot): void {
    const { state } = this;
    for (const { accountKey, secret, passphrase, openedAt, balances } of snapshot.accounts) {
      const account = new Account(accountKey, secret, passphrase, openedAt);
      for (const [asset, free, locked] of balances) account.move(asset, decimal(free), decimal(locked));
      state.restoreAccount(account);
    }
    for (const order of snapshot.open.map(loadOrder)) if (isOpen(order)) state.restore(order);
    state.market.restore(snapshot.market);
    state.matches.restore(snapshot.matches ?? []);
    for (const [symbol, at] of snapshot.lastEventAt) state.lastEventAt.set(symbol, at);
    state.nextReceipt = snapshot.nextReceipt;
    state.nextOrderId = snapshot.nextOrderId;
    state.nextTradeId = snapshot.nextTradeId;
    state.skewMs = snapshot.skewMs;
  }

  private journals(): readonly number[] {
    return readdirSync(this.options.folder)
      .flatMap((name) => /^journal-(\d+)\.log$/.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
  }

  private path(name: string): string {
    return join(this.options.folder, name);
  }
}
