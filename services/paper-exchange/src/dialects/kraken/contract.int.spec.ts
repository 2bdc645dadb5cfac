import { afterAll, beforeAll } from '@jest/globals';
import { simulatorContract } from '@switchyard/exchanges/contract';
import { paperVenue, type PaperVenue } from '../../testing/paper-venue.js';

/** Switchyard's own Kraken adapter against this Kraken: what both must agree on. */
let paper: PaperVenue;
beforeAll(async () => {
  paper = await paperVenue({ venue: 'kraken' });
});
afterAll(() => paper.close());

simulatorContract('kraken', () => paper.url);
