import { afterAll, beforeAll } from '@jest/globals';
import { simulatorContract } from '@switchyard/exchanges/contract';
import { paperVenue, type PaperVenue } from '../../testing/paper-venue.js';

/** Switchyard's own KuCoin adapter against this KuCoin: what both must agree on. */
let paper: PaperVenue;
beforeAll(async () => {
  paper = await paperVenue({ venue: 'kucoin' });
});
afterAll(() => paper.close());

simulatorContract('kucoin', () => paper.url);
