import { openDatabase } from '@switchyard/persistence';
import { openLogStages, pushThrough } from '../log-stages.js';
import type { Ceiling } from './ceiling.js';
import type { System } from './system.js';

/** The Postgres log with nothing to decide, in a database of its own on the same server. */
export const openLogCeiling = async ({ databaseUrl }: System, bytes: number, hops: number): Promise<Ceiling> => {
  const db = await openDatabase({ url: databaseUrl, schema: 'public', applicationName: 'bench', poolSize: 2 });
  await db.query('CREATE DATABASE bench_ceiling');
  const url = new URL(databaseUrl);
  url.pathname = '/bench_ceiling';
  const stages = await openLogStages(url.href, hops, bytes);
  await stages.send(500);
  await stages.drained();
  return {
    run: async (seconds) => {
      const { count, seconds: took } = await pushThrough(stages, seconds);
      return count / took;
    },
    close: async () => {
      await stages.stop();
      await db.query('DROP DATABASE bench_ceiling WITH (FORCE)');
      await db.close();
    },
  };
};
