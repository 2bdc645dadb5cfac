import { describe, expect, it } from '@jest/globals';
import { isRealOrigin } from '../origin.js';
import { binanceStream } from '../binance/stream.js';
import { checksumOf, krakenStream } from '../kraken/stream.js';
import type { VenueDefinition } from '../ccxt/open-venue.js';
import { STREAMED, VENUES } from '../venues.js';
import { ExactBook } from './exact-book.js';
import { Patience } from './patience.js';
import { streamOriginFor } from './stream-definition.js';

const rules = { simulatedOrigins: ['http://paper-exchange:9001'] };

describe('the origin of a stream', () => {
  it.each(STREAMED)('of %s is real where that of its requests is, and nowhere else', (name) => {
    const { stream, capabilities }: VenueDefinition = VENUES[name];
    if (stream === undefined) throw new Error('not streamed');
    const { live, testnet } = capabilities.origins;
    const elsewhere = [
      'http://127.0.0.1:9001',
      'https://localhost:9001',
      'http://[::1]:9001',
      'http://paper-exchange:9001',
      'https://proxy.example',
    ];
    for (const origin of [live, ...(testnet === null ? [] : [testnet]), ...elsewhere]) {
      const streamed = streamOriginFor(stream, capabilities.origins, origin);
      if (streamed === null) continue;
      expect(streamed).toMatch(/^wss?:\/\/[^/]+$/);
      expect(isRealOrigin(streamed, rules)).toBe(isRealOrigin(origin, rules));
    }
  });

  it('is the very host that a venue was pointed at, and never the venue’s own then', () => {
    const { origins } = VENUES.binance.capabilities;
    expect(streamOriginFor(binanceStream, origins, 'http://127.0.0.1:9001')).toBe('ws://127.0.0.1:9001');
    expect(streamOriginFor(binanceStream, origins, 'https://proxy.example')).toBe('wss://proxy.example');
    expect(streamOriginFor(binanceStream, origins, origins.live)).toBe('wss://stream.binance.com:9443');
    expect(streamOriginFor(krakenStream, { live: 'https://a', testnet: 'https://b' }, 'https://b')).toBeNull();
  });
});

describe('a number in one of Kraken’s messages', () => {
  it('is read as the text that it stands as', () => {
    const text =
      '{"channel":"book","data":[{"bids":[{"price":45283.5,"qty":0.10000000},{"qty" : 1.54582015, "price":0.0000100}],' +
      '"checksum":3310070434,"note":"a \\"price\\":1 in words"}]}';
    expect(krakenStream.read(text)).toEqual({
      channel: 'book',
      data: [
        {
          bids: [
            { price: '45283.5', qty: '0.10000000' },
            { qty: '1.54582015', price: '0.0000100' },
          ],
          checksum: 3_310_070_434,
          note: 'a "price":1 in words',
        },
      ],
    });
  });

  it('makes the checksum of the book in Kraken’s documentation', () => {
    const prices = (text: string): [string, string][] =>
      text.split(' ').map((level) => level.split('x') as [string, string]);
    const asks = prices(
      '45285.2x0.00100000 45286.4x1.54571953 45286.6x1.54571109 45289.6x1.54560911 45290.2x0.15890660 ' +
        '45291.8x1.54553491 45294.7x0.04454749 45296.1x0.35380000 45297.5x0.09945542 45299.5x0.18772827',
    );
    const bids = prices(
      '45283.5x0.10000000 45283.4x1.54582015 45282.1x0.10000000 45281.0x0.10000000 45280.3x1.54592586 ' +
        '45279.0x0.07990000 45277.6x0.03310103 45277.5x0.30000000 45277.3x1.54602737 45276.6x0.15445238',
    );
    const book = new ExactBook({ mostLevels: 100 }).reset({ bids, asks, nonce: undefined, levels: 100 });
    expect(checksumOf(book)).toBe(3_310_070_434);
  });
});

describe('patience', () => {
  it('grows with each try up to its end, and begins anew after a quiet time', () => {
    let now = 0;
    const patience = new Patience(100, 1_000, 5_000, () => now);
    const waits = Array.from({ length: 7 }, () => {
      const wait = patience.next();
      now += wait;
      return wait;
    });
    expect(waits[0]).toBe(0);
    for (const [n, most] of [100, 200, 400, 800, 1_000, 1_000].entries()) {
      expect(waits[n + 1]).toBeLessThanOrEqual(most);
      expect(waits[n + 1]).toBeGreaterThanOrEqual(0.8 * most);
    }
    now += 7_000;
    expect(patience.next()).toBe(0);
  });
});
