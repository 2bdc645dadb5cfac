import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Database } from '@switchyard/persistence';
import { testDatabase } from '@switchyard/persistence/testing';
import { SealedKeys } from './sealed-keys.js';

const postgres = testDatabase();
let db: Database;
const opener = {
  open: ({ accountId, venue }: { readonly accountId: string; readonly venue: string }) =>
    Promise.resolve({ apiKey: `${accountId} at ${venue}`, secret: 'secret' }),
};

beforeAll(async () => {
  db = await postgres.open('accounts', {});
  for (const venue of ['binance', 'kraken']) {
    await db.query(
      `create table sealed_keys_${venue} (account_id text, user_id text, key_version int, sealed_data_key bytea, sealed bytea)`,
    );
    await db.query(`insert into sealed_keys_${venue} values ($1, 'ann', 1, 'k', 's')`, [`ann-${venue}`]);
  }
});

describe('the sealed keys of a venue', () => {
  it('are read by its executor, also where those of other venues run in the same process', async () => {
    for (const venue of ['binance', 'kraken', 'binance']) {
      const keys = new SealedKeys(db, opener, venue);
      const { credentials } = (await keys.open('ann', `ann-${venue}`))!;
      expect(credentials.apiKey).toBe(`ann-${venue} at ${venue}`);
    }
  });

  it('are those of that venue and of that user alone', async () => {
    const keys = new SealedKeys(db, opener, 'kraken');
    expect(await keys.open('ann', 'ann-binance')).toBeUndefined();
    expect(await keys.open('bob', 'ann-kraken')).toBeUndefined();
    expect(await keys.versionOf('ann-kraken')).toBe(1);
  });
});
