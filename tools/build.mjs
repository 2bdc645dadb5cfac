// Compiles every package's src/ to dist/ with swc; files that have not changed are left alone, orphans are removed.
// Usage: node tools/build.mjs [folder ...]      (all packages when no folder is named)
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packages, root } from './packages.mjs';

const config = join(root, '.swcrc');
const compiled = (file) => file.endsWith('.ts') && !file.endsWith('.spec.ts') && !file.endsWith('.d.ts');
const files = (dir) => (existsSync(dir) ? readdirSync(dir, { recursive: true }).map(String) : []);
const mtime = (file) => (existsSync(file) ? statSync(file).mtimeMs : -1);

/** Builds what is out of date. @returns {Promise<number>} the number of files compiled */
export async function build(only = []) {
  const jobs = [];
  for (const { dir } of packages()) {
    if (only.length > 0 && !only.includes(dir)) continue;
    const src = join(root, dir, 'src');
    const dist = join(root, dir, 'dist');
    const sources = new Set(
      files(src)
        .filter(compiled)
        .map((file) => file.replace(/\.ts$/, '.js')),
    );
    for (const file of files(dist)) {
      if (file.endsWith('.js') && !sources.has(file))
        for (const orphan of [file, `${file}.map`]) rmSync(join(dist, orphan), { force: true });
    }
    for (const file of sources) {
      const input = join(src, file.replace(/\.js$/, '.ts'));
      const output = join(dist, file);
      if (mtime(output) < Math.max(mtime(input), mtime(config))) jobs.push({ input, output });
    }
  }
  if (jobs.length === 0) return 0;
  const { transformFile } = await import('@swc/core');
  await Promise.all(
    jobs.map(async ({ input, output }) => {
      const { code, map } = await transformFile(input, { configFile: config });
      mkdirSync(dirname(output), { recursive: true });
      writeFileSync(`${output}.map`, map ?? '');
      writeFileSync(output, `${code}\n//# sourceMappingURL=${output.slice(output.lastIndexOf('/') + 1)}.map\n`);
    }),
  );
  return jobs.length;
}

if (import.meta.filename === process.argv[1]) {
  const count = await build(process.argv.slice(2));
  console.log(`built ${count} file${count === 1 ? '' : 's'}`);
}
