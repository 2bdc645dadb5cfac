import { describe, expect, it } from '@jest/globals';
import { allows, hashToken, isToken, mayGrant, newToken, PERMISSIONS, ROLES, type Permission } from './index.js';

describe('a token', () => {
  it('is recognisable, long and never the same', () => {
    const tokens = Array.from({ length: 100 }, newToken);
    expect(new Set(tokens).size).toBe(100);
    for (const token of tokens) {
      expect(token).toMatch(/^sy_[\w-]{43}$/);
      expect(isToken(token)).toBe(true);
    }
  });

  it('is stored as a hash from which it is not seen', () => {
    expect(hashToken('sy_abc')).toBe('1001ccab55d23b479b5b2d39e3ad5fa9ae69a3c8a8c06584f8b8911175a6b9d9');
    expect(hashToken(newToken())).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each(['', 'short', 'x'.repeat(257), `sy_${'a'.repeat(30)} b`, `sy_${'a'.repeat(30)}\n`])('is not %j', (text) => {
    expect(isToken(text)).toBe(false);
  });
});

describe('a role', () => {
  const permissions = Object.keys(PERMISSIONS) as Permission[];

  it('trader reaches nobody else, whatever the permission', () => {
    const trader = { userId: 'ann', role: 'trader' } as const;
    for (const permission of permissions.filter((name) => name !== 'system.read')) {
      expect([permission, allows(trader, permission, 'bob')]).toEqual([permission, false]);
      expect([permission, allows(trader, permission)]).toEqual([permission, false]);
    }
    expect(allows(trader, 'signals.send', 'ann')).toBe(true);
    expect(allows(trader, 'users.enable', 'ann')).toBe(false);
  });

  it('operator does not trade for others', () => {
    const operator = { userId: 'op', role: 'operator' } as const;
    expect(allows(operator, 'signals.send', 'ann')).toBe(false);
    expect(allows(operator, 'tokens.issue', 'ann')).toBe(false);
    expect(allows(operator, 'state.change')).toBe(true);
  });

  it('may do what the one before it may', () => {
    const reach = ['none', 'own', 'any'];
    for (const permission of permissions) {
      const reaches = ROLES.map((role) => reach.indexOf(PERMISSIONS[permission][role]));
      expect([permission, reaches]).toEqual([permission, [...reaches].sort()]);
    }
  });

  it('gives away no more than it has', () => {
    expect(ROLES.map((maker) => ROLES.filter((role) => mayGrant(maker, role)))).toEqual([
      ['trader'],
      ['trader', 'operator'],
      ['trader', 'operator', 'admin'],
    ]);
  });
});
