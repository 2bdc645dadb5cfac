import { afterAll, beforeAll } from '@jest/globals';
import { simulatorContract } from '@switchyard/exchanges/contract';
import { paperVenue, type PaperVenue } from '../../testing/paper-venue.js';

/** Switchyard's own OKX adapter against this OKX: what both must agree on. */
let paper: PaperVenue;
beforeAll(async () => {
  paper = await paperVenue({ venue: 'okx' });
});
afterAll(() => paper.close());

simulatorContract('okx', () => paper.url);
