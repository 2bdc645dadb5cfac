import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pages } from './docs.mjs';
import { routesIn } from './docs/rest.mjs';

/** The docs say what the code does: what is generated is up to date, and what is written by hand names only what exists. */
const root = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const pagesIn = (folder: string): readonly string[] =>
  readdirSync(join(root, folder), { recursive: true })
    .map((file) => join(folder, String(file)))
    .filter((file) => file.endsWith('.md') && !/node_modules|dist\//.test(file));

const docs = pagesIn('docs');
const written = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...docs,
  ...['examples', 'libs', 'proto', 'services'].flatMap(pagesIn),
];

/** GitHub's name for a heading. */
const anchorOf = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');

const brokenLinks = (page: string): readonly string[] =>
  [...read(page).matchAll(/\]\((?!https?:|mailto:)([^)\s]*)\)/g)].flatMap(([, link = '']) => {
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? page : join(dirname(page), path);
    if (!existsSync(join(root, target))) return [link];
    if (anchor === undefined || !target.endsWith('.md')) return [];
    const anchors = [...read(target).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading));
    return anchors.includes(anchor) ? [] : [link];
  });

const namesIn = (text: string, pattern: RegExp): readonly string[] => [...new Set(text.match(pattern) ?? [])];

describe('a generated page of the docs', () => {
  it('is what the source says today (else: npm run docs)', async () => {
    const made = await pages((folder, module) => import(`../${folder}/src/${module}.js`));
    for (const [path, text] of Object.entries(made)) expect({ path, text: read(path) }).toEqual({ path, text });
  });

  it('tells every variable that a program reads', () => {
    const configs = readdirSync(join(root, 'services')).map((service) => `services/${service}/src/config.ts`);
    const sources = [...configs, 'libs/runtime/src/settings.ts', 'services/standalone/src/settings.ts'];
    const variables = sources
      .filter((path) => existsSync(join(root, path)))
      .flatMap((path) => namesIn(read(path), /\b(SWITCHYARD_[A-Z_]*[A-Z]|DATABASE_URL|KAFKA_BROKERS|OTEL_[A-Z_]+)\b/g))
      .filter((name) => name !== 'SWITCHYARD_VENUE');
    const page = read('docs/reference/configuration.md');
    expect(variables.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
    expect(variables).toContain('SWITCHYARD_LIVE_TRADING');
  });

  it('tells every route of the gateway', () => {
    const page = read('docs/reference/rest.md');
    const routes = routesIn('services/gateway/src').map(({ method, path }) => `${method} ${path}`);
    expect(routes.filter((route) => !page.includes(route) && route !== 'GET /v1/openapi.json')).toEqual([]);
    expect(routes).toContain('POST /v1/signals');
  });
});

describe('a page of the docs', () => {
  it.each(written)('%s links only to what is there', (page) => {
    expect(brokenLinks(page)).toEqual([]);
  });

  it.each(docs)('%s names only tests that exist', (page) => {
    const missing = [...read(page).matchAll(/\]\(([^)\s]+\.ts)\)((?:,? "[^"]+")+)/g)].flatMap(
      ([, path = '', titles = '']) => {
        const tests = read(join(dirname(page), path));
        return [...titles.matchAll(/"([^"]+)"/g)]
          .map(([, title = '']) => title)
          .filter((title) => !tests.includes(title));
      },
    );
    expect(missing).toEqual([]);
  });

  it.each(written)('%s names only metrics that exist', (page) => {
    const told = read('docs/reference/metrics.md');
    const named = namesIn(read(page), /\bswitchyard_[a-z_]*(?:_total|_seconds|_depth|_paused|_failing|_orders)\b/g);
    expect(named.filter((metric) => !told.includes(`\`${metric}\``))).toEqual([]);
  });

  it.each(docs)('%s names no machine', (page) => {
    expect(namesIn(read(page), /(?:\/home\/|\/root\/|\/work\/|\/tmp\/)\S*/g)).toEqual([]);
  });
});
