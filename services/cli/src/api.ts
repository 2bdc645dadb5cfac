import { readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { EXIT, Failure } from './failure.js';
import type { Terminal } from './terminal.js';

/** A deployment's REST door, as one caller. */
export interface Api {
  get(path: string, query?: Readonly<Record<string, string | undefined>>): Promise<Body>;
  /** All pages of a list, or the first `limit` items. */
  list(path: string, query: Readonly<Record<string, string | undefined>>, limit: number): Promise<readonly Body[]>;
  send(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<Body>;
}

export type Body = Readonly<Record<string, unknown>>;

export interface Caller {
  /** Whose token of `tokens.json`. */
  readonly as: string;
  readonly url: string | undefined;
}

const DEFAULT_URL = 'http://127.0.0.1:8080';
const TIMEOUT_MS = 60_000;
const PAGE = 500;

/** Nothing is read and nobody is asked before the first call. */
export const apiOf = (terminal: Terminal, caller: Caller): Api => {
  const base = baseOf(caller.url ?? terminal.env['SWITCHYARD_URL'] ?? DEFAULT_URL);
  let token: Promise<string> | undefined;
  const call = async (method: string, path: string, body?: unknown): Promise<Body> => {
    token ??= tokenOf(terminal, caller.as);
    return answerOf(base, await ask(base, method, path, await token, body));
  };
  const get: Api['get'] = (path, query = {}) => call('GET', `${path}${queryOf(query)}`);
  return {
    get,
    list: async (path, query, limit) => {
      const items: Body[] = [];
      let cursor: string | undefined;
      do {
        const page = await get(path, { ...query, limit: String(Math.min(limit - items.length, PAGE)), cursor });
        items.push(...(page['items'] as readonly Body[]));
        cursor = (page['nextCursor'] as string | null | undefined) ?? undefined;
      } while (cursor !== undefined && items.length < limit);
      return items;
    },
    send: (method, path, body) => call(method, path, body),
  };
};

const baseOf = (text: string): URL => {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new Failure(EXIT.usage, `"${text}" is no address: give one such as ${DEFAULT_URL} (SWITCHYARD_URL).`);
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new Failure(EXIT.usage, `"${text}" is no address of HTTP (SWITCHYARD_URL).`);
  return url;
};

/** A token is never an argument: other users of the machine see those. */
const tokenOf = async ({ env, cwd }: Terminal, as: string): Promise<string> => {
  const given = env['SWITCHYARD_TOKEN']?.trim();
  if (given !== undefined && given !== '') return given;
  const file = tokensFile(env['SWITCHYARD_DATA_DIR'], cwd);
  const tokens = await readFile(file, 'utf8').then(
    (text) => JSON.parse(text) as Readonly<Record<string, string>>,
    () => undefined,
  );
  const token = tokens?.[as];
  if (token !== undefined) return token;
  throw new Failure(
    EXIT.unreachable,
    tokens === undefined
      ? `There is no token: set SWITCHYARD_TOKEN, or SWITCHYARD_DATA_DIR to the folder that holds tokens.json (looked for ${file}).`
      : `${file} holds no token for "${as}": it has ${Object.keys(tokens).join(', ')}.`,
  );
};

const tokensFile = (dataDir = '.switchyard', cwd: string): string =>
  join(isAbsolute(dataDir) ? dataDir : join(cwd, dataDir), 'tokens.json');

const ask = async (base: URL, method: string, path: string, token: string, body: unknown): Promise<Response> => {
  try {
    return await fetch(new URL(path, base), {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      // A token goes to the address that was given, and nowhere else.
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (error) {
    throw new Failure(
      EXIT.unreachable,
      `Nothing answers at ${base.origin} (${reasonOf(error)}). Is it running? SWITCHYARD_URL names another address.`,
    );
  }
};

/** fetch says only that it failed; what happened is its cause. */
const reasonOf = (error: unknown): string => {
  const { message, cause } = error as {
    readonly message?: string;
    readonly cause?: { readonly code?: string; readonly message?: string };
  };
  return cause?.code ?? cause?.message ?? message ?? String(error);
};

interface ProblemBody {
  readonly code?: string;
  readonly detail?: string;
  readonly errors?: readonly { readonly path: string; readonly problem: string }[];
}

const answerOf = async (base: URL, response: Response): Promise<Body> => {
  const text = await response.text();
  const body = parsed(text);
  if (response.ok && body !== undefined) return body;
  if (response.ok) throw new Failure(EXIT.unreachable, `What answers at ${base.origin} is no Switchyard.`);
  const { code, detail, errors = [] } = (body ?? {}) as ProblemBody;
  if (code === undefined)
    throw new Failure(EXIT.unreachable, `${base.origin} answered ${response.status}; is it a Switchyard?`);
  const fields = errors.map(({ path, problem }) => `\n  ${path === '' ? 'it' : path}: ${problem}`).join('');
  // 503: nobody looked at what was asked.
  throw new Failure(response.status === 503 ? EXIT.unreachable : EXIT.refused, `${code}: ${detail ?? ''}${fields}`, {
    ...body,
  });
};

const parsed = (text: string): Body | undefined => {
  if (text === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Body) : undefined;
  } catch {
    return undefined;
  }
};

const queryOf = (query: Readonly<Record<string, string | undefined>>): string => {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, value);
  return parameters.size === 0 ? '' : `?${parameters.toString()}`;
};
