import { createHash } from 'node:crypto';
import { merkleRoot } from './merkle.js';

/** One sealed stretch of a chain. Hashes are 32 bytes. */
export interface SealedBatch {
  readonly chain: number;
  /** From 1, dense. */
  readonly batch: number;
  readonly firstRow: number;
  readonly lastRow: number;
  readonly merkleRoot: Buffer;
  readonly previousHash: Buffer;
  readonly hash: Buffer;
  /** RFC 3339 with milliseconds. */
  readonly sealedAt: string;
}

/** The end of a chain so far: nothing sealed yet at `START`. */
export type ChainEnd = Pick<SealedBatch, 'batch' | 'lastRow' | 'hash'>;
export const START: ChainEnd = { batch: 0, lastRow: 0, hash: Buffer.alloc(32) };

const VERSION = 'switchyard-seal/1';

/** Seals the rows that follow `end`, given by their hashes in order. Each batch holds the whole chain before it by one hash. */
export const seal = (chain: number, end: ChainEnd, hashes: readonly Uint8Array[], sealedAt: string): SealedBatch => {
  const open = {
    chain,
    batch: end.batch + 1,
    firstRow: end.lastRow + 1,
    lastRow: end.lastRow + hashes.length,
    merkleRoot: merkleRoot(hashes),
    previousHash: end.hash,
    sealedAt,
  };
  return { ...open, hash: sealHash(open) };
};

/** Covers everything a batch says of itself, and through `previousHash` everything before it. */
export const sealHash = (batch: Omit<SealedBatch, 'hash'>): Buffer =>
  createHash('sha256')
    .update(
      JSON.stringify([
        VERSION,
        batch.chain,
        batch.batch,
        batch.firstRow,
        batch.lastRow,
        batch.merkleRoot.toString('hex'),
        batch.previousHash.toString('hex'),
        batch.sealedAt,
      ]),
    )
    .digest();
