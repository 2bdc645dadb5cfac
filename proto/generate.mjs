// Writes what the codecs of libs/contracts read: the descriptors of proto/, as base64 in a module.
// Usage: node proto/generate.mjs              after a change of a .proto file
//        node proto/generate.mjs --baseline   as well, when a release makes the present contract the one never to be broken
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const here = import.meta.dirname ?? dirname(new URL(import.meta.url).pathname);
const buf = join(here, '../node_modules/.bin/buf');
const module = join(here, '../libs/contracts/src/codec/gen/descriptors.ts');

/** The descriptors of every file and of what it imports, as `buf build` makes them now. */
export const descriptors = () =>
  execFileSync(buf, ['build', here, '--exclude-source-info', '--as-file-descriptor-set', '-o', '-'], {
    maxBuffer: 1 << 24,
  });

if (process.argv[1] === join(here, 'generate.mjs')) {
  mkdirSync(dirname(module), { recursive: true });
  writeFileSync(
    module,
    `// Made by "node proto/generate.mjs" from proto/. Don't edit.\nexport const DESCRIPTORS =\n  '${descriptors().toString('base64')}';\n`,
  );
  if (process.argv.includes('--baseline')) {
    execFileSync(buf, ['build', here, '--exclude-source-info', '-o', join(here, 'baseline.binpb')], {
      stdio: 'inherit',
    });
  }
}
