import { describe, expect, it } from '@jest/globals';
import { parseEvent, type MarketSnapshot } from '@switchyard/contracts';
import fc from 'fast-check';
import { signalOfAlert } from './tradingview-signal.js';

const listing = (venue: string, pair: string, venueSymbol: string, quote = pair.split('-')[1]!) =>
  ({
    ...{ venue, pair },
    instrument: { venueSymbol, base: pair.split('-')[0]!, quote },
  }) as unknown as MarketSnapshot;

/** As market data publishes them: Binance has no dollar market, and stands for one where an account takes USDT for USD. */
const LISTINGS = [
  listing('binance', 'BTC-USDT', 'BTCUSDT'),
  listing('binance', 'BTC-USD', 'BTCUSDT', 'USDT'),
  listing('kraken', 'BTC-USD', 'XBT/USD'),
  listing('kraken', 'ETH-USD', 'XETHZUSD'),
  listing('coinbase', 'ETH-USD', 'ETH-USD'),
];
const OWNER = { userId: 'alice', strategyId: 'momentum-1' };

const read = (alert: unknown) =>
  signalOfAlert(typeof alert === 'string' ? alert : JSON.stringify(alert), OWNER, LISTINGS);
const bodyOf = (alert: unknown): Readonly<Record<string, unknown>> => {
  const found = read(alert);
  expect(found).toMatchObject({ ok: true });
  return found.ok ? found.body : {};
};
const errorsOf = (alert: unknown): readonly (readonly [string, string])[] => {
  const found = read(alert);
  return found.ok ? [] : found.errors.map(({ path, problem }) => [path, problem]);
};

describe('an alert', () => {
  it('opens a trade, with all that the signal can hold, and keeps the rest as metadata', () => {
    const alert = {
      signalId: 'tv-7',
      ticker: 'BTCUSD',
      direction: 'long',
      type: 'entry',
      entryPrice: 64000.5,
      stopLoss: '62900',
      take_profit: '66500.00',
      session: 'london',
      bias: 'bullish',
      confluence: 4,
      timenow: '2026-11-22T03:10:05Z',
      interval: '15',
      apiKey: 'k-1',
    };
    expect(bodyOf(alert)).toEqual({
      signalId: 'tv-7',
      ...OWNER,
      strategy: 'momentum-1',
      pair: 'BTC-USD',
      side: 'buy',
      signalType: 'entry',
      entryPrice: '64000.5',
      stopLoss: '62900',
      takeProfit: '66500',
      confluenceScore: 4,
      generatedAt: '2026-11-22T03:10:05Z',
      metadata: {
        source: 'tradingview',
        symbol: 'BTCUSD',
        session: 'london',
        bias: 'bullish',
        interval: '15',
        leftOut: ['apiKey'],
      },
    });
  });

  it.each([
    ['SL', 'stop_loss', 'sl'],
    ['BE', 'exit', 'be'],
    ['TP', 'profit_take', 'tp'],
  ])('closes a trade by %s, and its prices are told, not checked', (exitType, signalType, told) => {
    const alert = {
      ticker: 'BTCUSD',
      direction: 'long',
      exitType,
      exitPrice: '63000',
      entryPrice: '64000',
      stopLoss: 63_000,
    };
    const body = bodyOf(alert);
    expect(body).toMatchObject({
      side: 'sell',
      signalType,
      metadata: { exitType: told, exitPrice: '63000', stopLoss: '63000' },
    });
    expect(body).not.toHaveProperty('entryPrice');
    expect(body).not.toHaveProperty('stopLoss');
  });

  it.each<[string, unknown, object]>([
    [
      'of pairs',
      'TICKER=BTCUSD;ACTION=BUY;QTY=0.01;SL=62900',
      { side: 'buy', size: { base: '0.01' }, stopLoss: '62900' },
    ],
    ['of lines', 'EXCHANGE=BINANCE\nSYMBOL=BTCUSDT\nSIGNAL=BUY\n', { pair: 'BTC-USDT', side: 'buy' }],
    [
      'of lines with colons',
      'symbol: BTC-USD\naction: exit_long\nExit Price: 65000',
      { side: 'sell', signalType: 'exit' },
    ],
    ['with quotes', `pair="BTC/USD"; side='long'; note=" a=b; "`, { pair: 'BTC-USD', side: 'buy' }],
    [
      'of a sentence',
      'BUY BTCUSD q=0.1 sl=62000 tp=66000',
      { side: 'buy', size: { base: '0.1' }, takeProfit: '66000' },
    ],
    ['of a sentence at a price', 'long BINANCE:BTCUSDT @ 64000.5', { pair: 'BTC-USDT', entryPrice: '64000.5' }],
    ['that leaves', 'EXIT LONG ETHUSD SL 3100.5', { pair: 'ETH-USD', side: 'sell', signalType: 'stop_loss' }],
    [
      'that TradingView writes itself for an entry',
      'RSI (14, close): order buy @ 0.5 filled on BTCUSD. New strategy position is 0.5',
      { side: 'buy', signalType: 'entry', size: { base: '0.5' } },
    ],
    [
      'that TradingView writes itself for an exit',
      'RSI (14, close): order sell @ 0.5 filled on BTCUSD. New strategy position is 0',
      { side: 'sell', signalType: 'exit', size: { base: '0.5' } },
    ],
  ])('may be a text %s', (_, text, expected) => {
    expect(bodyOf(text)).toMatchObject(expected);
  });

  it('says by what the strategy holds before and after whether its order opened or closed', () => {
    const order = (action: string, prev_market_position: string, market_position: string) => {
      const found = read({ ticker: 'BTCUSD', action, market_position, prev_market_position });
      return found.ok ? `${String(found.body['side'])} ${String(found.body['signalType'])}` : found.errors[0]?.problem;
    };
    expect(order('buy', 'flat', 'long')).toBe('buy entry');
    expect(order('buy', 'long', 'long')).toBe('buy entry');
    expect(order('sell', 'long', 'long')).toBe('sell exit');
    expect(order('sell', 'long', 'flat')).toBe('sell exit');
    expect(order('sell', 'flat', 'short')).toBe('sell entry');
    expect(order('buy', 'short', 'short')).toBe('buy exit');
    expect(order('buy', 'short', 'flat')).toBe('buy exit');
    expect(order('sell', 'long', 'short')).toMatch(/two signals/);
  });

  it('takes an order that is larger than the position it leaves for a reversal, whatever it is called', () => {
    const problem = (alert: unknown) => {
      const found = read(alert);
      return found.ok ? `${String(found.body['side'])} ${String(found.body['signalType'])}` : found.errors[0]?.problem;
    };
    const order = (action: string, contracts: string, position: string) =>
      problem(`RSI: order ${action} @ ${contracts} filled on BTCUSD. New strategy position is ${position}`);
    expect(order('buy', '2', '1')).toMatch(/two signals/);
    expect(order('sell', '2', '-1')).toMatch(/two signals/);
    expect(problem({ ticker: 'BTCUSD', action: 'buy', contracts: 2, position_size: 1 })).toMatch(/two signals/);
    // Pyramiding, and a part that is sold.
    expect(order('buy', '1', '3')).toBe('buy entry');
    expect(order('sell', '2', '1')).toBe('sell exit');
  });

  it('refuses a number whose meaning it would have to guess, and a word that may turn it round', () => {
    const problem = (text: string) => {
      const found = read(text);
      return found.ok ? 'taken' : found.errors.map(({ problem }) => problem).join('; ');
    };
    expect(problem('BUY 0.5 BTCUSD')).toMatch(/0.5 .*quantity=0.5/);
    expect(problem('BUY BTCUSD q=1,5')).toMatch(/number|decimal/);
    expect(problem('do not buy BTCUSD')).toMatch(/"not"/);
    expect(problem('buy cancelled BTCUSD')).toMatch(/"cancelled"/);
    expect(problem('BUY, BTCUSD, q=0.1')).toBe('taken');
  });

  it.each<[string, unknown, string, RegExp]>([
    [
      'a sell that may close or open',
      { ticker: 'BTCUSD', action: 'sell' },
      'action',
      /may close a long or open a short/,
    ],
    ['an exit of nobody knows what', { ticker: 'BTCUSD', action: 'exit' }, 'action', /long or short/],
    ['words that contradict each other', { ticker: 'BTCUSD', action: 'buy', side: 'sell' }, 'side', /elsewhere/],
    [
      'an entry with an exit type',
      { ticker: 'BTCUSD', signalType: 'entry', direction: 'long', exitType: 'SL' },
      'exitType',
      /elsewhere/,
    ],
    [
      'the exit of a long by a buy',
      { ticker: 'BTCUSD', action: 'buy', direction: 'long', exitType: 'SL' },
      'action',
      /is a sell/,
    ],
    ['no action', { ticker: 'BTCUSD' }, 'action', /is missing/],
    ['a word nobody knows', { ticker: 'BTCUSD', action: 'hodl' }, 'action', /must be made of/],
    [
      'a placeholder left as it was',
      { ticker: 'BTCUSD', action: '{{strategy.order.action}}' },
      'action',
      /not filled in/,
    ],
    ['a price that is none', { ticker: 'BTCUSD', action: 'buy', SL: 'NaN' }, 'SL', /must be a number/],
    ['a price with a comma', 'ticker=BTCUSD;action=buy;price=64,000', 'price', /must be a number/],
    ['a time that is none', { ticker: 'BTCUSD', action: 'buy', timenow: 'now' }, 'timenow', /must be a time/],
    ['a field twice', 'ticker=BTCUSD;action=buy;TICKER=ETHUSD', 'TICKER', /twice/],
    ["another user's id", { ticker: 'BTCUSD', action: 'buy', userId: 'bob' }, 'userId', /made for/],
    ['another strategy', { ticker: 'BTCUSD', action: 'buy', strategyId: 'momentum-2' }, 'strategyId', /made for/],
    ['JSON with a hole', '{"ticker": "BTCUSD", "price": }', '', /not valid JSON/],
    ['a list', '[]', '', /not a list/],
    ['nothing', ' \n ', '', /is empty/],
  ])('is refused for %s', (_, alert, path, problem) => {
    expect(errorsOf(alert)).toEqual([[path, expect.stringMatching(problem)]]);
  });

  it('names every bad field at once', () => {
    const alert = { ticker: 'BTCUSDT.P', action: 'hodl', qty: 'much', stopLoss: 'x', timenow: 'y' };
    expect(
      errorsOf(alert)
        .map(([path]) => path)
        .sort(),
    ).toEqual(['action', 'qty', 'stopLoss', 'ticker', 'timenow']);
  });

  it('has an id that is its own, or one that its content makes: the same again is the same signal, anything else another', () => {
    const alert = { ticker: 'BTCUSD', action: 'buy', timenow: '2026-11-22T03:10:05Z' };
    const id = (sent: object, owner = OWNER) => {
      const found = signalOfAlert(JSON.stringify(sent), owner, LISTINGS);
      return found.ok ? found.body['signalId'] : undefined;
    };
    expect(id(alert)).toMatch(/^tv-[0-9a-f]{32}$/);
    expect(id({ timenow: alert.timenow, action: 'buy', ticker: 'BTCUSD' })).toBe(id(alert));
    const others = [
      id({ ...alert, timenow: '2026-11-22T03:10:06Z' }),
      id({ ...alert, note: 'x' }),
      id({ ...alert, ticker: 'ETHUSD' }),
      id(alert, { ...OWNER, strategyId: 'momentum-2' }),
      id(alert, { ...OWNER, userId: 'bob' }),
    ];
    expect(new Set([id(alert), ...others]).size).toBe(6);
    expect(read(alert)).toMatchObject({ undated: false });
    expect(read({ ticker: 'BTCUSD', action: 'buy', time: '2026-11-22T03:00:00Z' })).toMatchObject({ undated: false });
    expect(read('BUY BTCUSD')).toMatchObject({ undated: true });
  });

  it('never lends a binary float: a price is what was written', () => {
    const sent = '{"ticker":"BTCUSD","action":"buy","price":0.1000000000000000055,"sl":6.1e4,"qty":1e-7}';
    expect(bodyOf(sent)).toMatchObject({
      entryPrice: '0.1000000000000000055',
      stopLoss: '61000',
      size: { base: '0.0000001' },
    });
  });

  it('keeps no secret in what it passes on, however deep', () => {
    const alert = {
      ticker: 'BTCUSD',
      action: 'buy',
      pass_phrase: 's-1',
      bot: { 'api-key': 's-2', name: 'b' },
      secret: 's-3',
    };
    expect(JSON.stringify(bodyOf(alert))).not.toMatch(/s-\d/);
    expect(bodyOf(alert)['metadata']).toMatchObject({ bot: { name: 'b' }, leftOut: ['pass_phrase', 'secret'] });
  });

  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.json(),
    fc
      .array(
        fc.tuple(
          fc.constantFrom(
            'ticker',
            'ACTION',
            'sl',
            'price',
            'time',
            'x y',
            '__proto__',
            'constructor',
            '',
            'type',
            'venues',
          ),
          fc.constantFrom('=', ':', ': ', ' '),
          fc.oneof(
            fc.constantFrom('BTCUSD', 'buy', 'exit_long', '64000', '{{x}}', 'BINANCE:BTCUSDT', '@', '2%'),
            fc.string(),
          ),
          fc.constantFrom(';', '\n', '|', ' ', ','),
        ),
      )
      .map((parts) => parts.map((part) => part.join('')).join('')),
    fc
      .dictionary(
        fc.constantFrom('ticker', 'action', 'side', 'sl', 'price', 'size', 'timenow', 'venues', '__proto__', 'token'),
        fc.jsonValue(),
      )
      .map((fields) => JSON.stringify(fields)),
  );

  it('of any text at all is a signal or a list of what is wrong, and never an exception', () => {
    fc.assert(
      fc.property(text, (sent) => {
        const found = read(sent);
        if (!found.ok) expect(found.errors.length).toBeGreaterThan(0);
        else {
          expect(found.body).toMatchObject(OWNER);
          expect(JSON.stringify(read(sent))).toBe(JSON.stringify(found));
          parseEvent('TradingSignalGenerated', { ...found.body, generatedAt: '2026-11-22T03:10:05Z' });
        }
      }),
      { numRuns: 500 },
    );
  });

  it('is read in a time that grows with its length alone', () => {
    const hostile = [
      '=',
      ';',
      'a',
      ' ',
      '@ ',
      '{"a":',
      'sl 1 ',
      'order buy @ ',
      '{{',
      'A:',
      '\n',
      '-',
      'exitLong',
      '"',
    ];
    const began = performance.now();
    for (const piece of hostile) {
      read(piece.repeat(Math.floor(1_000_000 / piece.length)));
      read(`action=${piece.repeat(Math.floor(1_000_000 / piece.length))}`);
      read(`BUY ${piece.repeat(Math.floor(100_000 / piece.length))} filled on X`);
    }
    // 30 MB; anything that looks back would take hours.
    expect(performance.now() - began).toBeLessThan(20_000);
  }, 60_000);
});

describe('the symbol of a chart', () => {
  it.each([
    ['BTCUSD', 'BTC-USD'],
    ['btcusd', 'BTC-USD'],
    ['BTC-USD', 'BTC-USD'],
    ['BTC/USD', 'BTC-USD'],
    ['COINBASE:BTC-USD', 'BTC-USD'],
    ['COINBASE:BTCUSD', 'BTC-USD'],
    ['BITSTAMP:BTCUSD', 'BTC-USD'],
    ['KRAKEN:XBTUSD', 'BTC-USD'],
    ['KRAKEN:XETHZUSD', 'ETH-USD'],
    ['BTCUSDT', 'BTC-USDT'],
    ['BINANCE:BTCUSDT', 'BTC-USDT'],
    ['BTC_USDT', 'BTC-USDT'],
  ])('%s is %s', (symbol, pair) => {
    expect(bodyOf({ symbol, action: 'buy' })['pair']).toBe(pair);
  });

  it.each(['ETHUSDT', 'BINANCE:ETHUSDT', 'BTCUSDT.P', 'BTCEUR', 'BTC', 'USD', 'NASDAQ:AAPL', 'BTC USD', 'constructor'])(
    '%s is nothing that is listed: nobody guesses, least of all that USDT is USD',
    (symbol) => {
      expect(read({ symbol, action: 'buy' })).toMatchObject({ ok: false, unknownSymbol: symbol });
    },
  );

  it('that two pairs spell is none of them', () => {
    const listings = [listing('binance', 'AB-CUSD', 'x'), listing('binance', 'ABC-USD', 'y')];
    const found = signalOfAlert('BUY ABCUSD', OWNER, listings);
    expect(found).toMatchObject({ ok: false, unknownSymbol: 'ABCUSD' });
    expect(signalOfAlert('BUY ABC-USD', OWNER, listings)).toMatchObject({ ok: false });
  });
});
