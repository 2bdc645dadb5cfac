import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { CannotStart, startPaperExchange } from './index.js';
import { KEYS, paperBinance } from './testing/paper-binance.js';

const folder = (): string => mkdtempSync(join(tmpdir(), 'paper-'));
const start = (options: Partial<Parameters<typeof startPaperExchange>[0]> = {}) =>
  startPaperExchange({ venue: 'binance', port: 0, dataDir: folder(), ...options });

describe('a paper exchange', () => {
  it('goes on after a restart with the same orders, balances, ledger and ids', async () => {
    const first = await paperBinance();
    await first.door('POST', '/_book', { symbol: 'BTCUSDT', bids: [['9999', '1']], asks: [['10001', '1']] });
    const filled = await first.ccxt.createOrder('BTC/USDT', 'market', 'buy', '0.5', undefined, {
      clientOrderId: 'mine',
    });
    const resting = await first.ccxt.createOrder('BTC/USDT', 'limit', 'sell', '1', '10500');
    const [ledger, balance] = [await first.ledger(), await first.ccxt.fetchBalance()];
    await first.close();

    const second = await paperBinance({ dataDir: first.dataDir });
    expect(await second.ledger()).toEqual(ledger);
    const { BTC, USDT } = await second.ccxt.fetchBalance();
    expect({ BTC, USDT }).toEqual({ BTC: balance['BTC'], USDT: balance['USDT'] });
    const found = await second.ccxt.fetchOrder(undefined, 'BTC/USDT', { origClientOrderId: 'mine' });
    expect(found.id).toBe(filled.id);
    expect((await second.ccxt.fetchOpenOrders('BTC/USDT')).map(({ id }) => id)).toEqual([resting.id]);
    // What was taken from the book set by hand is still taken.
    expect((await second.ccxt.fetchOrderBook('BTC/USDT')).asks).toEqual([[10001, 0.5]]);
    const next = await second.ccxt.createOrder('BTC/USDT', 'market', 'buy', '0.1');
    expect(Number(next.id)).toBe(Number(resting.id) + 1);
    await second.close();
  });

  it.each([
    [
      'its port is in use',
      async () => ({ port: Number(new URL((await running()).url).port) }),
      /^Port \d+ on 127\.0\.0\.1 is in use: .*\.$/,
    ],
    [
      'its folder is in use',
      async () => ({ dataDir: (await running()).dataDir }),
      /^The folder .* is in use by process \d+: .*\.$/,
    ],
    ['its venue is not spoken', () => ({ venue: 'mtgox' as 'okx' }), /does not speak mtgox yet/],
    ['its snapshot is damaged', () => ({ dataDir: damaged('snapshot.json') }), /^The snapshot .* cannot be read/],
    [
      'an account has another secret',
      async () => ({ dataDir: (await stopped()).dataDir, accounts: [stranger] }),
      /has another secret/,
    ],
  ])('does not start when %s, and says so in one sentence', async (_why, options, sentence) => {
    const failure = await start(await options()).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(CannotStart);
    expect((failure as Error).message).toMatch(sentence);
    await stopAll();
  });

  it('frees its port and its folder when it is closed, twice is as good as once', async () => {
    const dataDir = folder();
    const first = await start({ dataDir });
    const port = Number(new URL(first.url).port);
    await first.close();
    await first.close();
    const second = await start({ dataDir, port });
    expect(second.url).toBe(first.url);
    await second.close();
  });
});

const stranger = { accountKey: KEYS.apiKey, secret: 'another', balances: {} };
const up: { close(): Promise<void> }[] = [];
const running = async () => {
  const venue = await paperBinance();
  up.push(venue);
  return venue;
};
const stopped = async () => {
  const venue = await paperBinance();
  await venue.close();
  return venue;
};
const stopAll = async (): Promise<void> => {
  for (const venue of up.splice(0)) await venue.close();
};
const damaged = (file: string): string => {
  const dataDir = folder();
  writeFileSync(join(dataDir, file), '{');
  return dataDir;
};
