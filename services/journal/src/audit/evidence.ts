import { START, type ChainEnd, type SealedBatch } from './seal.js';
import {
  rootFindings,
  rowFindings,
  sealFindings,
  type AuditFinding,
  type AuditReader,
  type StoredRow,
} from './verify.js';

export interface EvidenceReader extends AuditReader {
  /** The last batch of a chain that begins no later than at this row: it holds the row, or the row is not sealed. */
  batchFor(chain: number, row: number): Promise<SealedBatch | undefined>;
}

/** What the trail says of some of its rows. */
export interface Evidence {
  readonly intact: boolean;
  readonly rows: number;
  /** Of these, the ones that no batch holds yet: the last second's. Their own hash alone speaks for them. */
  readonly unsealedRows: number;
  readonly findings: readonly AuditFinding[];
  /** The end of each chain that holds the rows, to compare with heads that are kept elsewhere. */
  readonly heads: readonly { readonly chain: number; readonly batch: number; readonly hash: string }[];
}

const PAGE = 1_000;

/**
 * Holds single rows against the trail: each row's hash from its columns and bytes, the Merkle root of each batch that seals one from all of
 * its rows, and every seal from there to the end of the chain. What came before those batches, and whether rows are missing elsewhere,
 * `verifyAudit` says.
 */
export const verifyRows = async (reader: EvidenceReader, rows: readonly StoredRow[]): Promise<Evidence> => {
  const findings = rows.flatMap(rowFindings);
  const heads: Evidence['heads'][number][] = [];
  let unsealedRows = 0;
  for (const [chain, own] of Map.groupBy(rows, (row) => row.chain)) {
    const held = await verifyStretch(reader, chain, own);
    findings.push(...held.findings);
    unsealedRows += own.filter(({ row }) => row > held.end.lastRow).length;
    heads.push({ chain, batch: held.end.batch, hash: held.end.hash.toString('hex') });
  }
  return { intact: findings.length === 0, rows: rows.length, unsealedRows, findings, heads };
};

interface Stretch {
  readonly end: ChainEnd;
  readonly findings: readonly AuditFinding[];
}

/** The seals of a chain from the batch of its lowest row on, and the roots of the batches that hold one. */
const verifyStretch = async (reader: EvidenceReader, chain: number, rows: readonly StoredRow[]): Promise<Stretch> => {
  // None begins so early: nothing is sealed yet, or the first batch is gone, and the one after it says so.
  const first = (await reader.batchFor(chain, Math.min(...rows.map(({ row }) => row))))?.batch ?? 1;
  const findings: AuditFinding[] = [];
  let end: ChainEnd = first === 1 ? START : ((await reader.batches(chain, first - 2, 1))[0] ?? START);
  for (let after = first - 1; ;) {
    const page = await reader.batches(chain, after, PAGE);
    for (const batch of page) {
      after = batch.batch;
      findings.push(...sealFindings(batch, end));
      if (rows.some(({ row }) => batch.firstRow <= row && row <= batch.lastRow))
        findings.push(...rootFindings(batch, await hashesOf(reader, batch)));
      end = batch;
    }
    if (page.length < PAGE) return { end, findings };
  }
};

const hashesOf = async (
  reader: EvidenceReader,
  { chain, firstRow, lastRow }: SealedBatch,
): Promise<readonly Uint8Array[]> => {
  const hashes: Uint8Array[] = [];
  for (let after = firstRow - 1; after < lastRow;) {
    const page = await reader.rows(chain, after, Math.min(PAGE, lastRow - after));
    const last = page.at(-1);
    if (last === undefined) break;
    hashes.push(...page.filter(({ row }) => row <= lastRow).map(({ hash }) => hash));
    after = last.row;
  }
  return hashes;
};
