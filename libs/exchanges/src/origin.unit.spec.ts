import { describe, expect, it } from '@jest/globals';
import { isRealOrigin, isSimulator, mayUse, type Mode, type OriginRules } from './origin.js';

const none = { simulatedOrigins: [] };

describe('an origin is real', () => {
  it.each([
    'https://api.binance.com',
    'https://api1.binance.com/api/v3',
    'http://10.0.0.7:9001',
    'http://paper-exchange:9001',
    'https://localhost.evil.example',
    'https://127.0.0.1.evil.example',
    'https://127.0.0.1@evil.example',
    'https://evil.example/127.0.0.1',
    'https://testnet.binance.vision.evil.example',
    'https://nottestnet.binance.vision',
    'https://api.binance.com?testnet.binance.vision',
    'http://0.0.0.0:9001',
    'ftp://127.0.0.1',
    'wss://stream.binance.com:9443/ws',
    'wss://ws.kraken.com/v2',
    'ws://10.0.0.7:9001/ws',
    'wss://stream.testnet.binance.vision.evil.example',
    'wss://127.0.0.1@evil.example',
    'not a url',
    '',
  ])('%s', (url) => {
    expect(isRealOrigin(url, none)).toBe(true);
  });
});

describe('an origin is not real', () => {
  it.each([
    'http://127.0.0.1:9001',
    'http://127.1.2.3',
    'http://localhost:9001/prefix',
    'http://LOCALHOST',
    'http://[::1]:9001',
    'https://testnet.binance.vision/api',
    'ws://127.0.0.1:9001/ws/0',
    'wss://localhost/v2',
    'wss://stream.testnet.binance.vision/ws',
  ])('%s', (url) => {
    expect(isRealOrigin(url, none)).toBe(false);
  });

  it('where it is listed as simulated, by scheme, host and port', () => {
    const listed = { simulatedOrigins: ['http://paper-exchange:9001/'] };
    expect(isRealOrigin('http://paper-exchange:9001/api', listed)).toBe(false);
    expect(isRealOrigin('http://paper-exchange:9002', listed)).toBe(true);
    expect(isRealOrigin('https://paper-exchange:9001', listed)).toBe(true);
    expect(isRealOrigin('ws://paper-exchange:9001/ws', listed)).toBe(false);
    expect(isRealOrigin('wss://paper-exchange:9001/ws', listed)).toBe(true);
  });
});

const VENUE = { live: 'https://api.binance.com', testnet: 'https://testnet.binance.vision' };
const PROXY = 'https://proxy.example';
const PAPER = 'http://127.0.0.1:9001';
const LISTED = 'http://paper-exchange:9001';

const rules = (change: Partial<OriginRules> = {}): OriginRules => ({
  venue: VENUE,
  liveTradingEnabled: false,
  simulatedOrigins: [LISTED],
  allowedLiveOrigins: [],
  ...change,
});

describe('the dry-run rule', () => {
  const on = { liveTradingEnabled: true };
  const cases: readonly (readonly [Mode, string, Partial<OriginRules>, string])[] = [
    ['simulated', PAPER, {}, 'SIMULATED_HAS_NO_CLIENT'],
    ['simulated', VENUE.live, on, 'SIMULATED_HAS_NO_CLIENT'],
    ['paper', PAPER, {}, 'permitted'],
    ['paper', LISTED, {}, 'permitted'],
    ['paper', VENUE.testnet, {}, 'permitted'],
    ['paper', PAPER, on, 'permitted'],
    ['paper', VENUE.live, {}, 'PAPER_NEEDS_SIMULATED_ORIGIN'],
    ['paper', VENUE.live, on, 'PAPER_NEEDS_SIMULATED_ORIGIN'],
    ['paper', PROXY, { ...on, allowedLiveOrigins: [PROXY] }, 'PAPER_NEEDS_SIMULATED_ORIGIN'],
    ['live', VENUE.live, {}, 'LIVE_TRADING_DISABLED'],
    ['live', PAPER, {}, 'LIVE_TRADING_DISABLED'],
    ['live', VENUE.live, on, 'permitted'],
    ['live', PROXY, on, 'LIVE_ORIGIN_NOT_ALLOWED'],
    ['live', PAPER, on, 'LIVE_ORIGIN_NOT_ALLOWED'],
    ['live', VENUE.testnet, on, 'LIVE_ORIGIN_NOT_ALLOWED'],
    ['live', PROXY, { ...on, allowedLiveOrigins: [`${PROXY}/v1`] }, 'permitted'],
    ['live', PAPER, { ...on, allowedLiveOrigins: [PAPER] }, 'permitted'],
    ['live', PROXY, { allowedLiveOrigins: [PROXY] }, 'LIVE_TRADING_DISABLED'],
  ];
  it.each(cases)('%s at %s with %j: %s', (mode, url, change, expected) => {
    const answer = mayUse(mode, url, rules(change));
    expect(answer.kind === 'permitted' ? 'permitted' : answer.code).toBe(expected);
    if (answer.kind === 'permitted') expect(answer.permit).toEqual({ mode, origin: url });
  });

  it('permits a real origin only to a live account in a deployment that trades live', () => {
    for (const mode of ['simulated', 'paper', 'live'] as const)
      for (const liveTradingEnabled of [false, true])
        for (const url of [VENUE.live, PROXY]) {
          const answer = mayUse(mode, url, rules({ liveTradingEnabled, allowedLiveOrigins: [PROXY] }));
          expect(answer.kind === 'permitted').toBe(mode === 'live' && liveTradingEnabled);
        }
  });
});

describe('a simulator of ours', () => {
  it.each([
    ['http://127.0.0.1:9001', true],
    ['http://localhost:9001/prefix', true],
    ['http://paper-exchange:9001', true],
    ['https://testnet.binance.vision', false],
    ['https://api.binance.com', false],
    ['not a url', false],
  ])('%s: %s', (url, expected) => {
    expect(isSimulator(url, { simulatedOrigins: ['http://paper-exchange:9001'] })).toBe(expected);
  });
});
