import { describe, expect, it } from '@jest/globals';
import type { OrderBook } from '@switchyard/exchanges';
import fc from 'fast-check';
import { KeptBooks } from './kept-books.js';
import { bookAt, SetStream, watched } from './testing/given.js';

const SYMBOL = 'BTCUSDT';
const CONFIRM_MS = 2_500;

const world = () => {
  const clock = { now: 1_000_000 };
  const stream = new SetStream();
  const books = new KeptBooks(stream, CONFIRM_MS, () => clock.now);
  books.watch([watched('BTC-USDT')]);
  return {
    clock,
    stream,
    books,
    speak: (book: Partial<OrderBook>) => {
      stream.books.set(SYMBOL, bookAt(100, { receivedAtMs: clock.now, ...book }));
      return books.spoke(SYMBOL);
    },
    answer: (book: Partial<OrderBook>, askedAgoMs = 0) => {
      books.answered(SYMBOL, bookAt(100, { receivedAtMs: clock.now, ...book }), clock.now - askedAgoMs);
    },
    asks: () => books.toAsk().map(({ instrument: { pair } }) => pair),
    newest: () => {
      const found = books.newest(SYMBOL);
      return found && [found.source, found.book.bids[0]?.[0], found.book.receivedAtMs];
    },
  };
};

const at = (bid: number): Pick<OrderBook, 'bids' | 'asks'> => {
  const { bids, asks } = bookAt(bid);
  return { bids, asks };
};

describe('a book that is streamed', () => {
  it('is not asked for while the stream speaks of it, and is when it has said nothing for a while', () => {
    const { asks, clock, newest, speak } = world();
    expect([asks(), newest()]).toEqual([['BTC-USDT'], undefined]);
    speak(at(100));
    expect([asks(), newest()]).toEqual([[], ['stream', '100', clock.now]]);
    clock.now += CONFIRM_MS - 1;
    expect(asks()).toEqual([]);
    clock.now += 1;
    expect(asks()).toEqual(['BTC-USDT']);
  });

  it('that a request confirms is as fresh as the answer, and not asked for again for a while', () => {
    const { answer, asks, clock, newest, speak } = world();
    speak(at(100));
    clock.now += CONFIRM_MS;
    answer(at(100));
    expect([asks(), newest()]).toEqual([[], ['request', '100', clock.now]]);
    clock.now += CONFIRM_MS;
    expect(asks()).toEqual(['BTC-USDT']);
  });

  it('gives way to a request at once when it is lost, and counts again when it is back', () => {
    const { answer, asks, clock, newest, speak, stream } = world();
    speak(at(100));
    stream.books.clear();
    expect([asks(), newest()]).toEqual([['BTC-USDT'], undefined]);
    clock.now += 100;
    answer(at(101));
    expect(newest()).toEqual(['request', '101', clock.now]);
    clock.now += 100;
    speak(at(102));
    expect([asks(), newest()]).toEqual([[], ['stream', '102', clock.now]]);
  });

  it('is thrown away where a newer answer differs and the stream stays silent; not where it speaks', () => {
    const { answer, asks, clock, newest, speak, stream } = world();
    speak(at(100));
    clock.now += CONFIRM_MS;
    answer(at(105));
    expect(newest()).toEqual(['request', '105', clock.now]);
    speak({ ...at(105), receivedAtMs: clock.now + 1 });
    expect([asks(), stream.resynced]).toEqual([['BTC-USDT'], []]);
    clock.now += CONFIRM_MS + 1;
    answer(at(106));
    expect([asks(), stream.resynced]).toEqual([['BTC-USDT'], [SYMBOL]]);
  });

  it.each([
    ['crossed', { bids: [['101', '1']], asks: [['100', '1']] }],
    ['at one price', { bids: [['100', '1']], asks: [['100.0', '1']] }],
    ['empty', { bids: [], asks: [] }],
    ['one-sided', { bids: [['100', '1']], asks: [] }],
  ] as const)('and %s is so if a request says so, too', (_, bad) => {
    const { answer, asks, clock, newest, speak } = world();
    expect(speak(bad)).toBeUndefined();
    expect([asks(), newest()]).toEqual([['BTC-USDT'], undefined]);
    clock.now += 10;
    answer(bad);
    expect(newest()?.[0]).toBe('request');
  });
});

describe('of two books', () => {
  it('without numbers, one that was asked for before the stream spoke is not the newer one, whenever it came', () => {
    const { answer, clock, newest, speak } = world();
    speak(at(100));
    answer(at(99), 50);
    expect(newest()).toEqual(['stream', '100', clock.now]);
  });

  it('the one with the higher number is the newer, whichever came first', () => {
    const { answer, clock, newest, speak } = world();
    speak({ ...at(100), sequence: '10' });
    clock.now += 10;
    answer({ ...at(99), sequence: '9' });
    expect(newest()?.slice(0, 2)).toEqual(['stream', '100']);
    answer({ ...at(101), sequence: '11' });
    expect(newest()?.slice(0, 2)).toEqual(['request', '101']);
    speak({ ...at(100.5), sequence: '10' });
    expect(newest()?.slice(0, 2)).toEqual(['request', '101']);
    speak({ ...at(102), sequence: '12' });
    expect(newest()?.slice(0, 2)).toEqual(['stream', '102']);
  });

  it('an older one does not come back when the stream is lost', () => {
    const { answer, clock, newest, speak, stream } = world();
    answer(at(99));
    clock.now += 10;
    speak(at(100));
    stream.books.clear();
    expect(newest()).toBeUndefined();
  });

  it('one asked for long after the stream’s last word is newer though its number is lower: the venue counts anew', () => {
    const { answer, clock, newest, speak } = world();
    speak({ ...at(100), sequence: '1000' });
    clock.now += 5_001;
    answer({ ...at(101), sequence: '3' });
    expect(newest()?.slice(0, 2)).toEqual(['request', '101']);
  });

  it('none ever follows on one with a higher number, in whatever order they come', () => {
    const step = fc.record({
      what: fc.constantFrom('speak', 'answer', 'lose'),
      sequence: fc.integer({ min: 1, max: 50 }),
      waitMs: fc.integer({ min: 0, max: 90 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { answer, books, clock, speak, stream } = world();
        let told = 0;
        let streamed = 0;
        for (const { what, sequence, waitMs } of steps) {
          clock.now += waitMs;
          if (what === 'lose') stream.books.clear();
          else if (what === 'answer') answer({ ...at(sequence), sequence: String(sequence) }, 40);
          else {
            // A stream itself never goes back (S3).
            streamed = Math.max(streamed, sequence);
            speak({ ...at(streamed), sequence: String(streamed) });
          }
          const newest = Number(books.newest(SYMBOL)?.book.sequence ?? told);
          expect(newest).toBeGreaterThanOrEqual(told);
          told = newest;
        }
      }),
      { numRuns: 300 },
    );
  });
});
