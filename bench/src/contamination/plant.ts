import { encodeRecord } from '@switchyard/log';
import pg from 'pg';
import type { Mark } from './marks.js';

/** Where it is put. */
export const PLANTED = {
  topic: 'OrderFilled',
  tables: ['journal.orders', 'execution_binance.orders'] as readonly string[],
};

/** Puts things of one user where another's are, so that the sweep can show that it finds them. @returns how many */
export const plant = async (databaseUrl: string, [one = '', other = '']: readonly Mark[]): Promise<number> => {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const record = encodeRecord({
      key: one,
      id: 'planted',
      type: 'OrderFilled',
      time: new Date().toISOString(),
      value: Buffer.from(JSON.stringify({ userId: one, metadata: { note: other } })),
    });
    // What stands in a row beside its own, what stands instead of it where nobody's mark is, and a record of a topic.
    const planted = [
      await client.query(
        `update journal.orders set signal_id = $2 where order_id = (select order_id from journal.orders where user_id = $1 limit 1)`,
        [one, `${other}-0`],
      ),
      await client.query(
        `update execution_binance.orders set client_order_id = $2 where order_id = (select order_id from execution_binance.orders where user_id = $1 limit 1)`,
        [one, other],
      ),
      await client.query(
        `update log.batches set records = $1::bytea || records where ctid = (select ctid from log.batches where topic = 'OrderFilled' limit 1)`,
        [record],
      ),
    ];
    return planted.reduce((sum, { rowCount }) => sum + (rowCount ?? 0), 0);
  } finally {
    await client.end();
  }
};
