import type { Queryable } from '@switchyard/persistence';
import type { SealedBatch } from '../audit/seal.js';
import type { AuditReader, StoredRow } from '../audit/verify.js';

/** Reads the trail from the journal's own tables; `db` has the journal's schema in its search path. */
export const postgresAuditReader = (db: Queryable): AuditReader => ({
  async chains() {
    const { rows } = await db.query<{ chain: number }>(
      `select chain from audit_heads union select distinct chain from audit_batches order by chain`,
    );
    return rows.map(({ chain }) => chain);
  },

  async rows(chain, after, max) {
    const { rows } = await db.query<RowColumns>(ROWS, [chain, after, max]);
    return rows.map(storedRow);
  },

  async batches(chain, after, max) {
    const { rows } = await db.query<BatchColumns>(BATCHES, [chain, after, max]);
    return rows.map(sealedBatch);
  },
});

/** Times as text, so that what was hashed and what is read can't differ by a driver's rounding. */
const INSTANT = `'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'`;

export const ROW_COLUMNS = `chain, row, topic, key, user_id, signal_id, event_id, type, source, sequence, causation_id, time, content_type,
                to_char(recorded_at at time zone 'UTC', ${INSTANT}) as recorded_at, hash, value, reason`;

const ROWS = {
  name: 'journal:read-rows',
  text: `select ${ROW_COLUMNS} from audit where chain = $1 and row > $2 order by row limit $3`,
};

export const BATCH_COLUMNS = `chain, batch, first_row, last_row, merkle_root, previous_hash, hash,
                to_char(sealed_at at time zone 'UTC', ${INSTANT}) as sealed_at`;

const BATCHES = {
  name: 'journal:read-batches',
  text: `select ${BATCH_COLUMNS} from audit_batches where chain = $1 and batch > $2 order by batch limit $3`,
};

export interface RowColumns {
  readonly chain: number;
  readonly row: string;
  readonly topic: string;
  readonly key: string;
  readonly user_id: string | null;
  readonly signal_id: string | null;
  readonly event_id: string;
  readonly type: string;
  readonly source: string | null;
  readonly sequence: string;
  readonly causation_id: string | null;
  readonly time: string;
  readonly content_type: string | null;
  readonly recorded_at: string;
  readonly reason: string | null;
  readonly hash: Buffer;
  readonly value: Buffer;
}

export const storedRow = (row: RowColumns): StoredRow => ({
  chain: row.chain,
  row: Number(row.row),
  topic: row.topic,
  key: row.key,
  userId: row.user_id ?? undefined,
  signalId: row.signal_id ?? undefined,
  eventId: row.event_id,
  type: row.type,
  source: row.source ?? undefined,
  sequence: Number(row.sequence),
  causationId: row.causation_id ?? undefined,
  time: row.time,
  contentType: row.content_type ?? undefined,
  recordedAt: row.recorded_at,
  reason: row.reason ?? undefined,
  hash: row.hash,
  value: row.value,
});

export interface BatchColumns {
  readonly chain: number;
  readonly batch: string;
  readonly first_row: string;
  readonly last_row: string;
  readonly merkle_root: Buffer;
  readonly previous_hash: Buffer;
  readonly hash: Buffer;
  readonly sealed_at: string;
}

export const sealedBatch = (row: BatchColumns): SealedBatch => ({
  chain: row.chain,
  batch: Number(row.batch),
  firstRow: Number(row.first_row),
  lastRow: Number(row.last_row),
  merkleRoot: row.merkle_root,
  previousHash: row.previous_hash,
  hash: row.hash,
  sealedAt: row.sealed_at,
});
