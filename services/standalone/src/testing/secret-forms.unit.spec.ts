import { describe, expect, it } from '@jest/globals';
import { formsOf } from './secret-forms.js';

const SECRET = 'pl+nted/secret="4f1d"';
const found = (text: string): boolean => formsOf(SECRET).some((form) => text.includes(form));

describe('a secret is recognised', () => {
  it.each([
    ['as it is', `key ${SECRET} refused`],
    ['in a URL', `https://venue.example/?key=${encodeURIComponent(SECRET)}&x=1`],
    ['in a form', new URLSearchParams({ key: SECRET }).toString()],
    ['in JSON', JSON.stringify({ key: SECRET })],
    ...[0, 1, 2, 3].map((n): [string, string] => [
      `in base64, ${n} bytes from the start`,
      Buffer.from(`${'x'.repeat(n)}${SECRET}yz`).toString('base64'),
    ]),
    ['in base64 for URLs', Buffer.from(`?>${SECRET}`).toString('base64url')],
    ['in hex', Buffer.from(SECRET).toString('hex')],
    ['in the hex of others', Buffer.from(SECRET).toString('hex').toUpperCase()],
  ])('%s', (_, text) => {
    expect(found(text)).toBe(true);
  });

  it('and nothing else is', () => {
    expect(found(JSON.stringify({ key: 'pl-nted', secret: Buffer.from('others').toString('base64') }))).toBe(false);
  });
});
