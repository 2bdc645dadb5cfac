// `npm start`: everything in one process. `npm run start:postgres | start:kafka`: a process a service.
import { join } from 'node:path';
import { ensureBuilt, ensureInstalled, exec } from './ensure.mjs';
import { root } from './packages.mjs';

const args = process.argv.slice(2);
const apart = args[0] === '--apart';
await ensureInstalled();
await ensureBuilt();
exec(join(root, 'services/standalone/dist', apart ? 'apart.js' : 'main.js'), apart ? args.slice(1) : args);
