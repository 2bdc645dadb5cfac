import { afterEach, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { databaseUrlOf } from './database-url.js';
import type { Terminal } from './terminal.js';

const cwd = mkdtempSync(join(tmpdir(), 'switchyard-cli-'));
afterEach(() => {
  rmSync(cwd, { recursive: true, force: true });
});

const urlIn = (env: Terminal['env']) => databaseUrlOf({ env, cwd } as Terminal);

it('reads the database that is in use in the data folder: each transport has its own there', async () => {
  const folder = join(cwd, '.switchyard/postgres');
  mkdirSync(join(folder, 'cluster'), { recursive: true });
  await expect(urlIn({})).rejects.toThrow('There is no database to read');
  writeFileSync(join(folder, 'cluster/postmaster.pid'), '1\n/data\n0\n5433\n');
  writeFileSync(join(folder, 'password'), 'secret\n');
  expect(await urlIn({})).toBe('postgres://switchyard:secret@127.0.0.1:5433/switchyard');
  writeFileSync(join(folder, 'database'), 'switchyard_kafka\n');
  expect(await urlIn({})).toBe('postgres://switchyard:secret@127.0.0.1:5433/switchyard_kafka');
  expect(await urlIn({ DATABASE_URL: 'postgres://elsewhere/db' })).toBe('postgres://elsewhere/db');
});
