import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isNetwork, Networks, senderOf } from './index.js';

const proxies = new Networks(['10.0.0.0/8', '2001:db8::/32']);

describe('networks', () => {
  it.each([
    ['52.89.214.238', true],
    ['10.0.0.0/8', true],
    ['::1', true],
    ['2001:db8::/32', true],
    ['10.0.0.0/33', false],
    ['10.0.0/8', false],
    ['fe80::1%eth0', false],
    ['10.0.0.0/8/8', false],
    ['example.org', false],
    ['', false],
  ])('%j: %s', (text, is) => {
    expect(isNetwork(text)).toBe(is);
  });

  it('hold what lies in them, IPv4 within IPv6 too, and nothing else', () => {
    const held = ['10.1.2.3', '::ffff:10.1.2.3', '2001:db8::7', '11.0.0.1', '::ffff:11.0.0.1', 'nonsense', ''];
    expect(held.map((address) => proxies.holds(address))).toEqual([true, true, true, false, false, false, false]);
  });
});

describe('the sender of a request', () => {
  it.each([
    ['is who connected, whatever the request says', '1.2.3.4', '52.89.214.238', '1.2.3.4'],
    ['is whom a trusted proxy names', '10.0.0.1', '1.2.3.4', '1.2.3.4'],
    ['is the last that no trusted proxy is', '10.0.0.1', '52.89.214.238, 1.2.3.4, 10.0.0.2', '1.2.3.4'],
    ['is the proxy where it names nobody', '10.0.0.1', undefined, '10.0.0.1'],
    ['is unknown where a proxy names nonsense', '10.0.0.1', '1.2.3.4, unknown', undefined],
    ['is plain IPv4', '::ffff:1.2.3.4', undefined, '1.2.3.4'],
  ])('%s', (_, peer, forwardedFor, sender) => {
    expect(senderOf(peer, forwardedFor, proxies)).toBe(sender);
  });

  it('is not changed by anything that somebody writes in front of what the proxies wrote', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (written) => {
        expect(senderOf('10.0.0.1', `${written}, 1.2.3.4, 10.9.9.9`, proxies)).toBe('1.2.3.4');
        expect(senderOf('1.2.3.4', written, proxies)).toBe('1.2.3.4');
      }),
    );
  });
});
