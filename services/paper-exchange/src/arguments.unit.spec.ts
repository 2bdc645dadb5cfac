import { describe, expect, it } from '@jest/globals';
import { parseArguments } from './arguments.js';

describe('the command line', () => {
  it('names venue and port, and has defaults for the rest', () => {
    expect(parseArguments(['--venue', 'binance', '--port', '9005'])).toEqual({
      venue: 'binance',
      port: 9005,
      host: '127.0.0.1',
    });
    expect(parseArguments(['--venue=kraken'])).toMatchObject({ venue: 'kraken', port: 9001 });
  });

  it('names everything that is wrong with it at once', () => {
    const complaints = parseArguments(['--venue', 'mtgox', '--port', '70000', '--speed', '9', 'now', '--seed']);
    expect(complaints).toEqual([
      '--venue must be one of binance, kraken, coinbase, bybit, okx, alpaca, kucoin',
      '--port must be between 0 and 65535',
      '--seed needs a value',
      '--speed is not known',
      '9 belongs to no option',
      'now belongs to no option',
    ]);
    expect(parseArguments(['--port', 'nine'])).toEqual([
      '--venue must be one of binance, kraken, coinbase, bybit, okx, alpaca, kucoin',
      '--port must be a whole number',
    ]);
  });
});
