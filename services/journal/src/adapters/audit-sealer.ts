import type { AuditRecorded } from '@switchyard/contracts';
import type { EventLog, OutgoingEvent } from '@switchyard/log';
import type { Database, Tx } from '@switchyard/persistence';
import { START, seal, type ChainEnd, type SealedBatch } from '../audit/seal.js';
import { bareArray } from './array-literal.js';

/**
 * Seals what was appended since the last seal: one batch per chain, `AuditRecorded` for each, in one transaction.
 *
 * 1. Any replica may seal; of two that try, the one whose batch number is taken first wins, the other's insert does nothing.
 * 2. It locks nothing that the stage locks, so neither waits for the other.
 * 3. Nothing to do costs one small query.
 */
export class AuditSealer {
  constructor(
    private readonly db: Database,
    private readonly log: Pick<EventLog<Tx>, 'append'>,
    private readonly maxRows: number,
  ) {}

  /** @returns how many batches were sealed */
  async sealOnce(now: Date): Promise<number> {
    const open = await this.openEnds();
    if (open.length === 0) return 0;
    return this.db.transaction((tx) => this.sealAll(tx, open, now));
  }

  private async openEnds(): Promise<readonly OpenEnd[]> {
    const { rows } = await this.db.query<OpenEndRow>(OPEN_ENDS);
    return rows.map(({ chain, batch, last_row, hash }) => ({
      chain,
      end: batch === null || hash === null ? START : { batch: Number(batch), lastRow: Number(last_row), hash },
    }));
  }

  private async sealAll(tx: Tx, open: readonly OpenEnd[], now: Date): Promise<number> {
    const batches: SealedBatch[] = [];
    for (const { chain, end } of open) {
      const hashes = await hashesAfter(tx, chain, end.lastRow, this.maxRows);
      if (hashes.length > 0) batches.push(seal(chain, end, hashes, now.toISOString()));
    }
    const won = await store(tx, batches);
    const mine = batches.filter(({ chain }) => won.has(chain));
    if (mine.length > 0) await this.log.append(tx, mine.map(recorded));
    return mine.length;
  }
}

interface OpenEnd {
  readonly chain: number;
  readonly end: ChainEnd;
}

interface OpenEndRow {
  readonly chain: number;
  readonly batch: string | null;
  readonly last_row: string | null;
  readonly hash: Buffer | null;
}

const OPEN_ENDS = {
  name: 'journal:open-ends',
  text: `select h.chain, b.batch, b.last_row, b.hash
         from audit_heads h
         left join lateral (select batch, last_row, hash from audit_batches
                            where chain = h.chain order by batch desc limit 1) b on true
         where h.row > coalesce(b.last_row, 0) order by h.chain`,
};

const HASHES = {
  name: 'journal:hashes',
  text: `select string_agg(hash, '' order by row) as hashes
         from (select row, hash from audit where chain = $1 and row > $2 order by row limit $3) r`,
};

const hashesAfter = async (tx: Tx, chain: number, row: number, max: number): Promise<readonly Uint8Array[]> => {
  const { rows } = await tx.query<{ hashes: Buffer | null }>(HASHES, [chain, row, max]);
  const all = rows[0]?.hashes ?? Buffer.alloc(0);
  return Array.from({ length: all.length / 32 }, (_, i) => all.subarray(i * 32, i * 32 + 32));
};

const STORE = {
  name: 'journal:seal',
  text: `insert into audit_batches (chain, batch, first_row, last_row, merkle_root, previous_hash, hash, sealed_at)
         select n.chain, n.batch, n.first_row, n.last_row, substring($5::bytea from n.at for 32),
                substring($5::bytea from n.at + 32 for 32), substring($5::bytea from n.at + 64 for 32), $6
         from unnest($1::int[], $2::bigint[], $3::bigint[], $4::bigint[], $7::int[]) as n (chain, batch, first_row, last_row, at)
         on conflict (chain, batch) do nothing returning chain`,
};

/** @returns the chains whose batch is ours */
const store = async (tx: Tx, batches: readonly SealedBatch[]): Promise<ReadonlySet<number>> => {
  if (batches.length === 0) return new Set();
  const { rows } = await tx.query<{ chain: number }>(STORE, [
    bareArray(batches.map(({ chain }) => chain)),
    bareArray(batches.map(({ batch }) => batch)),
    bareArray(batches.map(({ firstRow }) => firstRow)),
    bareArray(batches.map(({ lastRow }) => lastRow)),
    Buffer.concat(batches.flatMap(({ merkleRoot, previousHash, hash }) => [merkleRoot, previousHash, hash])),
    batches[0]?.sealedAt,
    bareArray(batches.map((_, i) => i * 96 + 1)),
  ]);
  return new Set(rows.map(({ chain }) => chain));
};

const recorded = (batch: SealedBatch): OutgoingEvent => {
  const hash = batch.hash.toString('hex');
  const payload: AuditRecorded = {
    chain: batch.chain,
    batch: batch.batch,
    firstRow: batch.firstRow,
    lastRow: batch.lastRow,
    merkleRoot: batch.merkleRoot.toString('hex'),
    previousHash: batch.previousHash.toString('hex'),
    hash,
    sealedAt: batch.sealedAt,
  };
  return { topic: 'AuditRecorded', type: 'AuditRecorded', key: String(batch.chain), payload, cause: { id: hash } };
};
