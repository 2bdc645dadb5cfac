import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { KeyRing, openKeyRing, SealError, Secret, type SealedFor } from './index.js';

const [keyA, keyB] = [randomBytes(32), randomBytes(32)];
const ring = KeyRing.of([keyA]);
const ann: SealedFor = { userId: 'ann', accountId: 'a1', venue: 'binance' };

const reasonOf = async (open: () => Promise<unknown>): Promise<string> => {
  try {
    await open();
    return 'opened';
  } catch (error) {
    return error instanceof SealError ? error.reason : String(error);
  }
};

describe('a sealed secret', () => {
  let dataKey: Buffer;
  let sealed: Buffer;
  beforeAll(async () => {
    dataKey = await ring.newDataKey('ann');
    sealed = await ring.seal(ann, dataKey, new Secret('ключ-1'));
  });

  it('opens for what it was sealed for', async () => {
    expect((await ring.open(ann, dataKey, sealed)).reveal()).toBe('ключ-1');
    await fc.assert(
      fc.asyncProperty(fc.string(), async (text) => {
        const anew = await ring.seal(ann, dataKey, new Secret(text));
        expect((await ring.open(ann, dataKey, anew)).reveal()).toBe(text);
      }),
      { numRuns: 50 },
    );
  });

  it('never looks the same twice, nor like its text', async () => {
    expect((await ring.seal(ann, dataKey, new Secret('ключ-1'))).equals(sealed)).toBe(false);
    expect(sealed.includes('ключ-1')).toBe(false);
  });

  it('does not open for another user, account or venue', async () => {
    const others = [
      { ...ann, accountId: 'a2' },
      { ...ann, venue: 'kraken' },
      { ...ann, userId: 'bob' },
    ];
    for (const other of others)
      expect([other, await reasonOf(() => ring.open(other, dataKey, sealed))]).toEqual([other, 'tampered']);
    const bobs = await ring.newDataKey('bob');
    expect(await reasonOf(() => ring.open({ ...ann, userId: 'bob' }, bobs, sealed))).toBe('tampered');
  });

  it('does not open when any single bit of it, or of its data key, was changed', async () => {
    for (const [name, bytes] of Object.entries({ sealed, dataKey }))
      for (let bit = 0; bit < bytes.length * 8; bit++) {
        const changed = Buffer.from(bytes);
        changed[bit >> 3]! ^= 1 << (bit & 7);
        const open = () => (name === 'sealed' ? ring.open(ann, dataKey, changed) : ring.open(ann, changed, sealed));
        expect([name, bit, await reasonOf(open)]).not.toContain('opened');
      }
  });

  it('that is cut off, empty or of a later version is malformed', async () => {
    const later = Buffer.from(sealed);
    later[0] = 2;
    for (const bytes of [Buffer.alloc(0), sealed.subarray(0, 20), later])
      expect(await reasonOf(() => ring.open(ann, dataKey, bytes))).toBe('malformed');
  });

  it('opens after the key-encryption key was changed, as long as the old one is kept or its data key is sealed anew', async () => {
    const both = KeyRing.of([keyB, keyA]);
    expect((await both.open(ann, dataKey, sealed)).reveal()).toBe('ключ-1');
    expect(await reasonOf(() => KeyRing.of([keyB]).open(ann, dataKey, sealed))).toBe('unknownKey');
    const [resealed] = await both.resealDataKeys([{ userId: 'ann', sealed: dataKey }]);
    expect((await KeyRing.of([keyB]).open(ann, resealed as Buffer, sealed)).reveal()).toBe('ключ-1');
  });

  it('of several users is sealed anew for each that opens; one that does not holds up nobody', async () => {
    const bobs = await ring.newDataKey('bob');
    const answers = await KeyRing.of([keyB, keyA]).resealDataKeys([
      { userId: 'ann', sealed: bobs },
      { userId: 'bob', sealed: bobs },
      { userId: 'eve', sealed: Buffer.from('nonsense') },
    ]);
    expect(answers.map((answer) => (answer instanceof SealError ? answer.reason : 'sealed'))).toEqual([
      'tampered',
      'sealed',
      'malformed',
    ]);
  });

  it('moves under a new data key, and opens under the old one no more', async () => {
    const kraken = { ...ann, accountId: 'a2', venue: 'kraken' };
    const other = await ring.seal(kraken, dataKey, new Secret('ключ-2'));
    const rotated = await ring.rotateDataKey('ann', dataKey, [
      { sealedFor: ann, sealed },
      { sealedFor: kraken, sealed: other },
    ]);
    expect((await ring.open(ann, rotated.dataKey, rotated.secrets[0]!)).reveal()).toBe('ключ-1');
    expect((await ring.open(kraken, rotated.dataKey, rotated.secrets[1]!)).reveal()).toBe('ключ-2');
    expect(await reasonOf(() => ring.open(ann, dataKey, rotated.secrets[0]!))).toBe('tampered');
    expect(await reasonOf(() => ring.open(ann, rotated.dataKey, rotated.secrets[1]!))).toBe('tampered');
  });
});

describe('an API key', () => {
  it('opens whole, and for its own account alone', async () => {
    const dataKey = await ring.newDataKey('ann');
    for (const key of [
      { apiKey: 'k', secret: 's', passphrase: 'p' },
      { apiKey: 'k', secret: 's' },
    ])
      expect(await ring.openCredentials(ann, dataKey, await ring.sealCredentials(ann, dataKey, key))).toEqual(key);
    const sealed = await ring.sealCredentials(ann, dataKey, { apiKey: 'k', secret: 's' });
    expect(await reasonOf(() => ring.openCredentials({ ...ann, accountId: 'a2' }, dataKey, sealed))).toBe('tampered');
    expect(await reasonOf(() => ring.openCredentials(ann, dataKey, sealed.subarray(0, 40)))).toBe('tampered');
  });
});

describe('secrets and keys', () => {
  it('are never printed', () => {
    const secret = new Secret('hidden');
    const printed = [
      inspect({ secret }),
      JSON.stringify({ secret }),
      secret.toString(),
      inspect(ring, { depth: 9, showHidden: true }),
      JSON.stringify({ ring }),
    ].join();
    expect(printed).not.toContain('hidden');
    expect(printed).not.toContain(keyA.toString('hex').slice(0, 8));
    expect(printed).not.toContain(keyA.toString('base64').slice(0, 8));
    expect(printed).toContain('[KeyRing]');
  });
});

describe('the key-encryption key', () => {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-kek-'));
  const file = join(folder, 'data', 'kek');
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('is made once by the standalone, readable by its owner alone, and used again', async () => {
    const rings = await Promise.all([1, 2, 3].map(() => openKeyRing({ file, create: true })));
    const names = await Promise.all([...rings, await openKeyRing({ file })].map((opened) => opened.currentName()));
    expect(new Set(names).size).toBe(1);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('from the environment wins, several may be given', async () => {
    const keys = `${keyB.toString('base64')}, ${keyA.toString('base64')}`;
    const opened = await openKeyRing({ keys, file });
    expect(await opened.currentName()).toBe(await KeyRing.of([keyB]).currentName());
    const dataKey = await ring.newDataKey('ann');
    const sealed = await ring.seal(ann, dataKey, new Secret('old'));
    expect((await opened.open(ann, dataKey, sealed)).reveal()).toBe('old');
  });

  it('put in front of its file is used by those who run already, when they meet what it sealed', async () => {
    const changing = join(folder, 'changing');
    writeFileSync(changing, keyA.toString('base64'), { mode: 0o600 });
    const [running, after] = [await openKeyRing({ file: changing }), KeyRing.of([keyB, keyA])];
    writeFileSync(changing, `${keyB.toString('base64')},${keyA.toString('base64')}`);
    const dataKey = await after.newDataKey('ann');
    const sealed = await after.seal(ann, dataKey, new Secret('newer'));
    expect((await running.open(ann, dataKey, sealed)).reveal()).toBe('newer');
    await running.refresh();
    expect(await running.currentName()).toBe(await after.currentName());
  });

  it('that is missing, short or readable by others is one sentence that says what to do', async () => {
    await expect(openKeyRing({})).rejects.toThrow(/SWITCHYARD_KEY_ENCRYPTION_KEY is missing.*openssl rand -base64 32/);
    await expect(openKeyRing({ keys: 'c2hvcnQ=' })).rejects.toThrow(/must hold 32 bytes in base64/);
    await expect(openKeyRing({ file: join(folder, 'none') })).rejects.toThrow(/none is missing.*restore it/);
    const open = join(folder, 'open');
    writeFileSync(open, readFileSync(file));
    chmodSync(open, 0o644);
    await expect(openKeyRing({ file: open })).rejects.toThrow(/can be read by others: run "chmod 600/);
  });
});
