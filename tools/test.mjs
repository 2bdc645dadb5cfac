// `npm test`: every check there is, each with its time; closes with one line of totals. What only reads the sources runs beside the
// tests, at a low priority: tests of whole processes leave half of two cores idle.
// `npm test -- unit types` runs only the named ones; `--list` names them.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { ensureBuilt, ensureInstalled, node, run } from './ensure.mjs';
import { root } from './packages.mjs';

const bin = (name) => join(root, 'node_modules/.bin', name);
const scratch = mkdtempSync(join(tmpdir(), 'switchyard-test-'));
const env = {
  ...process.env,
  PATH: `${join(root, 'node_modules/.bin')}${delimiter}${process.env.PATH}`,
  FORCE_COLOR: '0',
  NX_DAEMON: 'false',
};

/** A check that is one command. */
const command = (name, file, ...args) => ({
  name,
  run: async () => {
    const { status, output } = await run(file, args, { env, priority: constants.priority.PRIORITY_BELOW_NORMAL });
    return {
      passed: status === 0 ? 1 : 0,
      failed: status === 0 ? 0 : 1,
      skipped: 0,
      output: status === 0 ? '' : output,
    };
  },
});

/** A tier of jest tests: the files with this suffix. */
const tier = (name, suffix, workers) => ({
  name,
  run: async () => {
    const file = join(scratch, `${name}.json`);
    const jest = [
      '--experimental-vm-modules',
      '--no-warnings=ExperimentalWarning',
      join(root, 'node_modules/jest/bin/jest.js'),
    ];
    const options = [
      `--testPathPatterns=\\.${suffix}\\.spec\\.ts$`,
      `--maxWorkers=${workers}`,
      // A test that fails may leave a broker or a connection open, which must not keep the run from ending.
      '--forceExit',
      '--json',
      `--outputFile=${file}`,
      '--passWithNoTests',
    ];
    const { status, output } = await run(node, [...jest, ...options], { env });
    if (!existsSync(file)) return { passed: 0, failed: 1, skipped: 0, output };
    const result = JSON.parse(readFileSync(file, 'utf8'));
    const broken = result.testResults.filter(
      (suite) => suite.status === 'failed' && suite.assertionResults.length === 0,
    ).length;
    const failed = result.numFailedTests + broken;
    const notices = output.split('\n').filter((line) => line.includes('SKIPPED'));
    return {
      passed: result.numPassedTests,
      failed: failed === 0 && status !== 0 ? 1 : failed,
      skipped: result.numPendingTests + result.numTodoTests,
      output: status === 0 ? notices.join('\n') : output,
    };
  },
});

const tsc = join(root, 'node_modules/@typescript/native/bin/tsc');
const readers = [
  command('format', bin('prettier'), '--check', '--log-level=warn', '.'),
  command('types', node, tsc, '-p', 'tsconfig.json', '--noEmit'),
  command('project graph', bin('nx'), 'show', 'projects'),
  command(
    'lint',
    node,
    '--max-old-space-size=6144',
    join(root, 'node_modules/eslint/bin/eslint.js'),
    '.',
    '--max-warnings=0',
  ),
  command('proto lint', bin('buf'), 'lint', 'proto'),
  command('proto breaking', bin('buf'), 'breaking', 'proto', '--against', 'proto/baseline.binpb'),
];
// One after the other: each has the machine for itself.
const tiers = [
  tier('unit', 'unit', 2),
  tier('integration', 'int', 2),
  tier('kafka', 'kafka', 1),
  tier('end to end', 'e2e', 1),
];
const checks = [...readers, ...tiers];

const wanted = process.argv.slice(2);
if (wanted.includes('--list')) {
  console.log(checks.map(({ name }) => name).join('\n'));
  process.exit(0);
}
const strangers = wanted.filter((name) => !checks.some((check) => check.name === name));
if (strangers.length > 0) {
  console.error(
    `There is no check named ${strangers.join(', ')}. Named are: ${checks.map(({ name }) => name).join(', ')}.`,
  );
  process.exit(1);
}

await ensureInstalled();
await ensureBuilt();
const totals = { passed: 0, failed: 0, skipped: 0 };
const runAll = async (lane) => {
  for (const check of lane) if (wanted.length === 0 || wanted.includes(check.name)) await runOne(check);
};
const runOne = async (check) => {
  const startedAt = Date.now();
  const { passed, failed, skipped, output } = await check.run();
  totals.passed += passed;
  totals.failed += failed;
  totals.skipped += skipped;
  const counts = [
    `${passed} passed`,
    ...(failed > 0 ? [`${failed} FAILED`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
  ].join(', ');
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  console.log(`${check.name.padEnd(16)} ${counts.padEnd(28)} ${seconds} s`);
  if (output) console.log(output.trimEnd());
};
console.log('checks run two at a time; each tells its result when it has one, the first within a minute or two');
await Promise.all([runAll(readers), runAll(tiers)]);
rmSync(scratch, { recursive: true, force: true });
console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exit(totals.failed === 0 ? 0 : 1);
