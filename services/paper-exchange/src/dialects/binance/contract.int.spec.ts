import { afterAll, beforeAll } from '@jest/globals';
import { simulatorContract } from '@switchyard/exchanges/contract';
import { paperBinance, type PaperBinance } from '../../testing/paper-binance.js';

/** Switchyard's own Binance adapter against this Binance: what both must agree on. */
let paper: PaperBinance;
beforeAll(async () => {
  paper = await paperBinance();
});
afterAll(() => paper.close());

simulatorContract('binance', () => paper.url);
