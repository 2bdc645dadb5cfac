import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { deriveId } from './derive-id.js';

describe('derived ids', () => {
  // Frozen: an id that changes makes a replay act twice. A new derivation gets a new version.
  it.each([
    ['parent-order', ['user-42', 'sig-0001'], '63a964a8ac82c5c2dc6c5f79a315847f'],
    ['child-order', ['4f1f9b0d3e2a4c5b8d7e6f5a4b3c2d1e', '0'], 'fd670c46743a46a32b2db72d080636d8'],
    ['client-order', ['00000000000000000000000000000001'], '887fb54034ba8333899e91495368c8fa'],
    ['event', ['cause-1', 'OrderPlaced', ''], '52585fa383bfabc64b1ab9ee16fa78b5'],
    ['event', ['früher', 'Ünïcode', '🚀'], '725dd48d3338b5e3085763f2c2842556'],
    ['empty', [], 'd33acf62917a6614c2ad3c0064c94626'],
  ])('%s of %j never changes', (role, parts, id) => {
    expect(deriveId(role, ...parts)).toBe(id);
  });

  it('are 32 lower-case hex characters, which every venue takes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.array(fc.string({ unit: 'binary' })), (role, parts) => {
        expect(deriveId(role, ...parts)).toMatch(/^[0-9a-f]{32}$/);
      }),
    );
  });

  it('differ wherever the parts differ, however these are cut', () => {
    // Few characters, and among them those of the encoding, so that careless joining would collide.
    const part = fc.string({ unit: fc.constantFrom('a', '|', ':', '0', '1', '2'), maxLength: 6 });
    fc.assert(
      fc.property(fc.array(part, { maxLength: 4 }), fc.array(part, { maxLength: 4 }), (a, b) => {
        expect(deriveId('order', ...a) === deriveId('order', ...b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
      { numRuns: 2_000 },
    );
  });

  it('differ by role', () => {
    expect(deriveId('parent-order', 'x')).not.toBe(deriveId('child-order', 'x'));
  });
});
