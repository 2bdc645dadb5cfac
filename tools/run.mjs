// Runs one of the built programs from a fresh clone: node tools/run.mjs services/paper-exchange/dist/main.js [argument ...]
import { join } from 'node:path';
import { ensureBuilt, ensureInstalled, exec } from './ensure.mjs';
import { root } from './packages.mjs';

const [program, ...args] = process.argv.slice(2);
await ensureInstalled();
await ensureBuilt();
exec(join(root, program), args);
