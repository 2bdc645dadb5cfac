import { beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { ESLint } from 'eslint';

/** The layers are law only if each rule goes red: every case breaks one, in a file that exists. */
const root = join(import.meta.dirname, '..');
let eslint: ESLint;

beforeAll(() => {
  // The layer rule reads Nx's project graph, which this makes.
  execFileSync(join(root, 'node_modules/.bin/nx'), ['show', 'projects'], {
    cwd: root,
    env: { ...process.env, NX_DAEMON: 'false' },
    stdio: 'ignore',
  });
  // On a build server typescript-eslint takes files to be as they are on disk; here they are not.
  process.env['TSESTREE_SINGLE_RUN'] = 'false';
  eslint = new ESLint({ cwd: root });
}, 120_000);

const rulesBroken = async (file: string, code: string): Promise<readonly string[]> => {
  const [result] = await eslint.lintText(code, { filePath: join(root, file) });
  return (result?.messages ?? []).map(({ ruleId, message }) => ruleId ?? message);
};

const imports = (name: string): string => `import * as it from '${name}';\nexport const used = it;\n`;

describe('the layers', () => {
  it.each([
    ['the domain imports no service library', 'libs/domain/money/src/decimal.ts', '@switchyard/log'],
    ['the domain imports no platform', 'libs/domain/signal/src/index.ts', '@switchyard/config'],
    ['the domain imports no framework', 'libs/domain/model/src/pair.ts', '@nestjs/common'],
    ['the domain imports no node built-in', 'libs/domain/model/src/pair.ts', 'node:fs'],
    ['contracts import no messaging', 'libs/contracts/src/topics.ts', '@switchyard/log'],
    ['the platform imports no domain', 'libs/platform/config/src/config.ts', '@switchyard/model'],
    ['messaging knows no events of ours', 'libs/messaging/log/src/event.ts', '@switchyard/contracts'],
    ['exchanges know no log', 'libs/exchanges/src/port.ts', '@switchyard/log'],
    ['the runtime knows no domain', 'libs/runtime/src/consume.ts', '@switchyard/model'],
    ['no service imports another', 'services/market-data/src/config.ts', '@switchyard/risk-service'],
    ['no library imports a service', 'libs/runtime/src/consume.ts', '@switchyard/market-data-service'],
  ])('%s', async (_, file, name) => {
    const broken = await rulesBroken(file, imports(name));
    expect(
      broken.filter((rule) => rule === '@nx/enforce-module-boundaries' || rule === 'no-restricted-imports'),
    ).not.toEqual([]);
  });

  it("lets nobody past a package's public entry", async () => {
    expect(
      await rulesBroken(
        'services/market-data/src/config.ts',
        "import { x } from '../../../libs/messaging/log/src/runner.js';\nexport const y = x;\n",
      ),
    ).toContain('@nx/enforce-module-boundaries');
  });

  it('lets the standalone, and it alone, bring services together', async () => {
    expect(
      await rulesBroken('services/standalone/src/services.ts', imports('@switchyard/market-data-service')),
    ).not.toContain('@nx/enforce-module-boundaries');
  });

  it.each([
    ['the clock', 'export const now = (): number => Date.now();'],
    ['the clock in disguise', 'export const now = (): Date => new Date();'],
    ['randomness', 'export const dice = (): number => Math.random();'],
    ['waiting', 'export const later = async (): Promise<void> => { await Promise.resolve(); };'],
    ['exceptions', "export const fail = (): never => { throw new Error('no'); };"],
    ['the environment', "export const home = (): string | undefined => process.env['HOME'];"],
    ['the console', "export const say = (): void => { console.log('hello'); };"],
    ['the network', "export const ask = (): unknown => fetch('http://localhost');"],
  ])('keeps %s out of the domain', async (_, code) => {
    const broken = await rulesBroken('libs/domain/model/src/pair.ts', `${code}\n`);
    expect(broken.filter((rule) => rule.startsWith('no-restricted-'))).not.toEqual([]);
  });
});
