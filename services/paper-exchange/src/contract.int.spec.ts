import { afterAll, beforeAll } from '@jest/globals';
import { BINANCE_REQUESTS, simulatorWorld, venueContract } from '@switchyard/exchanges/contract';
import { paperBinance, type PaperBinance } from './testing/paper-binance.js';

/** Switchyard's own Binance adapter against this Binance: what both must agree on. A body that stalls is tried here only: ccxt's own timeout does not cover it. */
let paper: PaperBinance;
beforeAll(async () => {
  paper = await paperBinance();
});
afterAll(() => paper.close());

venueContract(
  'the paper Binance',
  () =>
    simulatorWorld({
      name: 'binance',
      url: paper.url,
      pair: 'BTC-USDT',
      aliasPair: 'BTC-USD',
      requests: BINANCE_REQUESTS,
    }),
  { lacks: ['stop', 'stop_limit'] },
);
