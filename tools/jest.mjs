// Runs jest in ESM mode under the project's own Node. Usage: node tools/jest.mjs [path pattern | jest option] ...
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './packages.mjs';

const node = join(root, 'node_modules/.bin/node');
const jest = join(root, 'node_modules/jest/bin/jest.js');
const flags = ['--experimental-vm-modules', '--no-warnings=ExperimentalWarning'];
const { status } = spawnSync(node, [...flags, jest, ...process.argv.slice(2)], { stdio: 'inherit', cwd: root });
process.exit(status ?? 1);
