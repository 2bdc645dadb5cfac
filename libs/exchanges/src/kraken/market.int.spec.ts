import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { answered, BOOK } from '../contract/scene.js';
import type { VenueClient } from '../port.js';
import { result, type ScriptedKraken } from './scripted-kraken.js';
import { BTC, scriptedScene, type ScriptedScene } from './scripted-scene.js';

/** What Kraken tells of its market, of balances and of fees, by its own names for assets. */

let scene: ScriptedScene;
let kraken: ScriptedKraken;
let client: VenueClient;

beforeEach(async () => {
  scene = await scriptedScene();
  ({ kraken, client } = scene);
});
afterEach(() => scene.close());

describe('the market', () => {
  it('is listed by everybody’s names; what makes no sense, or is another venue’s, is left out', async () => {
    const instruments = answered(await scene.venue.marketData.instruments());
    expect(
      instruments.map(({ pair, venueSymbol, tick, lot, trading }) => [pair, venueSymbol, tick, lot, trading]),
    ).toEqual([
      ['BTC-USD', 'XXBTZUSD', '0.1', '0.00000001', true],
      ['ETH-BTC', 'XETHXXBT', '0.00001', '0.00000001', true],
      ['DOGE-USD', 'XDGUSD', '0.0000001', '0.00000001', true],
      ['SOL-USDT', 'SOLUSDT', '0.01', '0.00000001', false],
    ]);
  });

  it('has a clock that is known to half a second, for Kraken tells whole ones', async () => {
    const reading = answered(await scene.venue.marketData.serverTime());
    expect(reading.errorMs).toBeGreaterThanOrEqual(500);
    expect(Math.abs(reading.offsetMs)).toBeLessThanOrEqual(reading.errorMs);
  });

  it.each([['XXBTZUSD'], ['XBTUSD'], ['XBT/USD']])('tells the book under the name %s', async (name) => {
    await scene.venue.marketData.instruments();
    const rows = (levels: typeof BOOK.bids) => levels.map((level) => [...level, 1_688_671_659]);
    kraken.script('Depth', result({ [name]: { bids: rows(BOOK.bids), asks: rows(BOOK.asks) } }));
    expect(answered(await scene.venue.marketData.book(BTC, 2))).toMatchObject({
      bids: BOOK.bids.slice(0, 2),
      asks: BOOK.asks.slice(0, 2),
    });
  });

  it.each([
    ['another pair', { XETHXXBT: { bids: [], asks: [] } }],
    ['two pairs', { XXBTZUSD: { bids: [], asks: [] }, XETHXXBT: { bids: [], asks: [] } }],
    ['no pair', {}],
  ])('a book of %s is none', async (_, book) => {
    kraken.script('Depth', result(book));
    expect(await scene.venue.marketData.book(BTC, 2)).toMatchObject({ kind: 'couldNotAsk', reason: 'nonsense' });
  });
});

describe('balances and fees', () => {
  it('are told by the names that everybody else has for what Kraken prefixes; rewards count, what is locked up does not', async () => {
    kraken.script(
      'BalanceEx',
      result({
        XXBT: { balance: '1.0000000000', hold_trade: '0.2500000000' },
        ZUSD: { balance: '100.0000', hold_trade: '0.0000' },
        'USD.F': { balance: '50.0000', hold_trade: '10.0000' },
        'XBT.B': { balance: '7.0', hold_trade: '0' },
        'ETH.S': { balance: '9.0', hold_trade: '0' },
        SOL: { balance: '0.0000000000', hold_trade: '0.0000000000' },
        XXDG: { balance: '5', credit: '3', credit_used: '1', hold_trade: '6' },
      }),
    );
    expect(answered(await client.balances())).toEqual([
      { asset: 'BTC', free: '0.75', locked: '0.25', total: '1' },
      { asset: 'USD', free: '140', locked: '10', total: '150' },
      { asset: 'DOGE', free: '1', locked: '6', total: '7' },
    ]);
  });

  it.each([
    [{ fees: { XXBTZUSD: { fee: '0.8000' } }, fees_maker: { XXBTZUSD: { fee: '0.4000' } } }, '0.004', '0.008'],
    [{ fees: { XXBTZUSD: { fee: '0.2000' } } }, '0.002', '0.002'],
  ])('%j: a fraction of the value', async (told, maker, taker) => {
    kraken.script('TradeVolume', result({ currency: 'ZUSD', volume: '0', ...told }));
    expect(answered(await client.fees(BTC))).toEqual({ maker, taker, scope: 'pair' });
  });

  it.each([
    ['BalanceEx', { ZUSD: { balance: '1', hold_trade: '2' } }],
    ['BalanceEx', { ZUSD: { balance: 1.5, hold_trade: '0' } }],
    ['TradeVolume', { fees: {} }],
    ['TradeVolume', { fees: { XXBTZUSD: { fee: '-0.1' } } }],
  ] as const)('%s of %j makes no sense', async (name, told) => {
    kraken.script(name, result(told));
    const asked = name === 'BalanceEx' ? client.balances() : client.fees(BTC);
    expect(await asked).toMatchObject({ kind: 'couldNotAsk', reason: 'nonsense' });
  });
});
