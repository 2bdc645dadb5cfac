#!/usr/bin/env node
// The operators' command line, from a fresh clone: compiles what is missing and hands over to the project's own Node.
import { join } from 'node:path';
import { ensureBuilt, ensureInstalled, exec } from '../../../tools/ensure.mjs';

// What is said on the way is not the answer: that alone goes to standard output, where other programs read it.
const write = process.stdout.write;
process.stdout.write = process.stderr.write.bind(process.stderr);
await ensureInstalled();
await ensureBuilt();
process.stdout.write = write;
exec(join(import.meta.dirname, '../dist/main.js'), process.argv.slice(2), { cwd: process.cwd() });
