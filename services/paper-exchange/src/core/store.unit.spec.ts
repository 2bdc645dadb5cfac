import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { aVenue, type AVenue } from '../testing/a-venue.js';
import { Journal, readJournal } from './journal.js';
import type { Order } from './order.js';

const remembered = ({ exchange: { state } }: AVenue): unknown =>
  JSON.parse(
    JSON.stringify({
      ledger: state.ledger,
      accounts: [...state.accounts.values()].map(({ accountKey, secret, balances }) => [
        accountKey,
        secret,
        [...balances],
      ]),
      open: state.resting('BTCUSDT').map(({ orderId, locked }) => [orderId, locked]),
      next: [state.nextOrderId, state.nextTradeId, state.skewMs],
      market: state.market.save(),
    }),
  );

const trade = (venue: AVenue): void => {
  venue.book(
    [['99', '5']],
    [
      ['100', '1'],
      ['101', '9'],
    ],
  );
  venue.place({ quantity: '2', limitPrice: '100' });
  venue.place({ type: 'market', quantity: '1' });
  venue.place({ quantity: '1', limitPrice: '0.001' });
  venue.exchange.cancel(venue.place({ side: 'sell', quantity: '1', limitPrice: '200' }) as Order);
};

/** The folder as a crash at this moment would leave it. */
const crashed = async (venue: AVenue): Promise<string> => {
  await venue.exchange.durable();
  const copy = mkdtempSync(join(tmpdir(), 'crashed-'));
  cpSync(venue.folder, copy, { recursive: true });
  return copy;
};

const journalOf = (folder: string): string =>
  join(
    folder,
    readdirSync(folder)
      .filter((name) => name.startsWith('journal'))
      .sort()
      .at(-1)!,
  );

describe('after a crash the venue', () => {
  it('remembers everything it was told to be durable: orders, fills, balances, ids, what was taken from the book', async () => {
    const venue = aVenue();
    trade(venue);
    const again = aVenue(await crashed(venue), venue.clock);
    expect(remembered(again)).toEqual(remembered(venue));
    await Promise.all([venue, again].map(({ exchange }) => exchange.close()));
  });

  it('gives the next order the next id, and goes on trading', async () => {
    const venue = aVenue();
    trade(venue);
    const again = aVenue(await crashed(venue), venue.clock);
    const [next, here] = [again, venue].map((each) => each.place({ type: 'market', quantity: '1' }) as Order);
    expect([next?.orderId, next?.fills]).toEqual([here?.orderId, here?.fills]);
    await Promise.all([venue, again].map(({ exchange }) => exchange.close()));
  });

  it('drops a last record that was cut off anywhere, and only that one', async () => {
    const venue = aVenue();
    trade(venue);
    const before = remembered(venue);
    const whole = await crashed(venue);
    venue.place({ type: 'market', quantity: '1' });
    const longer = await crashed(venue);
    const [start, end] = [whole, longer].map((folder) => statSync(journalOf(folder)).size) as [number, number];
    for (const size of [start + 1, start + 9, Math.floor((start + end) / 2), end - 1]) {
      const torn = mkdtempSync(join(tmpdir(), 'torn-'));
      cpSync(longer, torn, { recursive: true });
      truncateSync(journalOf(torn), size);
      const again = aVenue(torn, venue.clock);
      expect(remembered(again)).toEqual(before);
      expect('orderId' in again.place({ type: 'market', quantity: '1' })).toBe(true);
      const third = await again.reopen();
      expect(third.exchange.state.ledger).toHaveLength(5);
      await third.exchange.close();
    }
    await venue.exchange.close();
  });

  it('refuses to start on a journal that is damaged in the middle, and says where', async () => {
    const venue = aVenue();
    trade(venue);
    const folder = await crashed(venue);
    const bytes = readFileSync(journalOf(folder));
    bytes[Math.floor(bytes.length / 2)]! ^= 1;
    writeFileSync(journalOf(folder), bytes);
    expect(() => aVenue(folder, venue.clock)).toThrow(/is damaged at byte \d+/);
    await venue.exchange.close();
  });

  it('meets the ticks it missed with the orders that rested', async () => {
    const venue = aVenue();
    const best = venue.exchange.book(venue.exchange.instrument('BTCUSDT')!).bids[0]!.price;
    const order = venue.place({ quantity: '1', limitPrice: best.times('0.98').round(2, 0).toFixed() }) as Order;
    const folder = await crashed(venue);
    venue.clock.ms += 24 * 60 * 60_000;
    const again = aVenue(folder, venue.clock);
    again.exchange.settleAll();
    venue.exchange.settleAll();
    expect(order.status).toBe('filled');
    expect(remembered(again)).toEqual(remembered(venue));
    await Promise.all([venue, again].map(({ exchange }) => exchange.close()));
  });
});

describe('a compaction', () => {
  it('changes nothing that is remembered, and leaves a short journal', async () => {
    const venue = aVenue(undefined, undefined, { compactAtBytes: 1_500 });
    for (let i = 0; i < 20; i++) {
      trade(venue);
      await venue.exchange.durable();
    }
    const again = await venue.reopen();
    expect(remembered(again)).toEqual(remembered(venue));
    const files = readdirSync(venue.folder);
    expect(files).toEqual(expect.arrayContaining(['snapshot.json', 'closed.jsonl']));
    expect(files.filter((name) => name.startsWith('journal')).length).toBeLessThanOrEqual(2);
    await again.exchange.close();
  });

  it('lets go of old orders, and they are still found: by id, by client id, in the ledger, after a restart', async () => {
    const venue = aVenue(undefined, undefined, { compactAtBytes: 3_000, keepClosed: 10 });
    const all = aVenue();
    for (let i = 0; i < 20; i++) {
      trade(venue);
      trade(all);
      await venue.exchange.durable();
    }
    venue.place({ type: 'market', side: 'sell', quantity: '100000' });
    all.place({ type: 'market', side: 'sell', quantity: '100000' });
    for (const each of [venue, await venue.reopen()]) {
      const { state } = each.exchange;
      // How many exactly depends on when the disk was ready for a compaction.
      expect(state.ledger.length).toBeLessThan(all.exchange.state.ledger.length);
      const rows = [...each.exchange.ledger({})].map((row) => JSON.stringify(row)).sort();
      expect(rows).toEqual([...all.exchange.ledger({})].map((row) => JSON.stringify(row)).sort());
      for (const order of all.exchange.state.ordersOf('alice')) {
        expect(JSON.stringify(state.order(order.orderId)?.fills)).toBe(JSON.stringify(order.fills));
        expect(state.ordersByClientId('alice', order.clientOrderId).map(({ orderId }) => orderId)).toEqual([
          order.orderId,
        ]);
      }
      expect(state.order(99_999)).toBeUndefined();
      expect(state.ordersByClientId('bob', 'id-1')).toEqual([]);
      await each.exchange.close();
    }
    await all.exchange.close();
  });

  it('finds old orders even where its index was lost', async () => {
    const venue = aVenue(undefined, undefined, { compactAtBytes: 1_500, keepClosed: 0 });
    trade(venue);
    trade(venue);
    await venue.exchange.close();
    rmSync(join(venue.folder, 'closed.index'));
    const again = aVenue(venue.folder, venue.clock);
    expect(again.exchange.state.ordersByClientId('alice', 'id-2')[0]?.fills).toHaveLength(1);
    await again.exchange.close();
  });

  it('cut off before its snapshot had a name changes nothing either', async () => {
    const venue = aVenue();
    trade(venue);
    const folder = await crashed(venue);
    appendFileSync(join(folder, 'closed.jsonl'), '{"half":');
    writeFileSync(join(folder, 'snapshot.json.partial'), '{');
    const again = aVenue(folder, venue.clock);
    expect(remembered(again)).toEqual(remembered(venue));
    await Promise.all([venue, again].map(({ exchange }) => exchange.close()));
  });
});

describe('the journal', () => {
  it('writes what comes in one turn together, in order, and says when it is there', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'journal-')), 'journal-1.log');
    const journal = new Journal(file);
    for (let i = 0; i < 100; i++) journal.append(`record ${i}`);
    await journal.durable();
    const records: string[] = [];
    readJournal(file, (record) => records.push(record));
    expect(records).toEqual(Array.from({ length: 100 }, (_, i) => `record ${i}`));
    await journal.close();
  });

  it('that cannot be written fails everybody who waits, and whoever comes after', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'journal-'));
    const journal = new Journal(join(folder, 'journal-1.log'));
    journal.rotate(join(folder, 'missing', 'journal-2.log'));
    journal.append('lost');
    await expect(journal.durable()).rejects.toThrow(/cannot be written/);
    expect(() => journal.append('more')).toThrow(/cannot be written/);
    await expect(journal.durable()).rejects.toThrow(/cannot be written/);
  });
});
