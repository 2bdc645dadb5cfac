import { createPublicKey } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { simulatedCredentials } from './simulated-credentials.js';
import { VENUES, type VenueName } from './venues.js';

const NAMES = Object.keys(VENUES) as readonly VenueName[];

describe('credentials for a simulator', () => {
  it.each(NAMES)('are the same for one seed at %s, and nobody else’s', (venue) => {
    expect(simulatedCredentials(venue, 'alice')).toEqual(simulatedCredentials(venue, 'alice'));
    const others = [simulatedCredentials(venue, 'bob'), ...NAMES.filter((name) => name !== venue).map(ofAlice)];
    for (const other of others) {
      expect(other.apiKey).not.toBe(ofAlice(venue).apiKey);
      expect(other.secret).not.toBe(ofAlice(venue).secret);
    }
  });

  it('have the form that the venue’s signature needs: a PEM at Coinbase, base64 at Kraken', () => {
    expect(createPublicKey(ofAlice('coinbase').secret).asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
    expect(Buffer.from(ofAlice('kraken').secret, 'base64')).toHaveLength(64);
  });
});

const ofAlice = (venue: VenueName) => simulatedCredentials(venue, 'alice');
