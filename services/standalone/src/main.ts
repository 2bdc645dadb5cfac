import { AccountsSetup } from '@switchyard/accounts-service';
import { exitCodeOf } from '@switchyard/config';
import { untilStopped } from '@switchyard/runtime';
import { checkPorts, readSettings } from './before-start.js';
import { ensureDemoData } from './demo/demo-data.js';
import { DemoStrategy } from './demo/demo-strategy.js';
import { Progress } from './progress.js';
import { startStandalone } from './standalone.js';
import { welcome } from './welcome.js';

const unknown = process.argv.slice(2).filter((argument) => argument !== '--no-demo');
if (unknown.length > 0) {
  process.stderr.write(`npm start does not know ${unknown.join(' ')}; it takes: -- --no-demo\n`);
  process.exit(2);
}
const demo = !process.argv.includes('--no-demo');
const progress = new Progress();

try {
  const settings = readSettings(process.env);
  // Listened for from now on: who asks during the start gets an orderly end too, a second later, and no database is left behind.
  let broken = (): boolean => false;
  const asked = untilStopped(() => broken());
  process.stdout.write('starting Switchyard\n');
  await checkPorts(settings);
  const standalone = await startStandalone(settings, process.env, progress);
  broken = () => standalone.platform.health.broken;
  const setup = standalone.services.find(({ name }) => name === 'accounts')?.app.get(AccountsSetup);
  if (setup === undefined) throw new Error('the accounts service has no setup');
  const tokens = await progress.step('users', () =>
    ensureDemoData(setup, { ...settings, venues: standalone.venues, demo }),
  );
  const strategy =
    tokens.demoBot === undefined
      ? undefined
      : new DemoStrategy({ url: standalone.url, token: tokens.demoBot, logger: standalone.platform.logger });
  strategy?.start();
  const { url, venues } = standalone;
  process.stdout.write(
    welcome({ url, dataDir: settings.dataDir, venues, readyAfter: progress.elapsed, demo, now: new Date() }),
  );

  const reason = await asked;
  process.stdout.write('\nstopping: what is under way is finished first\n');
  await strategy?.stop();
  await standalone.stop();
  process.stdout.write('stopped\n');
  process.exit(reason === 'broken' ? 1 : 0);
} catch (error) {
  // What is thrown here is written for people: what is wrong, and what to do.
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
  if (process.env['SWITCHYARD_LOG_LEVEL'] === 'debug' && error instanceof Error)
    process.stderr.write(`${error.stack ?? ''}\n`);
  process.exit(exitCodeOf(error));
}
