import { afterAll, beforeAll } from '@jest/globals';
import { simulatorContract } from '@switchyard/exchanges/contract';
import { paperVenue, type PaperVenue } from '../../testing/paper-venue.js';

/** Switchyard's own Coinbase adapter against this Coinbase: what both must agree on. */
let paper: PaperVenue;
beforeAll(async () => {
  paper = await paperVenue({ venue: 'coinbase' });
});
afterAll(() => paper.close());

simulatorContract('coinbase', () => paper.url);
