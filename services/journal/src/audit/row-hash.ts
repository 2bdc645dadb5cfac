import { hash } from 'node:crypto';
import type { AuditRow } from './audit-row.js';

/**
 * What a row's hash covers: every column, and the value's bytes by their own hash, so that a personal payload could be erased one day
 * with the trail still whole. SHA-256 over the UTF-8 text of a JSON list; the version comes first and names this very definition.
 */
const VERSION = 'switchyard-audit/1';

/** The hash of a row at its place in the chain, in hex: the fastest way out of node:crypto for so few bytes. */
export const rowHash = (row: AuditRow, at: number): string =>
  hash(
    'sha256',
    JSON.stringify([
      VERSION,
      row.chain,
      at,
      row.topic,
      row.key,
      row.userId,
      row.signalId,
      row.eventId,
      row.type,
      row.source,
      row.sequence,
      row.causationId,
      row.time,
      row.contentType,
      row.recordedAt,
      ...(row.reason === undefined ? [] : [row.reason]),
      hash('sha256', row.value, 'hex'),
    ]),
    'hex',
  );
