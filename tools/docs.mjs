// Writes the generated pages of docs/reference from the source: `npm run docs`. A test fails when one of them is out of date.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { codesPage } from './docs/codes.mjs';
import { configurationPage } from './docs/configuration.mjs';
import { eventsPage } from './docs/events.mjs';
import { metricsPage } from './docs/metrics.mjs';
import { orderStatesPage } from './docs/order-states.mjs';
import { restPage } from './docs/rest.mjs';
import { venuesPage } from './docs/venues.mjs';
import { ensureBuilt, ensureInstalled } from './ensure.mjs';
import { root } from './packages.mjs';

/**
 * Every generated page by its path. `load(folder, module)` imports a module of a package: what was compiled here, the source in tests.
 * @param {(folder: string, module: string) => Promise<any>} load
 * @returns {Promise<Record<string, string>>}
 */
export async function pages(load) {
  return {
    'docs/reference/codes.md': await codesPage(load),
    'docs/reference/configuration.md': await configurationPage(load),
    'docs/reference/events.md': await eventsPage(load),
    'docs/reference/metrics.md': metricsPage(),
    'docs/reference/order-states.md': await orderStatesPage(load),
    'docs/reference/rest.md': await restPage(load),
    'docs/reference/venues.md': await venuesPage(load),
  };
}

if (import.meta.filename === process.argv[1]) {
  await ensureInstalled();
  await ensureBuilt();
  const compiled = (folder, module) => import(pathToFileURL(join(root, folder, 'dist', `${module}.js`)).href);
  for (const [path, text] of Object.entries(await pages(compiled))) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
    console.log(`wrote ${path}`);
  }
}
