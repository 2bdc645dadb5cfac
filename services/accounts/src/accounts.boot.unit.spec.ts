import { describe, expect, it } from '@jest/globals';
import { Global, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { parseConfig } from '@switchyard/config';
import type { EventLog } from '@switchyard/log';
import { LatencyProfiler, createLogger, createMetrics } from '@switchyard/observability';
import type { Database } from '@switchyard/persistence';
import { METRICS } from '@switchyard/runtime';
import { accountsModule } from './accounts.module.js';
import { accountsConfig } from './config.js';
import { accounts, AccountsSetup } from './index.js';
import { UsersController } from './rest/users.controller.js';

const metrics = createMetrics({ service: 'accounts', process: false });

@Global()
@Module({ providers: [{ provide: METRICS, useValue: metrics }], exports: [METRICS] })
class Runtime {}

const nothing = () => Promise.resolve({ rows: [], rowCount: 0 });

describe('the accounts service', () => {
  it('compiles its real module, starts and stops', async () => {
    const context = {
      name: accounts.name,
      config: accountsConfig.parse({ SWITCHYARD_KEY_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64') }),
      logger: createLogger({ service: 'accounts', level: 'silent' }),
      metrics,
      profiler: new LatencyProfiler(),
      db: {
        query: nothing,
        transaction: (work: (tx: object) => unknown) => work({ query: nothing }),
      } as unknown as Database,
      log: {} as EventLog<never>,
    };
    const module = await Test.createTestingModule({ imports: [Runtime, accountsModule(context)] }).compile();
    await module.init();
    expect(module.get(AccountsSetup)).toBeInstanceOf(AccountsSetup);
    expect(module.get(UsersController)).toBeInstanceOf(UsersController);
    await module.close();
  });

  it('makes its key file in its own data folder alone', () => {
    const folder = { SWITCHYARD_DATA_DIR: '/data' };
    const files = [
      {},
      folder,
      { ...folder, SWITCHYARD_KEY_ENCRYPTION_KEY_FILE: '/data/kek' },
      { ...folder, SWITCHYARD_KEY_ENCRYPTION_KEY_FILE: '/run/kek' },
    ];
    expect(
      files.map((env) => accountsConfig.parse(env)).map(({ keyFile, createKeyFile }) => [keyFile, createKeyFile]),
    ).toEqual([
      [undefined, false],
      ['/data/kek', true],
      ['/data/kek', true],
      ['/run/kek', false],
    ]);
  });

  it('names every bad variable at once', () => {
    const parsed = parseConfig(accountsConfig, {
      SWITCHYARD_KEY_ENCRYPTION_KEY: 'short',
      SWITCHYARD_POLICY_ACKNOWLEDGE_TIMEOUT_MS: 'soon',
    });
    expect(parsed).toMatchObject({
      ok: false,
      problems: [
        { variable: 'SWITCHYARD_KEY_ENCRYPTION_KEY' },
        { variable: 'SWITCHYARD_POLICY_ACKNOWLEDGE_TIMEOUT_MS' },
      ],
    });
  });
});
