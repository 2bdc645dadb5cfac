import { describe, expect, it } from '@jest/globals';
import { createLogger, type LoggerOptions } from './index.js';

const linesOf = (log: (logger: ReturnType<typeof createLogger>) => void, options: Partial<LoggerOptions> = {}) => {
  const lines: string[] = [];
  log(createLogger({ service: 'gateway', destination: { write: (line) => void lines.push(line) }, ...options }));
  return lines;
};

describe('a log entry', () => {
  it('is one JSON object with time, level, service and message', () => {
    const [line = ''] = linesOf((logger) => {
      logger.info({ pair: 'BTC-USD' }, 'book is stale');
    });
    expect(JSON.parse(line)).toEqual({
      level: 'info',
      time: expect.stringMatching(/^2\d{3}-.*Z$/),
      service: 'gateway',
      pair: 'BTC-USD',
      message: 'book is stale',
    });
  });

  it('never holds a key, a secret, a passphrase, a password or a token, however deep or in an error', () => {
    const error = Object.assign(new Error('refused'), { request: { headers: { authorization: 'hidden' } } });
    const lines = linesOf((logger) => {
      logger.info({ apiKey: 'hidden', account: { secret: 'hidden', keys: { passphrase: 'hidden' } } }, 'a');
      logger.info({ body: { account: { keys: { apiKey: 'hidden', label: 'seen' } } }, token: 'hidden' }, 'b');
      logger.error({ error, database: { password: 'hidden' } }, 'c');
      logger.child({ token: 'hidden' }).info('d');
    });
    expect(lines).toHaveLength(4);
    expect(lines.join('')).not.toContain('hidden');
    expect(lines.join('')).toContain('seen');
  });

  it('below the level is not written', () => {
    expect(
      linesOf(
        (logger) => {
          logger.info('fine');
          logger.warn('not fine');
        },
        { level: 'warn' },
      ),
    ).toHaveLength(1);
  });

  it('is one readable line on a laptop', () => {
    const [info, failure] = linesOf(
      (logger) => {
        logger.info({ port: 8080, venues: ['binance'] }, 'ready');
        logger.error({ error: new Error('no route') }, 'venue lost');
      },
      { pretty: true },
    );
    expect(info).toMatch(/^\d\d:\d\d:\d\d gateway {12}ready {2}port=8080 venues=\["binance"\]\n$/);
    expect(failure).toMatch(/ERROR venue lost\n {4}Error: no route\n {8}at /);
  });
});
