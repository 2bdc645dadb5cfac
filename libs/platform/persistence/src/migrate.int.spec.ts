import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate, MigrationError } from './index.js';
import { testDatabase } from './testing.js';

const postgres = testDatabase();
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

const folderOf = (files: Readonly<Record<string, string>>): string => {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-migrations-'));
  folders.push(folder);
  write(folder, files);
  return folder;
};
const write = (folder: string, files: Readonly<Record<string, string>>): void => {
  for (const [name, sql] of Object.entries(files)) writeFileSync(join(folder, name), sql);
};

describe('migrations', () => {
  it('are applied once, in the order of their names, by the role that then owns the tables', async () => {
    const folder = folderOf({
      '002-fill.sql': 'insert into a values (1);',
      '001-make.sql': 'create table a (id int); create index on a (id);',
      'readme.md': 'not one',
    });
    const apply = () => migrate({ url: postgres.url, schema: 'ordered', folder });
    expect(await apply()).toEqual(['001-make.sql', '002-fill.sql']);
    expect(await apply()).toEqual([]);
    write(folder, { '003-more.sql': 'insert into a values (2);' });
    expect(await apply()).toEqual(['003-more.sql']);
    const db = await postgres.open('ordered');
    expect((await db.query('select id from a order by id')).rows).toEqual([{ id: 1 }, { id: 2 }]);
    expect((await db.query("select tableowner from pg_tables where tablename = 'a'")).rows).toEqual([
      { tableowner: 'switchyard_ordered' },
    ]);
  });

  it('that starters apply at the same moment are applied once', async () => {
    const folder = folderOf({ '001.sql': 'create table b (id int); insert into b values (1);' });
    const applied = await Promise.all([1, 2, 3, 4].map(() => migrate({ url: postgres.url, schema: 'raced', folder })));
    expect(applied.flat()).toEqual(['001.sql']);
  });

  it('are all or nothing', async () => {
    const folder = folderOf({ '001.sql': 'create table c (id int);', '002.sql': 'create table c (id int);' });
    const failing = migrate({ url: postgres.url, schema: 'whole', folder });
    await expect(failing).rejects.toThrow(MigrationError);
    await expect(failing).rejects.toThrow(/002\.sql of schema whole failed: relation "c" already exists/);
    write(folder, { '002.sql': 'create table d (id int);' });
    expect(await migrate({ url: postgres.url, schema: 'whole', folder })).toEqual(['001.sql', '002.sql']);
  });

  it('refuse a file that was changed after it had been applied, and one slipped in before', async () => {
    const folder = folderOf({ '002.sql': 'create table e (id int);' });
    const apply = () => migrate({ url: postgres.url, schema: 'history', folder });
    await apply();
    write(folder, { '002.sql': 'create table e (id bigint);' });
    await expect(apply()).rejects.toThrow(/002\.sql of schema history was changed/);
    write(folder, { '002.sql': 'create table e (id int);', '001.sql': 'create table f (id int);' });
    await expect(apply()).rejects.toThrow(/001\.sql of schema history is new but sorts before 002\.sql/);
  });

  it('can grant to a role of another service before that has ever started', async () => {
    const folder = folderOf({
      '001.sql':
        '-- requires role: switchyard_reader_one, switchyard_reader_two\ncreate table g (id int); grant select on g to switchyard_reader_one, switchyard_reader_two; grant usage on schema granted to switchyard_reader_one;',
    });
    expect(await migrate({ url: postgres.url, schema: 'granted', folder })).toEqual(['001.sql']);
    const reader = await postgres.open('reader_one');
    await expect(reader.query('select * from granted.g')).resolves.toMatchObject({ rowCount: 0 });
  });
});
