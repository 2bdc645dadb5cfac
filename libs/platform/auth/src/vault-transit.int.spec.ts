import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import {
  KeysUnavailableError,
  KeyRing,
  openKeyRing,
  SealError,
  Secret,
  VaultTransit,
  type SealedFor,
} from './index.js';
import { TransitStandIn } from './testing/transit-stand-in.js';

const vault = new TransitStandIn('switchyard', 'hvs.right');
let address = '';
let ring: KeyRing;
/** Long enough for a machine that is busy. */
const PATIENT_MS = 20_000;
const ann: SealedFor = { userId: 'ann', accountId: 'a1', venue: 'kraken' };

beforeAll(async () => {
  address = await vault.start();
});
afterAll(() => vault.stop());
beforeEach(() => {
  Object.assign(vault, { isSealed: false, hangs: false, token: 'hvs.right' });
  vault.calls.length = 0;
  ring = new KeyRing([new VaultTransit({ address, token: 'hvs.right', key: 'switchyard', timeoutMs: PATIENT_MS })]);
});

describe('keys sealed by Vault', () => {
  it('open for their own user, account and venue; Vault itself refuses a data key under another name', async () => {
    const dataKey = await ring.newDataKey('ann');
    const sealed = await ring.seal(ann, dataKey, new Secret('ключ'));
    expect((await ring.open(ann, dataKey, sealed)).reveal()).toBe('ключ');
    for (const other of [
      { ...ann, userId: 'bob' },
      { ...ann, venue: 'binance' },
      { ...ann, accountId: 'a2' },
    ])
      await expect(ring.open(other, dataKey, sealed)).rejects.toMatchObject({ name: 'SealError', reason: 'tampered' });
  });

  it('are opened many at a call, also where they are asked for one by one; one bad one spoils no other', async () => {
    const users = Array.from({ length: 40 }, (_, n) => `user-${n}`);
    const dataKeys = await Promise.all(users.map((userId) => ring.newDataKey(userId)));
    const secrets = await Promise.all(
      users.map((userId, n) => ring.seal({ ...ann, userId }, dataKeys[n]!, new Secret(userId))),
    );
    vault.calls.length = 0;
    const opened = await Promise.allSettled(
      users.map((userId, n) => ring.open({ ...ann, userId }, dataKeys[n === 7 ? 8 : n]!, secrets[n]!)),
    );
    expect(vault.calls).toEqual([{ path: 'transit/decrypt/switchyard', items: 40 }]);
    expect(opened.map(({ status }) => status).filter((status) => status === 'rejected')).toHaveLength(1);
    expect(opened.map((one) => (one.status === 'fulfilled' ? one.value.reveal() : ''))).toEqual(
      users.map((userId, n) => (n === 7 ? '' : userId)),
    );
  });

  it('of the version before stay readable when Vault’s key is rotated, and are told from those sealed anew', async () => {
    const dataKey = await ring.newDataKey('ann');
    const sealed = await ring.seal(ann, dataKey, new Secret('kept'));
    vault.rotate();
    await ring.refresh();
    const mark = await ring.currentMark();
    expect(dataKey.subarray(0, mark.length).equals(mark)).toBe(false);
    const [anew] = (await ring.resealDataKeys([{ userId: 'ann', sealed: dataKey }])) as readonly Buffer[];
    expect(anew?.subarray(0, mark.length).equals(mark)).toBe(true);
    for (const readable of [dataKey, anew!]) expect((await ring.open(ann, readable, sealed)).reveal()).toBe('kept');
  });

  it('take over from a key in a file, whose data keys open until they are sealed anew', async () => {
    const file = randomBytes(32).toString('base64');
    const before = await openKeyRing({ keys: file });
    const dataKey = await before.newDataKey('ann');
    const sealed = await before.seal(ann, dataKey, new Secret('moved'));
    const moving = await openKeyRing({ keys: file, vault: { address, token: 'hvs.right', key: 'switchyard' } });
    expect((await moving.open(ann, dataKey, sealed)).reveal()).toBe('moved');
    const [anew] = (await moving.resealDataKeys([{ userId: 'ann', sealed: dataKey }])) as readonly Buffer[];
    expect((await ring.open(ann, anew!, sealed)).reveal()).toBe('moved');
    await expect(before.open(ann, anew!, sealed)).rejects.toThrow(SealError);
  });

  it.each([
    ['is sealed', () => (vault.isSealed = true), /503: Vault is sealed/],
    ['refuses the token', () => (vault.token = 'hvs.other'), /403: permission denied/],
    ['hangs', () => (vault.hangs = true), /did not answer \(TimeoutError\)/],
  ])('can be asked for again later where Vault %s', async (_, breakIt, sentence) => {
    const dataKey = await ring.newDataKey('ann');
    const sealed = await ring.seal(ann, dataKey, new Secret('x'));
    breakIt();
    const impatient = new KeyRing([
      new VaultTransit({ address, token: 'hvs.right', key: 'switchyard', timeoutMs: 300 }),
    ]);
    const refused = await impatient.open(ann, dataKey, sealed).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(KeysUnavailableError);
    expect(String(refused)).toMatch(sentence);
    expect(inspect(refused, { depth: 9 })).not.toContain('hvs.');
    Object.assign(vault, { isSealed: false, hangs: false, token: 'hvs.right' });
    expect((await ring.open(ann, dataKey, sealed)).reveal()).toBe('x');
  });

  it('are asked for with the token that an agent has renewed in its file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'switchyard-vault-'));
    const tokenFile = join(folder, 'token');
    writeFileSync(tokenFile, 'hvs.right\n');
    const renewed = new KeyRing([new VaultTransit({ address, tokenFile, key: 'switchyard' })]);
    const dataKey = await renewed.newDataKey('ann');
    vault.token = 'hvs.next';
    writeFileSync(tokenFile, 'hvs.next\n');
    await expect(renewed.seal(ann, dataKey, new Secret('x'))).resolves.toBeInstanceOf(Buffer);
    rmSync(folder, { recursive: true });
  });
});
