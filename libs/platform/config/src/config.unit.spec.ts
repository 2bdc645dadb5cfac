import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import {
  describeProblems,
  flag,
  fractionalNumber,
  list,
  loadConfig,
  milliseconds,
  oneOf,
  parseConfig,
  port,
  secret,
  text,
  url,
  wholeNumber,
} from './index.js';

const folder = mkdtempSync(join(tmpdir(), 'switchyard-config-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const yaml = (content: string): string => {
  const file = join(folder, `${content.length}.yaml`);
  writeFileSync(file, content);
  return file;
};

const schema = z
  .object({
    PORT: port().default(8080),
    DATABASE_URL: url('postgres', 'postgresql'),
    SWITCHYARD_TRANSPORT: oneOf('postgres', 'kafka').default('postgres'),
    SWITCHYARD_POLL_INTERVAL_MS: milliseconds({ min: 100 }).default(1_000),
    SWITCHYARD_LIVE_TRADING: flag().default(false),
    SWITCHYARD_PAIRS: list({ pattern: /^[A-Z]+-[A-Z]+$/, of: 'pairs such as BTC-USD' }).optional(),
    SWITCHYARD_KEY: secret({ minLength: 8 }).optional(),
    venues: z.record(z.string(), z.object({ enabled: z.boolean() })).default({}),
  })
  .transform((env) => ({
    port: env.PORT,
    databaseUrl: env.DATABASE_URL,
    transport: env.SWITCHYARD_TRANSPORT,
    pollIntervalMs: env.SWITCHYARD_POLL_INTERVAL_MS,
    liveTrading: env.SWITCHYARD_LIVE_TRADING,
    pairs: env.SWITCHYARD_PAIRS,
    venues: env.venues,
  }));
const DATABASE_URL = 'postgres://user:hidden@localhost/switchyard';

describe('a configuration', () => {
  it('takes defaults for what is absent or empty', () => {
    expect(parseConfig(schema, { DATABASE_URL, PORT: '', OTHER: 'x' })).toEqual({
      ok: true,
      config: {
        port: 8080,
        databaseUrl: DATABASE_URL,
        transport: 'postgres',
        pollIntervalMs: 1_000,
        liveTrading: false,
        pairs: undefined,
        venues: {},
      },
    });
  });

  it('reads numbers, flags and lists from text', () => {
    const env = {
      DATABASE_URL,
      PORT: ' 9000 ',
      SWITCHYARD_LIVE_TRADING: 'Yes',
      SWITCHYARD_PAIRS: 'BTC-USD, ETH-USD,BTC-USD',
      SWITCHYARD_POLL_INTERVAL_MS: '250',
    };
    expect(parseConfig(schema, env)).toMatchObject({
      config: { port: 9000, liveTrading: true, pairs: ['BTC-USD', 'ETH-USD'], pollIntervalMs: 250 },
    });
  });

  it('names every bad variable at once, and prints no secret', () => {
    const parsed = parseConfig(schema, {
      PORT: '70000',
      DATABASE_URL: 'http://user:hidden@localhost/x',
      SWITCHYARD_TRANSPORT: 'rabbit',
      SWITCHYARD_POLL_INTERVAL_MS: '1s',
      SWITCHYARD_LIVE_TRADING: 'maybe',
      SWITCHYARD_PAIRS: 'BTC-USD,,',
      SWITCHYARD_KEY: 'hidden',
    });
    if (parsed.ok) throw new Error('it was accepted');
    const message = describeProblems(parsed.problems, 'gateway');
    expect(message).toBe(`gateway can't start: 7 settings are wrong.
  PORT must be a whole number from 0 to 65535, not "70000"
  DATABASE_URL must be a URL that starts with postgres:// or postgresql://
  SWITCHYARD_TRANSPORT must be one of postgres, kafka, not "rabbit"
  SWITCHYARD_POLL_INTERVAL_MS must be a whole number from 100 to 86400000, not "1s"
  SWITCHYARD_LIVE_TRADING must be true or false, not "maybe"
  SWITCHYARD_PAIRS must be a list of pairs such as BTC-USD with commas between them, not "BTC-USD,,"
  SWITCHYARD_KEY must be a secret of at least 8 characters`);
  });

  it('says what is missing', () => {
    expect(parseConfig(schema, {})).toEqual({
      ok: false,
      problems: [{ variable: 'DATABASE_URL', problem: 'is missing' }],
    });
  });

  it.each([
    ['1e3', undefined],
    ['0x10', undefined],
    ['-0.5', -0.5],
    ['Infinity', undefined],
  ])('reads the number %s as %s', (given, value) => {
    const parsed = parseConfig(z.object({ N: fractionalNumber({ min: -1 }) }), { N: given });
    expect(parsed.ok ? parsed.config.N : undefined).toBe(value);
  });

  it('accepts a text and a count', () => {
    expect(parseConfig(z.object({ T: text(), N: wholeNumber() }), { T: ' a ', N: '0' })).toEqual({
      ok: true,
      config: { T: 'a', N: 0 },
    });
  });
});

describe('the configuration file', () => {
  it('adds its sections to the variables', () => {
    const SWITCHYARD_CONFIG = yaml('venues:\n  binance:\n    enabled: true\n');
    expect(parseConfig(schema, { DATABASE_URL, SWITCHYARD_CONFIG })).toMatchObject({
      config: { venues: { binance: { enabled: true } } },
    });
    expect(parseConfig(schema, { DATABASE_URL, SWITCHYARD_CONFIG: yaml('') })).toMatchObject({ ok: true });
  });

  it.each([
    ['a wrong value', 'venues:\n  binance:\n    enabled: 7\n', /bad value at venues\.binance\.enabled/],
    ['an unknown section', 'venus: {}\n', /unknown section "venus"/],
    ['bad YAML', 'venues: [\n', /can't be read as YAML/],
    ['a list', '- a\n', /must hold sections/],
  ])('names %s', (_, content, problem) => {
    const parsed = parseConfig(schema, { DATABASE_URL, SWITCHYARD_CONFIG: yaml(content) });
    if (parsed.ok) throw new Error('it was accepted');
    expect(parsed.problems).toEqual([{ variable: 'SWITCHYARD_CONFIG', problem: expect.stringMatching(problem) }]);
  });

  it('that is not there is named', () => {
    expect(parseConfig(schema, { DATABASE_URL, SWITCHYARD_CONFIG: join(folder, 'none.yaml') })).toMatchObject({
      problems: [{ variable: 'SWITCHYARD_CONFIG', problem: expect.stringMatching(/ENOENT/) }],
    });
  });
});

it('a program with a bad configuration prints one message and exits with 78', () => {
  const exit = jest.spyOn(process, 'exit').mockImplementation((code) => {
    throw new Error(`exit ${String(code)}`);
  });
  const write = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    expect(() => loadConfig(schema, { PORT: 'x' }, 'gateway')).toThrow('exit 78');
    expect(write.mock.calls).toEqual([[expect.stringMatching(/^gateway can't start: 2 settings are wrong\.\n/)]]);
  } finally {
    exit.mockRestore();
    write.mockRestore();
  }
});
