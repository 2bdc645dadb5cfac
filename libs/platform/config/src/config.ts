import { readFileSync } from 'node:fs';
import { parse as parseYaml } from 'yaml';
import type { z } from 'zod';

export type Environment = Readonly<Record<string, string | undefined>>;

/** One thing to mend. `problem` goes on where the variable's name ends: "must be a whole number from 1 to 65535". */
export interface ConfigProblem {
  readonly variable: string;
  readonly problem: string;
}

export type ParsedConfig<Config> =
  { readonly ok: true; readonly config: Config } | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

/** What the YAML file may hold at its top; each service checks the sections it uses. */
export const CONFIG_SECTIONS = ['venues', 'limits', 'sectors', 'routing', 'algorithms', 'watchdog'] as const;

const FILE = 'SWITCHYARD_CONFIG';
/** `EX_CONFIG` of sysexits.h: something is configured wrongly; a restart does not help. */
export const BAD_CONFIG_EXIT_CODE = 78;

/**
 * Checks a service's whole configuration at once. The schema's keys are environment variables, and sections of the YAML file that
 * `SWITCHYARD_CONFIG` names: `z.object({ SWITCHYARD_POLL_INTERVAL_MS: milliseconds().default(1_000), venues: z.record(...) })`, with a
 * `.transform` to the names the service uses. An empty variable is an absent one. Never throws, never prints.
 */
export const parseConfig = <Config>(schema: z.ZodType<Config>, env: Environment): ParsedConfig<Config> => {
  const variables = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const file = readSections(variables[FILE]);
  const result = schema.safeParse({ ...variables, ...file.sections });
  const problems = [...file.problems, ...(result.success ? [] : result.error.issues.map(problemOf))];
  return result.success && problems.length === 0 ? { ok: true, config: result.data } : { ok: false, problems };
};

/** `parseConfig` for a program's start: prints every problem in one message and ends the program with `BAD_CONFIG_EXIT_CODE`. */
export const loadConfig = <Config>(
  schema: z.ZodType<Config>,
  env: Environment = process.env,
  service = 'Switchyard',
): Config => {
  const parsed = parseConfig(schema, env);
  if (parsed.ok) return parsed.config;
  process.stderr.write(`${describeProblems(parsed.problems, service)}\n`);
  process.exit(BAD_CONFIG_EXIT_CODE);
};

/** The message a person reads: one line a variable. */
export const describeProblems = (problems: readonly ConfigProblem[], service: string): string =>
  [
    `${service} can't start: ${problems.length === 1 ? 'a setting is' : `${problems.length} settings are`} wrong.`,
    ...problems.map(({ variable, problem }) => `  ${variable} ${problem}`),
  ].join('\n');

const problemOf = ({ path, message }: z.core.$ZodIssue): ConfigProblem => {
  const [first = FILE, ...rest] = path.map(String);
  const section = (CONFIG_SECTIONS as readonly string[]).includes(first);
  return section
    ? { variable: FILE, problem: `has a bad value at ${[first, ...rest].join('.')}: ${message}` }
    : { variable: first, problem: message };
};

interface FileSections {
  readonly sections: Readonly<Record<string, unknown>>;
  readonly problems: readonly ConfigProblem[];
}

const readSections = (path: string | undefined): FileSections => {
  if (path === undefined) return { sections: {}, problems: [] };
  const broken = (problem: string): FileSections => ({ sections: {}, problems: [{ variable: FILE, problem }] });
  let content: unknown;
  try {
    content = parseYaml(readFileSync(path, 'utf8'));
  } catch (error) {
    const [reason = ''] = (error as Error).message.split('\n');
    return broken(`names ${path}, which can't be read as YAML: ${reason}`);
  }
  if (content === null || content === undefined) return { sections: {}, problems: [] };
  if (typeof content !== 'object' || Array.isArray(content))
    return broken(`names ${path}, which must hold sections: ${CONFIG_SECTIONS.join(', ')}`);
  const unknown = Object.keys(content).filter((key) => !(CONFIG_SECTIONS as readonly string[]).includes(key));
  return {
    sections: Object.fromEntries(Object.entries(content).filter(([key]) => !unknown.includes(key))),
    problems: unknown.map((key) => ({
      variable: FILE,
      problem: `has an unknown section "${key}": there are ${CONFIG_SECTIONS.join(', ')}`,
    })),
  };
};
