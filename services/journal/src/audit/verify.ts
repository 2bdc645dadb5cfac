import { EVENTS, typeOfTopic, type EventDefinition } from '@switchyard/contracts';
import type { AuditRow } from './audit-row.js';
import { merkleRoot } from './merkle.js';
import { rowHash } from './row-hash.js';
import { START, sealHash, type ChainEnd, type SealedBatch } from './seal.js';

export interface StoredRow extends AuditRow {
  readonly row: number;
  readonly hash: Uint8Array;
}

/** Where a trail is read from: the journal's tables, or an export of them. Everything in ascending order. */
export interface AuditReader {
  chains(): Promise<readonly number[]>;
  /** At most `max` rows after this one. */
  rows(chain: number, after: number, max: number): Promise<readonly StoredRow[]>;
  batches(chain: number, after: number, max: number): Promise<readonly SealedBatch[]>;
}

export type AuditProblem =
  /** A row's columns or bytes are not what its hash was made from. */
  | 'ROW_CHANGED'
  | 'ROW_MISSING'
  | 'BATCH_MISSING'
  /** The rows of a batch are not those that it sealed. */
  | 'ROOT_DIFFERS'
  /** A batch is not what its hash was made from, or doesn't hold the one before it. */
  | 'CHAIN_BROKEN'
  /** A source's numbers are not dense: an event never came here, or its row is gone. */
  | 'SEQUENCE_GAP';

export interface AuditFinding {
  readonly problem: AuditProblem;
  readonly chain: number;
  readonly row?: number;
  readonly batch?: number;
  readonly message: string;
}

export interface AuditVerdict {
  readonly intact: boolean;
  readonly chains: number;
  readonly rows: number;
  readonly batches: number;
  /** Rows that no batch holds yet: the last second's. */
  readonly unsealedRows: number;
  /** The end of each chain, to compare with heads kept elsewhere: a trail cut off at its end is whole up to there. */
  readonly heads: readonly {
    readonly chain: number;
    readonly batch: number;
    readonly lastRow: number;
    readonly hash: string;
  }[];
  /** At most 100; `problems` counts them all. */
  readonly findings: readonly AuditFinding[];
  readonly problems: number;
}

const PAGE = 1_000;
const MAX_FINDINGS = 100;

/**
 * Computes every hash of the trail anew, from its rows alone: each row from its columns and bytes, each Merkle root from its rows,
 * each batch from its root and the batch before it; and checks that row, batch and source numbers are dense, whatever their order. Memory grows with gaps alone.
 */
export const verifyAudit = async (reader: AuditReader): Promise<AuditVerdict> => {
  const verdict = new Verdict();
  for (const chain of await reader.chains()) {
    verdict.chains += 1;
    await verifyChain(reader, chain, verdict);
  }
  return verdict.sum();
};

const verifyChain = async (reader: AuditReader, chain: number, verdict: Verdict): Promise<void> => {
  const rows = new RowCursor(reader, chain, verdict);
  let end: ChainEnd = START;
  for (let after = 0; ;) {
    const page = await reader.batches(chain, after, PAGE);
    for (const batch of page) {
      after = batch.batch;
      verdict.batches += 1;
      sealFindings(batch, end).forEach((finding) => {
        verdict.found(finding);
      });
      const hashes = await rows.through(batch.firstRow, batch.lastRow);
      rootFindings(batch, hashes).forEach((finding) => {
        verdict.found(finding);
      });
      end = batch;
    }
    if (page.length < PAGE) break;
  }
  verdict.heads.push({ chain, batch: end.batch, lastRow: end.lastRow, hash: end.hash.toString('hex') });
  verdict.unsealedRows += await rows.rest();
};

/** Whether a batch is what its hash was made from, and follows the end of what was before it. */
export const sealFindings = (batch: SealedBatch, end: ChainEnd): readonly AuditFinding[] => {
  const { chain } = batch;
  const findings: AuditFinding[] = [];
  if (batch.batch !== end.batch + 1 || batch.firstRow !== end.lastRow + 1)
    findings.push({
      problem: 'BATCH_MISSING',
      chain,
      batch: batch.batch,
      message: `Batch ${batch.batch} of chain ${chain} does not follow batch ${end.batch}.`,
    });
  if (!batch.previousHash.equals(end.hash) || !sealHash(batch).equals(batch.hash))
    findings.push({
      problem: 'CHAIN_BROKEN',
      chain,
      batch: batch.batch,
      message: `Batch ${batch.batch} of chain ${chain} was changed, or the batch before it.`,
    });
  return findings;
};

/** Whether the rows of a batch, by their hashes in order, are those that it sealed. */
export const rootFindings = (batch: SealedBatch, hashes: readonly Uint8Array[]): readonly AuditFinding[] =>
  merkleRoot(hashes).equals(batch.merkleRoot)
    ? []
    : [
        {
          problem: 'ROOT_DIFFERS',
          chain: batch.chain,
          batch: batch.batch,
          message: `Rows ${batch.firstRow} to ${batch.lastRow} of chain ${batch.chain} are not those that batch ${batch.batch} sealed.`,
        },
      ];

/** Whether a row is what its hash was made from. */
export const rowFindings = (row: StoredRow): readonly AuditFinding[] =>
  rowHash(row, row.row) === Buffer.from(row.hash).toString('hex')
    ? []
    : [
        {
          problem: 'ROW_CHANGED',
          chain: row.chain,
          row: row.row,
          message: `Row ${row.row} of chain ${row.chain} (${row.topic}, ${row.eventId}) was changed.`,
        },
      ];

/** What one source numbered in one topic: the highest number seen, and the numbers below it that were not. */
interface Line {
  readonly source: string;
  readonly topic: string;
  last: number;
  readonly gaps: { readonly from: number; readonly to: number; readonly row: number }[];
}

/** Reads a chain's rows once, forward, checking each. */
class RowCursor {
  private page: readonly StoredRow[] = [];
  private at = 0;
  private last = 0;
  private exhausted = false;
  private readonly lines = new Map<string, Line>();

  constructor(
    private readonly reader: AuditReader,
    private readonly chain: number,
    private readonly verdict: Verdict,
  ) {}

  /** The stored hashes of the rows up to `lastRow`. Rows that are not there are named. */
  async through(firstRow: number, lastRow: number): Promise<readonly Uint8Array[]> {
    const hashes: Uint8Array[] = [];
    for (let row = await this.peek(); row !== undefined && row.row <= lastRow; row = await this.peek()) {
      this.at += 1;
      this.check(row);
      if (row.row >= firstRow) hashes.push(row.hash);
    }
    if (this.last < lastRow) this.missing(this.last + 1, lastRow);
    return hashes;
  }

  /** Checks what follows, sealed or not. @returns the number of rows */
  async rest(): Promise<number> {
    let count = 0;
    for (let row = await this.peek(); row !== undefined; row = await this.peek()) {
      this.at += 1;
      this.check(row);
      count += 1;
    }
    this.gaps();
    return count;
  }

  private async peek(): Promise<StoredRow | undefined> {
    if (this.at >= this.page.length && !this.exhausted) {
      this.page = await this.reader.rows(this.chain, this.page.at(-1)?.row ?? 0, PAGE);
      this.at = 0;
      this.exhausted = this.page.length === 0;
    }
    return this.page[this.at];
  }

  private check(row: StoredRow): void {
    this.verdict.rows += 1;
    if (row.row > this.last + 1) this.missing(this.last + 1, row.row - 1);
    this.last = row.row;
    rowFindings(row).forEach((finding) => {
      this.verdict.found(finding);
    });
    this.checkSequence(row);
  }

  private checkSequence(row: StoredRow): void {
    if (row.source === undefined || !densely(row.topic)) return;
    const { source, topic, sequence } = row;
    const name = `${topic} ${source}`;
    const line = this.lines.get(name);
    // A journal that began after its sources did has no number 1; from there on every number must be there.
    if (line === undefined) {
      this.lines.set(name, { source, topic, last: sequence, gaps: [] });
      return;
    }
    if (sequence > line.last) {
      if (sequence > line.last + 1) line.gaps.push({ from: line.last + 1, to: sequence - 1, row: row.row });
      line.last = sequence;
      return;
    }
    // What waited for a parked key comes late: it closes the gap that it left.
    const gap = line.gaps.find(({ from, to }) => from <= sequence && sequence <= to);
    if (gap !== undefined) {
      const rest = [
        { ...gap, to: sequence - 1 },
        { ...gap, from: sequence + 1 },
      ].filter(({ from, to }) => from <= to);
      line.gaps.splice(line.gaps.indexOf(gap), 1, ...rest);
      return;
    }
    this.verdict.found({
      problem: 'SEQUENCE_GAP',
      chain: this.chain,
      row: row.row,
      message: `${source} numbered ${topic} ${sequence} in partition ${this.chain} out of its order, or twice.`,
    });
  }

  private gaps(): void {
    for (const { source, topic, gaps } of this.lines.values())
      for (const { from, to, row } of gaps)
        this.verdict.found({
          problem: 'SEQUENCE_GAP',
          chain: this.chain,
          row,
          message: `${topic} ${from} to ${to} of ${source} never came to partition ${this.chain}.`,
        });
  }

  private missing(from: number, to: number): void {
    this.last = Math.max(this.last, to);
    this.verdict.found({
      problem: 'ROW_MISSING',
      chain: this.chain,
      row: from,
      message: `Rows ${from} to ${to} of chain ${this.chain} are missing.`,
    });
  }
}

/** Doors repeat what was not decided in time, compacted topics leave numbers out: both are as they should be. */
const densely = (topic: string): boolean => {
  const type = typeOfTopic(topic);
  if (type === undefined || type === 'TradingSignalGenerated') return false;
  const definition: EventDefinition = EVENTS[type];
  return definition.compacted !== true;
};

class Verdict {
  chains = 0;
  rows = 0;
  batches = 0;
  unsealedRows = 0;
  readonly heads: AuditVerdict['heads'][number][] = [];
  private problems = 0;
  private readonly findings: AuditFinding[] = [];

  found(finding: AuditFinding): void {
    this.problems += 1;
    if (this.findings.length < MAX_FINDINGS) this.findings.push(finding);
  }

  sum(): AuditVerdict {
    const { chains, rows, batches, unsealedRows, heads, findings, problems } = this;
    return { intact: problems === 0, chains, rows, batches, unsealedRows, heads, findings, problems };
  }
}
