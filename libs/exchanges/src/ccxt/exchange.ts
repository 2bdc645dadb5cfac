import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * The part of a ccxt exchange that Switchyard uses: endpoints (`privatePostOrder`, ...), signing, URLs, market loading. Reading answers
 * and classifying errors is ours, because a wrong guess there doubles orders.
 */
export interface CcxtExchange {
  fetch: (
    url: string,
    method: string,
    headers: Record<string, string> | undefined,
    body: string | undefined,
  ) => Promise<unknown>;
  fetchImplementation: unknown;
  nonce: () => number;
  parseJson(text: string): unknown;
  loadMarkets(reload?: boolean): Promise<unknown>;
  setMarketsFromExchange(base: CcxtExchange): unknown;
  markets: Readonly<Record<string, CcxtMarket>> | undefined;
  urls: unknown;
  [shared: string]: unknown;
}

export interface CcxtMarket {
  readonly id: string;
  /** ccxt's names of what is traded and what is paid, the same at every venue: `BTC`, `USD`. */
  readonly base: string;
  readonly quote: string;
  /** The venue's own listing. */
  readonly info: unknown;
}

export type Endpoint = (params: Readonly<Record<string, unknown>>) => Promise<unknown>;
export type CcxtClass = new (config: Readonly<Record<string, unknown>>) => CcxtExchange;

/** Loads one venue's class and nothing else of ccxt: 80 MB and 0.2 s instead of 155 MB and 0.6 s. */
export const loadCcxtClass = async (id: string): Promise<CcxtClass> => {
  // ccxt exports only its whole; the class files lie beside the entry that resolves.
  const entry = createRequire(import.meta.url).resolve('ccxt');
  const file = pathToFileURL(join(dirname(entry), '..', 'js', 'src', `${id}.js`)).href;
  const module = (await import(file)) as { readonly default: CcxtClass };
  return module.default;
};

/** Paths by ccxt's own branches: api (some classes nest them: `trader`, `private`) and HTTP method. */
export interface Endpoints {
  readonly [branch: string]: Endpoints | readonly string[];
}

/**
 * The class with only the named endpoints, by api and HTTP method. An instance then takes 0.1 MB instead of 0.4, and has no method that
 * could withdraw, transfer or borrow.
 */
export const withEndpoints = (base: CcxtClass, wanted: Endpoints): CcxtClass => {
  interface Defining extends CcxtExchange {
    defineRestApi(api: unknown, method: string, paths?: readonly string[]): void;
  }
  const Full = base as new (config: Readonly<Record<string, unknown>>) => Defining;
  return class extends Full {
    override defineRestApi(api: unknown, method: string, paths: readonly string[] = []): void {
      super.defineRestApi(paths.length === 0 ? pick(api as Tree, wanted, []) : api, method, paths);
    }
  };

  function pick(api: Tree, branch: Endpoints, above: readonly string[]): Tree {
    return mapValues(branch, (below, name) => {
      const known = (api[name] ?? {}) as Tree;
      const trail = [...above, name];
      if (!isPaths(below)) return pick(known, below, trail);
      return Object.fromEntries(
        below.map((path) => {
          if (known[path] === undefined) throw new Error(`ccxt has no ${trail.join(' ')} ${path}`);
          return [path, known[path]];
        }),
      );
    });
  }
};

type Tree = Record<string, unknown>;

const isPaths = (below: Endpoints | readonly string[]): below is readonly string[] => Array.isArray(below);

const mapValues = <T>(of: Readonly<Record<string, T>>, map: (value: T, key: string) => unknown): Tree =>
  Object.fromEntries(Object.entries(of).map(([key, value]) => [key, map(value, key)]));

/** What never differs between accounts and never holds a credential: described once, shared by reference. */
const SHARED = ['api', 'exceptions', 'features', 'fees', 'has', 'httpExceptions', 'timeframes', 'urls', 'userAgents'];

/**
 * Makes an account's instance lean: static description and markets are the base's. The instance itself is always constructed, never
 * `Object.create`d: ccxt's endpoint methods are closures over the instance they were made on, and would sign with the base's key.
 */
export const shareWith = (instance: CcxtExchange, base: CcxtExchange): void => {
  for (const name of SHARED) instance[name] = base[name];
  if (base.markets !== undefined) instance.setMarketsFromExchange(base);
};

/** Every URL in a ccxt description, at any depth, moved to `origin`; its path stays. */
export const rehosted = (urls: unknown, origin: string): unknown => {
  if (typeof urls === 'string') return urls.replace(/^\w+:\/\/[^/]+/, origin);
  if (Array.isArray(urls)) return urls.map((url) => rehosted(url, origin));
  if (typeof urls !== 'object' || urls === null) return urls;
  return mapValues(urls as Tree, (url) => rehosted(url, origin));
};

/** An endpoint by ccxt's name. Throws where ccxt does not have it: a renamed endpoint must fail at start-up, not at the first order. */
export const endpoint = (exchange: CcxtExchange, name: string): Endpoint => {
  const found = exchange[name];
  if (typeof found !== 'function') throw new Error(`ccxt has no endpoint ${name}`);
  return found as Endpoint;
};
