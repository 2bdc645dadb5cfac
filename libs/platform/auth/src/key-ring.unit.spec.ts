import { afterAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { KeyRing, openKeyRing, SealError, Secret, type SealedFor } from './index.js';

const [keyA, keyB] = [randomBytes(32), randomBytes(32)];
const ring = new KeyRing([keyA]);
const ann: SealedFor = { userId: 'ann', accountId: 'a1', venue: 'binance' };

const reasonOf = (open: () => unknown): string => {
  try {
    open();
    return 'opened';
  } catch (error) {
    return error instanceof SealError ? error.reason : String(error);
  }
};

describe('a sealed secret', () => {
  const dataKey = ring.newDataKey('ann');
  const sealed = ring.seal(ann, dataKey, new Secret('ключ-1'));

  it('opens for what it was sealed for', () => {
    expect(ring.open(ann, dataKey, sealed).reveal()).toBe('ключ-1');
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(ring.open(ann, dataKey, ring.seal(ann, dataKey, new Secret(text))).reveal()).toBe(text);
      }),
      { numRuns: 50 },
    );
  });

  it('never looks the same twice, nor like its text', () => {
    expect(ring.seal(ann, dataKey, new Secret('ключ-1')).equals(sealed)).toBe(false);
    expect(sealed.includes('ключ-1')).toBe(false);
  });

  it('does not open for another user, account or venue', () => {
    const others = [
      { ...ann, accountId: 'a2' },
      { ...ann, venue: 'kraken' },
      { ...ann, userId: 'bob' },
    ];
    expect(others.map((other) => reasonOf(() => ring.open(other, dataKey, sealed)))).toEqual(Array(3).fill('tampered'));
    expect(reasonOf(() => ring.open({ ...ann, userId: 'bob' }, ring.newDataKey('bob'), sealed))).toBe('tampered');
  });

  it('does not open when any single bit of it, or of its data key, was changed', () => {
    for (const [name, bytes] of Object.entries({ sealed, dataKey }))
      for (let bit = 0; bit < bytes.length * 8; bit++) {
        const changed = Buffer.from(bytes);
        changed[bit >> 3]! ^= 1 << (bit & 7);
        const open = () => (name === 'sealed' ? ring.open(ann, dataKey, changed) : ring.open(ann, changed, sealed));
        expect([name, bit, reasonOf(open)]).not.toContain('opened');
      }
  });

  it('that is cut off, empty or of a later version is malformed', () => {
    const later = Buffer.from(sealed);
    later[0] = 2;
    for (const bytes of [Buffer.alloc(0), sealed.subarray(0, 20), later])
      expect(reasonOf(() => ring.open(ann, dataKey, bytes))).toBe('malformed');
  });

  it('opens after the key-encryption key was changed, as long as the old one is kept or its data key is sealed anew', () => {
    const both = new KeyRing([keyB, keyA]);
    expect(both.open(ann, dataKey, sealed).reveal()).toBe('ключ-1');
    expect(reasonOf(() => new KeyRing([keyB]).open(ann, dataKey, sealed))).toBe('unknownKey');
    expect(new KeyRing([keyB]).open(ann, both.resealDataKey('ann', dataKey), sealed).reveal()).toBe('ключ-1');
  });
});

describe('an API key', () => {
  it('opens whole, and for its own account alone', () => {
    const dataKey = ring.newDataKey('ann');
    for (const key of [
      { apiKey: 'k', secret: 's', passphrase: 'p' },
      { apiKey: 'k', secret: 's' },
    ])
      expect(ring.openCredentials(ann, dataKey, ring.sealCredentials(ann, dataKey, key))).toEqual(key);
    const sealed = ring.sealCredentials(ann, dataKey, { apiKey: 'k', secret: 's' });
    expect(reasonOf(() => ring.openCredentials({ ...ann, accountId: 'a2' }, dataKey, sealed))).toBe('tampered');
    expect(reasonOf(() => ring.openCredentials(ann, dataKey, sealed.subarray(0, 40)))).toBe('tampered');
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
    expect(printed).toContain(`[KeyRing ${ring.keyId}]`);
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
    expect(new Set(rings.map(({ keyId }) => keyId)).size).toBe(1);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect((await openKeyRing({ file })).keyId).toBe(rings[0]?.keyId);
  });

  it('from the environment wins, several may be given', async () => {
    const keys = `${keyB.toString('base64')}, ${keyA.toString('base64')}`;
    const opened = await openKeyRing({ keys, file });
    expect(opened.keyId).toBe(new KeyRing([keyB]).keyId);
    const dataKey = ring.newDataKey('ann');
    expect(opened.open(ann, dataKey, ring.seal(ann, dataKey, new Secret('old'))).reveal()).toBe('old');
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
