#!/usr/bin/env node
// The operators' command line, from a fresh clone: compiles what is missing and hands over to the project's own Node.
import { join } from 'node:path';
import { ensureBuilt, ensureInstalled, exec } from '../../../tools/ensure.mjs';

await ensureInstalled();
await ensureBuilt();
exec(join(import.meta.dirname, '../dist/main.js'), process.argv.slice(2), { cwd: process.cwd() });
