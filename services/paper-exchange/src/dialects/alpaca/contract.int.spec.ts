import { afterAll, beforeAll } from '@jest/globals';
import { simulatorContract } from '@switchyard/exchanges/contract';
import { paperVenue, type PaperVenue } from '../../testing/paper-venue.js';

/** Switchyard's own Alpaca adapter against this Alpaca: what both must agree on. */
let paper: PaperVenue;
beforeAll(async () => {
  paper = await paperVenue({ venue: 'alpaca' });
});
afterAll(() => paper.close());

simulatorContract('alpaca', () => paper.url);
