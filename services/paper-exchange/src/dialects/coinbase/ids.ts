import { createHash } from 'node:crypto';
import type { VenueIds } from '../../core/ledger.js';

const ORDER = '0c000000-0000-4000-8000-';
const TRADE = '0f000000-0000-4000-8000-';

const numbered =
  (prefix: string) =>
  (number: number): string =>
    prefix + number.toString(16).padStart(12, '0');

/** Coinbase's ids are UUIDs: the core's running number stands in the last part. */
export const ids: VenueIds = { order: numbered(ORDER), trade: numbered(TRADE) };

const numberIn =
  (prefix: string) =>
  (id: string): number | undefined =>
    id.startsWith(prefix) && /^[0-9a-f]{12}$/.test(id.slice(prefix.length))
      ? Number.parseInt(id.slice(prefix.length), 16)
      : undefined;

export const orderNumber = numberIn(ORDER);
export const tradeNumber = numberIn(TRADE);

/** Some UUID, always the same for the same thing. */
export const uuidOf = (what: string): string =>
  createHash('sha256')
    .update(what)
    .digest('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
