import { afterAll, describe, expect, it } from '@jest/globals';
import { rm, writeFile } from 'node:fs/promises';
import { createServer, connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { testDatabase } from '@switchyard/persistence/testing';
import { Deployment } from './kafka-testing/deployment.js';
import {
  StandaloneProcess,
  cleanUp,
  newDataDir,
  postgresOf,
  runToItsEnd,
  type Ending,
} from './testing/standalone-process.js';

/** Where it can't start it says in one sentence what is wrong and what to do, and its exit code tells a script. */
describe('a start that cannot be', () => {
  const postgres = testDatabase();
  afterAll(cleanUp, 60_000);

  /** What it said at the end, below the list of steps. */
  const sentenceOf = ({ output }: Ending): string => {
    const lines = output.trim().split('\n');
    const begin = lines.findLastIndex((line) => /^ {2}\S.*\.\.\.|^starting /.test(line));
    return lines
      .slice(begin + 1)
      .join('\n')
      .trim();
  };
  const expectSentence = (ending: Ending, sentence: RegExp): void => {
    expect(sentenceOf(ending)).toMatch(sentence);
    expect(ending.output).not.toMatch(/^\s+at .*[:(]/m); // no stack
    expect(ending.output).not.toMatch(/node_modules/);
    expect(ending.signal).toBeNull();
    expect(ending.code).toBeGreaterThan(0);
  };

  it('on a port that another program has names the port and another to take', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    try {
      const ending = await runToItsEnd({ env: { PORT: String(port) } });
      expectSentence(ending, new RegExp(`^Port ${port} is in use: .*PORT=\\d+ npm start$`));
      const venue = await runToItsEnd({ env: { SWITCHYARD_PAPER_PORT: String(port) } });
      expectSentence(venue, new RegExp(`^Port ${port} is in use: .*SWITCHYARD_PAPER_PORT=\\d+ npm start$`));
    } finally {
      taken.close();
    }
  }, 60_000);

  it('without the database that it was told of names the place, and no password', async () => {
    const env = { DATABASE_URL: 'postgres://me:hunter2@127.0.0.1:1/trading' };
    const ending = await runToItsEnd({ env });
    expectSentence(ending, /127\.0\.0\.1:1\b/);
    expect(ending.output).not.toContain('hunter2');
    const stranger = await runToItsEnd({ env: { DATABASE_URL: 'postgres://me:hunter2@no-such-host.invalid/trading' } });
    expectSentence(stranger, /no-such-host\.invalid/);
    expect(stranger.output).not.toContain('hunter2');
  }, 60_000);

  it('over Kafka names the brokers that do not answer, and asks for them where none are given', async () => {
    const ending = await runToItsEnd({ env: { SWITCHYARD_TRANSPORT: 'kafka', KAFKA_BROKERS: '127.0.0.1:1' } });
    expectSentence(ending, /^Kafka does not answer at 127\.0\.0\.1:1\. Start it \(npm run kafka\)/);
    const without = await runToItsEnd({ env: { SWITCHYARD_TRANSPORT: 'kafka' } });
    expectSentence(without, /KAFKA_BROKERS must be given when SWITCHYARD_TRANSPORT is kafka/);
  }, 120_000);

  it('on a database of another log names both, and the ways out, whichever command it is', async () => {
    // The first start over Postgres ties it.
    const first = await runToItsEnd({ env: { DATABASE_URL: postgres.url } }, /event log\.+ \d/);
    expect(first.code).toBe(0);
    const env = { DATABASE_URL: postgres.url, KAFKA_BROKERS: '127.0.0.1:1' };
    const alone = await runToItsEnd({ env: { ...env, SWITCHYARD_TRANSPORT: 'kafka' } });
    const apart = await Deployment.fails('kafka', await newDataDir(), env);
    for (const ending of [alone, apart]) {
      expectSentence(
        ending,
        /^LOG_TRANSPORT_DIFFERS: .* over Postgres alone.* is kafka.*Set SWITCHYARD_TRANSPORT=postgres/,
      );
      expect(ending.code).toBe(78);
      // Refused before anything is stored.
      expect(ending.output).not.toMatch(/^ {2}users/m);
    }
  }, 120_000);

  it('with variables that are wrong names every one of them at once', async () => {
    const ending = await runToItsEnd({
      env: {
        PORT: 'eighty',
        SWITCHYARD_PARTITIONS: '0',
        SWITCHYARD_LOG_LEVEL: 'loud',
        DATABASE_URL: 'mysql://x',
        SWITCHYARD_MARKET_POLL_MS: 'often',
        SWITCHYARD_EXECUTION_WORKERS: '-1',
      },
    });
    expectSentence(ending, /^Switchyard can't start: 6 settings are wrong\.$/m);
    for (const name of [
      'PORT',
      'SWITCHYARD_PARTITIONS',
      'SWITCHYARD_LOG_LEVEL',
      'DATABASE_URL',
      'SWITCHYARD_MARKET_POLL_MS',
      'SWITCHYARD_EXECUTION_WORKERS',
    ])
      expect(ending.output).toMatch(new RegExp(`^  ${name} must be `, 'm'));
    expect(ending.code).toBe(78);
  });

  it('with a word that it does not know says which it knows', async () => {
    expectSentence(await runToItsEnd({ args: ['--no-dmeo'] }), /--no-dmeo.*--no-demo/);
  });

  it('in a folder that is no folder names it', async () => {
    const file = join(await newDataDir(), 'a-file');
    await writeFile(file, 'not a folder');
    expectSentence(await runToItsEnd({ dataDir: file }), /a-file/);
  });

  it('because it is asked to stop meanwhile ends in order, and leaves no database behind', async () => {
    const dataDir = await newDataDir();
    const { code, signal } = await runToItsEnd({ dataDir }, /event log\.+ \d/);
    expect({ code, signal }).toEqual({ code: 0, signal: null });
    expect(await postgresOf(dataDir)).toBeUndefined();
  }, 60_000);

  it('on a data folder that is damaged says so, and starts nothing on half of it', async () => {
    const dataDir = await newDataDir();
    const standalone = await StandaloneProcess.start({ dataDir, args: ['--no-demo'] });
    const port = Number(new URL(standalone.url).port);
    const second = await runToItsEnd({ dataDir });
    expectSentence(second, /another|already|in use|runs/i);
    expect((await standalone.as().get('/ready')).status).toBe(200);

    expect((await held(port, () => standalone.stop())).code).toBe(0);
    await writeFile(join(dataDir, 'tokens.json'), '{"admin": "sy_half');
    await rm(join(dataDir, 'postgres/cluster/global/pg_control'));
    expectSentence(await runToItsEnd({ dataDir }), /damaged.*backup/s);
    await writeFile(join(dataDir, 'postgres/cluster/PG_VERSION'), 'garbage');
    expectSentence(await runToItsEnd({ dataDir }), /cluster/);
  }, 60_000);
});

/** A browser holds a connection open ahead of its need: no reason to wait for it. */
const held = async <T>(port: number, work: () => Promise<T>): Promise<T> => {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('connect', resolve));
  const startedAt = performance.now();
  const result = await work();
  expect(performance.now() - startedAt).toBeLessThan(15_000);
  socket.destroy();
  return result;
};
